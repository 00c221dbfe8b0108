"""Presence decided by people: what a word means for whom, and when there is a presence to speak of."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from programme.attendance import CheckinRules, Opened, window_of
from programme.people import Person
from programme.presence import Mark, arrived, decided_by_word, has_begun, is_over, latest_begun
from programme.programme import Programme
from programme.schedule import Event, events_for
from programme.signals import burst_of

ZONE = ZoneInfo("Asia/Shanghai")
RULES = CheckinRules()
OBLIGED = Person("s1", "p", "王小明", "2023001", "研0", "视频压缩组", frozenset({"student"}))
VOLUNTEER = replace(OBLIGED, person_id="s2", cohort="研2")
START = datetime(2023, 7, 4, 14, 30, tzinfo=ZONE)


@pytest.fixture
def lecture(july: Programme) -> Event:
    return next(e for e in events_for(july, OBLIGED) if e.session.session_id == "S02")


@pytest.mark.parametrize(
    ("word", "minutes", "mark"),
    [
        ("到场", 0, Mark("present")),
        ("准时", 0, Mark("present")),
        ("迟到", 10, Mark("late", 10)),
        ("缺勤", 0, Mark("absent")),
        ("请假", 0, Mark("on_leave")),
        ("线上", 0, None),
        ("早退", 0, None),
    ],
)
def test_a_word_of_a_lead_is_a_mark(lecture: Event, word: str, minutes: int, mark: Mark | None) -> None:
    """B55; what is decided in another way (线上 needs a guarantee) is no mark."""
    assert decided_by_word(word, minutes, OBLIGED, lecture) == mark


def test_somebody_whom_nothing_obliges_is_never_absent_or_late(lecture: Event) -> None:
    """R15: 研2 is not obliged (notice L9)."""
    marks = [decided_by_word(word, 10, VOLUNTEER, lecture) for word in ("到场", "迟到", "缺勤")]

    assert marks == [Mark("voluntary"), Mark("voluntary"), Mark("not_there")]


@pytest.mark.parametrize(
    ("minutes", "mark"),
    [(-5, Mark("present")), (5, Mark("present")), (12, Mark("late", 12)), (45, Mark("present"))],
)
def test_somebody_known_to_have_come_is_late_by_the_rules_of_a_check_in(
    lecture: Event, minutes: int, mark: Mark
) -> None:
    """R14; a moment after the close (45 minutes) says nothing about when they came."""
    assert arrived(OBLIGED, lecture, START + timedelta(minutes=minutes), RULES, ZONE) == mark


def test_there_is_a_presence_to_speak_of_from_the_opening_on(lecture: Event) -> None:
    opened = Opened(lecture, None)
    moments = [START + timedelta(minutes=m) for m in (-16, -15, 30, 31)]

    assert [has_begun(opened, at, RULES, ZONE) for at in moments] == [False, True, True, True]
    assert [is_over(opened, at, RULES, ZONE) for at in moments] == [False, False, False, True]
    assert latest_begun([opened], moments[0], RULES, ZONE) is None
    assert latest_begun([opened], moments[1], RULES, ZONE) == lecture


def test_an_opening_of_another_day_opens_nothing(lecture: Event) -> None:
    """A session that was moved keeps no window of the day on which it was opened."""
    before = Opened(lecture, START - timedelta(days=1))

    assert window_of(before, RULES, ZONE) == window_of(Opened(lecture, None), RULES, ZONE)


def test_a_burst_is_five_people_within_a_minute_whoever_tries_often() -> None:
    one_by_one = [(START + timedelta(minutes=m), f"p{m}") for m in range(9)]
    again = [(START + timedelta(seconds=s), "p1") for s in range(9)]
    together = [(START + timedelta(hours=1, seconds=12 * n), f"q{n}") for n in range(5)]

    assert burst_of(one_by_one + again) == ()
    assert burst_of([*together[::-1], *one_by_one]) == ("q0", "q1", "q2", "q3", "q4")
