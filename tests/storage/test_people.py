"""People and accounts: a roster keeps who is known, and an account has one person."""

from __future__ import annotations

from dataclasses import replace

import pytest

from programme.people import Person
from storage import people
from storage.database import Conflict, Database
from storage.people import Account, RosterChange
from tests.storage.conftest import Overlap
from tests.storage.samples import (
    ACCOUNTS,
    ADMIN,
    AT,
    GUEST,
    LEAD,
    PEOPLE,
    STUDENT,
    P,
    later,
)

LEADS_ACCOUNT = Account("wecom", "lilei", P, "s1")
ADMINS_ACCOUNT = Account("wecom", "admin01", P, "t1")
NEW_ACCOUNT = Account("wecom", "hanmeimei", P, "s2")


def test_people_are_read_back_in_the_order_of_the_roster(database: Database) -> None:
    assert database.read(lambda tx: people.load_people(tx, P)) == PEOPLE


def test_the_same_roster_again_changes_nothing(database: Database) -> None:
    change = database.write(lambda tx: people.save_roster(tx, P, PEOPLE, ACCOUNTS, later(days=1)))

    assert change == RosterChange((), (), ())
    assert database.read(lambda tx: people.load_people(tx, P)) == PEOPLE
    assert database.read(people.load_accounts) == (ADMINS_ACCOUNT, LEADS_ACCOUNT)


def test_a_roster_tells_who_is_new_who_changed_and_who_left(database: Database) -> None:
    new = Person("s9", P, "赵六", "2023009", "研1", None, frozenset({"student"}))
    moved = replace(STUDENT, group="语音组")

    change = database.write(lambda tx: people.save_roster(tx, P, (ADMIN, LEAD, moved, new), ACCOUNTS, AT))

    assert change == RosterChange(added=("s9",), changed=("s2",), left=("s3",))
    assert database.read(lambda tx: people.load_people(tx, P)) == (ADMIN, LEAD, moved, new)


def test_a_known_student_number_keeps_its_person_whatever_id_is_proposed(database: Database) -> None:
    proposed = replace(STUDENT, person_id="other", name="韩梅")

    change = database.write(
        lambda tx: people.save_roster(tx, P, (ADMIN, LEAD, proposed, GUEST), ACCOUNTS, AT)
    )

    assert change == RosterChange((), ("s2",), ())
    assert database.read(lambda tx: people.load_people(tx, P)) == (
        ADMIN,
        LEAD,
        replace(STUDENT, name="韩梅"),
        GUEST,
    )


def test_a_name_without_a_number_keeps_its_person(database: Database) -> None:
    proposed = replace(ADMIN, person_id="other", roles=frozenset({"admin", "mentor"}))

    change = database.write(
        lambda tx: people.save_roster(
            tx, P, (proposed, LEAD, STUDENT, GUEST), {"other": ("wecom", "admin01")}, AT
        )
    )

    assert change == RosterChange((), ("t1",), ())


def test_a_number_filled_in_later_keeps_its_person(database: Database) -> None:
    numbered = replace(ADMIN, person_id="other", student_no="T001")

    change = database.write(lambda tx: people.save_roster(tx, P, (numbered, LEAD, STUDENT, GUEST), {}, AT))

    assert change == RosterChange((), ("t1",), ())


def test_a_proposed_id_that_is_somebody_elses_is_replaced(database: Database) -> None:
    new = Person("s2", P, "赵六", "2023009", "研1", None, frozenset({"student"}))
    shifted = replace(STUDENT, person_id="s4")

    change = database.write(
        lambda tx: people.save_roster(tx, P, (ADMIN, LEAD, new, shifted, GUEST), ACCOUNTS, AT)
    )

    names = {person.person_id: person.name for person in database.read(lambda tx: people.load_people(tx, P))}
    assert change == RosterChange(change.added, (), ())
    assert names == {"t1": "张老师", "s1": "李雷", "s2": "韩梅梅", change.added[0]: "赵六", "s3": "王五"}


def test_two_people_of_one_name_without_number_are_refused_and_nothing_is_stored(database: Database) -> None:
    twins = (replace(ADMIN, person_id="a", name="吴"), replace(ADMIN, person_id="b", name="吴"))

    with pytest.raises(Conflict):
        database.write(lambda tx: people.save_roster(tx, P, (*PEOPLE, *twins), ACCOUNTS, AT))

    assert database.read(lambda tx: people.load_people(tx, P)) == PEOPLE


