"""The SQLite engine under stress: grouping, waiting, a full disk, a locked file, a kill."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from storage.check import check
from storage.database import SecondWriter, StorageAway, Tx
from storage.migrations import migrate
from storage.sqlite import SqliteDatabase, hold_single_writer
from tests.storage.samples import AT
from tests.storage.test_engines import Unlucky, put, stored

ROOT = Path(__file__).parents[2]
SHORT_S = 0.3


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "qiyue.db"


@pytest.fixture
def database(path: Path) -> Iterator[SqliteDatabase]:
    opened = SqliteDatabase(path)
    migrate(opened, AT)
    yield opened
    opened.close()


class Gate:
    """A unit that keeps the writer busy until it is opened, so that others queue behind it."""

    def __init__(self, database: SqliteDatabase, threads: ThreadPoolExecutor) -> None:
        self._is_closed, self._may_end = threading.Event(), threading.Event()
        self._unit: Future[None] = threads.submit(database.write, self._work)
        self._is_closed.wait()

    def _work(self, tx: Tx) -> None:
        self._is_closed.set()
        self._may_end.wait()

    def open(self) -> None:
        self._may_end.set()
        self._unit.result()


class Crowd:
    """Threads that each write one unit; queued() returns once all of them stand in the queue."""

    def __init__(self, database: SqliteDatabase, threads: ThreadPoolExecutor) -> None:
        self._database, self._threads = database, threads
        self.units: list[Future[None]] = []

    def add(self, name: str, fails: bool = False) -> None:
        """One more thread, in the queue after those before it."""

        def work(tx: Tx) -> None:
            put(tx, name)
            if fails:
                raise Unlucky

        self.units.append(self._threads.submit(self._database.write, work))
        while self._database.queued < len(self.units):
            pass


def frames_of(path: Path) -> int:
    """How often a page was written to the log: each commit writes its pages once."""
    return (path.with_name(path.name + "-wal").stat().st_size - 32) // (4096 + 24)


def test_durability_is_what_the_design_asks_for(database: SqliteDatabase) -> None:
    def pragmas(tx: Tx) -> list[object]:
        return [
            next(iter(tx.query(f"pragma {name}")[0].values()))
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]

    assert database.write(pragmas) == ["wal", 2, 1]


def test_units_that_wait_together_are_committed_together(database: SqliteDatabase, path: Path) -> None:
    """20 units alone rewrite the same few pages 20 times; in one commit once."""
    database.write(lambda tx: put(tx, "first"))
    for number in range(20):
        database.write(partial(put, name=f"alone{number}"))
    alone = frames_of(path)

    with ThreadPoolExecutor(21) as threads:
        gate, crowd = Gate(database, threads), Crowd(database, threads)
        for number in range(20):
            crowd.add(f"grouped{number}")
        gate.open()

    together = frames_of(path) - alone
    assert len(stored(database)) == 41
    assert together < 6


def test_a_unit_that_raises_in_a_group_is_undone_alone(database: SqliteDatabase) -> None:
    with ThreadPoolExecutor(4) as threads:
        gate, crowd = Gate(database, threads), Crowd(database, threads)
        crowd.add("a")
        crowd.add("b", fails=True)
        crowd.add("c")
        gate.open()

    assert [type(unit.exception()) for unit in crowd.units] == [type(None), Unlucky, type(None)]
    assert stored(database) == ["a", "c"]


def test_a_waiter_gives_up_and_its_unit_is_never_started(path: Path) -> None:
    impatient = SqliteDatabase(path, patience_s=SHORT_S)
    migrate(impatient, AT)
    may_end = threading.Event()

    with ThreadPoolExecutor(1) as threads:
        slow = threads.submit(impatient.write, lambda tx: may_end.wait())
        while impatient.queued or not impatient.is_writing:
            pass
        with pytest.raises(StorageAway):
            impatient.write(lambda tx: put(tx, "late"))
        may_end.set()
        with pytest.raises(StorageAway):
            slow.result()

    impatient.write(lambda tx: put(tx, "next"))
    names = stored(impatient)
    impatient.close()
    assert names == ["next"]


def test_a_database_locked_by_another_process_is_away_and_comes_back(path: Path) -> None:
    impatient = SqliteDatabase(path, patience_s=SHORT_S)
    migrate(impatient, AT)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("begin immediate")

    with pytest.raises(StorageAway):
        impatient.write(lambda tx: put(tx, "locked out"))
    other.execute("rollback")
    impatient.write(lambda tx: put(tx, "after"))

    names = stored(impatient)
    other.close()
    impatient.close()
    assert names == ["after"]


def test_a_lock_let_go_in_time_is_only_waited_for(database: SqliteDatabase, path: Path) -> None:
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("begin immediate")

    with ThreadPoolExecutor(1) as threads:
        unit = threads.submit(database.write, lambda tx: put(tx, "patient"))
        while not database.is_writing:
            pass
        other.execute("rollback")
        unit.result()

    other.close()
    assert stored(database) == ["patient"]


def fill(database: SqliteDatabase) -> None:
    """From here on there is no free page: the engine says "database or disk is full"."""
    pages = database.read(lambda tx: tx.query("pragma page_count"))[0]["page_count"]
    database.write(lambda tx: tx.query(f"pragma max_page_count = {pages}"))


def test_on_a_full_disk_each_unit_is_run_again_alone_and_only_what_does_not_fit_fails(
    database: SqliteDatabase,
) -> None:
    big = "x" * 100_000
    fill(database)

    with ThreadPoolExecutor(4) as threads:
        gate, crowd = Gate(database, threads), Crowd(database, threads)
        crowd.add("a")
        crowd.add(big)
        crowd.add("c")
        gate.open()

    assert [type(unit.exception()) for unit in crowd.units] == [type(None), StorageAway, type(None)]
    assert stored(database) == ["a", "c"]


def test_a_disk_that_has_room_again_is_written_to_again(database: SqliteDatabase) -> None:
    big = "x" * 100_000
    fill(database)
    with pytest.raises(StorageAway):
        database.write(lambda tx: put(tx, big))

    database.write(lambda tx: tx.query("pragma max_page_count = 100000"))
    database.write(lambda tx: put(tx, big))

    assert stored(database) == [big]
    assert check(database) == ()


def test_a_unit_that_goes_on_after_the_disk_was_full_stores_nothing(database: SqliteDatabase) -> None:
    fill(database)

    def stubborn(tx: Tx) -> None:
        put(tx, "before")
        with pytest.raises(StorageAway):
            put(tx, "x" * 100_000)
        put(tx, "after")

    with pytest.raises(StorageAway):
        database.write(stubborn)

    assert stored(database) == []


def test_a_unit_that_swallows_the_full_disk_fails_all_the_same(database: SqliteDatabase) -> None:
    fill(database)

    def swallow(tx: Tx) -> str:
        put(tx, "before")
        with contextlib.suppress(StorageAway):
            put(tx, "x" * 100_000)
        return "done"

    with pytest.raises(StorageAway):
        database.write(swallow)

    assert stored(database) == []


def test_a_file_limit_of_the_system_fails_the_unit_and_keeps_what_was_acknowledged(path: Path) -> None:
    """RLIMIT_FSIZE makes write() itself fail, as a full file system does."""
    child = subprocess.run(
        [sys.executable, "-c", FULL_CHILD, str(path)], cwd=ROOT, capture_output=True, text=True, check=True
    )

    reopened = SqliteDatabase(path)
    names, problems = stored(reopened), check(reopened)
    reopened.close()
    acknowledged = child.stdout.split()
    assert acknowledged[-1] == "away"
    assert names == sorted(acknowledged[:-1])
    assert problems == ()


FULL_CHILD = """
import resource, signal, sys
from pathlib import Path
from storage.database import StorageAway
from storage.migrations import migrate
from storage.sqlite import SqliteDatabase
from tests.storage.samples import AT
from tests.storage.test_engines import put

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
database = SqliteDatabase(Path(sys.argv[1]))
migrate(database, AT)
resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000))
for number in range(10_000):
    name = f"n{number:05}" + "x" * 2000
    try:
        database.write(lambda tx: put(tx, name))
    except StorageAway:
        print("away")
        break
    print(name)
