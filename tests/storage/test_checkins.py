"""Check-ins: the first one is kept; wrong codes and screens are counted once each."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

import pytest

from storage import checkins, corrections, programmes
from storage.checkins import Checkin
from storage.database import Conflict, Database, Tx
from tests.storage.conftest import Overlap
from tests.storage.samples import AT, LECTURE_FOR_ALL, P, later

LECTURE, TALKS = "p2023-S02", "p2023-S03"
FIRST = Checkin(P, LECTURE, "s1", AT, "present", 0, "none", "m1")


def first(tx: Tx) -> Checkin:
    return checkins.record(tx, P, LECTURE, "s1", AT, "present", 0, "none", "m1")


def second(tx: Tx) -> Checkin:
    return checkins.record(tx, P, LECTURE, "s1", later(minutes=6), "late", 6, "code", "m2")


def test_a_first_check_in_is_new(database: Database) -> None:
    assert database.write(first) == replace(FIRST, is_new=True)


def test_a_second_check_in_gives_the_first_one_back(database: Database) -> None:
    database.write(first)

    assert database.write(second) == FIRST


def test_a_check_in_to_verify_gives_way_to_a_proven_one_and_not_back(database: Database) -> None:
    database.write(lambda tx: checkins.record(tx, P, LECTURE, "s1", AT, "to_verify", 0, "none", "m0"))

    proven = database.write(second)
    unproven = database.write(
        lambda tx: checkins.record(tx, P, LECTURE, "s1", AT, "to_verify", 0, "none", "m9")
    )

    kept = Checkin(P, LECTURE, "s1", later(minutes=6), "late", 6, "code", "m2")
    assert (proven, unproven) == (replace(kept, is_new=True), kept)


def test_two_check_ins_at_once_leave_the_first(database: Database, overlap: Overlap) -> None:
    assert overlap(first, second) == (replace(FIRST, is_new=True), FIRST)


def test_a_check_in_at_an_occurrence_that_is_not_there_is_refused(database: Database) -> None:
    with pytest.raises(Conflict):
        database.write(lambda tx: checkins.record(tx, P, "none", "s1", AT, "present", 0, "none", None))


def test_check_ins_are_found_by_person_and_by_occurrence(database: Database) -> None:
    database.write(first)
    at_talks = database.write(
        lambda tx: checkins.record(tx, P, TALKS, "s1", later(days=2), "to_verify", 0, "none", None)
    )
    of_guest = database.write(
        lambda tx: checkins.record(tx, P, LECTURE, "s3", later(minutes=1), "voluntary", 0, "none", "m3")
    )

    at_talks, of_guest = replace(at_talks, is_new=False), replace(of_guest, is_new=False)
    assert database.read(lambda tx: checkins.find(tx, LECTURE, "s1")) == FIRST
    assert database.read(lambda tx: checkins.find(tx, LECTURE, "s2")) is None
    assert database.read(lambda tx: checkins.of_person(tx, P, "s1")) == (FIRST, at_talks)
    assert database.read(lambda tx: checkins.of_occurrence(tx, LECTURE)) == (FIRST, of_guest)


def test_attended_leaves_out_what_waits_for_a_person(database: Database) -> None:
    database.write(first)
    database.write(lambda tx: checkins.record(tx, P, TALKS, "s1", AT, "to_verify", 0, "none", None))

    assert database.read(lambda tx: checkins.attended(tx, P, "s1")) == {LECTURE}


def test_a_check_in_is_verified_once(database: Database) -> None:
    database.write(lambda tx: checkins.record(tx, P, TALKS, "s1", AT, "to_verify", 0, "none", None))

    verified = [database.write(lambda tx: checkins.verify(tx, TALKS, "s1", "present")) for _ in range(2)]

    found = database.read(lambda tx: checkins.find(tx, TALKS, "s1"))
    assert verified == [True, False]
    assert found is not None
    assert found.state == "present"


def test_wrong_codes_are_counted_per_person_and_occurrence(database: Database) -> None:
    counted = [database.write(lambda tx: checkins.count_code_try(tx, LECTURE, "s1", AT)) for _ in range(3)]

    assert counted == [1, 2, 3]
    assert database.read(lambda tx: checkins.code_tries(tx, LECTURE, "s1")) == 3
    assert database.read(lambda tx: checkins.code_tries(tx, LECTURE, "s2")) == 0


def test_two_wrong_codes_at_once_are_both_counted(overlap: Overlap) -> None:
    def guess(tx: Tx) -> int:
        return checkins.count_code_try(tx, LECTURE, "s1", AT)

    assert overlap(guess, guess) == (1, 2)


def test_a_wrong_code_for_an_unknown_occurrence_is_an_error(database: Database) -> None:
    with pytest.raises(LookupError):
        database.write(lambda tx: checkins.count_code_try(tx, "none", "s1", AT))


def test_a_screen_opens_once(database: Database) -> None:
    before = database.read(lambda tx: checkins.screen_opened_at(tx, LECTURE))

    opened = [
        database.write(lambda tx: checkins.open_screen(tx, P, LECTURE, "s1", AT, later(hours=-8))),
        database.write(
            lambda tx: checkins.open_screen(tx, P, LECTURE, "t1", later(minutes=1), later(hours=-8))
        ),
    ]

    assert before is None
    assert opened == [True, False]
    assert database.read(lambda tx: checkins.screen_opened_at(tx, LECTURE)) == AT


def test_attempts_of_an_unknown_account_are_kept_until_forgotten(database: Database) -> None:
    def attempt(tx: Tx) -> None:
        for at in (later(minutes=1), AT):
            checkins.record_attempt(tx, None, "wecom", "stranger", at, "bind_code")

    database.write(attempt)

    before = database.read(lambda tx: checkins.attempts_of(tx, "wecom", "stranger"))
    forgotten = database.write(lambda tx: checkins.forget_attempts_before(tx, later(seconds=1)))
    after = database.read(lambda tx: checkins.attempts_of(tx, "wecom", "stranger"))

    assert (before, forgotten, after) == ((AT, later(minutes=1)), 1, (later(minutes=1),))


def test_an_opening_of_an_earlier_day_is_none(database: Database) -> None:
    database.write(lambda tx: checkins.open_screen(tx, P, LECTURE, "s1", AT, later(hours=-8)))

    is_new = database.write(
        lambda tx: checkins.open_screen(tx, P, LECTURE, None, later(days=1), later(hours=16))
    )

    assert is_new
    assert database.read(lambda tx: checkins.screen_opened_at(tx, LECTURE)) == later(days=1)


def test_what_a_person_decided_stands_over_what_was_stored(database: Database) -> None:
    database.write(first)
    decided = Checkin(P, LECTURE, "s1", later(minutes=9), "late", 9, "lead", "m1")

    database.write(lambda tx: checkins.put(tx, decided))

    assert database.read(lambda tx: checkins.find(tx, LECTURE, "s1")) == decided


def test_a_check_in_that_was_none_is_removed_once(database: Database) -> None:
    database.write(first)

    removed = [database.write(lambda tx: checkins.remove(tx, LECTURE, "s1")) for _ in range(2)]

    assert removed == [True, False]
    assert database.read(lambda tx: checkins.count_arrived(tx, LECTURE)) == 0


def test_a_session_that_goes_to_another_day_sets_free_who_had_checked_in(database: Database) -> None:
    database.write(first)
    database.write(lambda tx: checkins.open_screen(tx, P, LECTURE, "s1", AT, later(hours=-8)))
    database.write(lambda tx: checkins.count_code_try(tx, LECTURE, "s2", AT))
    moved = replace(LECTURE_FOR_ALL, held_on=LECTURE_FOR_ALL.held_on + timedelta(days=1), version=2)

    database.write(lambda tx: programmes.change_occurrence(tx, P, moved, later(minutes=5)))

    assert database.read(lambda tx: checkins.of_occurrence(tx, LECTURE)) == ()
    assert database.read(lambda tx: checkins.screen_opened_at(tx, LECTURE)) is None
    assert database.read(lambda tx: checkins.code_tries(tx, LECTURE, "s2")) == 0
    trace = database.read(lambda tx: corrections.of_person(tx, P, "s1"))
    assert [(c.old, c.new, c.by, c.at) for c in trace] == [("present", "moved", None, later(minutes=5))]


def test_a_change_that_came_too_late_sets_nobody_free(database: Database) -> None:
    database.write(first)
    stale = replace(LECTURE_FOR_ALL, held_on=LECTURE_FOR_ALL.held_on + timedelta(days=1), version=7)

    done = database.write(lambda tx: programmes.change_occurrence(tx, P, stale, later(minutes=5)))

    assert not done
    assert len(database.read(lambda tx: checkins.of_occurrence(tx, LECTURE))) == 1


def test_a_session_that_only_begins_later_keeps_its_check_ins(database: Database) -> None:
    database.write(first)
    moved = replace(LECTURE_FOR_ALL, start=time(15, 30), version=2)

    database.write(lambda tx: programmes.change_occurrence(tx, P, moved, later(minutes=5)))

    assert len(database.read(lambda tx: checkins.of_occurrence(tx, LECTURE))) == 1


def test_one_persons_check_ins_are_found_by_their_own_index(database: Database) -> None:
    """Read through everybody's, a check-in would cost more with each that came before it."""
    if database.engine != "sqlite":
        return  # its planner knows how many rows there are

    plan = database.read(
        lambda tx: tx.query(
            """
            explain query plan
            select occurrence_id
            from checkin
            where person_id = 's1' and programme_id = 'p' and state not in ('to_verify', 'online_pending')"""
        )
    )

    assert ["checkin_of_person" in row["detail"] for row in plan] == [True]
