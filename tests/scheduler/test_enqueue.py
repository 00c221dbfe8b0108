"""From the plan to the outbox: restarts, moved sessions, stepped clocks and second instances."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from programme.programme import Programme
from programme.reminders import DEFAULT_RULES
from scheduler.plan import enqueue_due
from storage import checkins, outbox, programmes
from storage.database import Database, Tx
from tests.scheduler import july
from tests.scheduler.july import UNTIMED_AT, P, read_people, shanghai

EVENING = shanghai(3, 20, 7)
OBLIGED = 42
LECTURE = "p2023-S02"

Opener = Callable[[], Database]


@pytest.fixture
def database(instance: Opener) -> Database:
    stored = instance()
    stored.write(july.store)
    return stored


def enqueue(database: Database, now: datetime, programme: Programme | None = None) -> int:
    if programme is None:
        programme = database.read(lambda tx: programmes.load(tx, P))
    assert programme is not None
    people = read_people()
    return enqueue_due(
        database, [programme], lambda _programme_id: people, DEFAULT_RULES, now, untimed_at=UNTIMED_AT
    )


def keys(database: Database, prefix: str) -> set[str]:
    return {row.dedupe_key for row in database.read(lambda tx: outbox.delivery_of(tx, P, prefix))}


def move_lecture(database: Database, held_on: date, start: time) -> None:
    programme = database.read(lambda tx: programmes.load(tx, P))
    assert programme is not None
    [lecture] = [o for o in programme.occurrences if o.occurrence_id == LECTURE]
    moved = replace(lecture, held_on=held_on, start=start, version=lecture.version + 1)

    def change(tx: Tx) -> None:
        assert programmes.change_occurrence(tx, P, moved)
        programmes.bump(tx, P)

    database.write(change)


def test_what_becomes_due_is_written_for_everyone_concerned(database: Database) -> None:
    enqueue(database, EVENING - timedelta(seconds=1))

    added = enqueue(database, EVENING)

    assert (added, len(keys(database, f"前一晚:{LECTURE}:v1:"))) == (OBLIGED, OBLIGED)


def test_a_programme_met_for_the_first_time_is_not_announced_backwards(database: Database) -> None:
    added = [
        enqueue(database, EVENING + timedelta(minutes=1)),
        enqueue(database, EVENING + timedelta(minutes=2)),
    ]

    assert added == [0, 0]


def test_the_same_moment_twice_writes_nothing_new(database: Database) -> None:
    enqueue(database, EVENING - timedelta(seconds=1))

    added = [
        enqueue(database, EVENING),
        enqueue(database, EVENING),
        enqueue(database, EVENING + timedelta(hours=1)),
    ]

    assert added == [OBLIGED, 0, 0]


def test_a_moment_missed_while_nothing_ran_is_made_up_for(database: Database) -> None:
    """B58, R47: what is still of use is sent late, the rest is counted by the outbox."""
    enqueue(database, shanghai(2, 12))

    added = enqueue(database, shanghai(4, 14, 10))
    useless = database.write(lambda tx: outbox.mark_useless(tx, shanghai(4, 14, 10)))

    # Missed: evening and soon of Monday's meetings, evening and soon of Tuesday's lecture.
    assert (added, useless) == (4 * OBLIGED, 3 * OBLIGED)


def test_who_is_there_already_is_not_reminded(database: Database) -> None:
    enqueue(database, shanghai(4, 14, 2))
    database.write(
        lambda tx: checkins.record(tx, P, LECTURE, "stu001", shanghai(4, 14), "present", 0, "none", None)
    )

    added = enqueue(database, shanghai(4, 14, 3))

    assert added == OBLIGED - 1


def test_a_moved_session_is_announced_again_for_its_new_day(database: Database) -> None:
    enqueue(database, EVENING - timedelta(seconds=1))
    enqueue(database, EVENING)
    move_lecture(database, date(2023, 7, 5), time(16, 0))

    added = [enqueue(database, now) for now in (shanghai(4, 14, 3), shanghai(4, 20, 7), shanghai(5, 15, 33))]

    assert added == [0, OBLIGED, OBLIGED]
    assert len(keys(database, f"前一晚:{LECTURE}:v2:")) == OBLIGED


def test_a_change_never_repeats_a_moment_that_has_passed(database: Database) -> None:
    """Those who were reminded hear of the change once, from the change (R45)."""
    enqueue(database, EVENING - timedelta(seconds=1))
    enqueue(database, EVENING)
    move_lecture(database, date(2023, 7, 4), time(15, 30))

    added = [enqueue(database, now) for now in (EVENING + timedelta(minutes=1), shanghai(4, 15, 3))]

    assert added == [0, OBLIGED]


def test_an_older_plan_in_memory_is_not_used(database: Database) -> None:
    """Design D19: no instance answers from an older plan."""
    old = database.read(lambda tx: programmes.load(tx, P))
    enqueue(database, EVENING - timedelta(seconds=1))
    move_lecture(database, date(2023, 7, 5), time(16, 0))

    added = [enqueue(database, EVENING, old), enqueue(database, EVENING)]

    assert added == [0, 0]
    assert keys(database, "前一晚:") == set()


def test_two_hours_forward_lose_nothing(database: Database) -> None:
    enqueue(database, EVENING - timedelta(seconds=1))

    added = enqueue(database, EVENING + timedelta(hours=2))

    assert added == OBLIGED


def test_two_hours_back_repeat_nothing(database: Database) -> None:
    enqueue(database, EVENING - timedelta(seconds=1))
    enqueue(database, EVENING)

    added = [enqueue(database, EVENING - timedelta(hours=2)), enqueue(database, EVENING)]

    assert added == [0, 0]


def test_a_clock_that_was_years_ahead_does_not_silence_the_programme(database: Database) -> None:
    enqueue(database, datetime(2099, 1, 1, tzinfo=july.ZONE))
    enqueue(database, EVENING - timedelta(seconds=1))

    added = enqueue(database, EVENING)

    assert added == OBLIGED


def test_a_second_instance_adds_nothing(instance: Opener, database: Database) -> None:
    enqueue(database, EVENING - timedelta(seconds=1))
    other = instance()

    added = [enqueue(database, EVENING), enqueue(other, EVENING)]

    assert added == [OBLIGED, 0]
