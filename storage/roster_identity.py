"""Who of a roster is who of the last one: account, number and name weighed against each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from uuid import uuid4

from programme.people import Person
from storage.database import Row, Tx

Accounts = Mapping[str, tuple[str, str]]


@dataclass(frozen=True)
class _Seen:
    """What tells a person from the others, on either side."""

    person_id: str
    name: str
    number: str | None
    cohort: str | None
    account: tuple[str, str] | None
    has_left: bool = False


_Key = Callable[[_Seen], Hashable | None]
_Agrees = Callable[[_Seen, _Seen], bool]


def kept_ids(tx: Tx, people: Sequence[Person], accounts: Accounts, stored: Sequence[Row]) -> list[str]:
    """The id of each of *people*: the stored one, else the proposed one, else a fresh one.

    *accounts* maps the proposed ids to (channel, account). The surest agreement goes first, and each
    person of the programme is given once, so that nobody inherits somebody else's history.
    """
    rows = [_of_roster(person, accounts) for person in people]
    kept = _matched(rows, _of_programme(tx, stored))
    taken = {row["person_id"] for row in tx.query("select person_id from person")}
    ids: list[str] = []
    for position, row in enumerate(rows):
        person_id = kept.get(position)
        if person_id is None:
            person_id = row.person_id if row.person_id not in taken else uuid4().hex
            taken.add(person_id)
        ids.append(person_id)
    return ids


def _matched(rows: Sequence[_Seen], known: Sequence[_Seen]) -> dict[int, str]:
    """The position of a row and the stored id of its person."""
    found: dict[int, str] = {}
    names = Counter(row.name for row in rows)
    old_names = {one.name for one in known}

    owners = {one.number: one.name for one in known if one.number}

    def corrected(row: _Seen, one: _Seen) -> bool:
        """Another number is a correction, unless it is that of somebody whom the roster lacks."""
        return _may_be_one(row, one) or row.number not in owners or owners[row.number] in names

    def renamed(row: _Seen, one: _Seen) -> bool:
        """One account under a new name; not where either name is somebody else's (accounts that moved)."""
        return _may_be_one(row, one) and row.name not in old_names and one.name not in names

    rules: tuple[tuple[_Key, _Agrees], ...] = (
        (lambda one: (one.number, one.name) if one.number else None, _always),
        (lambda one: (one.account, one.name) if one.account else None, corrected),
        (lambda one: one.number, _always),
        (lambda one: one.account, renamed),
        (lambda one: None if one.number else one.name, _always),
        # Somebody may get a new account, so two accounts are no reason against it.
        (lambda one: (one.name, one.cohort), _may_be_one),
        (lambda one: one.name, _never_had_a_number),
    )
    for key, agrees in rules:
        given = set(found.values())
        left = [one for one in known if one.person_id not in given]
        open_rows = [at for at in range(len(rows)) if at not in found]
        found |= _pairs(rows, open_rows, left, key, agrees)
    return found


def _pairs(
    rows: Sequence[_Seen],
    places: Sequence[int],
    known: Sequence[_Seen],
    key: _Key,
    agrees: _Agrees,
) -> dict[int, str]:
    """Pairs with the same key, which is one row's and one known person's alone; who is there goes
    before who has left."""
    often = Counter(key(rows[at]) for at in places)
    by_key: dict[Hashable, list[_Seen]] = {}
    for one in known:
        by_key.setdefault(key(one), []).append(one)
    found: dict[int, str] = {}
    for at in places:
        value = key(rows[at])
        if value is None or often[value] > 1:
            continue
        fitting = [one for one in by_key.get(value, ()) if agrees(rows[at], one)]
        present = [one for one in fitting if not one.has_left] or fitting
        if len(present) == 1:
            found[at] = present[0].person_id
    return found


def _always(_row: _Seen, _one: _Seen) -> bool:
    return True


def _may_be_one(row: _Seen, one: _Seen) -> bool:
    return row.number is None or one.number is None


def _never_had_a_number(_row: _Seen, one: _Seen) -> bool:
    """A teacher, whose cohort says nothing; a student whose number is filled in and whose cohort changed."""
    return one.number is None


def _of_roster(person: Person, accounts: Accounts) -> _Seen:
    account = _folded(accounts.get(person.person_id))
    return _Seen(person.person_id, person.name, person.student_no, person.cohort, account)


def _of_programme(tx: Tx, stored: Sequence[Row]) -> list[_Seen]:
    if not stored:
        return []
    bound = tx.query(
        "select person_id, channel, account from account where programme_id = :programme_id and channel = 'wecom'",
        {"programme_id": stored[0]["programme_id"]},
    )
    account = {row["person_id"]: _folded((row["channel"], row["account"])) for row in bound}
    return [
        _Seen(
            row["person_id"],
            row["name"],
            row["student_no"],
            row["cohort"],
            account.get(row["person_id"]),
            row["left_at"] is not None,
        )
        for row in stored
    ]


def _folded(account: tuple[str, str] | None) -> tuple[str, str] | None:
    """WeCom does not tell capitals from small letters."""
    return (account[0], account[1].lower()) if account else None
