"""Notices read once for many facts."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from documents.notice_reader import read_notice_file
from programme.notice.notice import Notice
from programme.notice.reading import parse
from programme.notice.result import to_json

ROOT = Path(__file__).parents[3]
FIXTURES = ROOT / "tests" / "fixtures" / "notice"
Parse = Callable[[str, int | None], Notice]


@pytest.fixture(scope="session")
def expected() -> dict[str, Any]:
    """What a correct import of the sample notice yields."""
    found: dict[str, Any] = json.loads((FIXTURES / "notice-expected.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="session")
def notice() -> Notice:
    return parse(read_notice_file(ROOT / "samples" / "notice.txt"), 2023)


@pytest.fixture(scope="session")
def result(notice: Notice) -> dict[str, Any]:
    return to_json(notice)


@pytest.fixture(scope="session")
def read() -> Parse:
    """Parse a notice given as text."""
    return lambda text, year: parse(read_notice_file(text.encode("utf-8"), "通知.txt"), year)
