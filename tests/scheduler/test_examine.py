"""The examination of what was handed in: once, also after a kill; never without a verdict."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from programme.submissions import Finding
from scheduler.examine import LEASE_S, Examine
from scheduler.worker import Worker
from storage import outbox, submissions, tasks
from storage.database import Database, Tx
from storage.submissions import Submission
from storage.upload_files import Incoming, UploadFiles
from tests.scheduler import july
from tests.scheduler.july import P, shanghai
from tests.scheduler.platform import Seconds

NOW = shanghai(22, 20)
Opener = Callable[[], Database]


class Looks:
    """An examination whose finding is given; counts how often it was asked."""

    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        self.seen: list[tuple[bytes, str]] = []

    def __call__(self, path: Path, name: str) -> Finding:
        self.seen.append((path.read_bytes(), name))
        return self.finding


@pytest.fixture
def database(instance: Opener) -> Database:
    stored = instance()
    stored.write(july.store)
    return stored


@pytest.fixture
def files(tmp_path: Path) -> UploadFiles:
    return UploadFiles(tmp_path, reserve_bytes=0)


def hand_in(database: Database, files: UploadFiles) -> str:
    upload = files.begin(Incoming("stu001", P, "report", None, "报告.pdf", 4))
    files.append(upload, 0, iter([b"data"]), 4)
    kept = files.keep(upload)

    def work(tx: Tx) -> None:
        task_id = tasks.add(tx, P, "examine", {"submission_id": upload}, NOW)
        row = Submission(
            upload, P, "stu001", "report", None, "received", None, "报告.pdf", None, kept.file, 4,
            kept.sha256, None, None, task_id, NOW, None,
        )  # fmt: skip
        submissions.receive(tx, row)

    database.write(work)
    return upload


def examine(database: Database, files: UploadFiles, look: Callable[[Path, str], Finding]) -> Examine:
    return Examine(database, files, look, lambda _: None, {}, NOW.tzinfo or july.ZONE)


def worker(work: Examine, database: Database) -> Worker:
    return Worker(database, {"examine": work}, "w", seconds=Seconds(), lease_s=LEASE_S)


def found(database: Database, upload: str) -> tuple[str, bool]:
    one = database.read(lambda tx: submissions.find(tx, upload))
    assert one is not None
    return one.state, one.file is not None


def receipts(database: Database) -> list[str]:
    return [row.template for row in database.read(lambda tx: outbox.delivery_of(tx, P, "judged:"))]


def test_the_verdict_is_stored_and_told_in_one_step(database: Database, files: UploadFiles) -> None:
    upload, look = hand_in(database, files), Looks(Finding("pdf", 23))

    worker(examine(database, files, look), database).run(NOW)

    assert found(database, upload) == ("submitted", True)
    assert receipts(database) == ["submission/verdict"]
    assert look.seen == [(b"data", "报告.pdf")]


def test_a_file_that_is_refused_is_removed_after_its_verdict(
    database: Database, files: UploadFiles, tmp_path: Path
) -> None:
    upload = hand_in(database, files)

    worker(examine(database, files, Looks(Finding(None, refused="坏"))), database).run(NOW)

    assert found(database, upload) == ("refused", False)
    assert list((tmp_path / "kept").iterdir()) == []


def test_a_kill_during_the_examination_is_made_good_after_the_lease(
    database: Database, files: UploadFiles
) -> None:
    upload, work = hand_in(database, files), examine(database, files, Looks(Finding("pdf", 23)))
    database.write(lambda tx: tasks.claim(tx, "dead", NOW, LEASE_S, ("examine",)))

    early = worker(work, database).run(NOW + timedelta(seconds=1))
    late = worker(work, database).run(NOW + timedelta(seconds=LEASE_S + 1))

    assert (early, late, found(database, upload)) == (0, 1, ("submitted", True))


def test_a_kill_between_verdict_and_task_tells_nobody_twice(database: Database, files: UploadFiles) -> None:
    hand_in(database, files)
    work = examine(database, files, Looks(Finding("pdf", 23)))
    task = database.write(lambda tx: tasks.claim(tx, "dead", NOW, LEASE_S, ("examine",)))
    assert task is not None
    work(task, NOW)

    worker(work, database).run(NOW + timedelta(seconds=LEASE_S + 1))

    assert receipts(database) == ["submission/verdict"]


def test_a_file_that_is_gone_is_said_to_be_gone(
    database: Database, files: UploadFiles, tmp_path: Path
) -> None:
    upload = hand_in(database, files)
    for path in (tmp_path / "kept").iterdir():
        path.unlink()

    worker(examine(database, files, Looks(Finding("pdf", 23))), database).run(NOW)

    one = database.read(lambda tx: submissions.find(tx, upload))
    assert one is not None
    assert one.told is not None
    assert (one.state, one.told["reason"]) == ("refused", "文件没有保存好，请再交一次")
