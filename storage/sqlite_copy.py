"""Copies of a SQLite database: one taken while it is in use, and one put in its place."""

from __future__ import annotations

import errno
import os
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from storage.check import damage_of_sqlite
from storage.database import DamagedDatabase, StorageAway
from storage.migrations import refuse_newer
from storage.sqlite import SqliteTx
from storage.sqlite_file import has_steps, refuse_what_is_not_ours

BESIDE = ("-wal", "-shm")
LOCK_PATIENCE_S = 10.0


class UnfitCopy(Exception):
    """A copy with problems; *problems* are the Chinese lines of the check."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__(len(problems))
        self.problems = problems


def back_up(source: Path, target: Path) -> int:
    """Write a consistent, checked copy of *source* to the new file *target*; its size in bytes.

    Other processes may read and write *source* meanwhile. Raises StorageAway (FileExistsError,
    FileNotFoundError or another OSError is its cause), UnfitCopy when the copy fails its check.
    """
    try:
        if not source.exists():
            raise FileNotFoundError(errno.ENOENT, "no database")
        if target.exists():
            raise FileExistsError(errno.EEXIST, "a file")
    except OSError as error:
        raise StorageAway(str(error)) from error
    part = target.with_name(f".{target.name}.part")
    try:
        copy(source, part, "mode=rw")  # as one of those who use it: no log of it is left behind
        refuse_unfit(part)
        size_bytes = part.stat().st_size
        settle(part, target)
    except OSError as error:
        raise StorageAway(str(error)) from error
    finally:
        part.unlink(missing_ok=True)
    return size_bytes


def restore(copied: Path, target: Path, now: datetime) -> Path | None:
    """Put *copied* in the place of *target*; where what was there is kept, None when nothing was.

    The caller holds the lock of the serving process. *copied* stays. Raises UnfitCopy, StorageAway,
    DamagedDatabase, SchemaTooNew: then *target* is as it was.
    """
    part = target.with_name(f".{target.name}.restoring")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        has_log = any(copied.with_name(copied.name + suffix).exists() for suffix in BESIDE)
        copy(copied, part, "mode=ro" if has_log else "immutable=1")
        refuse_unfit(part)
        kept = set_aside(target, now)
        settle(part, target)
    except OSError as error:
        raise StorageAway(str(error)) from error
    finally:
        part.unlink(missing_ok=True)
    return kept


def copy(source: Path, target: Path, how: str) -> None:
    """*source*, opened as *how* says, with what its log holds, as one file without a log that only the owner may read."""
    if not source.is_file():
        raise FileNotFoundError(errno.ENOENT, "no file")
    refuse_what_is_not_ours(source, is_read_only=True)
    target.unlink(missing_ok=True)
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        with (
            closing(sqlite3.connect(f"{source.absolute().as_uri()}?{how}", uri=True)) as original,
            closing(sqlite3.connect(target)) as copied,
        ):
            original.execute(f"pragma busy_timeout = {int(LOCK_PATIENCE_S * 1000)}")
            original.backup(copied)  # in one step: readers and the writer of a log go on
            copied.execute("pragma journal_mode = delete")
    except sqlite3.OperationalError as error:
        raise StorageAway(str(error)) from error
    except sqlite3.DatabaseError as error:
        raise DamagedDatabase(str(error)) from error


def refuse_unfit(path: Path) -> None:
    """Raises UnfitCopy, SchemaTooNew, DamagedDatabase. An older release's copy fits: it is brought up to
    date when it is opened."""
    if not has_steps(path):
        raise DamagedDatabase("nothing of ours is in it")
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        tx = SqliteTx(connection)
        problems = damage_of_sqlite(tx)
        refuse_newer(tx)
    if problems:
        raise UnfitCopy(problems)


def set_aside(target: Path, now: datetime) -> Path | None:
    """Rename *target* and its log; both keep belonging together."""
    if not target.exists():
        return None
    kept = target.with_name(f"{target.name}.before-{now:%Y%m%dT%H%M%S}")
    if kept.exists():
        raise FileExistsError(errno.EEXIST, "kept already")
    for suffix in ("", *BESIDE):
        beside = target.with_name(target.name + suffix)
        if beside.exists():
            beside.rename(kept.with_name(kept.name + suffix))
    return kept


def settle(part: Path, target: Path) -> None:
    """Rename *part* to *target* so that a power cut leaves the one or the other."""
    flush(part)
    part.rename(target)
    flush(target.parent)


def flush(place: Path) -> None:
    handle = os.open(place, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
