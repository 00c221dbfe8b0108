"""Examines what was handed in, on a thread of its own: child process, verdict, version, receipt (design D11)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from pathlib import Path

from messages.envelope import Push
from programme.programme import Programme
from programme.submissions import PARTS, Finding, PageRule, judge, page_rule
from storage import outbox, submissions
from storage.database import Database, Tx
from storage.submissions import Submission
from storage.tasks import Task
from storage.upload_files import UploadFiles

LEASE_S = 45.0  # longer than a child process may take, short enough to begin again after a kill
GONE = Finding(None, refused="文件没有保存好，请再交一次")
UNRULED = PageRule(20, None)


class Examine:
    """The callable behind tasks of the kind *examine*. It may run again after a kill: a verdict is given
    once, and a file that is not kept is removed after the verdict that says so."""

    def __init__(
        self,
        database: Database,
        files: UploadFiles,
        look: Callable[[Path, str], Finding],
        programme_of: Callable[[str], Programme | None],
        defaults: Mapping[str, str],
        zone: tzinfo,
    ) -> None:
        self._database = database
        self._files = files
        self._look = look
        self._programme_of = programme_of
        self._defaults = defaults
        self._zone = zone

    def __call__(self, task: Task, now: datetime) -> Mapping[str, object]:
        submission_id = str(task.data["submission_id"])
        one = self._database.read(lambda tx: submissions.find(tx, submission_id))
        if one is None or one.state != "received" or one.file is None:
            return {"state": "done before"}
        path = self._files.path(one.file)
        finding = self._look(path, one.name) if path.exists() else GONE
        at = now.astimezone(self._zone)
        done = self._database.write(lambda tx: self._decide(tx, one, finding, at))
        if done is not None and done.file is None:
            self._files.remove(one.file)
        return {"state": done.state if done else "done before"}

    def _decide(self, tx: Tx, one: Submission, finding: Finding, at: datetime) -> Submission | None:
        programme = self._programme_of(one.programme_id)
        rule = page_rule(programme, self._defaults) if programme is not None else UNRULED
        verdict = judge(PARTS[one.part], finding, rule.pages)
        done = submissions.judged(tx, one, finding, verdict, rule, at)
        if done is not None and done.told is not None:
            push = Push(f"judged:{one.submission_id}", one.person_id, "submission/verdict", done.told, at)
            outbox.enqueue(tx, one.programme_id, push, at)
        return done
