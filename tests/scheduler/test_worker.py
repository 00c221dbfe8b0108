"""Slow work: run once, run again after a kill, put aside when it never works."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import pytest

from scheduler.worker import LEASE_S, Work, Worker
from storage import tasks
from storage.database import Database, StorageAway
from storage.tasks import Task
from tests.scheduler import july
from tests.scheduler.july import P, shanghai
from tests.scheduler.platform import Killed, Seconds

NOW = shanghai(4, 15)
LATER = NOW + timedelta(seconds=LEASE_S + 1)

Opener = Callable[[], Database]


@pytest.fixture
def database(instance: Opener) -> Database:
    stored = instance()
    stored.write(july.store)
    return stored


def add(database: Database, number: int = 1) -> str:
    return database.write(lambda tx: tasks.add(tx, P, "export", {"number": number}, NOW))


def found(database: Database, task_id: str) -> tuple[str, int, Mapping[str, object] | None]:
    task = database.read(lambda tx: tasks.find(tx, task_id))
    assert task is not None
    return (task.state, task.attempts, task.result)


def worker(database: Database, work: Work, owner: str = "w", seconds: Seconds | None = None) -> Worker:
    return Worker(database, {"export": work}, owner, seconds=seconds or Seconds())


def double(task: Task, now: datetime) -> Mapping[str, object]:
    number = task.data["number"]
    assert isinstance(number, int)
    return {"doubled": 2 * number, "at": now.isoformat()}


def test_every_waiting_task_is_run_and_its_result_kept(database: Database) -> None:
    first, second = add(database, 1), add(database, 2)

    finished = worker(database, double).run(NOW)

    assert finished == 2
    assert found(database, first) == ("done", 1, {"doubled": 2, "at": NOW.isoformat()})
    assert found(database, second) == ("done", 1, {"doubled": 4, "at": NOW.isoformat()})


def test_a_kind_without_a_callable_is_left_for_others(database: Database) -> None:
    task_id = add(database)

    finished = Worker(database, {"draw": double}, "w", seconds=Seconds()).run(NOW)

    assert (finished, found(database, task_id)) == (0, ("waiting", 0, None))


def test_a_task_whose_process_was_killed_runs_again(database: Database) -> None:
    def die(task: Task, now: datetime) -> Mapping[str, object]:
        raise Killed

    task_id = add(database)
    with pytest.raises(Killed):
        worker(database, die, "first").run(NOW)

    finished = [worker(database, double, "second").run(now) for now in (NOW, LATER)]

    assert (finished, found(database, task_id)[:2]) == ([0, 1], ("done", 2))


def test_a_task_that_kills_its_process_each_time_is_put_aside(database: Database) -> None:
    def die(task: Task, now: datetime) -> Mapping[str, object]:
        raise Killed

    task_id = add(database)
    now = NOW
    for _ in range(3):
        with pytest.raises(Killed):
            worker(database, die).run(now)
        now += timedelta(seconds=LEASE_S + 1)

    finished = worker(database, die).run(now)

    assert (finished, found(database, task_id)) == (0, ("failed", 4, {"reason": "poison"}))


def test_a_task_that_raises_is_tried_three_times_and_stops_nobody(database: Database) -> None:
    def fall_over(task: Task, now: datetime) -> Mapping[str, object]:
        if task.data["number"] == 1:
            raise ZeroDivisionError
        return {}

    bad, good = add(database, 1), add(database, 2)
    one = worker(database, fall_over)

    counts = [one.run(NOW + timedelta(seconds=seconds)) for seconds in (0, 9, 10, 39, 40, 500)]

    assert counts == [1, 0, 0, 0, 0, 0]
    assert found(database, good) == ("done", 1, {})
    assert found(database, bad) == ("failed", 3, {"reason": "ZeroDivisionError"})


def test_a_database_that_is_away_is_no_fault_of_the_task(database: Database) -> None:
    def need_storage(task: Task, now: datetime) -> Mapping[str, object]:
        if task.attempts == 1:
            raise StorageAway
        return {}

    task_id = add(database)
    one = worker(database, need_storage)

    finished = [one.run(NOW), one.run(NOW + timedelta(seconds=10))]

    assert (finished, found(database, task_id)) == ([0, 1], ("done", 2, {}))


def test_a_worker_that_slept_through_its_lease_records_nothing(database: Database) -> None:
    def sleep_long(task: Task, now: datetime) -> Mapping[str, object]:
        worker(database, double, "quick").run(LATER)
        return {"doubled": "wrong"}

    task_id = add(database, 3)

    finished = worker(database, sleep_long, "sleeper").run(NOW)

    assert (finished, found(database, task_id)) == (
        0,
        ("done", 2, {"doubled": 6, "at": LATER.isoformat()}),
    )


def test_after_eight_seconds_no_other_task_is_begun(database: Database) -> None:
    seconds = Seconds()

    def slow(task: Task, now: datetime) -> Mapping[str, object]:
        seconds.now_s += 5
        return {}

    for number in range(3):
        add(database, number)
    one = worker(database, slow, seconds=seconds)

    finished = [one.run(NOW), one.run(NOW)]

    assert finished == [2, 1]
