"""The PostgreSQL engine: a pool, READ COMMITTED transactions, and a second try where that is right."""

from __future__ import annotations

import functools
import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, LiteralString, TypeVar

import psycopg
from psycopg.rows import DictRow, dict_row
from psycopg_pool import ConnectionPool, PoolClosed, PoolTimeout

from storage.database import Conflict, Params, Row, StorageAway, WrongStatement

T = TypeVar("T")

POOL_SIZE = 16
TRIES = 3
CONNECT_TIMEOUT_S = 3
OPEN_PATIENCE_S = 4.0  # whoever starts a command wants to hear soon that the server is not there

# Quoted text and casts are passed over; what is left with a colon is a parameter.
TOKENS = re.compile(r"'[^']*'|::|:([a-z_][a-z0-9_]*)|%")


class _Again(Exception):
    """The unit met another one, or a dead connection, before its commit: nothing was stored."""


@functools.lru_cache(maxsize=1024)
def translated_sql(sql: str) -> str:
    """*sql* with :name written as %(name)s and a literal % doubled."""

    def token(match: re.Match[str]) -> str:
        name = match.group(1)
        return f"%({name})s" if name else match.group(0).replace("%", "%%")

    return TOKENS.sub(token, sql)


def translated(error: psycopg.Error) -> Exception:
    """Our exception for one of the library's; never its detail line, which quotes values."""
    said = error.diag.message_primary or type(error).__name__
    if isinstance(error, psycopg.errors.SerializationFailure | psycopg.errors.DeadlockDetected):
        return _Again(said)
    if isinstance(error, psycopg.IntegrityError):
        return Conflict(said)
    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return StorageAway(said)
    return WrongStatement(said)


class PostgresTx:
    """Statements on one connection inside the transaction that the engine opened.

    *failure* is the first statement's that failed. The server ignores what comes after it, and
    answers "commit" with a rollback that is no error: a unit that swallows it must fail here.
    """

    __slots__ = ("_connection", "failure")

    def __init__(self, connection: psycopg.Connection[DictRow]) -> None:
        self._connection = connection
        self.failure: Exception | None = None

    def execute(self, sql: str, params: Params | Sequence[Params] = ()) -> int:
        if self.failure is not None:
            raise self.failure
        text = translated_sql(sql)
        try:
            if isinstance(params, Mapping):
                return self._connection.execute(text, params).rowcount
            if params == ():
                # An empty mapping, not None: only then does the library undouble the percent signs.
                return self._connection.execute(text, {}).rowcount
            with self._connection.cursor() as cursor:
                cursor.executemany(text, params)
                return max(cursor.rowcount, 0)
        except psycopg.Error as error:
            self.failure = translated(error)
            raise self.failure from error

    def query(self, sql: str, params: Params = {}) -> list[Row]:  # noqa: B006 - never changed
        if self.failure is not None:
            raise self.failure
        try:
            return self._connection.execute(translated_sql(sql), params).fetchall()
        except psycopg.Error as error:
            self.failure = translated(error)
            raise self.failure from error


class PostgresDatabase:
    """Any server that speaks the protocol; every instance of ours opens its own pool."""

    engine = "postgresql"

    def __init__(self, url: str, patience_s: float, pool_size: int = POOL_SIZE) -> None:
        """Opens one connection at once, within 4 s. Raises StorageAway."""
        # The pool tries again by itself and would log each try; whoever meets StorageAway says it once.
        logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
        self._patience_s = patience_s
        milliseconds = int(patience_s * 1000)
        settings: dict[str, Any] = {
            "autocommit": True,
            "row_factory": dict_row,
            "connect_timeout": CONNECT_TIMEOUT_S,
            "application_name": "qiyue",
            # The server gives up when the waiter does, so that no lock outlives its purpose.
            "options": f"-c statement_timeout={milliseconds} -c lock_timeout={milliseconds}"
            f" -c idle_in_transaction_session_timeout={milliseconds * 4}",
        }
        self._pool: ConnectionPool[psycopg.Connection[DictRow]] = ConnectionPool(
            url,
            connection_class=psycopg.Connection[DictRow],
            kwargs=settings,
            min_size=1,
            max_size=pool_size,
            timeout=patience_s,
            open=False,
        )
        try:
            self._pool.open(wait=True, timeout=min(patience_s, OPEN_PATIENCE_S))
        except PoolTimeout as error:
            self._pool.close()
            raise StorageAway("the server does not answer") from error

    def write(self, work: Callable[[PostgresTx], T]) -> T:
        for _ in range(TRIES):
            try:
                return self._write_once(work)
            except _Again as again:
                last = again
                self._pool.check()
        raise StorageAway(str(last)) from last

    def read(self, work: Callable[[PostgresTx], T]) -> T:
        for _ in range(TRIES):
            try:
                return self._read_once(work)
            except _Again as again:
                last = again
                self._pool.check()
        raise StorageAway(str(last)) from last

    def close(self) -> None:
        self._pool.close()

    def _write_once(self, work: Callable[[PostgresTx], T]) -> T:
        return self._run(work, "begin isolation level read committed read write")

    def _read_once(self, work: Callable[[PostgresTx], T]) -> T:
        # One state for all statements of a question, as SQLite gives it.
        return self._run(work, "begin isolation level repeatable read read only")

    def _run(self, work: Callable[[PostgresTx], T], begin: LiteralString) -> T:
        with self._connection() as connection:
            self._begin(connection, begin)
            tx = PostgresTx(connection)
            try:
                result = work(tx)
                if tx.failure is not None:
                    raise tx.failure
            except BaseException as failure:
                self._give_up(connection, failure)
                raise
            self._commit(connection)
            return result

    @contextmanager
    def _connection(self) -> Iterator[psycopg.Connection[DictRow]]:
        try:
            connection = self._pool.getconn()
        except (PoolTimeout, PoolClosed) as error:
            raise StorageAway("no connection to the server") from error
        try:
            yield connection
        finally:
            self._pool.putconn(connection)

    def _begin(self, connection: psycopg.Connection[DictRow], statement: LiteralString) -> None:
        try:
            connection.execute(statement)
        except psycopg.OperationalError as error:
            # A connection that died while it lay in the pool: nothing has begun.
            raise _Again(type(error).__name__) from error
        except psycopg.Error as error:
            raise translated(error) from error

    def _give_up(self, connection: psycopg.Connection[DictRow], failure: BaseException) -> None:
        if not connection.closed:
            try:
                connection.execute("rollback")
            except psycopg.Error as error:
                connection.close()
                raise translated(error) from failure
        elif isinstance(failure, StorageAway):
            raise _Again(str(failure)) from failure

    def _commit(self, connection: psycopg.Connection[DictRow]) -> None:
        try:
            connection.execute("commit")
        except psycopg.errors.SerializationFailure as error:
            raise _Again(str(error)) from error
        except psycopg.Error as error:
            # Whether it was stored is unknown; the waiter's next try meets its inbox row.
            raise StorageAway(type(error).__name__) from error
