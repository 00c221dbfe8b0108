"""People of a programme, their platform accounts, and how one is bound to the other (D13).

Every change gives the programme its next people_version and marks the person with it, so that a
snapshot reads only the people that changed since it last looked (D19). The programme's row is
taken first, which puts concurrent changes of one programme in an order.
"""

from __future__ import annotations

from datetime import datetime

from programme.people import Person
from storage.database import Row, Tx
from storage.person_rows import PERSON_COLUMNS, Account, mark_changed, next_people_version, person_of
from storage.roster import RosterChange, save_roster
from storage.times import to_text, to_text_or_none

__all__ = [
    "Account",
    "RosterChange",
    "account_of",
    "accounts_of",
    "bind",
    "load_accounts",
    "load_people",
    "people_version",
    "save_roster",
    "set_bind_code",
    "set_muted",
    "set_opted_in",
    "unbind",
    "use_bind_code",
]


def load_people(tx: Tx, programme_id: str) -> tuple[Person, ...]:
    """Everybody who has not left, in the order of the roster."""
    found = tx.query(
        f"""
        select {PERSON_COLUMNS}
        from person
        where programme_id = :programme_id and left_at is null
        order by position, person_id""",  # noqa: S608 - a constant of this module
        {"programme_id": programme_id},
    )
    return tuple(map(person_of, found))


def people_version(tx: Tx, programme_id: str) -> int:
    """Grows with every change to a person or an account; 0 for a programme that is not there."""
    found = tx.query(
        "select people_version from programme where programme_id = :programme_id",
        {"programme_id": programme_id},
    )
    return found[0]["people_version"] if found else 0


def load_accounts(tx: Tx) -> tuple[Account, ...]:
    """Every account of everybody who has not left, over all programmes."""
    return _accounts(
        tx.query(
            """
            select a.channel, a.account, a.programme_id, a.person_id
            from account a
            join person p on p.person_id = a.person_id
            where p.left_at is null
            order by a.channel, a.account, a.programme_id"""
        )
    )


def account_of(tx: Tx, channel: str, account: str) -> tuple[Account, ...]:
    """Whose this account is: one entry per programme it takes part in."""
    return _accounts(
        tx.query(
            """
            select a.channel, a.account, a.programme_id, a.person_id
            from account a
            join person p on p.person_id = a.person_id
            where a.channel = :channel and a.account = :account and p.left_at is null
            order by a.programme_id""",
            {"channel": channel, "account": account},
        )
    )


def accounts_of(tx: Tx, programme_id: str, person_id: str) -> tuple[Account, ...]:
    """Where this person can be reached; nothing for somebody who has left."""
    return _accounts(
        tx.query(
            """
            select a.channel, a.account, a.programme_id, a.person_id
            from account a
            join person p on p.person_id = a.person_id
            where a.programme_id = :programme_id and a.person_id = :person_id and p.left_at is null
            order by a.channel""",
            {"programme_id": programme_id, "person_id": person_id},
        )
    )


def bind(tx: Tx, account: Account, how: str, at: datetime) -> bool:
    """Give the account to the person; True also when it is theirs already.

    False when the person has another account on that channel, the account is another person's,
    or nobody of that id takes part. The unique indexes decide between two that try at once.
    """
    values = {
        "channel": account.channel,
        "account": account.account,
        "programme_id": account.programme_id,
        "person_id": account.person_id,
        "how": how,
        "bound_at": to_text(at),
    }
    changed_in = next_people_version(tx, account.programme_id)
    _free_of_those_who_left(tx, account)
    inserted = tx.execute(
        """
        insert into account (channel, account, programme_id, person_id, how, bound_at)
        select :channel, :account, programme_id, person_id, :how, :bound_at
        from person
        where person_id = :person_id and programme_id = :programme_id and left_at is null
        on conflict do nothing""",
        values,
    )
    if inserted == 1:
        mark_changed(tx, changed_in, [account.person_id])
        return True
    return account in account_of(tx, account.channel, account.account)


def unbind(tx: Tx, channel: str, person_id: str) -> bool:
    """Take the person's account on *channel* away (换绑); False when there is none."""
    changed_in = _next_version_for(tx, person_id)
    removed = tx.execute(
        "delete from account where channel = :channel and person_id = :person_id",
        {"channel": channel, "person_id": person_id},
    )
    if removed == 0:
        return False
    mark_changed(tx, changed_in, [person_id])
    return True


def _free_of_those_who_left(tx: Tx, account: Account) -> None:
    tx.execute(
        """
        delete from account
        where channel = :channel and account = :account and programme_id = :programme_id
            and person_id in (select person_id from person where left_at is not null)""",
        {
            "channel": account.channel,
            "account": account.account,
            "programme_id": account.programme_id,
        },
    )


def set_opted_in(tx: Tx, person_id: str, value: bool, at: datetime | None = None) -> bool:
    """Whether this person takes part in full (加入) since *at*. False when there is no such person."""
    changed_in = _next_version_for(tx, person_id)
    changed = tx.execute(
        """
        update person
        set opted_in = :value, opted_in_at = :at, changed_in = :changed_in
        where person_id = :person_id and left_at is null""",
        {"person_id": person_id, "value": int(value), "at": to_text_or_none(at), "changed_in": changed_in},
    )
    return changed == 1


def set_muted(tx: Tx, person_id: str, value: bool) -> bool:
    """Whether this person wants no reminders. False when there is no such person."""
    changed_in = _next_version_for(tx, person_id)
    changed = tx.execute(
        """
        update person
        set muted = :value, changed_in = :changed_in
        where person_id = :person_id and left_at is null""",
        {"person_id": person_id, "value": int(value), "changed_in": changed_in},
    )
    return changed == 1


def set_bind_code(tx: Tx, programme_id: str, person_id: str, code_hash: str, at: datetime) -> None:
    """The person's one valid code from now on; an earlier one dies. Raises Conflict when another
    person of the programme was given the same code."""
    tx.execute(
        """
        insert into bind_code (person_id, programme_id, code_hash, issued_at, used_at)
        values (:person_id, :programme_id, :code_hash, :issued_at, null)
        on conflict (person_id) do update
        set code_hash = excluded.code_hash, issued_at = excluded.issued_at, used_at = null""",
        {
            "person_id": person_id,
            "programme_id": programme_id,
            "code_hash": code_hash,
            "issued_at": to_text(at),
        },
    )


def use_bind_code(tx: Tx, programme_id: str, code_hash: str, at: datetime) -> str | None:
    """Whose code this is, and it is used up; None for an unknown or used one."""
    found = tx.query(
        """
        update bind_code
        set used_at = :at
        where programme_id = :programme_id and code_hash = :code_hash and used_at is null
            and person_id in (select person_id from person where left_at is null)
        returning person_id""",
        {"programme_id": programme_id, "code_hash": code_hash, "at": to_text(at)},
    )
    return found[0]["person_id"] if found else None


def _next_version_for(tx: Tx, person_id: str) -> int:
    found = tx.query(
        """
        update programme
        set people_version = people_version + 1
        where programme_id = (select programme_id from person where person_id = :person_id)
        returning people_version""",
        {"person_id": person_id},
    )
    return found[0]["people_version"] if found else 0


def _accounts(found: list[Row]) -> tuple[Account, ...]:
    return tuple(
        Account(row["channel"], row["account"], row["programme_id"], row["person_id"]) for row in found
    )
