"""Who of a new roster is who of the last one: account, number and name weighed against each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from programme.people import Person
from storage import people
from storage.database import Database
from storage.people import RosterChange
from storage.roster_preview import preview_roster
from tests.storage.samples import ACCOUNTS, ADMIN, AT, GUEST, LEAD, PEOPLE, STUDENT, P

WECOM = {"t1": "admin01", "s1": "lilei", "s2": "hmm", "s3": "wangwu"}
Accounts = Mapping[str, tuple[str, str]]


def bound(**accounts: str) -> Accounts:
    return {person_id: ("wecom", account) for person_id, account in accounts.items()}


def unnumbered(person: Person) -> Person:
    """As a table without 学号 has it: another id is proposed then."""
    return replace(person, person_id=f"new-{person.person_id}", student_no=None)


def taken(database: Database, roster: Sequence[Person], accounts: Accounts) -> RosterChange:
    return database.write(lambda tx: people.save_roster(tx, P, roster, accounts, AT))


def loaded(database: Database) -> tuple[Person, ...]:
    return tuple(database.read(lambda tx: people.load_people(tx, P)))


def test_without_the_column_of_numbers_everybody_stays_by_account(database: Database) -> None:
    taken(database, PEOPLE, bound(**WECOM))
    roster = [unnumbered(person) for person in PEOPLE]
    accounts = bound(**{f"new-{person_id}": account.upper() for person_id, account in WECOM.items()})

    preview = database.read(lambda tx: preview_roster(tx, P, roster, accounts))
    change = taken(database, roster, accounts)

    assert (preview.leaving, preview.arriving) == ((), 0)
    assert (change.added, change.left) == ((), ())
    assert loaded(database) == PEOPLE


def test_without_numbers_and_accounts_everybody_stays_by_name_and_cohort(database: Database) -> None:
    change = taken(database, [unnumbered(person) for person in PEOPLE], {})

    assert change == RosterChange((), (), ())
    assert loaded(database) == PEOPLE


def test_namesakes_without_numbers_are_told_apart_by_account(database: Database) -> None:
    twin = replace(STUDENT, person_id="s4", student_no="2023004")
    taken(database, (*PEOPLE, twin), {**ACCOUNTS, **bound(s2="hmm", s4="hmm2")})

    change = taken(
        database, (ADMIN, LEAD, GUEST, unnumbered(twin)), {**ACCOUNTS, **bound(**{"new-s4": "hmm2"})}
    )

    assert (change.added, change.left) == ((), ("s2",))
    assert loaded(database) == (ADMIN, LEAD, GUEST, twin)


def test_a_namesake_whom_nothing_tells_apart_gets_nobodys_history(database: Database) -> None:
    twin = replace(STUDENT, person_id="s4", student_no="2023004")
    taken(database, (*PEOPLE, twin), ACCOUNTS)

    change = taken(database, (ADMIN, LEAD, GUEST, unnumbered(STUDENT)), ACCOUNTS)

    assert change == RosterChange(("new-s2",), (), ("s2", "s4"))


def test_another_cohort_without_number_or_account_is_another_person(database: Database) -> None:
    change = taken(database, (ADMIN, LEAD, STUDENT, replace(unnumbered(GUEST), cohort="博1")), ACCOUNTS)

    assert change == RosterChange(("new-s3",), (), ("s3",))


def test_a_number_corrected_under_the_same_account_and_name_keeps_its_person(database: Database) -> None:
    fixed = replace(LEAD, person_id="other", student_no="2023010")

    change = taken(database, (ADMIN, fixed, STUDENT, GUEST), bound(t1="admin01", other="lilei"))

    assert change == RosterChange((), ("s1",), ())
    assert loaded(database) == (ADMIN, replace(fixed, person_id="s1"), STUDENT, GUEST)


def test_numbers_that_were_swapped_are_corrected_by_account(database: Database) -> None:
    taken(database, PEOPLE, bound(**WECOM))
    lead = replace(LEAD, person_id="s2", student_no=STUDENT.student_no)
    student = replace(STUDENT, person_id="s1", student_no=LEAD.student_no)

    change = taken(
        database, (ADMIN, lead, student, GUEST), bound(t1="admin01", s2="lilei", s1="hmm", s3="wangwu")
    )

    assert change == RosterChange((), ("s1", "s2"), ())
    assert loaded(database) == (
        ADMIN,
        replace(lead, person_id="s1"),
        replace(student, person_id="s2"),
        GUEST,
    )


def test_a_new_name_under_the_same_account_keeps_its_person(database: Database) -> None:
    renamed = replace(unnumbered(LEAD), name="李磊")

    change = taken(database, (ADMIN, renamed, STUDENT, GUEST), bound(**{"new-s1": "lilei"}))

    assert change == RosterChange((), ("s1",), ())
    assert loaded(database)[1] == replace(LEAD, name="李磊")


def test_an_account_given_to_somebody_with_another_number_and_name_is_no_history(database: Database) -> None:
    other = Person("s9", P, "赵六", "2023009", "研1", None, frozenset({"student"}))

    change = taken(database, (ADMIN, other, STUDENT, GUEST), bound(s9="lilei"))

    assert (change.added, change.left) == (("s9",), ("s1",))


def test_a_number_that_passes_to_somebody_new_is_given_up(database: Database) -> None:
    other = Person("s9", P, "赵六", LEAD.student_no, "研1", None, frozenset({"student"}))

    change = taken(database, (ADMIN, unnumbered(LEAD), other, STUDENT, GUEST), bound(**{"new-s1": "lilei"}))

    assert (change.added, change.left) == (("s9",), ())
    assert loaded(database)[1] == replace(LEAD, student_no=None)
