"""The browser of the tests: its absence is one loud line, and a failure in CI."""

from __future__ import annotations

import io

import pytest

from tests.browser import MISSING, found_or_said


def test_a_browser_that_is_there_is_taken() -> None:
    assert found_or_said("/usr/bin/chromium", is_ci=True, say=None) == "/usr/bin/chromium"


def test_outside_ci_one_line_says_what_was_not_tested() -> None:
    said = io.StringIO()

    with pytest.raises(pytest.skip.Exception):
        found_or_said(None, is_ci=False, say=said)

    assert said.getvalue() == f"\n*** SKIPPED: {MISSING} ***\n"


def test_in_ci_it_is_a_failure() -> None:
    with pytest.raises(pytest.fail.Exception):
        found_or_said(None, is_ci=True, say=None)
