"""How long summaries of attendance take: a month of many people, one session by name, the picture, the table.

python -m bench.summaries [PEOPLE] [SESSIONS] [STORAGE_URL]
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from statistics import median
from zoneinfo import ZoneInfo

from bench.reminders import programme_of
from documents.attendance_picture import MOST_PEOPLE, attendance_picture
from documents.attendance_table import attendance_xlsx
from programme.attendance import CheckinRules
from programme.attendance_grid import grid
from programme.oversight import Oversight
from programme.people import Person
from programme.programme import Programme
from programme.sessions import occurrences_for
from programme.summaries import Facts, alike, events_by_session, expected_at, summarise, tally, told_tally
from storage import checkins, people, programmes, summaries
from storage.checkins import CheckinState
from storage.database import Database, Tx
from storage.engines import open_database
from storage.migrations import migrate

ZONE = ZoneInfo("Asia/Shanghai")
AT = datetime(2023, 7, 1, tzinfo=UTC)
OVER = datetime(2023, 7, 31, tzinfo=ZONE)
NAME, GROUPS, ROUNDS = "measured", 500, 9
RULES = CheckinRules()


def plan(sessions: int) -> Programme:
    """*sessions* lectures, one a day."""
    like = programme_of(NAME).sessions[0]
    held = tuple(
        replace(like, session_id=f"S{n:02}", held_on=date(2023, 7, 1) + timedelta(days=n))
        for n in range(sessions)
    )
    return replace(programme_of(NAME), sessions=held, occurrences=occurrences_for(NAME, held, ()))


def crowd(count: int) -> tuple[Person, ...]:
    return tuple(
        Person(
            f"p{n}",
            NAME,
            f"学生{n}",
            str(n),
            "研0",
            f"组{n % GROUPS}",
            frozenset({"student"}),
            f"导师{n % 300}",
        )
        for n in range(count)
    )


def fill(tx: Tx, programme: Programme, everybody: Sequence[Person]) -> None:
    """Nine of ten checked in at each session, one of them late."""
    for occurrence in programme.occurrences:
        for n, person in enumerate(everybody):
            if n % 10:
                state: CheckinState = "late" if n % 10 == 1 else "present"
                checkins.record(
                    tx, NAME, occurrence.occurrence_id, person.person_id, AT, state, 0, "none", None
                )


def month(database: Database, programme: Programme, everybody: Sequence[Person], oversight: Oversight) -> int:
    """What 考勤汇总 does: counts of the database, judged and told. How many lines."""
    stored = database.read(lambda tx: summaries.counts(tx, NAME, oversight))
    kinds = alike(oversight.among(everybody))
    lines = [
        told_tally(
            tally(
                event,
                expected_at(event, kinds, ZONE),
                stored.get(event.occurrence.occurrence_id, {}),
                is_taken=True,
            )
        )
        for _, events in events_by_session(programme)
        for event in events
    ]
    return len(lines)


def facts_of(database: Database, programme: Programme) -> Facts:
    ids = [occurrence.occurrence_id for occurrence in programme.occurrences]
    return database.read(lambda tx: summaries.facts(tx, ids))


def by_name(database: Database, programme: Programme, everybody: Sequence[Person]) -> int:
    """What 谁没到 does for one session."""
    _, events = events_by_session(programme)[0]
    facts = database.read(lambda tx: summaries.facts(tx, [e.occurrence.occurrence_id for e in events]))
    return len(summarise(events, everybody, facts, OVER, RULES, ZONE).obliged)


def measured(name: str, work: Callable[[], object], rounds: int = ROUNDS) -> None:
    """Time that passed and time of the processor, which others on the machine do not lengthen."""
    passed, used = [], []
    for _ in range(rounds):
        started, started_cpu = time.perf_counter(), time.process_time()
        work()
        passed.append(time.perf_counter() - started)
        used.append(time.process_time() - started_cpu)
    print(
        f"{name}: median {median(passed) * 1000:.1f} ms, longest {max(passed) * 1000:.1f} ms,"
        f" processor {median(used) * 1000:.1f} ms"
    )


def main(count: int, sessions: int, url: str) -> None:
    database = open_database(url, patience_s=120)
    migrate(database, AT)
    programme, everybody = plan(sessions), crowd(count)
    database.write(partial(programmes.save, programme=programme, at=AT))
    database.write(partial(people.save_roster, programme_id=NAME, people=everybody, accounts={}, at=AT))
    database.write(partial(fill, programme=programme, everybody=everybody))
    for name, oversight in (
        ("month, admin", Oversight(everybody=True)),
        ("month, lead of ten", Oversight(group="组7")),
        ("month, mentor of seventeen", Oversight(mentor="导师7")),
    ):
        measured(name, partial(month, database, programme, everybody, oversight))
    measured("one session by name, admin", partial(by_name, database, programme, everybody))
    held = [events for _, events in events_by_session(programme)]
    group = everybody[: min(MOST_PEOPLE, 50)]
    few = grid(held, group, facts_of(database, programme), OVER, RULES, ZONE)
    measured(f"picture of {len(group)}", lambda: attendance_picture(few, "考勤", OVER))
    measured("picture of 10", lambda: attendance_picture(replace(few, rows=few.rows[:10]), "考勤", OVER))

    def table() -> bytes:
        made = grid(held, everybody, facts_of(database, programme), OVER, RULES, ZONE)
        return attendance_xlsx(made, ())

    measured("table of everybody (a task)", table, 1)
    database.close()


if __name__ == "__main__":
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000
    days = int(sys.argv[2]) if len(sys.argv) > 2 else 16
    with tempfile.TemporaryDirectory() as folder:
        main(number, days, sys.argv[3] if len(sys.argv) > 3 else f"sqlite:///{folder}/qiyue.db")
