"""The PostgreSQL engine: translation of statements, second tries, and a server that goes away."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from storage.database import StorageAway, Tx
from storage.postgres import PostgresDatabase, translated_sql
from tests.postgres import PostgresServer
from tests.storage.test_engines import put, stored

SHORT_S = 0.5
UPDATE = "update token set value = :value where name = :name"
KILL_OTHERS = """
    select pg_terminate_backend(pid)
    from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'"""


@pytest.fixture
def url(postgres_server: PostgresServer) -> Iterator[str]:
    url = postgres_server.new_database()
    yield url
    postgres_server.give_back(url)


@pytest.fixture
def database(url: str) -> Iterator[PostgresDatabase]:
    opened = PostgresDatabase(url, 4.0)
    yield opened
    opened.close()


@pytest.fixture
def operator(url: str) -> Iterator[PostgresDatabase]:
    """Another client, as an administrator would use one."""
    opened = PostgresDatabase(url, 4.0)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("sql", "translated"),
    [
        ("select :a, :b_2", "select %(a)s, %(b_2)s"),
        ("where at < :at and at <> ':at'", "where at < %(at)s and at <> ':at'"),
        ("select 7 % 4, '100%', 'it''s :no'", "select 7 %% 4, '100%%', 'it''s :no'"),
        ("select cast(:a as text), x::text", "select cast(%(a)s as text), x::text"),
    ],
)
def test_named_parameters_are_translated_and_literals_are_not(sql: str, translated: str) -> None:
    assert translated_sql(sql) == translated


def test_units_that_lock_each_other_out_are_run_again_and_both_succeed(database: PostgresDatabase) -> None:
    """The server ends one of the two with 40P01; the whole unit is run once more (and may meet the
    other one a second time)."""
    database.write(lambda tx: [put(tx, "a"), put(tx, "b")])
    both_hold_one = threading.Barrier(2)
    runs: list[str] = []

    def crosswise(first: str, second: str) -> None:
        def work(tx: Tx) -> None:
            runs.append(first)
            tx.execute(UPDATE, {"name": first, "value": first})
            if runs.count(first) == 1:
                both_hold_one.wait()
            tx.execute(UPDATE, {"name": second, "value": first})

        database.write(work)

    with ThreadPoolExecutor(2) as threads:
        units = [threads.submit(crosswise, "a", "b"), threads.submit(crosswise, "b", "a")]
        for unit in units:
            unit.result()

    values = database.read(lambda tx: tx.query("select distinct value from token"))
    assert len(runs) > 2
    assert len(values) == 1


def test_a_unit_that_never_gets_through_is_away(database: PostgresDatabase) -> None:
    runs: list[int] = []

    def unlucky(tx: Tx) -> None:
        runs.append(1)
        tx.execute("do $$ begin raise exception using errcode = '40001'; end $$")

    with pytest.raises(StorageAway):
        database.write(unlucky)

    assert len(runs) == 3


def test_connections_that_died_in_the_pool_are_replaced(
    database: PostgresDatabase, operator: PostgresDatabase
) -> None:
    database.write(lambda tx: put(tx, "before"))
    operator.write(lambda tx: tx.query(KILL_OTHERS))

    database.write(lambda tx: put(tx, "after"))
    operator.write(lambda tx: tx.query(KILL_OTHERS))

    assert stored(database) == ["after", "before"]


def test_a_unit_whose_connection_dies_before_the_commit_is_run_again(
    database: PostgresDatabase, operator: PostgresDatabase
) -> None:
    runs: list[int] = []

    def interrupted(tx: Tx) -> None:
        runs.append(1)
        put(tx, f"run{len(runs)}")
        if len(runs) == 1:
            operator.write(lambda other: other.query(KILL_OTHERS))
            tx.query("select 1")

    database.write(interrupted)

    assert stored(database) == ["run2"]


def test_a_row_that_stays_locked_is_away_when_the_waiter_gives_up(url: str) -> None:
    impatient = PostgresDatabase(url, SHORT_S)
    holder = PostgresDatabase(url, 4.0)
    holder.write(lambda tx: put(tx, "a"))

    def hold(tx: Tx) -> None:
        tx.execute(UPDATE, {"name": "a", "value": "held"})
        with pytest.raises(StorageAway):
            impatient.write(lambda other: other.execute(UPDATE, {"name": "a", "value": "lost"}))

    holder.write(hold)

    values = holder.read(lambda tx: tx.query("select value from token"))
    impatient.close()
    holder.close()
    assert values == [{"value": "held"}]


def test_a_pool_without_a_free_connection_is_away(url: str) -> None:
    narrow = PostgresDatabase(url, SHORT_S, pool_size=1)

    def inside(tx: Tx) -> None:
        narrow.read(lambda other: other.query("select 1"))

    with pytest.raises(StorageAway):
        narrow.write(inside)

    narrow.close()


def test_a_server_that_is_not_there_is_away_and_its_password_is_not_repeated() -> None:
    with pytest.raises(StorageAway) as away:
        PostgresDatabase("postgresql://qiyue:secret@127.0.0.1:1/qiyue", SHORT_S)

    assert "secret" not in str(away.value)
