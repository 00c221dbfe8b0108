"""Pictures and files that the platform holds for us: uploaded once, by content, until it forgets them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final, Protocol

from channels.channel import Delivery
from channels.wecom_requests import MediaKind

# Three days (document 90253), less what a call may wait for its last attempt.
KEPT: Final = timedelta(days=3) - timedelta(hours=4)
SMALLEST_BYTES: Final = 6
LARGEST_BYTES: Final[dict[str, int]] = {"image": 10 << 20, "file": 20 << 20}
PICTURES: Final = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")


@dataclass(frozen=True)
class Uploaded:
    media_id: str


class Uploader(Protocol):
    name: str

    def upload(self, kind: MediaKind, name: str, content: bytes) -> Uploaded | Delivery: ...


class MediaStore(Protocol):
    """Where media ids live between processes."""

    def load(self, channel: str, kind: str, digest: str, now: datetime) -> str | None: ...

    def keep(self, channel: str, kind: str, digest: str, media_id: str, expires_at: datetime) -> None: ...


class MediaShelf:
    """Media ids of one channel. *clock* gives aware times."""

    def __init__(self, uploader: Uploader, store: MediaStore, clock: Callable[[], datetime]) -> None:
        self._uploader = uploader
        self._store = store
        self._clock = clock

    def media_id(self, kind: MediaKind, name: str, content: bytes) -> Uploaded | Delivery:
        """The id of *content*, uploaded now if the platform does not hold it; else why there is none."""
        problem = problem_of(kind, content)
        if problem is not None:
            return Delivery("permanent", None, problem)
        digest = sha256(content).hexdigest()
        now = self._clock()
        known = self._store.load(self._uploader.name, kind, digest, now)
        if known is not None:
            return Uploaded(known)
        found = self._uploader.upload(kind, name, content)
        if isinstance(found, Uploaded):
            self._store.keep(self._uploader.name, kind, digest, found.media_id, now + KEPT)
        return found


def problem_of(kind: MediaKind, content: bytes) -> str | None:
    """Why the platform would not take it; None when it would."""
    if not SMALLEST_BYTES <= len(content) <= LARGEST_BYTES[kind]:
        return "bad_media_size"
    if kind == "image" and not content.startswith(PICTURES):
        return "bad_media_type"
    return None
