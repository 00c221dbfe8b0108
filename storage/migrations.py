"""The schema as one list of steps for both engines; a step is appended, never edited."""

from __future__ import annotations

from datetime import datetime

from storage.database import Database, SchemaTooNew, Tx
from storage.schema import FIRST_SCHEMA
from storage.schema_doors import DOORS
from storage.times import to_text

STEPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("0001 first schema", FIRST_SCHEMA),
    ("0010 doors of the outbox", DOORS),
)

# SQLite needs no more than its write lock, which is already held when the step list is read.
LOCK_OF_ENGINE = {"postgresql": "select pg_advisory_xact_lock(717)"}


def migrate(
    database: Database, now: datetime, steps: tuple[tuple[str, tuple[str, ...]], ...] = STEPS
) -> tuple[str, ...]:
    """Bring the schema up to *steps* in one transaction; the names of the steps that were run.

    Raises SchemaTooNew when the database knows a step that *steps* does not.
    """

    def work(tx: Tx) -> tuple[str, ...]:
        lock = LOCK_OF_ENGINE.get(database.engine)
        if lock is not None:
            tx.query(lock)
        tx.execute("create table if not exists migration (name text primary key, applied_at text not null)")
        missing = _missing(applied_steps(tx), steps)
        for name, statements in missing:
            for statement in statements:
                tx.execute(statement)
            tx.execute(
                "insert into migration (name, applied_at) values (:name, :applied_at)",
                {"name": name, "applied_at": to_text(now)},
            )
        return tuple(name for name, _ in missing)

    return database.write(work)


def applied_steps(tx: Tx) -> tuple[str, ...]:
    """The names of the steps this database has seen, in order."""
    return tuple(row["name"] for row in tx.query("select name from migration order by name"))


def _missing(
    applied: tuple[str, ...], steps: tuple[tuple[str, tuple[str, ...]], ...]
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    unknown = set(applied) - {name for name, _ in steps}
    if unknown:
        raise SchemaTooNew(", ".join(sorted(unknown)))
    return tuple((name, statements) for name, statements in steps if name not in applied)
