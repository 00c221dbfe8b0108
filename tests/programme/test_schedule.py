"""What is on, for whom, and what comes next (notice L13–L22)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from programme.people import Person
from programme.programme import Programme
from programme.schedule import (
    events_between,
    events_for,
    find_titles,
    next_event,
    usual_start,
    week_of,
)
from programme.sessions import Session

ZONE = ZoneInfo("Asia/Shanghai")
MEMBER = Person("p1", "july", "王小明", "1", "研0", "视频压缩组", frozenset({"student"}))
ADMIN = Person("p2", "july", "张老师", None, None, None, frozenset({"admin"}))


def on(day: int) -> date:
    return date(2023, 7, day)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2023, 7, day, hour, minute, tzinfo=ZONE)


def days(programme: Programme, first: int, last: int, person: Person | None = MEMBER) -> list[int]:
    return [
        e.occurrence.held_on.day for e in events_between(events_for(programme, person), on(first), on(last))
    ]


def cancelled(programme: Programme, session_id: str) -> Programme:
    def changed(session: Session) -> Session:
        return replace(session, status="cancelled") if session.session_id == session_id else session

    return replace(programme, sessions=tuple(map(changed, programme.sessions)))


def test_there_are_three_sessions_a_week_and_none_on_wednesdays_and_fridays(july: Programme) -> None:
    """R03, R10: the cell “11 日” of row 1 and the eight empty ones hold nothing (L19–L22)."""
    assert days(july, 1, 31) == [3, 4, 6, 10, 11, 13, 17, 18, 20, 24, 25, 27]
    assert days(july, 5, 5) == []


def test_equal_titles_are_different_sessions(july: Programme) -> None:
    """R09: 4 and 18 July, 25 and 27 July."""
    found = [
        [e.occurrence.held_on.day for e in find_titles(events_for(july, MEMBER), title)]
        for title in ("科研论文写作", "科研学习成果汇报")
    ]

    assert found == [[4, 18], [25, 27]]


def test_two_talks_of_a_thursday_are_one_session_found_by_either(july: Programme) -> None:
    """R07: L19."""
    events = events_for(july, MEMBER)

    assert find_titles(events, "脑科学") == find_titles(events, "《视频压缩+AI》")
    assert [len(e.session.items) for e in find_titles(events, "脑科学")] == [2]


def test_a_title_is_found_without_regard_to_spaces_brackets_and_capitals(july: Programme) -> None:
    events = events_for(july, MEMBER)

    found = [
        [e.session.session_id for e in find_titles(events, words)] for words in ("ai平台", "《AI 平台》", " ")
    ]

    assert found == [["S06"], ["S06"], []]


def test_a_meeting_is_that_of_ones_own_group(july: Programme) -> None:
    """R13: L13."""
    groups = {e.occurrence.group for e in events_for(july, MEMBER) if e.session.kind == "group_meeting"}

    assert groups == {"视频压缩组"}


def test_somebody_of_no_group_sees_the_meeting_as_it_is_printed_and_cannot_check_in_to_it(
    july: Programme,
) -> None:
    meetings = [e for e in events_for(july, ADMIN) if e.session.kind == "group_meeting"]

    assert [(e.occurrence.group, e.is_held) for e in meetings] == [(None, False)] * 4


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (at(1, 9), 3),
        (at(4, 14, 29), 4),
        (at(4, 14, 30), 6),
        (at(6, 23, 59), 6),  # no hour: it may still come
        (at(7, 0), 10),
        (at(27, 14, 29), 27),
    ],
)
def test_what_comes_next(july: Programme, moment: datetime, day: int) -> None:
    found = next_event(events_for(july, MEMBER), moment)

    assert found is not None
    assert found.occurrence.held_on == on(day)


def test_after_the_last_session_nothing_comes(july: Programme) -> None:
    assert next_event(events_for(july, MEMBER), at(27, 14, 30)) is None


def test_what_is_cancelled_does_not_come_next_but_is_still_shown(july: Programme) -> None:
    programme = cancelled(july, "S02")

    found = next_event(events_for(programme, MEMBER), at(4, 9))

    assert found is not None
    assert found.occurrence.held_on == on(6)
    assert days(programme, 4, 4) == [4]


def test_only_the_meeting_of_10_july_stands_out(july: Programme) -> None:
    """R04: 14:00 among 14:30 (L20)."""
    unusual = {
        e.occurrence.held_on.day: usual_start(july, e)
        for e in events_for(july, MEMBER)
        if usual_start(july, e) is not None
    }

    assert unusual == {10: "14:30"}


def test_the_hours_that_are_not_printed_are_not_known(july: Programme) -> None:
    """R05, R08: 6, 13, 20 July have none; 27 July has one (L14, L19–L22)."""
    thursdays = {
        e.occurrence.held_on.day: e.occurrence.start
        for e in events_for(july, MEMBER)
        if e.occurrence.held_on.weekday() == 3
    }

    assert thursdays == {6: None, 13: None, 20: None, 27: time(14, 30)}


@pytest.mark.parametrize("day", [3, 5, 9])
def test_a_week_is_monday_to_sunday(day: int) -> None:
    assert week_of(on(day)) == (on(3), on(9))


def test_an_open_end_takes_everything_on_that_side(july: Programme) -> None:
    events = events_for(july, MEMBER)

    assert [e.occurrence.held_on.day for e in events_between(events, on(25), None)] == [25, 27]
    assert [e.occurrence.held_on.day for e in events_between(events, None, on(4))] == [3, 4]
