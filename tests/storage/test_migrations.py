"""Migrations: once, in one transaction, and never on a database of a newer release."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from storage import outbox
from storage.check import check
from storage.database import Database, SchemaTooNew, Tx, WrongStatement
from storage.engines import UnknownEngine, open_database
from storage.migrations import STEPS, applied_steps, migrate
from storage.times import to_text
from tests.postgres import PostgresServer
from tests.storage.samples import AT

NAMES = tuple(name for name, _ in STEPS)
NEXT = ("9999 next", ("create table later (id text primary key)",))
BROKEN = (
    "9998 broken",
    ("create table half (id text primary key)", "create table half (id text primary key)"),
)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/empty.db"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    url = server.new_empty_database()
    yield url
    server.drop(url)


@pytest.fixture
def database(empty_url: str) -> Iterator[Database]:
    """A migrated database of this test's own: what is done to its schema ends with it."""
    opened = open_database(empty_url)
    migrate(opened, AT)
    yield opened
    opened.close()


def test_an_empty_database_gets_every_step_and_the_second_time_none(empty_url: str) -> None:
    database = open_database(empty_url)

    done = [migrate(database, AT), migrate(database, AT)]

    applied, problems = database.read(applied_steps), check(database)
    database.close()
    assert done == [NAMES, ()]
    assert applied == NAMES
    assert problems == ()


def test_a_new_release_adds_only_its_own_step(database: Database) -> None:
    assert migrate(database, AT, (*STEPS, NEXT)) == ("9999 next",)


def test_instances_that_start_together_migrate_once(empty_url: str) -> None:
    instances = [open_database(empty_url) for _ in range(3)]

    with ThreadPoolExecutor(3) as threads:
        done = list(threads.map(lambda database: migrate(database, AT), instances))

    for database in instances:
        database.close()
    assert sorted(done, key=len) == [(), (), NAMES]


def test_a_database_of_a_newer_release_is_refused_and_named_by_check(database: Database) -> None:
    migrate(database, AT, (*STEPS, NEXT))

    with pytest.raises(SchemaTooNew, match="9999 next"):
        migrate(database, AT)

    assert check(database) == ("有新版程序的升级步骤 9999 next",)


def test_a_step_that_fails_leaves_nothing_behind(database: Database) -> None:
    with pytest.raises(WrongStatement):
        migrate(database, AT, (*STEPS, BROKEN))

    assert database.read(applied_steps) == NAMES
    assert migrate(database, AT, (*STEPS, ("9998 mended", BROKEN[1][:1]))) == ("9998 mended",)


def test_a_missing_step_is_named_by_check(database: Database) -> None:
    database.write(lambda tx: tx.execute("delete from migration"))

    assert check(database) == tuple(f"缺少升级步骤 {name}" for name in NAMES)


def test_an_unknown_url_is_refused_without_repeating_its_password() -> None:
    with pytest.raises(UnknownEngine) as refused:
        open_database("mysql://qiyue:secret@db/qiyue")

    assert "secret" not in str(refused.value)


def test_a_relative_file_lies_in_the_data_folder(tmp_path: Path) -> None:
    database = open_database("sqlite:///sub/qiyue.db", tmp_path)
    database.close()

    assert (tmp_path / "sub" / "qiyue.db").exists()


def store_as_the_first_release_did(tx: Tx) -> None:
    tx.execute(
        """
        insert into programme (
            programme_id, version, people_version, title, year, timezone, first_date, last_date, created_at)
        values ('p2023', 1, 1, '集中学习', 2023, 'Asia/Shanghai', '2023-07-03', '2023-07-28', :at)""",
        {"at": to_text(AT)},
    )
    tx.execute(
        """
        insert into person (
            person_id, programme_id, position, name, roles, opted_in, muted, joined_at, changed_in)
        values ('s1', 'p2023', 0, '王小明', '["student"]', 0, 0, :at, 1)""",
        {"at": to_text(AT)},
    )


def test_rows_of_the_first_release_are_kept_when_robots_come(empty_url: str) -> None:
    database = open_database(empty_url)
    migrate(database, AT, STEPS[:1])
    database.write(store_as_the_first_release_did)
    database.write(
        lambda tx: tx.execute(
            """
            insert into outbox (
                dedupe_key, programme_id, person_id, template, slots, due_at, state, created_at)
            values ('k1', 'p2023', 's1', 'reminder/soon', '{}', :at, 'waiting', :at)""",
            {"at": to_text(AT)},
        )
    )

    migrate(database, AT)

    rows = database.read(lambda tx: outbox.due(tx, AT, 10))
    problems = check(database)
    database.close()
    assert [(row.dedupe_key, row.person_id, row.robot) for row in rows] == [("k1", "s1", None)]
    assert problems == ()
