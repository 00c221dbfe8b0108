"""The facts of summaries: by person for one session, counted by the database for a month."""

from __future__ import annotations

import time
from functools import partial

from programme.oversight import Oversight
from programme.people import Person
from programme.summaries import Checked
from storage import attendance_trace, audit, checkins, guarantees, leave, people, requests, summaries
from storage.attendance_trace import Trace
from storage.checkins import CheckinState
from storage.database import Database, Tx
from tests.storage.samples import ACCOUNTS, AT, PEOPLE, P, later

LECTURE, TALKS = "p2023-S02", "p2023-S03"
ALL = Oversight(everybody=True)


def check_in(database: Database, person_id: str, state: CheckinState, proof: str = "none") -> None:
    database.write(
        lambda tx: checkins.record(tx, P, LECTURE, person_id, later(minutes=5), state, 0, proof, None)
    )


def grant(database: Database, person_id: str) -> None:
    def work(tx: Tx) -> None:
        leave.ask(tx, P, person_id, LECTURE, "发烧", AT)
        leave.decide(tx, person_id, LECTURE, "granted", "t1", later(minutes=1))

    database.write(work)


def counts(database: Database, oversight: Oversight) -> dict[str, dict[str, int]]:
    found = database.read(lambda tx: summaries.counts(tx, P, oversight))
    return {occurrence_id: dict(states) for occurrence_id, states in found.items()}


def test_one_session_is_read_person_by_person(database: Database) -> None:
    check_in(database, "s1", "present", "online")
    grant(database, "s2")
    database.write(lambda tx: checkins.open_screen(tx, P, LECTURE, "t1", AT, AT))

    found = database.read(lambda tx: summaries.facts(tx, [LECTURE, TALKS]))

    assert found.checkins == {(LECTURE, "s1"): Checked("present", 0, True, later(minutes=5))}
    assert found.on_leave == frozenset({(LECTURE, "s2")})
    assert found.opened == {LECTURE: AT}


def test_leave_that_is_only_asked_excuses_nobody(database: Database) -> None:
    database.write(lambda tx: leave.ask(tx, P, "s2", LECTURE, "发烧", AT))

    assert database.read(lambda tx: summaries.facts(tx, [LECTURE])).on_leave == frozenset()


def test_states_are_counted_by_session(database: Database) -> None:
    check_in(database, "s1", "present")
    check_in(database, "s3", "voluntary")
    grant(database, "s2")

    assert counts(database, ALL) == {LECTURE: {"present": 1, "voluntary": 1, "leave": 1}}


def test_who_came_in_spite_of_leave_is_counted_once(database: Database) -> None:
    check_in(database, "s2", "present")
    grant(database, "s2")

    assert counts(database, ALL) == {LECTURE: {"present": 1}}


def test_only_those_whom_one_may_see_are_counted(database: Database) -> None:
    """B47."""
    check_in(database, "s1", "present")
    check_in(database, "s3", "voluntary")

    seen = [Oversight(group="视觉组"), Oversight(mentor="周老师"), Oversight(group="别的组"), Oversight()]

    assert [counts(database, one) for one in seen] == [
        {LECTURE: {"present": 1}},
        {LECTURE: {"present": 1}},
        {},
        {},
    ]


def test_who_has_left_is_not_counted(database: Database) -> None:
    check_in(database, "s1", "present")
    check_in(database, "s2", "present")
    staying = [person for person in PEOPLE if person.person_id != "s2"]

    database.write(partial(people.save_roster, programme_id=P, people=staying, accounts=ACCOUNTS, at=AT))

    assert counts(database, ALL) == {LECTURE: {"present": 1}}
    assert counts(database, Oversight(group="视觉组")) == {LECTURE: {"present": 1}}


def test_a_month_of_thousands_is_counted_quickly(database: Database) -> None:
    """5,000 people at two sessions in a tenth of a second; the bound is wide for a busy machine."""
    crowd = [Person(f"x{n}", P, f"x{n}", f"9{n}", "研0", "组", frozenset({"student"})) for n in range(5000)]

    def fill(tx: Tx) -> None:
        people.save_roster(tx, P, [*PEOPLE, *crowd], ACCOUNTS, AT)
        for occurrence_id in (LECTURE, TALKS):
            tx.execute(
                """
                insert into checkin (occurrence_id, person_id, programme_id, at, state, late_min, proof)
                values (:occurrence_id, :person_id, :programme_id, :at, 'present', 0, 'none')""",
                [
                    {
                        "occurrence_id": occurrence_id,
                        "person_id": person.person_id,
                        "programme_id": P,
                        "at": "2023-07-04T06:30:00.000000Z",
                    }
                    for person in crowd
                ],
            )

    database.write(fill)

    started = time.perf_counter()
    found = counts(database, ALL)
    took_s = time.perf_counter() - started

    assert found == {LECTURE: {"present": 5000}, TALKS: {"present": 5000}}
    assert took_s < 1.0


def test_what_made_a_record_is_kept_in_order(database: Database) -> None:
    """R17: the table shows who vouched, who granted leave, and why somebody was late."""

    def work(tx: Tx) -> str:
        request = requests.ask(tx, P, "guarantee", ("wecom", "x"), "s2", {}, ["s1"], AT)
        guarantees.ask(tx, request.request_id, P, "s2", "s1", "家中有事", [LECTURE], AT)
        guarantees.decide(tx, request.request_id, "granted", later(minutes=2))
        audit.write(
            tx, P, later(minutes=3), "s3", "explain_lateness", f"attendance:{LECTURE}:s3", None, None, "堵车"
        )
        return request.request_id

    grant(database, "s1")
    database.write(work)

    assert database.read(lambda tx: attendance_trace.of_occurrences(tx, P, [LECTURE])) == (
        Trace("s1", LECTURE, "leave", "granted", "t1", later(minutes=1), "发烧"),
        Trace("s2", LECTURE, "guarantee", "granted", "s1", later(minutes=2), "家中有事"),
        Trace("s3", LECTURE, "explanation", "", "s3", later(minutes=3), "堵车"),
    )
    assert database.read(lambda tx: attendance_trace.of_occurrences(tx, P, [TALKS])) == ()
