"""Notices of many kinds against plain expected lists, written from the text before the parser saw them.

`DATE [HH:MM[-HH:MM] | part of the day] [@ PLACE] :: [TRACK] TITLE / SPEAKER ; …` is one session in order;
`asked` names the lines about which a numbered question must stand, and no other line may have one.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from documents.notice_reader import read_notice_file
from programme.notice.notice import Notice
from programme.notice.reading import parse
from programme.sessions import Session

KINDS = Path(__file__).parents[2] / "fixtures" / "notice" / "kinds"
NAMES = sorted(path.name.removesuffix(".expected.txt") for path in KINDS.glob("*.expected.txt"))


@pytest.fixture(params=NAMES)
def kind(request: pytest.FixtureRequest) -> tuple[list[str], Notice]:
    """The expected lines and what the reader makes of the file."""
    head, year, *expected = (KINDS / f"{request.param}.expected.txt").read_text(encoding="utf-8").splitlines()
    page = read_notice_file(KINDS / head.removeprefix("file "))
    return expected, parse(page, int(year.removeprefix("year ")))


def test_sessions_agree(kind: tuple[list[str], Notice]) -> None:
    expected, found = kind

    assert [_line(session) for session in found.sessions] == expected[:-1]


def test_only_the_doubtful_lines_are_asked_about(kind: tuple[list[str], Notice]) -> None:
    expected, found = kind

    asked = {
        line
        for question in found.questions
        if question.subject.partition(":")[0] in ("line", "date") or question.code in _TIME_CODES
        for line in question.lines[:1]
    }
    assert ["asked", *map(str, sorted(asked))] == expected[-1].split()


_TIME_CODES = ("contradictory_time", "impossible_time", "end_before_start")


def _line(session: Session) -> str:
    start, end = (at and f"{at:%H:%M}" for at in (session.start, session.end))
    hours = f"{start}-{end}" if start and end else start or session.period
    items = (
        " ".join(
            filter(None, (item.track and f"[{item.track}]", item.title, item.speaker and f"/ {item.speaker}"))
        )
        for item in session.items
    )
    place = session.place and f"@ {session.place}"
    words = (session.held_on.isoformat(), hours, place, "::", " ; ".join(items))
    return " ".join(word for word in words if word)
