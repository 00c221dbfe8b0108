"""Check-ins: the first one is kept; wrong codes and screens are counted once each."""

from __future__ import annotations

from dataclasses import replace

import pytest

from storage import checkins
from storage.checkins import Checkin
from storage.database import Conflict, Database, Tx
from tests.storage.conftest import Overlap
from tests.storage.samples import AT, P, later

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
        database.write(lambda tx: checkins.open_screen(tx, P, LECTURE, "s1", AT)),
        database.write(lambda tx: checkins.open_screen(tx, P, LECTURE, "t1", later(minutes=1))),
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
