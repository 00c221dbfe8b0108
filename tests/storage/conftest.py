"""Every storage test runs on both engines: the same statements, two sets of surprises."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from storage.database import Database, Tx
from storage.engines import open_database
from storage.migrations import migrate
from tests.postgres import MIGRATED_AT, PostgresServer, postgres_server
from tests.storage import samples

__all__ = ["postgres_server"]

Opener = Callable[[], Database]
Overlap = Callable[[Callable[[Tx], object], Callable[[Tx], object]], tuple[object, object]]

MOST_LOOKS = 5000


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with the schema in it."""
    if request.param == "sqlite":
        file_url = f"sqlite:///{tmp_path}/qiyue.db"
        database = open_database(file_url)
        migrate(database, MIGRATED_AT)
        database.close()
        yield file_url
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    server_url = server.new_database()
    yield server_url
    server.give_back(server_url)


@pytest.fixture
def instance(url: str) -> Iterator[Opener]:
    """Opens one more instance of the product's storage on the same database."""
    opened: list[Database] = []

    def open_one() -> Database:
        opened.append(open_database(url))
        return opened[-1]

    yield open_one
    for database in opened:
        database.close()


@pytest.fixture
def database(instance: Opener) -> Database:
    """One instance, with the sample programme and its people stored."""
    stored = instance()
    stored.write(samples.store)
    return stored


@pytest.fixture
def overlap(database: Database, instance: Opener) -> Overlap:
    """Two instances at the same rows, the second while the first has not committed yet.

    On PostgreSQL the first waits until the second hangs on its lock, so that it meets exactly the
    moment that a look-then-write would lose. SQLite lets the second begin only afterwards.
    """
    other, watcher = instance(), instance()

    def run(first: Callable[[Tx], object], second: Callable[[Tx], object]) -> tuple[object, object]:
        second_may_start = threading.Event()

        def hold(tx: Tx) -> object:
            result = first(tx)
            second_may_start.set()
            if watcher.engine == "postgresql":
                _wait_for_a_lock(watcher)
            return result

        def follow() -> object:
            second_may_start.wait()
            return other.write(second)

        with ThreadPoolExecutor(2) as threads:
            follower = threads.submit(follow)
            leader = threads.submit(database.write, hold)
            return leader.result(), follower.result()

    return run


def _wait_for_a_lock(watcher: Database) -> None:
    """Returns once some connection of this database waits for a lock."""
    waiting = """
        select 1
        from pg_stat_activity
        where wait_event_type = 'Lock' and datname = current_database()"""
    for _ in range(MOST_LOOKS):
        if watcher.read(lambda tx: tx.query(waiting)):
            return
    raise AssertionError("the second unit never met the first one's lock")
