"""Which cohorts a text names: 研一 and 研 1 are 研1, for any list of cohorts."""

from __future__ import annotations

import re
from collections.abc import Iterable

from language.normalise import one_form

_NUMERALS = str.maketrans("零〇一二三四五六七八九", "00123456789")
_SPACE = re.compile(r"\s+")


def cohorts_in(text: str, cohorts: Iterable[str]) -> tuple[str, ...]:
    """Those of *cohorts* that *text* names, in their own order."""
    said = _letters(text)
    return tuple(cohort for cohort in cohorts if _letters(cohort) in said)


def _letters(text: str) -> str:
    return _SPACE.sub("", one_form(text)).translate(_NUMERALS)
