"""Tasks: leased to one worker, started again after a kill, finished by the newest fence."""

from __future__ import annotations

from functools import partial

from storage import tasks
from storage.database import Database, Tx
from storage.tasks import Task
from tests.storage.conftest import Overlap
from tests.storage.samples import AT, P, later

LEASE_S = 60.0


def add(tx: Tx) -> str:
    return tasks.add(tx, P, "expand", {"session": "S02"}, AT)


def claim(database: Database, owner: str = "a", **span: float) -> Task | None:
    return database.write(lambda tx: tasks.claim(tx, owner, later(**span), LEASE_S))


def test_a_task_is_claimed_once(database: Database) -> None:
    task_id = database.write(add)

    claimed = [claim(database), claim(database)]

    assert claimed == [Task(task_id, P, "expand", {"session": "S02"}, "running", 1, 1, None), None]


def test_two_workers_that_claim_at_once_do_not_both_get_the_task(
    database: Database, overlap: Overlap
) -> None:
    database.write(add)

    first, second = overlap(
        lambda tx: tasks.claim(tx, "a", AT, LEASE_S), lambda tx: tasks.claim(tx, "b", AT, LEASE_S)
    )

    assert (first is not None, second) == (True, None)


def test_a_task_waits_for_its_time(database: Database) -> None:
    database.write(lambda tx: tasks.add(tx, None, "draw", {}, AT, run_at=later(minutes=2)))

    assert claim(database, minutes=1) is None
    assert claim(database, minutes=2) is not None


def test_a_task_whose_worker_died_is_given_to_another(database: Database) -> None:
    task_id = database.write(add)
    claim(database, "dead")

    again = claim(database, "b", seconds=60)
    of_dead = database.write(lambda tx: tasks.finish(tx, task_id, 1, {}, AT))
    of_b = database.write(lambda tx: tasks.finish(tx, task_id, 2, {"rows": 3}, AT))

    assert again == Task(task_id, P, "expand", {"session": "S02"}, "running", 2, 2, None)
    assert (of_dead, of_b) == (False, True)
    assert database.read(lambda tx: tasks.find(tx, task_id)) == Task(
        task_id, P, "expand", {"session": "S02"}, "done", 2, 2, {"rows": 3}
    )


def test_a_failed_task_is_tried_again_when_told_so(database: Database) -> None:
    task_id = database.write(add)
    claim(database)

    failed = database.write(lambda tx: tasks.fail(tx, task_id, 1, "busy", AT, later(minutes=5)))

    assert failed is True
    assert claim(database, minutes=4) is None
    assert claim(database, minutes=5) == Task(
        task_id, P, "expand", {"session": "S02"}, "running", 2, 2, {"reason": "busy"}
    )


def test_a_task_that_failed_for_good_is_not_tried_again(database: Database) -> None:
    task_id = database.write(add)
    claim(database)

    database.write(lambda tx: tasks.fail(tx, task_id, 1, "broken", AT))

    assert claim(database, days=1) is None
    assert database.read(lambda tx: tasks.find(tx, task_id)) == Task(
        task_id, P, "expand", {"session": "S02"}, "failed", 1, 1, {"reason": "broken"}
    )


def test_a_worker_claims_only_the_kinds_it_can_do(database: Database) -> None:
    database.write(add)
    drawing = database.write(lambda tx: tasks.add(tx, P, "draw", {}, later(seconds=1)))

    claimed = [
        database.write(lambda tx: tasks.claim(tx, "a", later(minutes=1), LEASE_S, [])),
        database.write(lambda tx: tasks.claim(tx, "a", later(minutes=1), LEASE_S, ["draw", "export"])),
        database.write(lambda tx: tasks.claim(tx, "a", later(minutes=1), LEASE_S, ["draw", "export"])),
    ]

    assert claimed == [None, Task(drawing, P, "draw", {}, "running", 1, 1, None), None]


def test_a_task_put_off_waits_again_and_its_attempt_is_not_counted(database: Database) -> None:
    task_id = database.write(add)
    claim(database)

    put_off = database.write(lambda tx: tasks.give_back(tx, task_id, 1, later(minutes=2)))

    assert (put_off, claim(database, minutes=1)) == (True, None)
    assert claim(database, minutes=2) == Task(task_id, P, "expand", {"session": "S02"}, "running", 2, 1, None)
    assert database.write(lambda tx: tasks.give_back(tx, task_id, 1, AT)) is False


def test_a_task_is_withdrawn_only_before_it_is_begun(database: Database) -> None:
    first, second = database.write(add), database.write(add)
    begun = claim(database)
    assert begun is not None
    waiting = second if begun.task_id == first else first

    withdrawn = [
        database.write(lambda tx, i=task_id: tasks.withdraw(tx, i, AT))  # type: ignore[misc]
        for task_id in (waiting, waiting, begun.task_id)
    ]

    assert withdrawn == [True, False, False]
    assert claim(database, minutes=9, seconds=0) is not None  # the one whose lease ran out
    assert database.read(lambda tx: tasks.find(tx, waiting)).state == "withdrawn"  # type: ignore[union-attr]


def test_the_newest_tasks_come_first(database: Database) -> None:
    ids = [
        database.write(lambda tx, m=minutes: tasks.add(tx, P, "expand", {}, later(minutes=m)))  # type: ignore[misc]
        for minutes in (1, 3, 2)
    ]

    newest = database.read(lambda tx: tasks.newest(tx, P, "expand", 2))

    assert [task.task_id for task in newest] == [ids[1], ids[2]]
    assert database.read(lambda tx: tasks.newest(tx, P, "report", 2)) == ()


def test_a_task_of_a_dead_worker_is_freed_by_its_successor_of_the_same_name(database: Database) -> None:
    database.write(lambda tx: tasks.add(tx, P, "draw", {}, AT))
    claim(database, "a")

    freed = [database.write(partial(tasks.free, owner=name, now=AT)) for name in ("b", "a")]

    assert freed == [0, 1]
    assert claim(database, "a") is not None
