"""The SQLite engine: one writer that groups commits, and one read-only connection per thread."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
import weakref
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, TypeVar

import sqlite_utils

from storage.database import (
    Conflict,
    DamagedDatabase,
    Params,
    Row,
    SecondWriter,
    StorageAway,
    WrongStatement,
)
from storage.sqlite_writer import Writer

T = TypeVar("T")

WRITE_PATIENCE_S = 4.0
# Short, so that the writer looks again whether anybody still waits for what it holds.
LOCK_PATIENCE_S = 0.2
READ_PATIENCE_S = 2.0

AWAY_CODES = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
    }
)
DAMAGE_CODES = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


def translated(error: sqlite3.Error) -> Exception:
    """Our exception for one of the library's; the low byte is the primary result code."""
    if isinstance(error, sqlite3.IntegrityError):
        return Conflict(str(error))
    code: int | None = getattr(error, "sqlite_errorcode", None)
    if code is not None and code & 0xFF in DAMAGE_CODES:
        return DamagedDatabase(str(error))
    if code is not None and code & 0xFF in AWAY_CODES:
        return StorageAway(str(error))
    if "closed database" in str(error):
        return StorageAway("the database is closed")
    return WrongStatement(str(error))


class SqliteTx:
    """Statements on one connection inside the transaction that the engine opened.

    *failure* is the first statement's that failed; nothing runs after it, whether the unit
    swallows the exception or not. PostgreSQL behaves so by itself, and after a full disk SQLite may
    have rolled back everything: a further statement would run, and commit, on its own.
    """

    __slots__ = ("_connection", "failure")

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.failure: Exception | None = None

    def execute(self, sql: str, params: Params | Sequence[Params] = ()) -> int:
        if self.failure is not None:
            raise self.failure
        try:
            if isinstance(params, Mapping):
                return self._connection.execute(sql, params).rowcount
            if params == ():
                return self._connection.execute(sql).rowcount
            return max(self._connection.executemany(sql, params).rowcount, 0)
        except sqlite3.Error as error:
            self.failure = translated(error)
            raise self.failure from error

    def query(self, sql: str, params: Params = {}) -> list[Row]:  # noqa: B006 - never changed
        if self.failure is not None:
            raise self.failure
        try:
            cursor = self._connection.execute(sql, params)
            rows = cursor.fetchall()
        except sqlite3.Error as error:
            self.failure = translated(error)
            raise self.failure from error
        if not rows:
            return []
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in rows]


class _Reader:
    """One thread's connection; closed when the thread is gone or the database is closed."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        weakref.finalize(self, connection.close)


class SqliteDatabase:
    """One file in WAL mode with synchronous=FULL: what was acknowledged survives a power cut."""

    engine = "sqlite"

    def __init__(self, path: Path, patience_s: float = WRITE_PATIENCE_S) -> None:
        """Opens, and creates if missing, the file at *path*. Raises StorageAway."""
        self._path = path
        self._readers: weakref.WeakSet[_Reader] = weakref.WeakSet()
        self._readers_lock = threading.Lock()
        self._of_thread = threading.local()
        self._is_closed = False
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            connection = self._connect(LOCK_PATIENCE_S)
            connection.execute("pragma journal_mode = wal")
        except OSError as error:
            raise StorageAway(str(error)) from error
        except sqlite3.Error as error:
            raise translated(error) from error
        self._writer = Writer(connection, SqliteTx, translated, patience_s)

    def write(self, work: Callable[[SqliteTx], T]) -> T:
        return self._writer.write(work)

    def read(self, work: Callable[[SqliteTx], T]) -> T:
        connection = self._reader().connection
        tx = SqliteTx(connection)
        if connection.in_transaction:
            return work(tx)
        # A transaction, so that several selects of one question see one state.
        tx.execute("begin")
        try:
            return work(tx)
        finally:
            self._end(connection)

    @property
    def queued(self) -> int:
        """How many units wait for the writer; a metric."""
        return self._writer.queued

    @property
    def is_writing(self) -> bool:
        """Whether the writer has taken units that are not committed yet; a metric."""
        return self._writer.is_writing

    def close(self) -> None:
        self._is_closed = True
        self._writer.close()
        with self._readers_lock:
            for reader in self._readers:
                reader.connection.close()

    def _end(self, connection: sqlite3.Connection) -> None:
        try:
            connection.rollback()
        except sqlite3.ProgrammingError as error:
            raise translated(error) from error

    def _reader(self) -> _Reader:
        if self._is_closed:
            raise StorageAway("the database is closed")
        reader: _Reader | None = getattr(self._of_thread, "reader", None)
        if reader is None:
            reader = self._new_reader()
        return reader

    def _new_reader(self) -> _Reader:
        try:
            connection = self._connect(READ_PATIENCE_S)
            connection.execute("pragma query_only = on")
        except sqlite3.Error as error:
            raise translated(error) from error
        reader = _Reader(connection)
        with self._readers_lock:
            self._readers.add(reader)
        self._of_thread.reader = reader
        return reader

    def _connect(self, lock_patience_s: float) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path,
            timeout=lock_patience_s,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=256,
        )
        opened = sqlite_utils.Database(connection).conn
        opened.execute("pragma synchronous = full")
        opened.execute("pragma foreign_keys = on")
        return opened


class SingleWriter:
    """The exclusive lock of one serving process; the kernel drops it when the process dies."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def release(self) -> None:
        self._file.close()


def hold_single_writer(data_dir: Path) -> SingleWriter:
    """Claims *data_dir* for this process until released. Raises SecondWriter, StorageAway."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        file = (data_dir / "serve.lock").open("a+", encoding="ascii")
    except OSError as error:
        raise StorageAway(str(error)) from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise SecondWriter(str(data_dir)) from error
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return SingleWriter(file)
