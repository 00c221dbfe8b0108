"""What a roster would do to a programme's people, before it does it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from programme.people import Person
from storage.database import Row, Tx
from storage.json_text import from_json
from storage.roster import stored_people
from storage.roster_identity import Accounts, kept_ids


@dataclass(frozen=True)
class RosterPreview:
    """*present*: how many take part now; *leaving*: the names of those among them that the roster
    lacks; *renamed*: (old, new) name of those who stay; *arriving*: how many are new or
    come back; *roles*, *cohorts*, *groups*: for how many of
    those who stay each of these changes."""

    present: int
    leaving: tuple[str, ...]
    renamed: tuple[tuple[str, str], ...]
    arriving: int
    roles: int
    cohorts: int
    groups: int


def preview_roster(tx: Tx, programme_id: str, people: Sequence[Person], accounts: Accounts) -> RosterPreview:
    """Reads only. Storing may still raise Conflict."""
    stored = stored_people(tx, programme_id)
    present = {row["person_id"]: row for row in stored if row["left_at"] is None}
    wanted = dict(zip(kept_ids(tx, people, accounts, stored), people, strict=True))
    staying = [(present[person_id], person) for person_id, person in wanted.items() if person_id in present]
    return RosterPreview(
        present=len(present),
        leaving=tuple(row["name"] for person_id, row in present.items() if person_id not in wanted),
        renamed=tuple((row["name"], person.name) for row, person in staying if row["name"] != person.name),
        arriving=len(wanted) - len(staying),
        roles=sum(_roles(row) != person.roles for row, person in staying),
        cohorts=sum(row["cohort"] != person.cohort for row, person in staying),
        groups=sum(row["project_group"] != person.group for row, person in staying),
    )


def _roles(row: Row) -> frozenset[str]:
    return frozenset(from_json(row["roles"]))
