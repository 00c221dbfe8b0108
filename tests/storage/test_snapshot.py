"""The snapshot: what is stored, in memory, and only what changed is read again."""

from __future__ import annotations

from dataclasses import replace

from programme.people import Person
from programme.programme import Decided
from storage import decided, inbox, people, programmes
from storage.database import Database, Tx
from storage.people import Account
from storage.snapshot import Snapshot
from tests.storage.conftest import Opener
from tests.storage.samples import ACCOUNTS, ADMIN, AT, GUEST, LEAD, PEOPLE, PROGRAMME, STUDENT, P

OTHER = replace(PROGRAMME, programme_id="q", title="八月", sessions=(), occurrences=())
TWIN = Person("q1", "q", "李雷", "2023001", "研1", None, frozenset({"student"}))


def fresh(database: Database) -> Snapshot:
    snapshot = Snapshot()
    snapshot.refresh(database)
    return snapshot


def test_an_empty_snapshot_knows_nothing(database: Database) -> None:
    snapshot = Snapshot()

    assert snapshot.programme(P) is None
    assert snapshot.person("s1") is None
    assert snapshot.people_for("wecom", "lilei") == ()
    assert snapshot.people_in(P) == ()


def test_a_refreshed_snapshot_holds_what_is_stored(database: Database) -> None:
    snapshot = fresh(database)

    assert snapshot.programme_ids() == (P,)
    assert snapshot.programme(P) == PROGRAMME
    assert snapshot.people_in(P) == PEOPLE
    assert snapshot.person("s2") == STUDENT
    assert snapshot.people_for("wecom", "lilei") == (LEAD,)
    assert snapshot.accounts_of("s1") == (Account("wecom", "lilei", P, "s1"),)


def test_refreshing_without_a_change_reads_nothing_again(database: Database) -> None:
    snapshot = fresh(database)
    before = snapshot.programme(P)

    changed = snapshot.refresh(database)

    assert changed is False
    assert snapshot.programme(P) is before


def test_a_changed_programme_is_read_again_and_people_are_kept(database: Database) -> None:
    snapshot = fresh(database)
    lead = snapshot.person("s1")
    database.write(lambda tx: decided.set_setting(tx, P, "late_after_min", "10", "t1", AT))

    changed = snapshot.refresh(database)

    assert changed is True
    assert snapshot.programme(P) == replace(
        PROGRAMME,
        version=2,
        settings={"late_after_min": "10"},
        decided={"late_after_min": Decided("t1", AT)},
    )
    assert snapshot.person("s1") is lead


def test_a_changed_person_is_replaced_and_the_others_are_kept(database: Database) -> None:
    snapshot = fresh(database)
    lead, programme = snapshot.person("s1"), snapshot.programme(P)
    database.write(lambda tx: people.set_opted_in(tx, "s3", True))

    snapshot.refresh(database)

    opted_in = replace(GUEST, opted_in=True)
    assert snapshot.people_in(P) == (ADMIN, LEAD, STUDENT, opted_in)
    assert snapshot.person("s3") == opted_in
    assert snapshot.person("s1") is lead
    assert snapshot.programme(P) is programme


def test_a_bound_account_finds_its_person(database: Database) -> None:
    snapshot = fresh(database)
    database.write(lambda tx: people.bind(tx, Account("wecom", "hmm", P, "s2"), "code", AT))

    snapshot.refresh(database)

    assert snapshot.people_for("wecom", "hmm") == (STUDENT,)


def test_accounts_that_changed_hands_find_their_new_people(database: Database) -> None:
    snapshot = fresh(database)
    swapped = {"t1": ("wecom", "lilei"), "s1": ("wecom", "admin01")}
    database.write(lambda tx: people.save_roster(tx, P, PEOPLE, swapped, AT))

    snapshot.refresh(database)

    assert snapshot.people_for("wecom", "lilei") == (ADMIN,)
    assert snapshot.people_for("wecom", "admin01") == (LEAD,)


def test_who_left_is_gone_and_comes_back(database: Database) -> None:
    snapshot = fresh(database)
    database.write(lambda tx: people.save_roster(tx, P, (ADMIN,), {}, AT))
    snapshot.refresh(database)
    without = (snapshot.people_in(P), snapshot.person("s1"), snapshot.people_for("wecom", "lilei"))

    database.write(lambda tx: people.save_roster(tx, P, PEOPLE, ACCOUNTS, AT))
    snapshot.refresh(database)

    assert without == ((ADMIN,), None, ())
    assert snapshot.people_in(P) == PEOPLE
    assert snapshot.people_for("wecom", "lilei") == (LEAD,)


def test_the_order_of_a_new_roster_is_the_order_of_the_people(database: Database) -> None:
    snapshot = fresh(database)
    database.write(lambda tx: people.save_roster(tx, P, PEOPLE[::-1], ACCOUNTS, AT))

    snapshot.refresh(database)

    assert snapshot.people_in(P) == PEOPLE[::-1]


def test_an_account_in_two_programmes_finds_both_people(database: Database) -> None:
    snapshot = fresh(database)

    def add(tx: Tx) -> None:
        programmes.save(tx, OTHER, AT)
        people.save_roster(tx, "q", (TWIN,), {"q1": ("wecom", "lilei")}, AT)

    database.write(add)

    snapshot.refresh(database)

    assert snapshot.programme_ids() == (P, "q")
    assert snapshot.people_for("wecom", "lilei") == (LEAD, TWIN)


def test_the_plan_version_shows_that_another_instance_changed_something(
    database: Database, instance: Opener
) -> None:
    snapshot = fresh(database)
    is_current = snapshot.plan_version == database.read(inbox.plan_version)

    instance().write(lambda tx: people.set_muted(tx, "s1", True))
    newer = database.read(inbox.plan_version)

    assert is_current
    assert snapshot.plan_version < newer
    snapshot.refresh(database)
    assert snapshot.plan_version == newer
