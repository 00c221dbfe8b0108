"""Pictures and files on their way: uploaded before they are sent, and again if the platform forgot them."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from channels.channel import Delivery, MediaChannel, PushChannel, Uploaded
from messages.envelope import Attachment
from storage import outbox
from storage.database import Database
from storage.outbox import Call

log = logging.getLogger(__name__)

BAD_MEDIA = 40007


class Shelf(Protocol):
    """What a platform holds for us (channels/media.py)."""

    def media_id(self, attachment: Attachment) -> Uploaded | Delivery: ...

    def renewed(self, attachment: Attachment) -> Uploaded | Delivery: ...


class Attaching:
    """Sends calls, those with an attachment under the id of its content. Several threads may.

    The bytes are stored with that id before they leave, so that a repetition is the same request.
    """

    def __init__(
        self, database: Database, channels: Mapping[str, PushChannel], shelves: Mapping[str, Shelf]
    ) -> None:
        self._database = database
        self._channels = channels
        self._shelves = shelves

    def send(self, call: Call) -> Delivery | None:
        """What became of it; None when it is another sender's by now. Raises StorageAway."""
        channel, attachment = self._channels[call.channel], call.attachment
        if attachment is None or not isinstance(channel, MediaChannel):
            return channel.send(call.body)
        shelf = self._shelves[call.channel]
        body: bytes | Delivery | None = call.body
        if attachment.sha256.encode() in call.body:
            body = self._rewritten(call, channel, shelf.media_id(attachment))
        if not isinstance(body, bytes):
            return body
        delivery = channel.send(body)
        if delivery.errcode != BAD_MEDIA:
            return delivery
        log.warning("media_forgotten call=%s", call.call_id)
        body = self._rewritten(replace(call, body=body), channel, shelf.renewed(attachment))
        return channel.send(body) if isinstance(body, bytes) else body

    def _rewritten(
        self, call: Call, channel: MediaChannel, found: Uploaded | Delivery
    ) -> bytes | Delivery | None:
        if isinstance(found, Delivery):
            return found
        body = channel.with_media_id(call.body, found.media_id)
        is_ours = self._database.write(lambda tx: outbox.rewrite_call(tx, call.call_id, call.fence, body))
        return body if is_ours else None
