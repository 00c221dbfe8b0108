"""What both engines promise: a unit is whole or absent, and only our own exceptions come out."""

from __future__ import annotations

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from storage import inbox, leases
from storage.database import Conflict, Database, StorageAway, Tx, WrongStatement
from tests.storage.conftest import Opener
from tests.storage.samples import AT, later

PUT = "insert into token (name, value, expires_at, version) values (:name, :value, '', 1)"
NAMES = "select name from token order by name"


class Unlucky(Exception):
    """What a unit of these tests raises."""


def put(tx: Tx, name: str) -> str:
    """Stores a row; its name."""
    tx.execute(PUT, {"name": name, "value": "v"})
    return name


def stored(database: Database) -> list[str]:
    return [row["name"] for row in database.read(lambda tx: tx.query(NAMES))]


def test_a_unit_gives_back_its_result_after_the_commit(database: Database, instance: Opener) -> None:
    result = database.write(lambda tx: put(tx, "a"))

    assert result == "a"
    assert stored(instance()) == ["a"]


def test_a_unit_that_raises_leaves_nothing_and_raises_to_its_caller(database: Database) -> None:
    def fail(tx: Tx) -> None:
        put(tx, "a")
        raise Unlucky

    with pytest.raises(Unlucky):
        database.write(fail)

    assert stored(database) == []


def test_a_unit_that_raises_does_not_touch_the_units_beside_it(database: Database) -> None:
    """16 units at once, so that on SQLite they share transactions; every third raises."""
    together = threading.Barrier(16)

    def one(number: int) -> str:
        def work(tx: Tx) -> str:
            put(tx, f"n{number:02}")
            if number % 3 == 0:
                raise Unlucky
            return f"n{number:02}"

        together.wait()
        try:
            return database.write(work)
        except Unlucky:
            return "unlucky"

    with ThreadPoolExecutor(16) as threads:
        results = list(threads.map(one, range(16)))

    kept = [f"n{number:02}" for number in range(16) if number % 3 != 0]
    assert [result for result in results if result != "unlucky"] == kept
    assert stored(database) == kept


def test_what_a_unit_has_not_committed_nobody_sees(database: Database, instance: Opener) -> None:
    reader = instance()

    seen = database.write(lambda tx: (put(tx, "a"), stored(reader))[1])

    assert seen == []


def test_a_unit_sees_what_it_wrote(database: Database) -> None:
    seen = database.write(lambda tx: (put(tx, "a"), tx.query(NAMES))[1])

    assert seen == [{"name": "a"}]


def test_a_reader_cannot_write(database: Database) -> None:
    with pytest.raises((StorageAway, WrongStatement)):
        database.read(lambda tx: put(tx, "a"))

    assert stored(database) == []


def test_a_read_sees_one_state_although_somebody_writes_meanwhile(
    database: Database, instance: Opener
) -> None:
    writer = instance()

    def look_twice(tx: Tx) -> tuple[int, int]:
        before = len(tx.query(NAMES))
        writer.write(lambda other: put(other, "a"))
        return before, len(tx.query(NAMES))

    assert database.read(look_twice) == (0, 0)


def test_a_broken_rule_is_a_conflict(database: Database) -> None:
    database.write(lambda tx: put(tx, "a"))

    with pytest.raises(Conflict):
        database.write(lambda tx: put(tx, "a"))

    database.write(lambda tx: put(tx, "b"))
    assert stored(database) == ["a", "b"]


def test_a_unit_that_swallows_a_conflict_fails_all_the_same(database: Database) -> None:
    """PostgreSQL would answer its commit with a rollback that is no error."""
    database.write(lambda tx: put(tx, "a"))

    def swallow(tx: Tx) -> str:
        put(tx, "b")
        with contextlib.suppress(Conflict):
            put(tx, "a")
        return "done"

    with pytest.raises(Conflict):
        database.write(swallow)

    assert stored(database) == ["a"]


