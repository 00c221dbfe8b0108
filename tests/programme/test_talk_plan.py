"""The plan of talks: what fits, what does not and what helps, and the open draw (R30-R32)."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from datetime import date, time

import pytest

from programme.people import Person
from programme.talk_plan import Wanted, drawn, laid_out, minutes_of, missing, options

DAYS = (date(2023, 7, 25), date(2023, 7, 27))


def wanted(talk_min: int, gap_min: int = 3, rooms: tuple[str, ...] = ("",), is_both: bool = False) -> Wanted:
    return Wanted(DAYS, time(14, 30), time(17, 30), talk_min, gap_min, 10, rooms, is_both)


def people(count: int) -> tuple[Person, ...]:
    student = frozenset({"student"})
    return tuple(
        Person(f"p{n}", "july", f"学生{n}", f"2023{n:04}", "研0", "甲组", student)  # type: ignore[arg-type]
        for n in range(count)
    )


@pytest.mark.parametrize(
    ("talk_min", "gap_min", "a_day", "in_two"),
    [(5, 3, 21, 42), (10, 3, 13, 26), (5, 0, 34, 68), (10, 0, 17, 34)],
)
def test_an_afternoon_with_one_break_holds_so_many_r31(
    talk_min: int, gap_min: int, a_day: int, in_two: int
) -> None:
    plan = wanted(talk_min, gap_min)

    assert (plan.a_day, plan.capacity) == (a_day, in_two)


def test_48_people_are_refused_with_the_ways_out_b56() -> None:
    plan = wanted(10)

    ways = [
        (
            way.kind,
            way.wanted.talk_min,
            len(way.wanted.rooms),
            way.wanted.start,
            way.wanted.capacity,
            way.missing,
        )
        for way in options(plan, 48)
    ]

    assert missing(plan, 48) == 22
    assert ways == [
        ("shorter", 5, 1, time(14, 30), 42, 6),
        ("rooms", 10, 2, time(14, 30), 52, 0),
        ("earlier", 10, 1, time(12, 5), 48, 0),
    ]


def test_the_same_seed_gives_the_same_order_whatever_the_order_of_the_roster_r32() -> None:
    roster = people(42)
    shuffled = tuple(random.Random(1).sample(roster, len(roster)))

    assert drawn(roster, "7") == drawn(shuffled, "7")
    assert drawn(roster, "7") != drawn(roster, "8")


@pytest.mark.parametrize("is_both", [False, True])
def test_everybody_speaks_as_often_as_they_must_and_no_two_at_once_r30(is_both: bool) -> None:
    """Property over many random plans: all inside the window, nobody twice, the gap is kept."""
    chance = random.Random(20230725)
    for _ in range(300):
        rooms = tuple(f"A30{n}" for n in range(chance.randint(1, 4)))
        plan = Wanted(
            DAYS,
            time(chance.randint(8, 14), chance.choice((0, 30))),
            time(chance.randint(15, 21)),
            chance.randint(5, 10),
            chance.randint(0, 5),
            chance.choice((0, 10, 20)),
            rooms,
            is_both,
        )
        count = chance.randint(0, plan.capacity)

        slots = laid_out(plan, people(count), "7")

        times = Counter(slot.person_id for slot in slots)
        assert set(times.values()) <= {len(DAYS) if is_both else 1}
        assert len(times) == count
        assert all(plan.start <= slot.start and slot.end <= plan.end for slot in slots)
        assert len({slot.number for slot in slots}) == len(slots)
        for first, second in itertools.pairwise(slots):
            if (first.held_on, first.room) == (second.held_on, second.room):
                assert minutes_of(second.start) - minutes_of(first.end) >= plan.gap_min


def test_nothing_fits_into_a_window_shorter_than_its_break() -> None:
    plan = Wanted(DAYS, time(14, 30), time(14, 35), 5)

    assert (plan.capacity, missing(plan, 3)) == (0, 3)