"""


KILLED_CHILD = """
import sys, threading
from pathlib import Path
from storage.sqlite import SqliteDatabase
from tests.storage.test_engines import put

database = SqliteDatabase(Path(sys.argv[1]))

def write(thread):
    for number in range(100_000):
        name = f"{thread}-{number}"
        database.write(lambda tx: put(tx, name))
        sys.stdout.write(name + "\\n")
        sys.stdout.flush()

for thread in range(8):
    threading.Thread(target=write, args=(thread,)).start()
"""


@pytest.mark.parametrize("lines", [1, 200, 1500])
def test_what_was_acknowledged_before_a_kill_is_there_and_sound(
    database: SqliteDatabase, path: Path, lines: int
) -> None:
    database.close()
    child = subprocess.Popen(
        [sys.executable, "-c", KILLED_CHILD, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    acknowledged = [child.stdout.readline() for _ in range(lines)]
    os.kill(child.pid, signal.SIGKILL)
    acknowledged += child.stdout.readlines()
    child.wait()
    child.stdout.close()

    reopened = SqliteDatabase(path)
    names, problems = set(stored(reopened)), check(reopened)
    reopened.close()
    whole = {line.strip() for line in acknowledged if line.endswith("\n")}
    assert whole - names == set()
    # One unit a thread may have been committed without its word getting out.
    assert len(names - whole) <= 8
    assert problems == ()


def test_a_folder_that_cannot_be_made_is_away(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StorageAway):
        SqliteDatabase(tmp_path / "file" / "qiyue.db")


def test_a_file_that_is_no_database_is_away(path: Path) -> None:
    path.write_bytes(b"no database" * 1000)

    with pytest.raises(StorageAway):
        SqliteDatabase(path)


def test_a_dangling_reference_is_found_by_check(database: SqliteDatabase, path: Path) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("insert into notice_line (programme_id, line, text) values ('none', 1, '')")
    other.close()

    assert check(database) == ("notice_line 表第 1 行指的 programme 不在了",)


def test_a_second_process_may_not_serve_the_same_folder(tmp_path: Path) -> None:
    held = hold_single_writer(tmp_path)

    with pytest.raises(SecondWriter):
        hold_single_writer(tmp_path)

    held.release()
    hold_single_writer(tmp_path).release()


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    holder = (
        "import sys, time; from pathlib import Path; from storage.sqlite import hold_single_writer;"
        "held = hold_single_writer(Path(sys.argv[1])); print('held', flush=True); time.sleep(60)"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", holder, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    said = child.stdout.readline()
    with pytest.raises(SecondWriter):
        hold_single_writer(tmp_path)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    child.stdout.close()

    hold_single_writer(tmp_path).release()
    assert said == "held\n"
