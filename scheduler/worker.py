"""Runs task rows: slow work that a conversation left behind, by kind, one after the other."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from storage import tasks
from storage.database import Database, StorageAway
from storage.tasks import Task

log = logging.getLogger(__name__)

Work = Callable[[Task, datetime], Mapping[str, object]]

# A dead worker's task runs again this soon; each kind takes less, or bears being done twice at once.
LEASE_S = 10.0
TRIES = 3
FIRST_PAUSE_S = 10.0
BUDGET_S = 8.0


class NotYet(Exception):
    """Raised by a callable whose time has not come: the task is put off to *until*, uncounted."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until.isoformat())
        self.until = until


class Worker:
    """Claims tasks of the kinds it has a callable for. A callable gets the task and the moment and
    returns what is stored as the result; it may run again after a kill, so it must bear repetition.

    A task that fails, or kills its process, three times is put aside as failed with its reason.
    """

    def __init__(
        self,
        database: Database,
        works: Mapping[str, Work],
        owner: str,
        *,
        seconds: Callable[[], float] = time.monotonic,
        lease_s: float = LEASE_S,
    ) -> None:
        self._database = database
        self._works = works
        self._owner = owner
        self._seconds = seconds
        self._lease_s = lease_s

    def recover(self, now: datetime) -> int:
        """Take up at once what this instance's last process had begun; how many tasks that were."""
        return self._database.write(lambda tx: tasks.free(tx, self._owner, now))

    def run(self, now: datetime) -> int:
        """Run waiting tasks, beginning none after 8 s; how many were finished. Raises StorageAway."""
        started = self._seconds()
        finished = 0
        while self._works and (spent := self._seconds() - started) < BUDGET_S:
            moment = now + timedelta(seconds=spent)
            task = self._claim(moment)
            if task is None:
                break
            finished += self._work(task, now, moment)
        return finished

    def _claim(self, moment: datetime) -> Task | None:
        kinds = tuple(self._works)
        return self._database.write(lambda tx: tasks.claim(tx, self._owner, moment, self._lease_s, kinds))

    def _work(self, task: Task, now: datetime, moment: datetime) -> bool:
        if task.attempts > TRIES:
            # Claimed again and again, marked never: it takes its process down with it.
            self._give_up(task, "poison", moment)
            return False
        try:
            # The moment of the tick: what it makes due now is sent by the step after it, not a second later.
            result = self._works[task.kind](task, now)
        except NotYet as wait:
            until = wait.until
            self._database.write(lambda tx: tasks.give_back(tx, task.task_id, task.fence, until))
            return False
        except StorageAway:
            self._try_later(task, "storage away", moment)
            return False
        except Exception as error:  # the worker's edge: one bad task must not stop the others
            log.exception("task_broken task=%s kind=%s attempt=%s", task.task_id, task.kind, task.attempts)
            self._fail(task, type(error).__name__, moment)
            return False
        is_ours = self._database.write(lambda tx: tasks.finish(tx, task.task_id, task.fence, result, moment))
        log.info("task task=%s kind=%s outcome=%s", task.task_id, task.kind, "done" if is_ours else "fenced")
        return is_ours

    def _fail(self, task: Task, reason: str, moment: datetime) -> None:
        if task.attempts >= TRIES:
            self._give_up(task, reason, moment)
        else:
            self._try_later(task, reason, moment)

    def _give_up(self, task: Task, reason: str, moment: datetime) -> None:
        log.error("task_failed task=%s kind=%s reason=%s", task.task_id, task.kind, reason)
        self._database.write(lambda tx: tasks.fail(tx, task.task_id, task.fence, reason, moment))

    def _try_later(self, task: Task, reason: str, moment: datetime) -> None:
        pause = timedelta(seconds=FIRST_PAUSE_S * 3 ** (task.attempts - 1))
        self._database.write(
            lambda tx: tasks.fail(tx, task.task_id, task.fence, reason, moment, retry_at=moment + pause)
        )