def test_who_left_and_comes_back_is_the_same_person_with_the_same_account(database: Database) -> None:
    database.write(lambda tx: people.save_roster(tx, P, (ADMIN, STUDENT, GUEST), {}, AT))
    gone = database.read(lambda tx: people.account_of(tx, "wecom", "lilei"))

    change = database.write(lambda tx: people.save_roster(tx, P, PEOPLE, {}, AT))

    assert gone == ()
    assert change == RosterChange((), ("s1",), ())
    assert database.read(lambda tx: people.account_of(tx, "wecom", "lilei")) == (LEADS_ACCOUNT,)


def test_a_roster_keeps_what_a_person_set_in_chat(database: Database) -> None:
    database.write(lambda tx: people.set_opted_in(tx, "s3", True, AT))
    database.write(lambda tx: people.set_muted(tx, "s3", True))

    database.write(
        lambda tx: people.save_roster(tx, P, (ADMIN, LEAD, STUDENT, replace(GUEST, cohort="研1")), {}, AT)
    )

    loaded = database.read(lambda tx: people.load_people(tx, P))
    assert loaded[3] == replace(GUEST, cohort="研1", opted_in=True, muted=True, opted_in_at=AT)


def test_accounts_swapped_in_the_roster_are_swapped(database: Database) -> None:
    swapped = {"t1": ("wecom", "lilei"), "s1": ("wecom", "admin01")}

    change = database.write(lambda tx: people.save_roster(tx, P, PEOPLE, swapped, AT))

    assert change == RosterChange((), ("s1", "t1"), ())
    assert database.read(people.load_accounts) == (
        replace(LEADS_ACCOUNT, account="admin01"),
        replace(ADMINS_ACCOUNT, account="lilei"),
    )


def test_an_account_in_the_roster_wins_over_the_one_bound_in_chat(database: Database) -> None:
    database.write(lambda tx: people.bind(tx, NEW_ACCOUNT, "code", AT))

    database.write(lambda tx: people.save_roster(tx, P, PEOPLE, {**ACCOUNTS, "s2": ("wecom", "hmm")}, AT))

    assert database.read(lambda tx: people.accounts_of(tx, P, "s2")) == (replace(NEW_ACCOUNT, account="hmm"),)


def test_binding_gives_the_account_to_the_person(database: Database) -> None:
    bound = database.write(lambda tx: people.bind(tx, NEW_ACCOUNT, "code", AT))

    assert bound is True
    assert database.read(lambda tx: people.account_of(tx, "wecom", "hanmeimei")) == (NEW_ACCOUNT,)
    assert database.read(lambda tx: people.accounts_of(tx, P, "s2")) == (NEW_ACCOUNT,)


def test_binding_twice_is_safe(database: Database) -> None:
    database.write(lambda tx: people.bind(tx, NEW_ACCOUNT, "code", AT))

    assert database.write(lambda tx: people.bind(tx, NEW_ACCOUNT, "code", AT)) is True


@pytest.mark.parametrize(
    "account",
    [
        pytest.param(replace(LEADS_ACCOUNT, account="second"), id="the person has another account there"),
        pytest.param(replace(NEW_ACCOUNT, account="lilei"), id="the account is another person's"),
        pytest.param(replace(NEW_ACCOUNT, person_id="nobody"), id="there is no such person"),
        pytest.param(replace(NEW_ACCOUNT, programme_id="other"), id="the person is of another programme"),
    ],
)
def test_a_binding_that_breaks_a_rule_is_refused(database: Database, account: Account) -> None:
    bound = database.write(lambda tx: people.bind(tx, account, "code", AT))

    assert bound is False
    assert database.read(people.load_accounts) == (ADMINS_ACCOUNT, LEADS_ACCOUNT)


def test_an_account_taken_away_is_gone_once_and_free_for_another(database: Database) -> None:
    removed = [database.write(lambda tx: people.unbind(tx, "wecom", "s1")) for _ in range(2)]

    bound = database.write(lambda tx: people.bind(tx, replace(NEW_ACCOUNT, account="lilei"), "lead", AT))

    assert removed == [True, False]
    assert bound is True
    assert database.read(lambda tx: people.accounts_of(tx, P, "s1")) == ()


