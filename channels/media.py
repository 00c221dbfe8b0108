"""Pictures and files that the platform holds for us: uploaded once, by content, until it forgets them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from channels.channel import Delivery, MediaChannel, Uploaded
from messages.envelope import Attachment, MediaKind

# Three days (document 90253), less what a call may wait for its last attempt.
KEPT: Final = timedelta(days=3) - timedelta(hours=4)
SMALLEST_BYTES: Final = 6
LARGEST_BYTES: Final[dict[str, int]] = {"image": 10 << 20, "file": 20 << 20}
PICTURES: Final = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")


class MediaStore(Protocol):
    """Where media ids live between processes."""

    def load(self, channel: str, kind: str, digest: str, now: datetime) -> str | None: ...

    def keep(self, channel: str, kind: str, digest: str, media_id: str, expires_at: datetime) -> None: ...


class MediaShelf:
    """Media ids of one channel. *content_of* (sha256) reads what is to be uploaded, None when it is not
    there; *clock* gives aware times."""

    def __init__(
        self,
        channel: MediaChannel,
        store: MediaStore,
        content_of: Callable[[str], bytes | None],
        clock: Callable[[], datetime],
    ) -> None:
        self._channel = channel
        self._store = store
        self._content_of = content_of
        self._clock = clock

    def media_id(self, attachment: Attachment) -> Uploaded | Delivery:
        """Its id, uploaded now if the platform does not hold it; else why there is none."""
        known = self._store.load(self._channel.name, attachment.kind, attachment.sha256, self._clock())
        return Uploaded(known) if known is not None else self.renewed(attachment)

    def renewed(self, attachment: Attachment) -> Uploaded | Delivery:
        """A new id: the platform has forgotten the old one before its time, or there was none."""
        content = self._content_of(attachment.sha256)
        problem = "content_missing" if content is None else problem_of(attachment.kind, content)
        if content is None or problem is not None:
            return Delivery("permanent", None, problem or "")
        found = self._channel.upload(attachment, content)
        if isinstance(found, Uploaded):
            kept_until = self._clock() + KEPT
            self._store.keep(
                self._channel.name, attachment.kind, attachment.sha256, found.media_id, kept_until
            )
        elif found.outcome == "unknown":
            # Whatever became of the upload, the message itself was not sent.
            return replace(found, outcome="retry")
        return found


def problem_of(kind: MediaKind, content: bytes) -> str | None:
    """Why the platform would not take it; None when it would."""
    if not SMALLEST_BYTES <= len(content) <= LARGEST_BYTES[kind]:
        return "bad_media_size"
    if kind == "image" and not content.startswith(PICTURES):
        return "bad_media_type"
    return None
