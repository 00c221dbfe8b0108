"""Guarantees: an online check-in counts only while one holds (R16, R17)."""

from __future__ import annotations

from storage import checkins, guarantees, requests
from storage.checkins import CheckinState
from storage.database import Database, Tx
from storage.guarantees import Guarantee
from tests.storage.samples import AT, P, later

LECTURE = "p2023-S02"


def ask(database: Database, person_id: str = "s2") -> str:
    def work(tx: Tx) -> str:
        asker = ("wecom", "stu002")
        request = requests.ask(tx, P, "guarantee", asker, person_id, {}, ["s1"], AT)
        guarantees.ask(tx, request.request_id, P, person_id, "s1", "家中有事", [LECTURE], AT)
        return request.request_id

    return database.write(work)


def check_in(database: Database, state: CheckinState, proof: str, late_min: int = 0) -> None:
    database.write(
        lambda tx: checkins.record(tx, P, LECTURE, "s2", later(minutes=5), state, late_min, proof, None)
    )


def state_of(database: Database) -> str:
    found = database.read(lambda tx: checkins.find(tx, LECTURE, "s2"))
    return found.state if found else ""


def test_what_was_asked_is_found_for_both_sides(database: Database) -> None:
    guarantee_id = ask(database)

    asked = Guarantee(guarantee_id, P, "s2", "s1", "asked", "家中有事", AT, (LECTURE,))
    assert database.read(lambda tx: guarantees.find(tx, guarantee_id)) == asked
    assert database.read(lambda tx: guarantees.of_person(tx, P, "s2")) == (asked,)
    assert database.read(lambda tx: guarantees.of_guarantor(tx, P, "s1")) == (asked,)


def test_it_holds_from_the_yes_to_the_withdrawal(database: Database) -> None:
    guarantee_id = ask(database)
    held = []

    held.append(database.read(lambda tx: guarantees.in_force(tx, "s2", LECTURE)) is not None)
    database.write(lambda tx: guarantees.decide(tx, guarantee_id, "granted", later(minutes=1)))
    held.append(database.read(lambda tx: guarantees.in_force(tx, "s2", LECTURE)) is not None)
    database.write(lambda tx: guarantees.withdraw(tx, guarantee_id, later(minutes=2)))
    held.append(database.read(lambda tx: guarantees.in_force(tx, "s2", LECTURE)) is not None)

    assert held == [False, True, False]


def test_it_covers_nobody_else(database: Database) -> None:
    guarantee_id = ask(database)
    database.write(lambda tx: guarantees.decide(tx, guarantee_id, "granted", later(minutes=1)))

    assert database.read(lambda tx: guarantees.in_force(tx, "s1", LECTURE)) is None


def test_the_first_decision_counts(database: Database) -> None:
    guarantee_id = ask(database)

    decided = [
        database.write(lambda tx: guarantees.decide(tx, guarantee_id, "refused", later(minutes=1))),
        database.write(lambda tx: guarantees.decide(tx, guarantee_id, "granted", later(minutes=2))),
        database.write(lambda tx: guarantees.withdraw(tx, guarantee_id, later(minutes=3))),
    ]

    assert decided == [True, False, False]


def test_an_online_checkin_is_no_attendance_until_somebody_vouches(database: Database) -> None:
    """R16."""
    check_in(database, "online_pending", "online", late_min=7)

    before = database.read(lambda tx: checkins.attended(tx, P, "s2"))
    vouched = database.write(lambda tx: checkins.vouch(tx, LECTURE, "s2"))

    assert (before, vouched, state_of(database)) == (frozenset(), True, "late")
    assert database.read(lambda tx: checkins.attended(tx, P, "s2")) == frozenset({LECTURE})


def test_without_the_guarantee_it_waits_again(database: Database) -> None:
    check_in(database, "online_pending", "online")
    database.write(lambda tx: checkins.vouch(tx, LECTURE, "s2"))

    undone = database.write(lambda tx: checkins.unvouch(tx, LECTURE, "s2"))

    assert (undone, state_of(database)) == (True, "online_pending")


def test_a_withdrawal_does_not_touch_who_sat_in_the_room(database: Database) -> None:
    check_in(database, "present", "code")

    undone = database.write(lambda tx: checkins.unvouch(tx, LECTURE, "s2"))

    assert (undone, state_of(database)) == (False, "present")


def test_who_comes_to_the_room_after_all_is_present(database: Database) -> None:
    check_in(database, "online_pending", "online")
    check_in(database, "late", "none", late_min=12)

    assert state_of(database) == "late"
