"""The facts behind summaries: check-ins, granted leave and opened screens of some occurrences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from programme.oversight import Oversight
from programme.summaries import Checked, Facts
from storage.checkins import ONLINE
from storage.database import Row, Tx
from storage.times import from_text


def facts(tx: Tx, occurrence_ids: Sequence[str]) -> Facts:
    """Everything that a judgement over these occurrences needs, person by person."""
    if not occurrence_ids:
        return Facts()
    names, values = _named(occurrence_ids)
    found = tx.query(
        f"""
        select occurrence_id, person_id, state, late_min, proof, at
        from checkin
        where occurrence_id in ({names})""",  # noqa: S608 - names of parameters
        values,
    )
    excused = tx.query(
        f"""
        select occurrence_id, person_id
        from leave
        where occurrence_id in ({names}) and state = 'granted'""",  # noqa: S608 - names of parameters
        values,
    )
    return Facts(
        checkins={(row["occurrence_id"], row["person_id"]): _checked(row) for row in found},
        on_leave=frozenset((row["occurrence_id"], row["person_id"]) for row in excused),
        opened=opened(tx, occurrence_ids),
    )


def opened(tx: Tx, occurrence_ids: Sequence[str]) -> Mapping[str, datetime]:
    """When check-in was opened by command, for those of the occurrences where it was."""
    if not occurrence_ids:
        return {}
    names, values = _named(occurrence_ids)
    found = tx.query(
        f"select occurrence_id, opened_at from screen where occurrence_id in ({names})",  # noqa: S608
        values,
    )
    return {row["occurrence_id"]: from_text(row["opened_at"]) for row in found}


def counts(tx: Tx, programme_id: str, oversight: Oversight) -> Mapping[str, Mapping[str, int]]:
    """Occurrence → state of the check-ins → how many; "leave" where it was granted and nobody came.

    Counted in the database: a month of thousands is not read person by person.
    """
    found: dict[str, Counter[str]] = {}
    for row in _counted(tx, programme_id, *_people(oversight)):
        found.setdefault(row["occurrence_id"], Counter())[row["state"]] += row["number"]
    if oversight.everybody:
        # All of them, less the few who left: the index alone answers that, five times as fast.
        for row in _counted(tx, programme_id, f"in ({OF_PROGRAMME} and left_at is not null)", {}):
            found[row["occurrence_id"]][row["state"]] -= row["number"]
    return found


OF_PROGRAMME = "select person_id from person where programme_id = :programme_id"


def _people(oversight: Oversight) -> tuple[str, dict[str, str]]:
    """Who counts, as the rest of a condition on a person id."""
    if oversight.everybody:
        return "is not null", {}
    columns = {"project_group": oversight.group, "mentor": oversight.mentor}
    wanted = {column: value for column, value in columns.items() if value is not None}
    either = " or ".join(f"{column} = :{column}" for column in wanted) or "1 = 0"
    return f"in ({OF_PROGRAMME} and left_at is null and ({either}))", wanted


def _counted(tx: Tx, programme_id: str, people: str, values: Mapping[str, str]) -> list[Row]:
    return tx.query(
        f"""
        select c.occurrence_id, c.state, count(*) as number
        from checkin c
        where c.programme_id = :programme_id and c.person_id {people}
        group by c.occurrence_id, c.state
        union all
        select l.occurrence_id, 'leave', count(*)
        from leave l
        left join checkin c on c.occurrence_id = l.occurrence_id and c.person_id = l.person_id
        where l.programme_id = :programme_id and l.state = 'granted' and c.person_id is null
            and l.person_id {people}
        group by l.occurrence_id""",  # noqa: S608 - conditions of this module
        {"programme_id": programme_id, **values},
    )


def _named(occurrence_ids: Iterable[str]) -> tuple[str, dict[str, str]]:
    values = {f"occurrence_{number}": one for number, one in enumerate(occurrence_ids)}
    return ", ".join(f":{name}" for name in values), values


def _checked(row: Row) -> Checked:
    return Checked(row["state"], row["late_min"], row["proof"] == ONLINE, from_text(row["at"]))
