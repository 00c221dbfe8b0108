"""The schema as one list of steps for both engines; a step is appended, never edited."""

from __future__ import annotations

from datetime import datetime

from storage.database import DamagedDatabase, Database, SchemaTooNew, Tx, WrongStatement
from storage.schema import (
    ADDRESSED_PUSHES_AND_JOINING,
    CALENDAR,
    CANCELLED_MEETINGS,
    FIRST_SCHEMA,
    PROGRAMME_CHOICE,
)
from storage.schema_doors import ATTACHMENTS, DOORS
from storage.schema_guarantees import GUARANTEE_TABLES
from storage.schema_money import MONEY_TABLES
from storage.schema_presence import PRESENCE_TABLES
from storage.schema_reminding import REMINDING_TABLES
from storage.schema_submissions import SUBMISSION_TABLES
from storage.schema_talks import TALKS
from storage.times import to_text

STEPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("0001 first schema", FIRST_SCHEMA),
    ("0002 doors of the outbox", DOORS),
    ("0003 reminders and leave", REMINDING_TABLES),
    ("0004 cancelled meetings", CANCELLED_MEETINGS),
    ("0005 calendar", CALENDAR),
    ("0006 pushes to an account, and since when somebody takes part", ADDRESSED_PUSHES_AND_JOINING),
    ("0007 which programme an account chose", PROGRAMME_CHOICE),
    ("0008 pictures and files", ATTACHMENTS),
    ("0009 presence decided by people", PRESENCE_TABLES),
    ("0010 guarantees", GUARANTEE_TABLES),
    ("0011 what is handed in, and own topics", SUBMISSION_TABLES),
    ("0012 talks", TALKS),
    ("0013 ratings, engineering and money", MONEY_TABLES),
)

# SQLite needs no more than its write lock, which is already held when the step list is read.
LOCK_OF_ENGINE = {"postgresql": "select pg_advisory_xact_lock(717)"}


def migrate(
    database: Database, now: datetime, steps: tuple[tuple[str, tuple[str, ...]], ...] = STEPS
) -> tuple[str, ...]:
    """Bring the schema up to *steps* in one transaction; the names of the steps that were run.

    Raises SchemaTooNew when the database knows a step that *steps* does not, DamagedDatabase when it
    never was ours and has tables of the same names.
    """

    def work(tx: Tx) -> tuple[str, ...]:
        lock = LOCK_OF_ENGINE.get(database.engine)
        if lock is not None:
            tx.query(lock)
        tx.execute("create table if not exists migration (name text primary key, applied_at text not null)")
        applied = applied_steps(tx)
        missing = _missing(applied, steps)
        for name, statements in missing:
            try:
                for statement in statements:
                    tx.execute(statement)
            except WrongStatement as error:
                if applied or name != missing[0][0]:
                    raise
                raise DamagedDatabase("the tables of another program lie there") from error
            tx.execute(
                "insert into migration (name, applied_at) values (:name, :applied_at)",
                {"name": name, "applied_at": to_text(now)},
            )
        return tuple(name for name, _ in missing)

    return database.write(work)


def applied_steps(tx: Tx) -> tuple[str, ...]:
    """The names of the steps this database has seen, in order."""
    return tuple(row["name"] for row in tx.query("select name from migration order by name"))


def refuse_newer(tx: Tx) -> None:
    """Raises SchemaTooNew for a database that a newer release has brought up to date."""
    _missing(applied_steps(tx), STEPS)


def _missing(
    applied: tuple[str, ...], steps: tuple[tuple[str, tuple[str, ...]], ...]
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    unknown = set(applied) - {name for name, _ in steps}
    if unknown:
        raise SchemaTooNew(", ".join(sorted(unknown)))
    return tuple((name, statements) for name, statements in steps if name not in applied)
