"""What is seen in uploaded files: every hostile one is refused with its sentence, every ordinary one is taken."""

from __future__ import annotations

from pathlib import Path

import pytest

from documents.apart import examine_apart
from documents.examining import TOO_LARGE, look_into
from programme.submissions import Finding
from tests.documents.files.hostile import HOSTILE, Hostile
from tests.documents.files.ordinary import ORDINARY, Ordinary
from tests.documents.files.pdfs import Pdf, scan


def written(folder: Path, data: bytes) -> Path:
    path = folder / "upload"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("one", HOSTILE, ids=[one.what for one in HOSTILE])
def test_a_hostile_file_is_refused_with_a_sentence(one: Hostile, tmp_path: Path) -> None:
    assert look_into(written(tmp_path, one.build()), one.name).refused == one.reason


@pytest.mark.parametrize("one", ORDINARY, ids=[one.what for one in ORDINARY])
def test_an_ordinary_file_is_taken(one: Ordinary, tmp_path: Path) -> None:
    """R20, R21: only the pages of a PDF are certain."""
    assert look_into(written(tmp_path, one.build()), one.name) == one.found


def test_the_sets_are_as_large_as_promised() -> None:
    assert len(HOSTILE) >= 60
    assert len(ORDINARY) >= 12


def test_the_child_process_says_the_same(tmp_path: Path) -> None:
    assert examine_apart(written(tmp_path, Pdf().build()), "报告 ‮.pdf") == Finding("pdf", 23)


def test_a_file_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    path = written(tmp_path, scan(10, 100_000))

    assert examine_apart(path, "a.pdf", wall_s=0.001) == Finding(None, refused=TOO_LARGE)


def test_a_file_that_is_gone_is_refused_and_harms_nobody(tmp_path: Path) -> None:
    assert examine_apart(tmp_path / "nothing", "a.pdf").refused == TOO_LARGE
