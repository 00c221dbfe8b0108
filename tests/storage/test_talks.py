"""Plans of talks: the newest holds, a swap changes both slots or none, the trace is kept."""

from __future__ import annotations

from datetime import date, time

import pytest

from programme.talk_plan import TalkSlot
from storage import talks
from storage.database import Database
from tests.storage.conftest import Overlap
from tests.storage.samples import AT, P, later

DAY = date(2023, 7, 25)
FIRST = TalkSlot(1, DAY, "A301", 1, time(14, 30), time(14, 40), "s1")
SECOND = TalkSlot(2, DAY, "A301", 2, time(14, 43), time(14, 53), "s2")


def store(database: Database) -> int:
    return database.write(lambda tx: talks.store(tx, P, "7", (FIRST, SECOND), "s1", AT))


def holders(database: Database) -> dict[int, str]:
    plan = database.read(lambda tx: talks.current(tx, P))
    return {slot.number: slot.person_id for slot in plan.slots} if plan else {}


def test_without_a_plan_there_is_none_and_the_newest_holds(database: Database) -> None:
    assert database.read(lambda tx: talks.current(tx, P)) is None

    numbers = [store(database), store(database)]

    plan = database.read(lambda tx: talks.current(tx, P))
    assert numbers == [1, 2]
    assert plan == talks.TalkPlan(2, "7", "s1", AT, 0, (FIRST, SECOND))


def test_a_swap_exchanges_both_and_leaves_its_trace(database: Database) -> None:
    store(database)

    change = database.write(lambda tx: talks.swap(tx, P, 1, {1: "s1", 2: "s2"}, "s2", later(minutes=1)))

    at = later(minutes=1)
    assert change == 1
    assert holders(database) == {1: "s2", 2: "s1"}
    assert database.read(lambda tx: talks.trace(tx, P, 1)) == (
        talks.Trace(1, 1, "s1", "s2", "s2", at),
        talks.Trace(1, 2, "s2", "s1", "s2", at),
    )


@pytest.mark.parametrize(("plan_no", "holding"), [(1, {1: "s2", 2: "s1"}), (9, {1: "s1", 2: "s2"})])
def test_a_swap_of_what_is_no_longer_so_changes_nothing(
    database: Database, plan_no: int, holding: dict[int, str]
) -> None:
    store(database)

    change = database.write(lambda tx: talks.swap(tx, P, plan_no, holding, "s2", AT))

    assert (change, holders(database)) == (None, {1: "s1", 2: "s2"})


def test_two_swaps_of_one_pair_at_once_are_one(database: Database, overlap: Overlap) -> None:
    store(database)

    overlap(
        lambda tx: talks.swap(tx, P, 1, {1: "s1", 2: "s2"}, "s1", AT),
        lambda tx: talks.swap(tx, P, 1, {1: "s1", 2: "s2"}, "s2", AT),
    )

    assert holders(database) == {1: "s2", 2: "s1"}
    assert len(database.read(lambda tx: talks.trace(tx, P, 1))) == 2
