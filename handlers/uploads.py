"""What stands behind /u/<token> and /f/<token>: receiving files in pieces, their state, and giving them out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from handlers.context import Setup
from handlers.links import FILE, UPLOAD, personal_fields
from messages.envelope import Reply
from programme.people import Person
from programme.programme import Programme
from programme.submissions import PARTS, PageRule, clean_name, named_kind, page_rule, report_kinds
from storage import submissions, tasks
from storage.database import Database, Tx
from storage.snapshot import Snapshot
from storage.submissions import Submission
from storage.upload_files import DiskFull, Elsewhere, Incoming, Kept, TakingTurns, UploadFiles

CHUNK_BYTES = 256 * 1024
UNFINISHED_AT_ONCE = 8
SENT_A_DAY = 40
MB = 1024 * 1024
AWAY = Reply("submission/away")  # what the page says while the database cannot be used

Closed = Literal["expired", "unknown"]


@dataclass(frozen=True)
class UploadRules:
    """[submission] of the configuration: how large a file may be, and which endings are taken."""

    max_mb: int = 50
    types: tuple[str, ...] = ("pdf", "docx", "pptx")


@dataclass(frozen=True)
class Desk:
    """An upload link that is genuine: whose it is, and what it was asked for."""

    person: Person
    programme: Programme
    part: str
    kind: str


@dataclass(frozen=True)
class UploadView:
    """What the page shows. *parts* may be chosen from; *part* is chosen already, "" if none is."""

    name: str
    part: str
    kind: str
    parts: tuple[tuple[str, str], ...]
    kinds: tuple[str, ...]
    rule: PageRule
    max_mb: int
    types: tuple[str, ...]
    sent: tuple[Reply, ...]


@dataclass(frozen=True)
class Progress:
    """Where an upload stands. *said* is the verdict, or what went wrong in Chinese by its template."""

    state: Literal["receiving", "received", "judged", "failed"]
    offset: int = 0
    verdict: str = ""
    said: Reply | None = None


@dataclass(frozen=True)
class Problem:
    """Why an upload cannot go on; *may_retry*: the same request may be sent again in a moment."""

    said: Reply
    may_retry: bool = False


@dataclass(frozen=True)
class FileView:
    path: Path
    name: str


class Uploads:
    """The use cases of the upload page. *now* is the programme's clock, *moment* the real one."""

    def __init__(
        self,
        database: Database,
        files: UploadFiles,
        snapshot: Snapshot,
        setup: Setup,
        rules: UploadRules,
        *,
        now: Callable[[], datetime],
        moment: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._files = files
        self._snapshot = snapshot
        self._setup = setup
        self._keys = [key for key in (setup.signing_key, setup.previous_signing_key) if key is not None]
        self._rules = rules
        self._now = now
        self._moment = moment

    def desk(self, token: str) -> Desk | Closed:
        """Whose page it is. A person who has left has no page any more."""
        opened = personal_fields(self._keys, UPLOAD, token, 3, self._moment())
        if opened is None:
            return "unknown"
        (person_id, part, kind), is_valid = opened
        if not is_valid:
            return "expired"
        person = self._snapshot.person(person_id)
        programme = self._snapshot.programme(person.programme_id) if person else None
        return Desk(person, programme, part, kind) if person and programme else "unknown"

    def view(self, desk: Desk) -> UploadView:
        found = self._database.read(
            lambda tx: submissions.of_person(tx, desk.programme.programme_id, desk.person.person_id)
        )
        is_asset = desk.part in PARTS and PARTS[desk.part].is_asset
        parts = tuple((p.key, p.name) for p in PARTS.values() if p.is_asset == is_asset)
        return UploadView(
            name=desk.person.name,
            part=desk.part,
            kind=desk.kind,
            parts=tuple(p for p in parts if p[0] == desk.part) if is_asset else parts,
            kinds=() if is_asset else report_kinds(desk.programme),
            rule=page_rule(desk.programme, self._setup.lab_defaults),
            max_mb=self._rules.max_mb,
            types=self._rules.types,
            sent=tuple(
                Reply("submission/history_line", {"line": {**one.told, "submission_state": one.state}})
                for one in found
                if one.told is not None and one.is_kept()
            )[-5:],
        )

    def begin(self, desk: Desk, part: str, kind: str, name: str, size: int) -> str | Problem:
        """The id of a new upload, or why it is not taken before its first byte."""
        shown = clean_name(name)
        values = {"name": shown, "max_mb": self._rules.max_mb, "types": self._rules.types}
        if part not in PARTS or PARTS[part].is_asset != (desk.part in PARTS and PARTS[desk.part].is_asset):
            return Problem(Reply("submission/no_part", values))
        if PARTS[part].is_asset and part != desk.part:
            return Problem(Reply("submission/no_part", values))
        if size <= 0:
            return Problem(Reply("submission/empty", values))
        if size > self._rules.max_mb * MB:
            return Problem(Reply("submission/too_large", values))
        if named_kind(shown) not in self._rules.types:
            return Problem(Reply("submission/wrong_ending", values))
        if self._files.of_person(desk.person.person_id) >= UNFINISHED_AT_ONCE or self._is_too_often(desk):
            return Problem(Reply("submission/too_often", values))
        kinds = report_kinds(desk.programme)
        said = Incoming(
            desk.person.person_id,
            desk.programme.programme_id,
            part,
            kind if part == "report" and kind in kinds else None,
            shown,
            size,
        )
        try:
            return self._files.begin(said)
        except DiskFull:
            return Problem(Reply("submission/disk_full", values), may_retry=True)

    def append(self, desk: Desk, upload_id: str, offset: int, pieces: Iterator[bytes]) -> Progress | Problem:
        """Take the next piece; with the last one the file is kept and its examination queued.

        Raises StorageAway; the file is kept, and any piece sent again goes on from there.
        """
        found = self._files.unfinished(upload_id)
        if found is None or found[0].person_id != desk.person.person_id:
            return self.progress(desk, upload_id)
        said, size = found
        try:
            if size < said.size_bytes:
                size = self._files.append(upload_id, offset, pieces, said.size_bytes)
        except Elsewhere as elsewhere:
            return Progress("receiving", elsewhere.offset)
        except TakingTurns:
            return Problem(Reply("submission/two_at_once", {}), may_retry=True)
        except DiskFull:
            return Problem(Reply("submission/disk_full", {}), may_retry=True)
        if size < said.size_bytes:
            return Progress("receiving", size)
        return self._finish(upload_id, said, size)

    def _finish(self, upload_id: str, said: Incoming, size: int) -> Progress | Problem:
        """File first, row and task after it: a kill in between leaves a file that nobody names."""
        try:
            kept = self._files.keep(upload_id)
        except FileNotFoundError:
            return Progress("received", size)
        except DiskFull:
            return Problem(Reply("submission/disk_full", {}), may_retry=True)
        at = self._now()
        self._database.write(lambda tx: received(tx, upload_id, said, kept, at))
        self._files.done(upload_id)
        return Progress("received", size)

    def progress(self, desk: Desk, upload_id: str) -> Progress | Problem:
        """How far it is; the verdict when there is one."""
        unfinished = self._files.unfinished(upload_id)
        if unfinished is not None and unfinished[0].person_id == desk.person.person_id:
            return Progress("receiving", unfinished[1])
        one, has_failed = self._database.read(lambda tx: found_with_task(tx, upload_id))
        if one is None or one.person_id != desk.person.person_id:
            return Problem(Reply("submission/no_upload", {}))
        if one.told is not None:
            return Progress("judged", one.size_bytes or 0, one.state, verdict(one))
        if has_failed:
            return Progress("failed", one.size_bytes or 0, "failed", Reply("submission/not_examined", {}))
        return Progress("received", one.size_bytes or 0)

    def file(self, token: str) -> FileView | Closed:
        """The file behind a link that a mentor, lead, admin or its own author was given in chat."""
        opened = personal_fields(self._keys, FILE, token, 2, self._moment())
        if opened is None:
            return "unknown"
        (viewer_id, submission_id), is_valid = opened
        if not is_valid:
            return "expired"
        if self._snapshot.person(viewer_id) is None:
            return "unknown"
        one = self._database.read(lambda tx: submissions.find(tx, submission_id))
        if one is None or one.file is None or not one.is_kept() or not self._files.path(one.file).exists():
            return "expired"
        if viewer_id != one.person_id and not PARTS[one.part].is_asset:
            at = self._now()
            self._database.write(lambda tx: submissions.see(tx, viewer_id, one, at))
        return FileView(self._files.path(one.file), one.name)

    def _is_too_often(self, desk: Desk) -> bool:
        since = self._now() - timedelta(days=1)
        sent = self._database.read(lambda tx: submissions.count_since(tx, desk.person.person_id, since))
        return sent >= SENT_A_DAY


def received(tx: Tx, upload_id: str, said: Incoming, kept: Kept, at: datetime) -> None:
    """The row of a file that is on disk, and the task that examines it; once, however often it is asked."""
    if submissions.find(tx, upload_id) is not None:
        return
    task_id = tasks.add(tx, said.programme_id, "examine", {"submission_id": upload_id}, at)
    submissions.receive(
        tx,
        Submission(
            submission_id=upload_id,
            programme_id=said.programme_id,
            person_id=said.person_id,
            part=said.part,
            kind=said.kind,
            state="received",
            version=None,
            name=said.name,
            url=None,
            file=kept.file,
            size_bytes=kept.size_bytes,
            sha256=kept.sha256,
            pages=None,
            told=None,
            task_id=task_id,
            received_at=at,
            judged_at=None,
        ),
    )


def found_with_task(tx: Tx, submission_id: str) -> tuple[Submission | None, bool]:
    """The row, and whether its examination was given up."""
    one = submissions.find(tx, submission_id)
    task = tasks.find(tx, one.task_id) if one is not None and one.task_id else None
    return one, task is not None and task.state == "failed"


def verdict(one: Submission) -> Reply:
    told: Mapping[str, object] = one.told or {}
    return Reply("submission/verdict", told)
