"""Looking at a SQLite file before anything writes to it: whose is it?"""

from __future__ import annotations

import errno
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from storage.database import DamagedDatabase, ForeignDatabase, StorageAway

HEADER = b"SQLite format 3\0"
OUR_TABLE = "migration"
OUR_COLUMNS = {"name", "applied_at"}


def refuse_what_is_not_ours(path: Path, *, is_read_only: bool = False) -> None:
    """Nothing when *path* is missing, empty or a database of ours; nothing is written in any case.

    Unless *is_read_only*, the file and its folder must be writable, too.

    Raises ForeignDatabase for another program's tables, DamagedDatabase for what is no database or a
    broken one, StorageAway for a folder or a path that cannot be read.
    """
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, "a folder")
        if any(above.exists() and not above.is_dir() for above in path.parents):
            raise NotADirectoryError(errno.ENOTDIR, "a file for a folder")
        if not is_read_only and path.parent.exists() and not os.access(path.parent, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, "the folder")
        if not path.exists() or path.stat().st_size == 0:
            return
        with path.open("rb" if is_read_only else "r+b") as file:  # opened as a writer would, and only read
            header = file.read(len(HEADER))
    except OSError as error:
        raise StorageAway(str(error)) from error
    if header != HEADER:
        raise DamagedDatabase("no SQLite database")
    if not is_ours(path):
        raise ForeignDatabase("the tables of another program lie there")


def is_ours(path: Path) -> bool:
    """Whether the SQLite file has our list of steps, or nothing yet. Raises DamagedDatabase."""
    log, index = (path.with_name(path.name + suffix) for suffix in ("-wal", "-shm"))
    # Opened as immutable, nothing appears beside the file. Where somebody has it open, or all of its
    # tables are still in its log, it is opened as the reader of a live database.
    tables = _tables(path, "mode=ro" if index.exists() else "immutable=1")
    if not tables and log.exists():
        tables = _tables(path, "mode=ro")
    return not tables or tables.get(OUR_TABLE, set()) >= OUR_COLUMNS


def has_steps(path: Path) -> bool:
    """Whether the file *path* without a log holds a database of ours. Raises DamagedDatabase."""
    return OUR_TABLE in _tables(path, "immutable=1")


def _tables(path: Path, how: str) -> dict[str, set[str]]:
    """Table → its columns."""
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?{how}", uri=True)) as connection:
            names = [
                row[0] for row in connection.execute("select name from sqlite_master where type = 'table'")
            ]
            return {
                name: {row[0] for row in connection.execute("select name from pragma_table_info(?)", (name,))}
                for name in names
                if not name.startswith("sqlite_")
            }
    except sqlite3.OperationalError as error:
        raise StorageAway(str(error)) from error
    except sqlite3.DatabaseError as error:
        raise DamagedDatabase(str(error)) from error
