"""Copies of a SQLite file, and files that are not ours."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage.check import check
from storage.database import DamagedDatabase, Database, ForeignDatabase, SchemaTooNew, StorageAway
from storage.engines import open_database
from storage.migrations import migrate
from storage.sqlite_copy import UnfitCopy, back_up, restore
from storage.sqlite_file import refuse_what_is_not_ours

NOW = datetime(2026, 7, 1, 9, 30, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "qiyue.db"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    opened = open_database(f"sqlite:///{path}")
    migrate(opened, NOW)
    opened.write(lambda tx: tx.execute("create table pair (a integer, b integer)"))
    opened.write(lambda tx: tx.execute("insert into pair (a, b) values (0, 0)"))
    yield opened
    opened.close()


def pairs(path: Path) -> list[tuple[int, int]]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.execute("select a, b from pair"))


def foreign(path: Path, statements: str = "create table note (body text)") -> Path:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(statements)
    return path


def test_a_copy_taken_while_others_write_holds_whole_transactions(
    database: Database, path: Path, tmp_path: Path
) -> None:
    is_over = threading.Event()

    def write_on() -> None:
        number = 0
        while not is_over.is_set():
            number += 1
            values = {"a": number, "b": -number}
            database.write(lambda tx: tx.execute("update pair set a = :a, b = :b", values))  # noqa: B023

    writer = threading.Thread(target=write_on)
    writer.start()
    copies = [tmp_path / f"copy{at}.db" for at in range(20)]
    for copy in copies:
        back_up(path, copy)
    is_over.set()
    writer.join()

    found = [pairs(copy)[0] for copy in copies]
    assert all(a == -b for a, b in found)
    assert len(set(found)) > 1
    assert not [left for left in tmp_path.iterdir() if left.suffix == ".part"]


def test_a_copy_is_one_file_that_only_its_owner_reads(database: Database, path: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copies"
    folder.mkdir()

    size_bytes = back_up(path, folder / "copy.db")

    assert [file.name for file in folder.iterdir()] == ["copy.db"]
    assert (folder / "copy.db").stat().st_mode & 0o777 == 0o600
    assert (folder / "copy.db").stat().st_size == size_bytes


def test_a_restored_copy_takes_the_place_and_the_old_file_stays_with_its_log(
    database: Database, path: Path, tmp_path: Path
) -> None:
    back_up(path, tmp_path / "copy.db")
    database.write(lambda tx: tx.execute("update pair set a = 7, b = -7"))

    kept = restore(tmp_path / "copy.db", path, NOW)

    assert kept == tmp_path / "qiyue.db.before-20260701T093000"
    assert pairs(path) == [(0, 0)]
    assert pairs(kept) == [(7, -7)]


def test_a_restored_database_is_sound(database: Database, path: Path, tmp_path: Path) -> None:
    back_up(path, tmp_path / "copy.db")
    place = tmp_path / "new" / "qiyue.db"

    assert restore(tmp_path / "copy.db", place, NOW) is None

    again = open_database(f"sqlite:///{place}")
    assert check(again) == ()
    again.close()


def flip(path: Path) -> None:
    """Every page but the first is overwritten."""
    data = bytearray(path.read_bytes())
    data[4096:] = b"\x5a" * (len(data) - 4096)
    path.write_bytes(data)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-8192])


def orphan(path: Path) -> None:
    foreign(path, "insert into notice_line (programme_id, line, text) values ('nobody', 1, '')")


def from_the_future(path: Path) -> None:
    foreign(path, "insert into migration (name, applied_at) values ('9999 later', '2030-01-01')")


def empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (flip, (StorageAway, UnfitCopy)),
        (cut, (StorageAway, UnfitCopy)),
        (orphan, UnfitCopy),
        (from_the_future, SchemaTooNew),
        (empty, DamagedDatabase),
    ],
)
def test_a_copy_that_fails_its_check_replaces_nothing(
    spoil: object,
    error: type[Exception] | tuple[type[Exception], ...],
    database: Database,
    path: Path,
    tmp_path: Path,
) -> None:
    back_up(path, tmp_path / "copy.db")
    assert callable(spoil)
    spoil(tmp_path / "copy.db")

    with pytest.raises(error):
        restore(tmp_path / "copy.db", path, NOW)

    assert pairs(path) == [(0, 0)]
    assert not list(tmp_path.glob("*before*")) + list(tmp_path.glob(".*restoring"))


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_the_database_of_another_program_is_refused_and_untouched(mode: str, path: Path) -> None:
    foreign(path, f"pragma journal_mode = {mode}; create table note (body text)")
    before = {file.name: file.read_bytes() for file in path.parent.iterdir()}

    with pytest.raises(ForeignDatabase):
        open_database(f"sqlite:///{path}")

    assert {file.name: file.read_bytes() for file in path.parent.iterdir()} == before


def test_the_open_log_of_another_program_is_looked_into(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.executescript(
            "pragma journal_mode = wal; pragma wal_autocheckpoint = 0; create table note (body text)"
        )

        with pytest.raises(ForeignDatabase):
            refuse_what_is_not_ours(path)


def test_a_list_of_steps_of_another_program_is_not_ours(path: Path) -> None:
    foreign(path, "create table migration (version integer)")

    with pytest.raises(ForeignDatabase):
        refuse_what_is_not_ours(path)


def test_ours_is_ours_while_it_is_in_use_and_after(database: Database, path: Path) -> None:
    refuse_what_is_not_ours(path)
    database.close()

    refuse_what_is_not_ours(path)


@pytest.mark.parametrize("content", [b"", None])
def test_an_empty_and_a_missing_file_may_become_ours(content: bytes | None, path: Path) -> None:
    if content is not None:
        path.write_bytes(content)

    opened = open_database(f"sqlite:///{path}")
    migrate(opened, NOW)

    assert check(opened) == ()
    opened.close()
