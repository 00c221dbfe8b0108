"""Taking a roster in: who is new, who changed, who has left, and the accounts it names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from programme.people import Person
from storage.database import Row, Tx
from storage.person_rows import PERSON_COLUMNS, mark_changed, next_people_version, roles_json
from storage.roster_identity import kept_ids
from storage.times import to_text


@dataclass(frozen=True)
class RosterChange:
    """The person ids that a roster added, changed (data or account) and made leave."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    left: tuple[str, ...]


def save_roster(
    tx: Tx,
    programme_id: str,
    people: Sequence[Person],
    accounts: Mapping[str, tuple[str, str]],
    at: datetime,
) -> RosterChange:
    """Make *people* the roster of the programme; the same roster again changes nothing.

    Somebody known (storage.roster_identity) keeps person_id, opted_in and muted, and the student number
    where the roster has none, so the id in *people* is only a proposal. *accounts* maps those proposed
    ids to (channel, account) and wins over what was bound before. Who is missing has left: the
    rows stay, and come back with them. Raises Conflict for two people the roster cannot tell apart.
    """
    changed_in = next_people_version(tx, programme_id)
    stored = stored_people(tx, programme_id)
    ids = kept_ids(tx, people, accounts, stored)
    known = {row["person_id"]: row for row in stored}
    printed = {person.student_no for person in people}

    added: list[str] = []
    changed: dict[str, None] = {}
    inserts: list[Row] = []
    updates: list[Row] = []
    for position, person in enumerate(people):
        person_id = ids[position]
        row = _row(programme_id, person_id, position, person, changed_in, to_text(at))
        before = known.get(person_id)
        if before is not None and row["student_no"] is None and before["student_no"] not in printed:
            row["student_no"] = before["student_no"]
        if before is None:
            added.append(person_id)
            inserts.append(row)
        elif _differs(before, row):
            changed[person_id] = None
            updates.append(row)
        elif before["position"] != position:
            updates.append(row)
    staying = set(ids)
    left = [row["person_id"] for row in stored if row["left_at"] is None and row["person_id"] not in staying]
    # Leavers and updates first: a number or a name may pass from one person to another.
    _leave(tx, left, changed_in, to_text(at))
    _update(tx, updates, known)
    _insert(tx, inserts)

    wanted = {
        ids[position]: accounts[person.person_id]
        for position, person in enumerate(people)
        if person.person_id in accounts
    }
    moved = _bind_all(tx, programme_id, wanted, to_text(at))
    mark_changed(tx, changed_in, moved)
    changed.update(dict.fromkeys(sorted(moved - set(added) - set(left))))
    return RosterChange(tuple(added), tuple(changed), tuple(left))


def stored_people(tx: Tx, programme_id: str) -> list[Row]:
    """The rows of everybody who was ever in the programme's roster, in its order."""
    return tx.query(
        f"""
        select {PERSON_COLUMNS}, position
        from person
        where programme_id = :programme_id
        order by position, person_id""",  # noqa: S608 - a constant of storage.person_rows
        {"programme_id": programme_id},
    )


def _row(programme_id: str, person_id: str, position: int, person: Person, changed_in: int, at: str) -> Row:
    return {
        "person_id": person_id,
        "programme_id": programme_id,
        "position": position,
        "name": person.name,
        "student_no": person.student_no,
        "cohort": person.cohort,
        "project_group": person.group,
        "roles": roles_json(person),
        "mentor": person.mentor,
        "opted_in": int(person.opted_in),
        "muted": int(person.muted),
        "joined_at": at,
        "changed_in": changed_in,
    }


COMPARED = ("name", "student_no", "cohort", "project_group", "roles", "mentor")


def _differs(before: Row, row: Row) -> bool:
    return before["left_at"] is not None or any(before[key] != row[key] for key in COMPARED)


def _leave(tx: Tx, person_ids: Iterable[str], changed_in: int, at: str) -> None:
    tx.execute(
        "update person set left_at = :at, changed_in = :changed_in where person_id = :person_id",
        [{"person_id": person_id, "changed_in": changed_in, "at": at} for person_id in person_ids],
    )


def _insert(tx: Tx, rows: list[Row]) -> None:
    tx.execute(
        """
        insert into person (
            person_id, programme_id, position, name, student_no, cohort, project_group, roles, mentor,
            opted_in, muted, joined_at, changed_in)
        values (
            :person_id, :programme_id, :position, :name, :student_no, :cohort, :project_group, :roles, :mentor,
            :opted_in, :muted, :joined_at, :changed_in)""",
        rows,
    )


def _update(tx: Tx, rows: list[Row], known: Mapping[str, Row]) -> None:
    # Numbers that two people swap would be double for a moment.
    tx.execute(
        "update person set student_no = :spare where person_id = :person_id",
        [
            {"person_id": row["person_id"], "spare": f"~{row['person_id']}"}
            for row in rows
            if row["student_no"] != known[row["person_id"]]["student_no"]
        ],
    )
    wanted = ("person_id", "position", *COMPARED, "changed_in")
    tx.execute(
        """
        update person
        set position = :position, name = :name, student_no = :student_no, cohort = :cohort,
            project_group = :project_group, roles = :roles, mentor = :mentor, left_at = null,
            changed_in = :changed_in
        where person_id = :person_id""",
        [{key: row[key] for key in wanted} for row in rows],
    )


def _bind_all(tx: Tx, programme_id: str, wanted: Mapping[str, tuple[str, str]], at: str) -> set[str]:
    """Binds what the roster names; who gained or lost an account by it."""
    stored = tx.query(
        "select channel, account, person_id from account where programme_id = :programme_id",
        {"programme_id": programme_id},
    )
    owner = {(row["channel"], row["account"]): row["person_id"] for row in stored}
    on_channel = {(row["person_id"], row["channel"]): row["account"] for row in stored}
    drop: dict[tuple[str, str], None] = {}
    inserts: list[Row] = []
    moved: set[str] = set()
    for person_id, (channel, account) in wanted.items():
        if owner.get((channel, account)) == person_id:
            continue
        moved.add(person_id)
        if (channel, account) in owner:
            drop[(channel, account)] = None
            moved.add(owner[(channel, account)])
        if (person_id, channel) in on_channel:
            drop[(channel, on_channel[(person_id, channel)])] = None
        inserts.append(
            {
                "programme_id": programme_id,
                "channel": channel,
                "account": account,
                "person_id": person_id,
                "bound_at": at,
            }
        )
    tx.execute(
        """
        delete from account
        where programme_id = :programme_id and channel = :channel and account = :account""",
        [{"programme_id": programme_id, "channel": channel, "account": account} for channel, account in drop],
    )
    tx.execute(
        """
        insert into account (channel, account, programme_id, person_id, how, bound_at)
        values (:channel, :account, :programme_id, :person_id, 'roster', :bound_at)""",
        inserts,
    )
    return moved
