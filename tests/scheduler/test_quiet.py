"""At night and at crowded minutes reminders wait; what cannot wait goes."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest

from scheduler.quiet import Quiet
from tests.scheduler.july import ZONE, shanghai

QUIET = Quiet(time(22, 30), time(7, 30), (0, 30), ZONE)
TOMORROW = shanghai(5, 7, 31)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        (shanghai(4, 20, 7), None),
        (shanghai(4, 22, 29, 59), None),
        (shanghai(4, 22, 30), TOMORROW),
        (shanghai(4, 23, 59), TOMORROW),
        (shanghai(5, 0, 0), TOMORROW),
        (shanghai(5, 7, 29, 59), TOMORROW),
        (shanghai(5, 7, 30), TOMORROW),
        (shanghai(5, 7, 31), None),
        (shanghai(5, 14, 0, 30), shanghai(5, 14, 1)),
        (shanghai(5, 14, 30), shanghai(5, 14, 31)),
        (shanghai(5, 14, 3), None),
    ],
)
def test_a_reminder_waits_for_the_end_of_the_quiet_hours_and_of_a_crowded_minute(
    now: datetime, until: datetime | None
) -> None:
    assert QUIET.held_until("reminder/soon", None, now) == until


def test_a_reminder_that_would_be_useless_by_then_goes_at_once() -> None:
    held = [
        QUIET.held_until("reminder/soon", TOMORROW + timedelta(minutes=late), shanghai(5, 6, 33))
        for late in (0, 1)
    ]

    assert held == [None, TOMORROW]


@pytest.mark.parametrize("template", ["change/moved", "binding/please_decide", "checkin/opened"])
def test_what_is_no_reminder_goes_at_any_hour(template: str) -> None:
    assert QUIET.held_until(template, None, shanghai(4, 23)) is None


def test_quiet_hours_within_one_day_and_none_at_all() -> None:
    noon = Quiet(time(12, 0), time(14, 0), (), ZONE)
    never = Quiet(time(0, 0), time(0, 0), range(60), ZONE)

    assert noon.held_until("reminder/soon", None, shanghai(4, 13)) == shanghai(4, 14)
    assert noon.held_until("reminder/soon", None, shanghai(4, 11, 59)) is None
    assert never.held_until("reminder/soon", None, shanghai(4, 13)) is None