def test_an_account_of_somebody_who_left_is_free(database: Database) -> None:
    database.write(lambda tx: people.save_roster(tx, P, (ADMIN, STUDENT, GUEST), {}, AT))

    bound = database.write(lambda tx: people.bind(tx, replace(NEW_ACCOUNT, account="lilei"), "code", AT))

    assert bound is True


def test_one_account_bound_to_two_people_at_once_goes_to_one(database: Database, overlap: Overlap) -> None:
    for_student = replace(NEW_ACCOUNT, account="same")
    for_guest = replace(for_student, person_id="s3")

    bound = overlap(
        lambda tx: people.bind(tx, for_student, "code", AT), lambda tx: people.bind(tx, for_guest, "code", AT)
    )

    assert bound == (True, False)
    assert database.read(lambda tx: people.account_of(tx, "wecom", "same")) == (for_student,)


def test_two_accounts_bound_to_one_person_at_once_leave_one(database: Database, overlap: Overlap) -> None:
    second = replace(NEW_ACCOUNT, account="second")

    bound = overlap(
        lambda tx: people.bind(tx, NEW_ACCOUNT, "code", AT), lambda tx: people.bind(tx, second, "code", AT)
    )

    assert bound == (True, False)
    assert database.read(lambda tx: people.accounts_of(tx, P, "s2")) == (NEW_ACCOUNT,)


def test_every_change_of_people_raises_their_version(database: Database) -> None:
    versions = [database.read(lambda tx: people.people_version(tx, P))]

    for change in (
        lambda tx: people.set_muted(tx, "s1", True),
        lambda tx: people.set_opted_in(tx, "s3", True),
        lambda tx: people.bind(tx, NEW_ACCOUNT, "code", AT),
        lambda tx: people.unbind(tx, "wecom", "s2"),
        lambda tx: people.save_roster(tx, P, (ADMIN,), {}, AT),
    ):
        database.write(change)
        versions.append(database.read(lambda tx: people.people_version(tx, P)))

    assert versions == [1, 2, 3, 4, 5, 6]


def test_a_setting_of_nobody_is_refused(database: Database) -> None:
    assert database.write(lambda tx: people.set_muted(tx, "nobody", True)) is False
    assert database.write(lambda tx: people.set_opted_in(tx, "nobody", True)) is False


def test_a_bind_code_works_once(database: Database) -> None:
    database.write(lambda tx: people.set_bind_code(tx, P, "s2", "hash", AT))

    first = database.write(lambda tx: people.use_bind_code(tx, P, "hash", AT))
    second = database.write(lambda tx: people.use_bind_code(tx, P, "hash", AT))

    assert (first, second) == ("s2", None)


def test_a_bind_code_used_twice_at_once_works_once(database: Database, overlap: Overlap) -> None:
    database.write(lambda tx: people.set_bind_code(tx, P, "s2", "hash", AT))

    used = overlap(
        lambda tx: people.use_bind_code(tx, P, "hash", AT), lambda tx: people.use_bind_code(tx, P, "hash", AT)
    )

    assert used == ("s2", None)


def test_a_new_bind_code_ends_the_earlier_one(database: Database) -> None:
    database.write(lambda tx: people.set_bind_code(tx, P, "s2", "old", AT))
    database.write(lambda tx: people.set_bind_code(tx, P, "s2", "new", AT))

    assert database.write(lambda tx: people.use_bind_code(tx, P, "old", AT)) is None
    assert database.write(lambda tx: people.use_bind_code(tx, P, "new", AT)) == "s2"


def test_a_code_of_another_programme_or_of_somebody_who_left_is_unknown(database: Database) -> None:
    database.write(lambda tx: people.set_bind_code(tx, P, "s2", "hash", AT))
    database.write(lambda tx: people.save_roster(tx, P, (ADMIN, LEAD), {}, AT))

    assert database.write(lambda tx: people.use_bind_code(tx, "other", "hash", AT)) is None
    assert database.write(lambda tx: people.use_bind_code(tx, P, "hash", AT)) is None
