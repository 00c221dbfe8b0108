"""Programmes and people in memory, so that a question costs no SQL (design D19)."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from programme.people import Person
from programme.programme import Programme
from storage import programmes
from storage.database import Database, Row, Tx
from storage.person_rows import PERSON_COLUMNS, Account, person_of

AccountKey = tuple[str, str]


@dataclass(frozen=True)
class _View:
    """One consistent state; replaced as a whole, so a reader needs no lock."""

    programmes: Mapping[str, Programme] = field(default_factory=dict)
    people: Mapping[str, Person] = field(default_factory=dict)
    people_of: Mapping[str, tuple[Person, ...]] = field(default_factory=dict)
    accounts_of: Mapping[str, tuple[Account, ...]] = field(default_factory=dict)
    people_for: Mapping[AccountKey, tuple[Person, ...]] = field(default_factory=dict)
    positions: Mapping[str, int] = field(default_factory=dict)
    people_versions: Mapping[str, int] = field(default_factory=dict)
    plan_version: int = 0


@dataclass
class _Draft:
    """A copy of a view while it is brought up to date; seen by one thread only."""

    programmes: dict[str, Programme]
    people: dict[str, Person]
    people_of: dict[str, tuple[Person, ...]]
    accounts_of: dict[str, tuple[Account, ...]]
    people_for: dict[AccountKey, tuple[Person, ...]]
    positions: dict[str, int]
    people_versions: dict[str, int]

    @classmethod
    def of(cls, view: _View) -> _Draft:
        return cls(
            dict(view.programmes),
            dict(view.people),
            dict(view.people_of),
            dict(view.accounts_of),
            dict(view.people_for),
            dict(view.positions),
            dict(view.people_versions),
        )

    def view(self, plan_version: int) -> _View:
        return _View(
            self.programmes,
            self.people,
            self.people_of,
            self.accounts_of,
            self.people_for,
            self.positions,
            self.people_versions,
            plan_version,
        )


class Snapshot:
    """What everybody reads. Any thread may ask; refresh() replaces the view when rows changed."""

    def __init__(self) -> None:
        self._view = _View()
        self._refreshing = threading.Lock()

    @property
    def plan_version(self) -> int:
        """Smaller than inbox.plan_version: this snapshot is out of date."""
        return self._view.plan_version

    def programme_ids(self) -> tuple[str, ...]:
        return tuple(self._view.programmes)

    def programme(self, programme_id: str) -> Programme | None:
        return self._view.programmes.get(programme_id)

    def people_for(self, channel: str, account: str) -> tuple[Person, ...]:
        """Who this account is: one person per programme it takes part in."""
        return self._view.people_for.get(key_of(channel, account), ())

    def person(self, person_id: str) -> Person | None:
        return self._view.people.get(person_id)

    def people_in(self, programme_id: str) -> tuple[Person, ...]:
        """Everybody of the programme who has not left, in the order of the roster."""
        return self._view.people_of.get(programme_id, ())

    def accounts_of(self, person_id: str) -> tuple[Account, ...]:
        """Where the person can be reached, by channel."""
        return self._view.accounts_of.get(person_id, ())

    def refresh(self, database: Database) -> bool:
        """Read what changed since the last time; False when nothing did. Raises StorageAway."""
        with self._refreshing:
            before = self._view
            after = database.read(lambda tx: _refreshed(tx, before))
            self._view = after
            return after is not before


def _refreshed(tx: Tx, before: _View) -> _View:
    heads = tx.query("select programme_id, version, people_version from programme order by created_at")
    plan_version = sum(row["version"] + row["people_version"] for row in heads)
    if _is_current(before, heads):
        return before
    draft = _Draft.of(before)
    for gone in set(before.programmes) - {row["programme_id"] for row in heads}:
        _drop_programme(draft, gone)
    for head in heads:
        _read_programme(tx, draft, head)
        _read_people(tx, draft, head)
    return draft.view(plan_version)


def _is_current(view: _View, heads: list[Row]) -> bool:
    if len(heads) != len(view.programmes):
        return False
    return all(
        (known := view.programmes.get(head["programme_id"])) is not None
        and known.version == head["version"]
        and view.people_versions[head["programme_id"]] == head["people_version"]
        for head in heads
    )


def _drop_programme(draft: _Draft, programme_id: str) -> None:
    for person in draft.people_of.pop(programme_id, ()):
        _forget(draft, person.person_id)
    del draft.programmes[programme_id]
    del draft.people_versions[programme_id]


def _read_programme(tx: Tx, draft: _Draft, head: Row) -> None:
    programme_id = head["programme_id"]
    known = draft.programmes.get(programme_id)
    if known is not None and known.version == head["version"]:
        return
    loaded = programmes.load(tx, programme_id)
    if loaded is not None:
        draft.programmes[programme_id] = loaded


def _read_people(tx: Tx, draft: _Draft, head: Row) -> None:
    programme_id, version = head["programme_id"], head["people_version"]
    seen = draft.people_versions.get(programme_id, -1)
    if seen == version:
        return
    values = {"programme_id": programme_id, "seen": seen}
    changed = tx.query(
        f"""
        select {PERSON_COLUMNS}, position
        from person
        where programme_id = :programme_id and changed_in > :seen""",  # noqa: S608 - a constant
        values,
    )
    accounts = tx.query(
        """
        select a.channel, a.account, a.programme_id, a.person_id
        from account a
        join person p on p.person_id = a.person_id
        where p.programme_id = :programme_id and p.changed_in > :seen and p.left_at is null
        order by a.channel""",
        values,
    )
    _replace_people(draft, programme_id, changed, accounts)
    draft.people_versions[programme_id] = version


def _replace_people(draft: _Draft, programme_id: str, changed: list[Row], accounts: list[Row]) -> None:
    is_same_order = all(
        row["left_at"] is None and draft.positions.get(row["person_id"]) == row["position"] for row in changed
    )
    # All are forgotten first: an account may have passed from one changed person to another.
    for row in changed:
        _forget(draft, row["person_id"])
    for row in changed:
        if row["left_at"] is None:
            draft.people[row["person_id"]] = person_of(row)
            draft.positions[row["person_id"]] = row["position"]
    for row in accounts:
        account = Account(row["channel"], row["account"], row["programme_id"], row["person_id"])
        _add_account(draft, account)
    before = draft.people_of.get(programme_id, ())
    if is_same_order:
        # Ten times cheaper than sorting 50,000 people because one of them was bound.
        draft.people_of[programme_id] = tuple(draft.people[person.person_id] for person in before)
    else:
        _order_people(draft, programme_id)


def key_of(channel: str, account: str) -> AccountKey:
    """WeCom compares userids without regard to case (document 90236); openids differ by it."""
    return channel, account.lower() if channel == "wecom" else account


def _order_people(draft: _Draft, programme_id: str) -> None:
    members = [person for person in draft.people.values() if person.programme_id == programme_id]
    members.sort(key=lambda person: (draft.positions[person.person_id], person.person_id))
    draft.people_of[programme_id] = tuple(members)


def _add_account(draft: _Draft, account: Account) -> None:
    person = draft.people[account.person_id]
    key = key_of(account.channel, account.account)
    draft.accounts_of[person.person_id] = (*draft.accounts_of.get(person.person_id, ()), account)
    others = draft.people_for.get(key, ())
    draft.people_for[key] = tuple(
        sorted((*others, person), key=lambda one: (one.programme_id, one.person_id))
    )


def _forget(draft: _Draft, person_id: str) -> None:
    draft.people.pop(person_id, None)
    draft.positions.pop(person_id, None)
    for account in draft.accounts_of.pop(person_id, ()):
        key = key_of(account.channel, account.account)
        rest = tuple(one for one in draft.people_for[key] if one.person_id != person_id)
        if rest:
            draft.people_for[key] = rest
        else:
            del draft.people_for[key]
