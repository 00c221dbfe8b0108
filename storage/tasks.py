"""Slow work as rows: added with the change that needs it, leased by a worker, fenced (design §2)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import uuid4

from storage.database import Row, Tx
from storage.json_text import from_json, mapping_json
from storage.times import from_text_or_none, to_text

TaskKind = Literal["examine", "draw", "export", "expand", "report", "recall", "card"]
TaskState = Literal["waiting", "running", "done", "failed", "withdrawn"]

COLUMNS = "task_id, programme_id, kind, data, state, fence, attempts, result"


@dataclass(frozen=True)
class Task:
    """*fence* must be shown to finish it; *attempts* counts the present one."""

    task_id: str
    programme_id: str | None
    kind: TaskKind
    data: Mapping[str, object]
    state: TaskState
    fence: int
    attempts: int
    result: Mapping[str, object] | None


def add(
    tx: Tx,
    programme_id: str | None,
    kind: TaskKind,
    data: Mapping[str, object],
    at: datetime,
    run_at: datetime | None = None,
) -> str:
    """Queue a task, to be run from *run_at* (else at once); its id."""
    task_id = uuid4().hex
    tx.execute(
        """
        insert into task (task_id, programme_id, kind, data, state, run_at, fence, attempts, created_at)
        values (:task_id, :programme_id, :kind, :data, 'waiting', :run_at, 0, 0, :at)""",
        {
            "task_id": task_id,
            "programme_id": programme_id,
            "kind": kind,
            "data": mapping_json(data),
            "run_at": to_text(run_at or at),
            "at": to_text(at),
        },
    )
    return task_id


def claim(
    tx: Tx, owner: str, now: datetime, lease_s: float, kinds: Collection[str] | None = None
) -> Task | None:
    """Lease the longest waiting task, or one whose worker's lease ran out; None when there is none
    (or another worker was faster: ask again at the next tick). Only of *kinds*, when named."""
    named = {f"kind_{number}": kind for number, kind in enumerate(kinds or ())}
    of_kind = "" if kinds is None else f"and kind in ({', '.join(':' + name for name in named) or 'null'})"
    found = tx.query(
        f"""
        update task
        set state = 'running', lease_owner = :owner, lease_until = :lease_until, fence = fence + 1,
            attempts = attempts + 1
        where task_id in (
                select task_id
                from task
                where ((state = 'waiting' and run_at <= :now) or (state = 'running' and lease_until <= :now))
                    {of_kind}
                order by run_at, task_id
                limit 1)
            and ((state = 'waiting' and run_at <= :now) or (state = 'running' and lease_until <= :now))
        returning {COLUMNS}""",  # noqa: S608 - a constant of this module
        {
            "owner": owner,
            "now": to_text(now),
            "lease_until": to_text(now + timedelta(seconds=lease_s)),
            **named,
        },
    )
    return _task(found[0]) if found else None


def free(tx: Tx, owner: str, now: datetime) -> int:
    """End the leases of a dead worker of that name, so that its tasks need not wait; how many."""
    return tx.execute(
        "update task set lease_until = :now where state = 'running' and lease_owner = :owner",
        {"owner": owner, "now": to_text(now)},
    )


def finish(tx: Tx, task_id: str, fence: int, result: Mapping[str, object], at: datetime) -> bool:
    """Record the result; False when *fence* is no longer the newest."""
    return _end(tx, task_id, fence, "done", result, at)


def fail(
    tx: Tx, task_id: str, fence: int, reason: str, at: datetime, retry_at: datetime | None = None
) -> bool:
    """Record that it did not work: to be tried again at *retry_at*, else for good."""
    if retry_at is None:
        return _end(tx, task_id, fence, "failed", {"reason": reason}, at)
    changed = tx.execute(
        """
        update task
        set state = 'waiting', run_at = :retry_at, lease_owner = null, lease_until = null, result = :result
        where task_id = :task_id and fence = :fence and state = 'running'""",
        {
            "task_id": task_id,
            "fence": fence,
            "retry_at": to_text(retry_at),
            "result": mapping_json({"reason": reason}),
        },
    )
    return changed == 1


def give_back(tx: Tx, task_id: str, fence: int, run_at: datetime) -> bool:
    """Put a claimed task off to *run_at* without counting the attempt: it was not its time yet."""
    changed = tx.execute(
        """
        update task
        set state = 'waiting', run_at = :run_at, lease_owner = null, lease_until = null,
            attempts = attempts - 1
        where task_id = :task_id and fence = :fence and state = 'running'""",
        {"task_id": task_id, "fence": fence, "run_at": to_text(run_at)},
    )
    return changed == 1


def withdraw(tx: Tx, task_id: str, at: datetime) -> bool:
    """Take back a task that nobody has begun; False when it runs, has run or was taken back before."""
    changed = tx.execute(
        """
        update task
        set state = 'withdrawn', finished_at = :at
        where task_id = :task_id and state = 'waiting'""",
        {"task_id": task_id, "at": to_text(at)},
    )
    return changed == 1


def newest(tx: Tx, programme_id: str, kind: TaskKind, limit: int) -> tuple[Task, ...]:
    """The tasks of that kind that were added last, the newest first."""
    found = tx.query(
        f"""
        select {COLUMNS}
        from task
        where programme_id = :programme_id and kind = :kind
        order by created_at desc, task_id
        limit :limit""",  # noqa: S608 - a constant of this module
        {"programme_id": programme_id, "kind": kind, "limit": limit},
    )
    return tuple(map(_task, found))


def next_run(tx: Tx, after: datetime) -> datetime | None:
    """When the first of the tasks that wait for their time is to run."""
    found = tx.query(
        "select min(run_at) as run_at from task where state = 'waiting' and run_at > :after",
        {"after": to_text(after)},
    )
    return from_text_or_none(found[0]["run_at"])


def find(tx: Tx, task_id: str) -> Task | None:
    found = tx.query(
        f"select {COLUMNS} from task where task_id = :task_id",  # noqa: S608 - a constant of this module
        {"task_id": task_id},
    )
    return _task(found[0]) if found else None


def _end(
    tx: Tx, task_id: str, fence: int, state: TaskState, result: Mapping[str, object], at: datetime
) -> bool:
    changed = tx.execute(
        """
        update task
        set state = :state, result = :result, lease_owner = null, lease_until = null, finished_at = :at
        where task_id = :task_id and fence = :fence and state = 'running'""",
        {
            "task_id": task_id,
            "fence": fence,
            "state": state,
            "result": mapping_json(result),
            "at": to_text(at),
        },
    )
    return changed == 1


def _task(row: Row) -> Task:
    return Task(
        task_id=row["task_id"],
        programme_id=row["programme_id"],
        kind=row["kind"],
        data=from_json(row["data"]),
        state=row["state"],
        fence=row["fence"],
        attempts=row["attempts"],
        result=None if row["result"] is None else from_json(row["result"]),
    )
