"""The one thread that writes to SQLite: takes what is queued and commits it all at once (D3)."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, Protocol, TypeVar

from storage.database import StorageAway, Tx

T = TypeVar("T")

GROUP_LIMIT = 256
# How long the first of a group waits for others: a commit costs more than what it commits, and one
# for four messages instead of ten is a tenth of the CPU of a check-in (measured).
GATHER_S = 0.001


class FallibleTx(Tx, Protocol):
    failure: Exception | None


class _Unit:
    """One piece of work and the thread that waits for it; *done* is held until it is served."""

    __slots__ = ("done", "failure", "is_abandoned", "result", "work")

    def __init__(self, work: Callable[[Any], Any]) -> None:
        self.work = work
        self.result: Any = None
        self.failure: BaseException | None = None
        self.is_abandoned = False
        # A bare lock: a Future costs three times as much, and this is on the hot path.
        self.done = threading.Lock()
        self.done.acquire()


class Writer:
    """Owns the writing connection. Everything but write() and close() runs in its own thread."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        open_tx: Callable[[sqlite3.Connection], FallibleTx],
        translated: Callable[[sqlite3.Error], Exception],
        patience_s: float,
    ) -> None:
        self._connection = connection
        self._open_tx = open_tx
        self._translated = translated
        self._patience_s = patience_s
        self._queue: SimpleQueue[_Unit | None] = SimpleQueue()
        self._is_closed = False
        self.is_writing = False
        self._thread = threading.Thread(target=self._serve_until_closed, name="storage-writer", daemon=True)
        self._thread.start()

    def write(self, work: Callable[[Any], T]) -> T:
        """The result of *work* after its commit. Raises what *work* raised, or StorageAway."""
        if self._is_closed:
            raise StorageAway("the database is closed")
        unit = _Unit(work)
        self._queue.put(unit)
        if not unit.done.acquire(timeout=self._patience_s):
            unit.is_abandoned = True
            raise StorageAway(f"not committed within {self._patience_s:g} s")
        if unit.failure is None:
            result: T = unit.result
            return result
        try:
            raise unit.failure
        finally:
            # The traceback holds this frame; without this the unit would hold itself.
            del unit

    @property
    def queued(self) -> int:
        return self._queue.qsize()

    def close(self) -> None:
        """Commits what is queued, then closes the connection."""
        if self._is_closed:
            return
        self._is_closed = True
        self._queue.put(None)
        self._thread.join()
        self._connection.close()

    def _serve_until_closed(self) -> None:
        is_open = True
        while is_open:
            units, is_open = self._take()
            if units:
                self.is_writing = True
                self._serve(units)
                self.is_writing = False
        while self._queue.qsize():
            self._refuse(self._queue.get())

    def _take(self) -> tuple[list[_Unit], bool]:
        """What is queued now, at least one; False once the end was reached."""
        units: list[_Unit] = []
        while not units or (len(units) < GROUP_LIMIT and self._queue.qsize()):
            unit = self._queue.get()
            if unit is None:
                return units, False
            units.append(unit)
            if len(units) == 1:
                time.sleep(GATHER_S)
        return units, True

    def _refuse(self, unit: _Unit | None) -> None:
        if unit is None:
            return
        unit.failure = StorageAway("the database is closed")
        unit.done.release()

    def _serve(self, units: list[_Unit]) -> None:
        awaited = self._begin(units)
        if not awaited:
            return
        try:
            self._run_group(awaited)
            self._commit()
        except (StorageAway, sqlite3.Error):
            # A full disk takes the released savepoints of the others with it (measured), so
            # nobody's work is there: each again, alone, and whoever fails then is told.
            self._roll_back()
            for unit in awaited:
                self._run_alone(unit)
            return
        for unit in awaited:
            unit.done.release()

    def _begin(self, units: list[_Unit]) -> list[_Unit]:
        """Opens the transaction; the units still awaited, or none when all gave up first."""
        while awaited := [unit for unit in units if not unit.is_abandoned]:
            try:
                self._connection.execute("begin immediate")
            except sqlite3.Error as error:
                if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
                    continue  # another process holds the lock; the connection's time-out has waited
                self._fail(awaited, self._translated(error))
                return []
            return awaited
        return []

    def _run_group(self, units: list[_Unit]) -> None:
        """All of *units* in the open transaction. Nearly always none fails, so they run without the
        two statements of a savepoint each; where one does, all run again, each in its own."""
        for unit in units:
            if unit.is_abandoned:
                continue
            tx = self._open_tx(self._connection)
            try:
                unit.result = unit.work(tx)
            except BaseException as failure:  # the edge around one unit: only its waiter hears of it
                unit.failure = failure
            if isinstance(tx.failure, StorageAway):
                raise StorageAway("the transaction was lost") from tx.failure
            if unit.failure is not None or tx.failure is not None:
                unit.failure = None
                self._connection.execute("rollback")
                self._connection.execute("begin immediate")
                self._run_together(units)
                return

    def _run_together(self, units: list[_Unit]) -> None:
        execute = self._connection.execute
        for unit in units:
            if unit.is_abandoned:
                continue  # its waiter gave up while the lock was waited for, or others ran
            tx = self._open_tx(self._connection)
            execute("savepoint unit")
            try:
                unit.result = unit.work(tx)
                unit.failure = tx.failure
            except BaseException as failure:  # the edge around one unit: only its waiter hears of it
                unit.failure = failure
            if isinstance(tx.failure, StorageAway):
                raise StorageAway("the transaction was lost") from tx.failure
            if unit.failure is not None:
                execute("rollback to unit")
            execute("release unit")

    def _run_alone(self, unit: _Unit) -> None:
        try:
            if self._begin([unit]):
                self._run_together([unit])
                self._commit()
                unit.done.release()
        except StorageAway as failure:
            self._roll_back()
            self._fail([unit], failure)
        except sqlite3.Error as error:
            self._roll_back()
            self._fail([unit], self._translated(error))

    def _fail(self, units: list[_Unit], failure: BaseException) -> None:
        for unit in units:
            unit.failure = failure
            unit.done.release()

    def _commit(self) -> None:
        try:
            self._connection.execute("commit")
        except sqlite3.Error as error:
            raise StorageAway(str(error)) from error

    def _roll_back(self) -> None:
        # After an I/O error the rollback itself may fail; the next "begin" then says so.
        with contextlib.suppress(sqlite3.Error):
            self._connection.rollback()
