"""Which programme is meant: the one whose session is nearest and not over (design D14)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from operations.notice_import import programme_of, read_notice
from programme.nearness import NOWHERE_NEAR, distance
from programme.people import Person
from programme.programme import Programme

ZONE = ZoneInfo("Asia/Shanghai")
SOMEBODY = Person("p", "x", "王小明", "1", "研0", None, frozenset({"student"}))


@pytest.fixture(scope="module")
def july() -> Programme:
    return programme_of(read_notice(Path(__file__).parents[2] / "samples" / "notice.txt", 2023), {})


@pytest.mark.parametrize(
    ("day", "hour", "away"),
    [
        (4, time(13, 30), timedelta(hours=1)),
        (4, time(14, 30), timedelta(0)),
        (4, time(16, 0), timedelta(0)),
        (4, time(18, 0), timedelta(days=1, hours=21)),
        (6, time(14, 0), timedelta(hours=1)),
    ],
)
def test_the_distance_to_the_nearest_session(july: Programme, day: int, hour: time, away: timedelta) -> None:
    """6 July has no hour in print: its half of the day stands for it."""
    at = datetime.combine(date(2023, 7, day), hour, ZONE)

    assert distance(july, SOMEBODY, at) == away


def test_a_programme_that_is_over_is_nowhere_near(july: Programme) -> None:
    assert distance(july, SOMEBODY, datetime(2023, 9, 1, tzinfo=ZONE)) == NOWHERE_NEAR


def test_a_known_end_is_the_end(july: Programme) -> None:
    short = replace(july, sessions=tuple(replace(s, end=time(15)) for s in july.sessions), occurrences=())

    assert distance(short, SOMEBODY, datetime(2023, 7, 4, 15, 1, tzinfo=ZONE)) > timedelta(days=1)
