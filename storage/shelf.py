"""What pushes carry as pictures and files: on disk under the hash of its content, for some days."""

from __future__ import annotations

import os
import re
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile

DIGEST = re.compile(r"[0-9a-f]{64}\Z")


class Shelf:
    """A folder; of several instances on one database all have the same one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: bytes) -> str:
        """Its sha256, under which it is on disk now, whole or not at all. Raises OSError."""
        digest = sha256(content).hexdigest()
        self._folder.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=self._folder, prefix=".part-", delete=False) as part:
            part.write(content)
            part.flush()
            os.fsync(part.fileno())
        Path(part.name).rename(self._folder / digest)
        return digest

    def get(self, digest: str) -> bytes | None:
        """None when it is not (or no longer) there."""
        if not DIGEST.match(digest):
            return None
        try:
            return (self._folder / digest).read_bytes()
        except FileNotFoundError:
            return None

    def forget_before(self, moment_s: float) -> int:
        """Drop what was put before *moment_s* (seconds since 1970), parts of a killed process too."""
        if not self._folder.is_dir():
            return 0
        old = [path for path in self._folder.iterdir() if path.stat().st_mtime < moment_s]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)
