"""Which engine a storage url means."""

from __future__ import annotations

from pathlib import Path

from storage.database import Database
from storage.sqlite import WRITE_PATIENCE_S, SqliteDatabase
from storage.sqlite_file import refuse_what_is_not_ours

SQLITE_PREFIX = "sqlite:///"
POSTGRES_PREFIXES = ("postgresql://", "postgres://")


class UnknownEngine(ValueError):
    """The url names neither SQLite nor PostgreSQL. The message never holds the url: it may carry a password."""


def open_database(url: str, data_dir: Path | None = None, patience_s: float = WRITE_PATIENCE_S) -> Database:
    """The database at *url*: "sqlite:///relative/or//absolute" or "postgresql://…".

    A relative file lies under *data_dir* when that is given, else under the working directory.
    *patience_s* is how long a write waits for its commit; the command line may ask for more than
    a callback. Raises UnknownEngine, StorageAway; a file that is not ours is left as it is.
    """
    if url.startswith(SQLITE_PREFIX):
        path = Path(url.removeprefix(SQLITE_PREFIX))
        place = path if data_dir is None else data_dir / path
        refuse_what_is_not_ours(place)
        return SqliteDatabase(place, patience_s)
    if url.startswith(POSTGRES_PREFIXES):
        # Loaded only here: whoever runs on SQLite does not pay for the client library.
        from storage.postgres import PostgresDatabase

        return PostgresDatabase(url, patience_s)
    raise UnknownEngine("the url starts with neither sqlite:/// nor postgresql://")