@pytest.mark.parametrize("sql", ["selec 1", "select * from nowhere", "select :missing as x"])
def test_a_wrong_statement_is_a_defect_and_not_an_outage(database: Database, sql: str) -> None:
    with pytest.raises((WrongStatement, KeyError)):
        database.read(lambda tx: tx.query(sql))


def test_an_execute_tells_how_many_rows_changed(database: Database) -> None:
    many = [{"name": name, "value": "v"} for name in "abc"]

    def work(tx: Tx) -> list[int]:
        return [
            tx.execute(PUT, many),
            tx.execute(PUT, []),
            tx.execute("update token set value = 'w' where name <> 'a'"),
            tx.execute(f"{PUT} on conflict do nothing", {"name": "a", "value": "x"}),
            tx.execute("delete from token where name = :name", {"name": "none"}),
        ]

    assert database.write(work) == [3, 0, 2, 0, 0]


def test_percent_signs_and_colons_in_a_statement_are_only_characters(database: Database) -> None:
    database.write(lambda tx: put(tx, "100%:done"))

    both = "select name, '12:30 :no %s' as clock from token where name like '%:do%' and value = :value"
    with_value = database.read(lambda tx: tx.query(both, {"value": "v"}))
    without = database.read(lambda tx: tx.query("select 7 % 4 as rest, '%' as sign"))

    assert with_value == [{"name": "100%:done", "clock": "12:30 :no %s"}]
    assert without == [{"rest": 3, "sign": "%"}]


def test_values_are_never_read_as_sql(database: Database) -> None:
    hostile = "'); drop table token; -- 七月 \U0001f600 %s :name"

    database.write(lambda tx: tx.execute(PUT, {"name": hostile, "value": hostile}))

    assert stored(database) == [hostile]


def test_a_closed_database_is_away(instance: Opener) -> None:
    database = instance()
    database.close()

    with pytest.raises(StorageAway):
        database.write(lambda tx: put(tx, "a"))
    with pytest.raises(StorageAway):
        database.read(lambda tx: tx.query(NAMES))


def test_closing_twice_is_safe(instance: Opener) -> None:
    database = instance()

    database.close()
    database.close()

    with pytest.raises(StorageAway):
        database.write(lambda tx: tx.query("select 1 as one"))


def test_what_was_queued_is_committed_before_closing(database: Database, instance: Opener) -> None:
    closing = instance()
    started, may_end = threading.Event(), threading.Event()

    def slow(tx: Tx) -> None:
        put(tx, "slow")
        started.set()
        may_end.wait()

    with ThreadPoolExecutor(2) as threads:
        running = threads.submit(closing.write, slow)
        started.wait()
        may_end.set()
        running.result()
        threads.submit(closing.close).result()

    assert stored(database) == ["slow"]


def test_many_threads_of_two_instances_claim_every_message_once(database: Database, instance: Opener) -> None:
    instances = (database, instance())
    ids = [f"m{number:02}" for number in range(40)]

    def claim(number: int) -> tuple[str, bool]:
        message_id = ids[number % len(ids)]
        owner = instances[number % 2]
        return message_id, owner.write(lambda tx: inbox.take(tx, "wecom", message_id, AT))

    with ThreadPoolExecutor(8) as threads:
        claimed = list(threads.map(claim, range(4 * len(ids))))

    assert sorted(message_id for message_id, is_new in claimed if is_new) == ids


def test_many_instances_after_one_lease_agree_on_one_owner(database: Database, instance: Opener) -> None:
    instances = [database, instance(), instance()]
    together = threading.Barrier(3)

    def acquire(number: int) -> list[int | None]:
        return [acquire_in_turn(number, turn) for turn in range(5)]

    def acquire_in_turn(number: int, turn: int) -> int | None:
        together.wait()
        at = later(minutes=turn)
        return instances[number].write(lambda tx: leases.acquire(tx, "tick", f"o{number}", at, 30))

    with ThreadPoolExecutor(3) as threads:
        by_owner = list(threads.map(acquire, range(3)))

    by_turn = [[fences[turn] for fences in by_owner if fences[turn] is not None] for turn in range(5)]
    assert by_turn == [[1], [2], [3], [4], [5]]
