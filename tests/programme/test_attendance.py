"""When a check-in counts, and how (notice L9; the windows are 本组规定)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from programme.attendance import CheckinRules, Opened, Refused, Taken, judge, window_of
from programme.people import Person
from programme.schedule import Event, as_printed
from programme.sessions import Item, Session, Source, Status

ZONE = ZoneInfo("Asia/Shanghai")
RULES = CheckinRules()
OBLIGED = Person("p1", "prog", "王小明", "1", "研0", "视频压缩组", frozenset({"student"}))
VOLUNTEER = Person("p2", "prog", "陈一怡", "2", "研2", "视频压缩组", frozenset({"student"}))
JOINED = Person("p3", "prog", "谢俊轩", "3", "研2", "AI平台组", frozenset({"student"}), opted_in=True)
LEAD = Person("p4", "prog", "李老师", None, None, "视频压缩组", frozenset({"lead"}))


def event(
    start: time | None = time(14, 30), status: Status = "tentative", on: date = date(2023, 7, 4)
) -> Event:
    session = Session(
        session_id=f"S{on.day}",
        held_on=on,
        start=start,
        end=None,
        period="afternoon",
        kind="lecture",
        scope="everyone",
        items=(Item(None, "科研论文写作"),),
        place=None,
        required=("研0", "研1"),
        optional=("研2",),
        status=status,
        version=1,
        source=Source(19, "4 日 下午 14:30 《科研论文写作》"),
    )
    return Event(session, replace(as_printed(session), occurrence_id=f"prog:{session.session_id}"))


def at(hour: int, minute: int, second: int = 0, day: int = 4) -> datetime:
    return datetime(2023, 7, day, hour, minute, second, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("moment", "state", "late_min"),
    [
        (at(14, 15), "present", 0),
        (at(14, 30), "present", 0),
        (at(14, 35), "present", 0),
        (at(14, 35, 1), "late", 5),
        (at(14, 47), "late", 17),
        (at(15, 0), "late", 30),
    ],
)
def test_a_check_in_inside_the_window_is_on_time_until_the_grace_is_over(
    moment: datetime, state: str, late_min: int
) -> None:
    """R14: lateness is recorded in minutes; B11."""
    verdict = judge(OBLIGED, [Opened(event(), None)], moment, RULES, ZONE)

    assert isinstance(verdict, Taken)
    assert (verdict.state, verdict.late_min) == (state, late_min)


@pytest.mark.parametrize(
    ("moment", "why"),
    [(at(14, 14, 59), "too_early"), (at(15, 0, 1), "closed"), (at(14, 30, day=5), "nothing_today")],
)
def test_a_check_in_outside_the_window_says_why(moment: datetime, why: str) -> None:
    verdict = judge(OBLIGED, [Opened(event(), None)], moment, RULES, ZONE)

    assert isinstance(verdict, Refused)
    assert verdict.why == why


def test_a_session_without_an_hour_opens_only_by_command() -> None:
    """R06, notice L14."""
    untimed = event(start=None)

    before = judge(OBLIGED, [Opened(untimed, None)], at(14, 30), RULES, ZONE)
    after = judge(OBLIGED, [Opened(untimed, at(14, 40))], at(14, 41), RULES, ZONE)

    assert before == Refused("no_hour", untimed)
    assert after == Taken(untimed, "present", 0)


def test_a_command_opens_the_window_early_and_never_closes_it_early() -> None:
    window = window_of(Opened(event(), at(13, 50)), RULES, ZONE)

    assert window is not None
    assert (window.opens_at, window.closes_at) == (at(13, 50), at(15, 0))


def test_a_command_after_the_close_opens_the_window_again() -> None:
    window = window_of(Opened(event(), at(18, 0)), RULES, ZONE)

    assert window is not None
    assert window.closes_at == at(18, 30)


def test_a_cancelled_session_takes_no_check_in() -> None:
    cancelled = event(status="cancelled")

    assert judge(OBLIGED, [Opened(cancelled, None)], at(14, 30), RULES, ZONE) == Refused(
        "cancelled", cancelled
    )


@pytest.mark.parametrize(
    ("person", "state"), [(OBLIGED, "late"), (JOINED, "late"), (VOLUNTEER, "voluntary"), (LEAD, "voluntary")]
)
def test_only_the_obliged_and_those_who_joined_are_counted(person: Person, state: str) -> None:
    """R15: 研2 is not obliged (notice L9) and may opt in."""
    verdict = judge(person, [Opened(event(), None)], at(14, 50), RULES, ZONE)

    assert isinstance(verdict, Taken)
    assert verdict.state == state


def test_of_two_sessions_on_one_day_the_open_one_is_meant() -> None:
    morning, afternoon = event(start=time(9, 0)), event(start=time(14, 30))

    verdict = judge(
        OBLIGED,
        [Opened(morning, None), Opened(afternoon, None)],
        at(9, 0) + timedelta(hours=5, minutes=20),
        RULES,
        ZONE,
    )

    assert verdict == Taken(afternoon, "present", 0)
