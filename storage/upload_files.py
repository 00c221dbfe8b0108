"""The upload folder: files arrive in pieces in `incoming`, and stay under random names in `kept`.

A file is whole, on disk and renamed before any row names it; what no row names is swept away.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

RESERVE_BYTES = 64 * 1024 * 1024  # what uploads leave free, so that the database can still be written
PIECE_BYTES = 64 * 1024
UNFINISHED_KEPT = timedelta(hours=3)  # a link lives two
ORPHAN_AFTER = timedelta(minutes=2)  # longer than a row can take after its file
OUT_OF_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class DiskFull(Exception):
    """There is no room for it; nothing that was there before is lost."""


class Elsewhere(Exception):
    """The next piece is expected at *offset*: another tab was faster, or a piece came twice."""

    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset


class TakingTurns(Exception):
    """Another request is writing to the same upload just now."""


@dataclass(frozen=True)
class Incoming:
    """What was said of a file before its first byte. *part* and *kind* as in programme/submissions.py."""

    person_id: str
    programme_id: str
    part: str
    kind: str | None
    name: str
    size_bytes: int


@dataclass(frozen=True)
class Kept:
    """A whole file: *file* is its random name in the folder."""

    file: str
    sha256: str
    size_bytes: int


class UploadFiles:
    """Everything that touches the folder. Ids and names are our own random hex; what people call a file
    never becomes a path."""

    def __init__(self, root: Path, reserve_bytes: int = RESERVE_BYTES) -> None:
        self._incoming = root / "incoming"
        self._kept = root / "kept"
        self._reserve_bytes = reserve_bytes

    def begin(self, said: Incoming) -> str:
        """The id under which the pieces are sent. Raises DiskFull."""
        upload_id = uuid4().hex
        with full_disk_told():
            for folder in (self._incoming, self._kept):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if shutil.disk_usage(self._incoming).free < said.size_bytes + self._reserve_bytes:
                raise DiskFull
            self._data(upload_id).touch(mode=0o600)
            self._say(upload_id, {"said": asdict(said)})
        return upload_id

    def unfinished(self, upload_id: str) -> tuple[Incoming, int] | None:
        """What was said of it and how many bytes are there; None for an id of nobody, or one that is done.

        Whole and kept, but not yet done, is one whose row could not be written: the database was away,
        or the process was killed. It is finished by asking once more.
        """
        if not is_own_name(upload_id):
            return None
        try:
            noted = self._noted(upload_id)
            said = Incoming(**noted["said"])
            kept = noted.get("kept")
            if kept is not None and (self._kept / kept["file"]).exists():
                return said, said.size_bytes
            return said, self._data(upload_id).stat().st_size
        except FileNotFoundError:
            return None

    def of_person(self, person_id: str) -> int:
        """How many uploads this person has begun and not finished."""
        found = (self.unfinished(path.stem) for path in self._incoming.glob("*.json"))
        return sum(1 for one in found if one is not None and one[0].person_id == person_id)

    def append(self, upload_id: str, offset: int, pieces: Iterator[bytes], limit_bytes: int) -> int:
        """Put what *pieces* brings at *offset*, up to *limit_bytes* in all; how many bytes are there now.

        What arrived before a connection broke stays. Raises Elsewhere, TakingTurns, DiskFull.
        """
        with self._data(upload_id).open("r+b") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise TakingTurns from error
            size = file.seek(0, os.SEEK_END)
            if offset != size:
                raise Elsewhere(size)
            with full_disk_told():
                return _written(file, size, pieces, limit_bytes)

    def keep(self, upload_id: str) -> Kept:
        """Make a whole file lasting under a random name: synced, then renamed. Raises DiskFull.

        Its name is noted first, so that after a kill in the middle, and when it is asked for twice, it is
        the same one file. Raises FileNotFoundError for one that is done.
        """
        noted = self._noted(upload_id)
        if "kept" not in noted:
            with full_disk_told():
                noted["kept"] = asdict(_measured(self._data(upload_id)))
                self._say(upload_id, noted)
        kept = Kept(**noted["kept"])
        with suppress(FileNotFoundError):
            self._data(upload_id).rename(self._kept / kept.file)
        # Young again: the sweep leaves it alone until its row is written. Raises where it has gone.
        os.utime(self._kept / kept.file)
        _sync_folder(self._kept)
        return kept

    def done(self, upload_id: str) -> None:
        """A row names the file now; nobody need go on with the upload."""
        self._said(upload_id).unlink(missing_ok=True)

    def path(self, file: str) -> Path:
        """Where a kept file lies. Raises FileNotFoundError for what is no name of ours."""
        if not is_own_name(file):
            raise FileNotFoundError(file)
        return self._kept / file

    def checksum(self, file: str) -> str | None:
        """The SHA-256 of a kept file as it is now; None when it is gone."""
        try:
            return _checksum(self.path(file))
        except FileNotFoundError:
            return None

    def remove(self, file: str) -> None:
        self.path(file).unlink(missing_ok=True)

    def sweep(self, named: Collection[str], moment: datetime) -> int:
        """Remove files that no row names and uploads that nobody finished; how many there were."""
        removed = 0
        for path in self._kept.glob("*"):
            if path.name not in named and _is_older(path, moment, ORPHAN_AFTER):
                path.unlink(missing_ok=True)
                removed += 1
        for path in self._incoming.glob("*"):
            if _is_older(path, moment, UNFINISHED_KEPT):
                path.unlink(missing_ok=True)
                removed += 1
        return removed

    def _noted(self, upload_id: str) -> dict[str, Any]:
        noted: dict[str, Any] = json.loads(self._said(upload_id).read_text("utf-8"))
        return noted

    def _say(self, upload_id: str, noted: Mapping[str, object]) -> None:
        """Write what is known of an upload, whole or not at all."""
        waiting = self._said(upload_id).with_suffix(f".{uuid4().hex}")
        waiting.write_text(json.dumps(noted, ensure_ascii=False), "utf-8")
        waiting.rename(self._said(upload_id))

    def _data(self, upload_id: str) -> Path:
        return self._incoming / upload_id

    def _said(self, upload_id: str) -> Path:
        return self._incoming / f"{upload_id}.json"


def is_own_name(name: str) -> bool:
    return len(name) == 32 and set(name) <= set("0123456789abcdef")


@contextmanager
def full_disk_told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in OUT_OF_SPACE:
            raise DiskFull from error
        raise


def _written(file: IO[bytes], size: int, pieces: Iterator[bytes], limit_bytes: int) -> int:
    for piece in pieces:
        piece = piece[: limit_bytes - size]
        file.write(piece)
        file.flush()
        size += len(piece)
        if size >= limit_bytes:
            break
    return size


def _measured(path: Path) -> Kept:
    """The checksum of a whole file that is safely on disk, and a new name for it."""
    with path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        os.fsync(file.fileno())
        return Kept(uuid4().hex, _checksum(path), file.seek(0, os.SEEK_END))


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_older(path: Path, moment: datetime, age: timedelta) -> bool:
    try:
        return path.stat().st_mtime < (moment - age).timestamp()
    except FileNotFoundError:
        return False


def _sync_folder(folder: Path) -> None:
    """A rename is lasting only once the folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
