from __future__ import annotations

from datetime import timedelta

from scheduler.pacing import Pacing
from tests.scheduler.july import shanghai

NOW = shanghai(4, 14, 3)


def test_a_member_has_so_many_a_minute() -> None:
    pacing = Pacing(2)

    taken = [pacing.take("wecom", "a", NOW + timedelta(seconds=s)) for s in (0, 10, 69, 70, 71, 80)]

    assert taken == [True, True, False, True, False, True]


def test_members_and_channels_are_counted_apart() -> None:
    pacing = Pacing(1)

    taken = [
        pacing.take(*who, NOW) for who in (("wecom", "a"), ("wecom", "b"), ("aibot", "a"), ("wecom", "a"))
    ]

    assert taken == [True, True, True, False]


def test_a_clock_set_back_frees_the_count() -> None:
    pacing = Pacing(1)

    taken = [pacing.take("wecom", "a", now) for now in (NOW, NOW - timedelta(hours=2))]

    assert taken == [True, True]
