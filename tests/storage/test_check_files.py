"""Files that rows name are there, byte for byte; what is not is named."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from storage import submissions
from storage.check_files import check_files
from storage.database import Database
from storage.submissions import Submission
from storage.upload_files import Incoming, UploadFiles
from tests.storage.samples import AT, P


@pytest.fixture
def files(tmp_path: Path) -> UploadFiles:
    return UploadFiles(tmp_path / "uploads", reserve_bytes=0)


@pytest.fixture
def kept(database: Database, files: UploadFiles) -> Path:
    upload = files.begin(Incoming("s1", P, "report", None, "a.pdf", 4))
    files.append(upload, 0, iter([b"data"]), 4)
    found = files.keep(upload)
    row = Submission(
        upload, P, "s1", "report", None, "received", None, "a.pdf", None, found.file, 4, found.sha256,
        None, None, None, AT, None,
    )  # fmt: skip
    database.write(partial(submissions.receive, one=row))
    return files.path(found.file)


def test_a_file_as_it_was_handed_in_is_no_problem(database: Database, files: UploadFiles, kept: Path) -> None:
    assert check_files(database, files) == ()


def test_a_file_that_was_changed_or_lost_is_named(database: Database, files: UploadFiles, kept: Path) -> None:
    kept.write_bytes(b"date")
    changed = check_files(database, files)
    kept.unlink()

    assert changed == (f"uploaded file {kept.name} has changed",)
    assert check_files(database, files) == (f"uploaded file {kept.name} is missing",)
