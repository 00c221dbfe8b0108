"""roster: people into a programme, all or nothing, and one-time codes for those without an account."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from documents.roster_reader import read_table
from programme.codes import bind_code, bind_code_hash
from programme.people import Person
from programme.programme import Programme
from programme.roster import Roster, RosterProblem, read_people
from programme.sessions import occurrences_for
from storage import people, programmes
from storage.database import Database, Tx
from storage.people import RosterChange
from storage.roster_preview import RosterPreview, preview_roster

FEW_LEAVE = 3  # as many may leave without a question, and a tenth of a large programme
LARGE_SHARE = 0.1
MOST_NAMES = 10


class TooManyLeave(Exception):
    """The roster lacks so many of the programme's people that it may be the wrong file; nothing was done."""

    def __init__(self, preview: RosterPreview) -> None:
        super().__init__(len(preview.leaving))
        self.preview = preview


@dataclass(frozen=True)
class Taken:
    """*change* is None for a rehearsal. *codes* are (name, one-time code) of the new people without an
    account, shown this once."""

    roster: Roster
    preview: RosterPreview
    change: RosterChange | None = None
    codes: tuple[tuple[str, str], ...] = ()

    @property
    def cohorts(self) -> list[tuple[str, int]]:
        counted = Counter(person.cohort or "未写年级" for person in self.roster.people if is_student(person))
        return sorted(counted.items())

    @property
    def groups(self) -> int:
        return len({person.group for person in self.roster.people if person.group})


def read_roster(path: Path, programme_id: str) -> Roster | tuple[RosterProblem, ...]:
    """Raises Unreadable with a Chinese reason for a file that is no table."""
    return read_people(read_table(path), programme_id)


def store(
    database: Database,
    programme_id: str,
    roster: Roster,
    at: datetime,
    key: bytes,
    entropy: Callable[[int], bytes],
    *,
    is_confirmed: bool = False,
) -> Taken:
    """Save the roster, give every project group its meetings, and issue codes.

    Raises TooManyLeave unless *is_confirmed*, Conflict for two people that cannot be told apart.
    """

    def work(tx: Tx) -> Taken:
        preview = preview_roster(tx, programme_id, roster.people, roster.accounts)
        if too_many_leave(preview) and not is_confirmed:
            raise TooManyLeave(preview)
        change = people.save_roster(tx, programme_id, roster.people, roster.accounts, at)
        programme = programmes.load(tx, programme_id)
        if programme is not None:
            add_group_meetings(tx, programme, roster)
        without = [p for p in people.load_people(tx, programme_id) if needs_code(tx, p, change)]
        codes = [(person, bind_code(entropy(16))) for person in without]
        for person, code in codes:
            people.set_bind_code(tx, programme_id, person.person_id, bind_code_hash(key, code), at)
        return Taken(roster, preview, change, tuple((person.name, code) for person, code in codes))

    return database.write(work)


def rehearse(database: Database, programme_id: str, roster: Roster) -> Taken:
    """What *store* would do."""
    return Taken(
        roster, database.read(lambda tx: preview_roster(tx, programme_id, roster.people, roster.accounts))
    )


def too_many_leave(preview: RosterPreview) -> bool:
    """Somebody else under the same number is somebody who left, too."""
    gone = len(preview.leaving) + len(preview.renamed)
    return gone > FEW_LEAVE and gone > preview.present * LARGE_SHARE


def add_group_meetings(tx: Tx, programme: Programme, roster: Roster) -> None:
    """One occurrence of each group meeting per group of the roster (notice L13); existing ones stay."""
    groups = list(dict.fromkeys(person.group for person in roster.people if person.group))
    known = {occurrence.occurrence_id for occurrence in programme.occurrences}
    wanted = occurrences_for(programme.programme_id, programme.sessions, groups)
    added = tuple(occurrence for occurrence in wanted if occurrence.occurrence_id not in known)
    if added:
        programmes.add_occurrences(tx, programme.programme_id, added)
        programmes.bump(tx, programme.programme_id)


def needs_code(tx: Tx, person: Person, change: RosterChange) -> bool:
    if person.person_id not in change.added:
        return False
    return not people.accounts_of(tx, person.programme_id, person.person_id)


def is_student(person: Person) -> bool:
    return "student" in person.roles


def has_admin(roster: Roster, admins: Collection[str]) -> bool:
    """Whether anybody can settle what the notice left open: the role, or an account of [admins]."""
    by_role = any("admin" in person.roles for person in roster.people)
    return by_role or any(account.lower() in admins for _, account in roster.accounts.values())


def summary(taken: Taken, programme: Programme, admins: Collection[str]) -> dict[str, object]:
    """What `roster` prints. *admins* are the accounts of [admins], in small letters."""
    change = taken.change
    return {
        "people": len(taken.roster.people),
        "cohorts": taken.cohorts,
        "groups": taken.groups,
        "accounts": len(taken.roster.accounts),
        "is_dry_run": change is None,
        "changed": len(change.changed) if change else 0,
        "ignored": taken.roster.ignored_columns,
        "warnings": taken.roster.warnings,
        **unmentioned(taken.roster, programme),
        "codes": taken.codes,
        "has_admin": has_admin(taken.roster, admins),
        "needs_yes": change is None and too_many_leave(taken.preview),
        **effect(taken.preview, programme),
    }


def unmentioned(roster: Roster, programme: Programme) -> dict[str, object]:
    """Cohorts of students that the notice does not speak of, though it speaks of others: perhaps only
    written otherwise (硕1 for 研1), and then nobody would have to come."""
    named = {cohort for each in programme.sessions for cohort in (*each.required, *each.optional)}
    spoken = sorted(named - {"全体", "所有", "大家"})
    counted = Counter(p.cohort for p in roster.people if is_student(p) and p.cohort and p.cohort not in named)
    strange = sorted(counted) if spoken and len(spoken) == len(named) else []
    return {"strange_cohorts": strange, "strange_people": counted.total(), "notice_cohorts": spoken}


def effect(preview: RosterPreview, programme: Programme) -> dict[str, object]:
    """Which programme changes, who leaves it, and for how many of the others something changes."""
    return {
        "title": programme.title,
        "year": programme.year,
        "present": preview.present,
        "added": preview.arriving,
        "left": len(preview.leaving),
        "leaving": preview.leaving[:MOST_NAMES],
        "renamed": len(preview.renamed),
        "renames": preview.renamed[:MOST_NAMES],
        "roles": preview.roles,
        "new_cohorts": preview.cohorts,
        "new_groups": preview.groups,
    }
