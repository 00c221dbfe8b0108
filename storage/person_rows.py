"""A person and an account as rows, and the number that each change of people is given."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from programme.people import Person
from storage.database import Row, Tx
from storage.json_text import from_json, to_json
from storage.times import from_text_or_none


@dataclass(frozen=True)
class Account:
    """A platform account that belongs to a person of a programme."""

    channel: str
    account: str
    programme_id: str
    person_id: str


PERSON_COLUMNS = (
    "person_id, programme_id, name, student_no, cohort, project_group, roles, mentor, opted_in, muted, "
    "asked_reminders, lead_min, left_at, opted_in_at"
)


def person_of(row: Row) -> Person:
    return Person(
        person_id=row["person_id"],
        programme_id=row["programme_id"],
        name=row["name"],
        student_no=row["student_no"],
        cohort=row["cohort"],
        group=row["project_group"],
        roles=frozenset(from_json(row["roles"])),
        mentor=row["mentor"],
        opted_in=bool(row["opted_in"]),
        muted=bool(row["muted"]),
        asked_reminders=bool(row["asked_reminders"]),
        lead_min=row["lead_min"],
        opted_in_at=from_text_or_none(row["opted_in_at"]),
    )


def roles_json(person: Person) -> str:
    return to_json(sorted(person.roles))


def next_people_version(tx: Tx, programme_id: str) -> int:
    """The number of the change that this transaction makes; 0 for an unknown programme."""
    found = tx.query(
        """
        update programme
        set people_version = people_version + 1
        where programme_id = :programme_id
        returning people_version""",
        {"programme_id": programme_id},
    )
    return found[0]["people_version"] if found else 0


def mark_changed(tx: Tx, changed_in: int, person_ids: Iterable[str]) -> None:
    tx.execute(
        "update person set changed_in = :changed_in where person_id = :person_id",
        [{"person_id": person_id, "changed_in": changed_in} for person_id in person_ids],
    )
