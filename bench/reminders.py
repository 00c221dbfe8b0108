"""How long one announcement to many people takes to plan and store, and how much memory it holds.

python -m bench.reminders [PEOPLE] [STORAGE_URL]
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from functools import partial
from zoneinfo import ZoneInfo

from programme.people import Person
from programme.programme import Programme
from programme.reminders import DEFAULT_RULES
from programme.sessions import Item, Session, Source, occurrences_for
from scheduler.plan import enqueue_due
from storage import people, programmes
from storage.database import Database
from storage.engines import open_database
from storage.migrations import migrate

ZONE = ZoneInfo("Asia/Shanghai")
AT = datetime(2023, 7, 1, tzinfo=UTC)
UNTIMED_AT = clock_time(9, 7)


def programme_of(name: str, speakers: Sequence[Person] = ()) -> Programme:
    """One lecture; where *speakers* are given each has a talk of their own, and so words of their own."""
    talks = tuple(Item(None, f"第{n}讲", speaker.name) for n, speaker in enumerate(speakers))
    session = Session(
        "S01", date(2023, 7, 4), clock_time(14, 30), None, "afternoon", "lecture", "everyone",
        talks or (Item(None, "科研论文写作"),), None, ("研0",), (), "confirmed", 1, Source(1, "…"),
    )  # fmt: skip
    return Programme(
        name, 1, name, 2023, "Asia/Shanghai", date(2023, 7, 3), date(2023, 7, 28), (session,),
        occurrences_for(name, (session,), ()), (), (), (), (), (), (),
    )  # fmt: skip


def crowd(name: str, count: int, lead_of: int) -> tuple[Person, ...]:
    """*count* students; every *lead_of*-th wants to be reminded at a distance of their own."""
    return tuple(
        Person(
            f"{name}-{n}", name, f"学生{n}", str(n), "研0", None, frozenset({"student"}),
            lead_min=5 + n % 1400 if lead_of and n % lead_of == 0 else None,
        )
        for n in range(count)
    )  # fmt: skip


def evening(
    database: Database, name: str, everybody: Sequence[Person], speakers: Sequence[Person] = ()
) -> tuple[int, float, float]:
    """Rows, seconds and seconds of an idle tick: the evening before, to everybody at once."""
    programme = programme_of(name, speakers)
    database.write(partial(programmes.save, programme=programme, at=AT))
    database.write(partial(people.save_roster, programme_id=name, people=everybody, accounts={}, at=AT))
    due_at = datetime(2023, 7, 3, 20, 7, tzinfo=ZONE)

    def run(now: datetime) -> int:
        return enqueue_due(
            database, [programme], lambda _p: everybody, DEFAULT_RULES, now, untimed_at=UNTIMED_AT
        )

    run(due_at - timedelta(seconds=1))
    started = time.perf_counter()
    added = run(due_at)
    took_s = time.perf_counter() - started
    started = time.perf_counter()
    for second in range(1, 11):
        run(due_at + timedelta(seconds=second))
    return added, took_s, (time.perf_counter() - started) / 10


def main(count: int, url: str) -> None:
    database = open_database(url, patience_s=60)
    migrate(database, AT)
    for name, lead_of in (("warm", 0), ("same", 0), ("own times", 3), ("own words", 0)):
        everybody = crowd(name, count, lead_of)
        added, took_s, idle_s = evening(database, name, everybody, everybody if name == "own words" else ())
        print(f"{name}: {added} rows in {took_s:.2f} s; idle tick {idle_s * 1000:.1f} ms")
    for name, share in (("traced", count // 10), ("traced ten times as many", count)):
        everybody = crowd(name, share, 0)
        tracemalloc.start()
        evening(database, name, everybody, everybody)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        print(
            f"{share} with own words: {peak / 1e6:.1f} MB at most (their talks as stored and read included)"
        )
    print(f"resident at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    database.close()


if __name__ == "__main__":
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as folder:
        main(number, sys.argv[2] if len(sys.argv) > 2 else f"sqlite:///{folder}/qiyue.db")
