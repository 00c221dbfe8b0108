"""The upload folder: pieces, turns, kills, and a disk that is full."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from storage.upload_files import DiskFull, Elsewhere, Incoming, TakingTurns, UploadFiles

SAID = Incoming("s1", "p", "report", None, "../../报告.pdf", 300_000)
DATA = bytes(range(256)) * 2000


@pytest.fixture
def files(tmp_path: Path) -> UploadFiles:
    return UploadFiles(tmp_path, reserve_bytes=0)


def pieces(data: bytes, size: int = 16_384) -> Iterator[bytes]:
    return iter([data[at : at + size] for at in range(0, len(data), size)])


@contextmanager
def no_file_longer_than(limit: int) -> Iterator[None]:
    """As on a disk that is full: the kernel refuses to write on."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_pieces_become_one_file_with_its_checksum(files: UploadFiles) -> None:
    upload = files.begin(SAID)
    first = files.append(upload, 0, pieces(DATA[:100_000]), 300_000)
    second = files.append(upload, first, pieces(DATA[100_000:]), 300_000)

    kept = files.keep(upload)

    assert (first, second, kept.size_bytes) == (100_000, 300_000, 300_000)
    assert kept.sha256 == sha256(DATA[:300_000]).hexdigest()
    assert files.path(kept.file).read_bytes() == DATA[:300_000]


def test_a_file_kept_twice_is_the_same_one_until_it_is_done(files: UploadFiles, tmp_path: Path) -> None:
    """C3: killed after the rename, or the database was away: asked again, it is the same file."""
    upload = files.begin(SAID)
    files.append(upload, 0, pieces(DATA), 300_000)

    first, second = files.keep(upload), files.keep(upload)
    between = files.unfinished(upload)
    files.done(upload)

    assert (first, between) == (second, (SAID, 300_000))
    assert files.unfinished(upload) is None
    assert len(list((tmp_path / "kept").iterdir())) == 1


def test_a_kill_before_the_rename_is_made_good(files: UploadFiles, tmp_path: Path) -> None:
    upload = files.begin(SAID)
    files.append(upload, 0, pieces(DATA), 300_000)
    kept = files.keep(upload)
    (tmp_path / "kept" / kept.file).rename(tmp_path / "incoming" / upload)

    assert files.keep(upload) == kept
    assert files.path(kept.file).exists()


def test_what_people_call_a_file_is_never_a_path(files: UploadFiles, tmp_path: Path) -> None:
    """T11."""
    upload = files.begin(SAID)
    files.append(upload, 0, pieces(DATA), 300_000)
    files.keep(upload)
    files.done(upload)

    assert {len(path.name) for path in (tmp_path / "kept").iterdir()} == {32}
    assert list((tmp_path / "incoming").iterdir()) == []
    assert list(tmp_path.parent.glob("报告*")) == []


@pytest.mark.parametrize("name", ["", "..", "../kept", "x" * 32, "A" * 32])
def test_a_name_that_is_not_ours_is_nothing(files: UploadFiles, name: str) -> None:
    assert files.unfinished(name) is None
    with pytest.raises(FileNotFoundError):
        files.path(name)


def test_a_piece_for_another_place_is_told_where_to_go_on(files: UploadFiles) -> None:
    upload = files.begin(SAID)
    files.append(upload, 0, pieces(DATA[:1000]), 300_000)

    with pytest.raises(Elsewhere) as told:
        files.append(upload, 0, pieces(DATA[:1000]), 300_000)

    assert told.value.offset == 1000


def test_two_requests_for_one_upload_take_turns(files: UploadFiles) -> None:
    upload = files.begin(SAID)

    def slow() -> Iterator[bytes]:
        yield DATA[:100]
        with pytest.raises(TakingTurns):
            files.append(upload, 0, pieces(DATA[:100]), 300_000)

    assert files.append(upload, 0, slow(), 300_000) == 100


def test_what_arrived_before_a_connection_broke_stays(files: UploadFiles) -> None:
    upload = files.begin(SAID)

    def broken() -> Iterator[bytes]:
        yield DATA[:5000]
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        files.append(upload, 0, broken(), 300_000)

    assert files.unfinished(upload) == (SAID, 5000)


def test_a_disk_without_room_takes_nothing_new(tmp_path: Path) -> None:
    with pytest.raises(DiskFull):
        UploadFiles(tmp_path, reserve_bytes=2**60).begin(SAID)


def test_a_disk_that_fills_up_loses_nothing_and_goes_on_when_there_is_room(files: UploadFiles) -> None:
    """C5."""
    upload = files.begin(SAID)
    with no_file_longer_than(50_000), pytest.raises(DiskFull):
        files.append(upload, 0, pieces(DATA), 300_000)

    found = files.unfinished(upload)
    assert found is not None
    there = found[1]
    files.append(upload, there, pieces(DATA[there:]), 300_000)

    assert files.keep(upload).sha256 == sha256(DATA[:300_000]).hexdigest()


def test_the_sweep_takes_what_no_row_names_and_leaves_the_rest(files: UploadFiles, tmp_path: Path) -> None:
    """C3."""
    names = []
    for _ in range(2):
        upload = files.begin(SAID)
        files.append(upload, 0, pieces(DATA), 300_000)
        names.append(files.keep(upload).file)
        files.done(upload)
    files.begin(SAID)
    now = datetime.now(UTC)

    removed = [files.sweep({names[0]}, now + age) for age in (timedelta(), timedelta(minutes=3))]

    assert removed == [0, 1]
    assert [path.name for path in (tmp_path / "kept").iterdir()] == [names[0]]
    assert files.of_person("s1") == 1


def test_a_file_that_is_kept_once_more_is_young_again_for_the_sweep(
    files: UploadFiles, tmp_path: Path
) -> None:
    upload = files.begin(SAID)
    files.append(upload, 0, pieces(DATA), 300_000)
    kept = files.keep(upload)
    os.utime(files.path(kept.file), (0, 0))

    files.keep(upload)

    assert files.sweep(frozenset(), datetime.now(UTC)) == 0


def test_a_file_that_was_swept_meanwhile_cannot_be_kept(files: UploadFiles) -> None:
    upload = files.begin(SAID)
    files.append(upload, 0, pieces(DATA), 300_000)
    files.remove(files.keep(upload).file)

    with pytest.raises(FileNotFoundError):
        files.keep(upload)
    assert files.unfinished(upload) is None
