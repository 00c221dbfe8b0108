"""The sample programme with the groups of a roster, read once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from documents.notice_reader import read_notice_file
from programme.notice.reading import parse
from programme.notice.result import to_programme
from programme.programme import Programme
from programme.sessions import occurrences_for

ROOT = Path(__file__).parents[2]
GROUPS = ("视频压缩组", "AI平台组")


@pytest.fixture(scope="session")
def july() -> Programme:
    """The sample notice of 2023 as a programme with two project groups."""
    found = to_programme(parse(read_notice_file(ROOT / "samples" / "notice.txt"), 2023), "july")
    return replace(found, occurrences=occurrences_for("july", found.sessions, GROUPS))
