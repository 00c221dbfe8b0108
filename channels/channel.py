"""What every channel is: decode, encode, send; and its two ways to say no."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, runtime_checkable

from messages.envelope import Answer, Attachment, Capabilities, Inbound


class Refused(Exception):
    """Forged or malformed input: an empty 403. The reason is for our own counters only."""


@dataclass(frozen=True)
class Decoded:
    """An authentic message, and what its answer must be sealed with (key generation, receive id)."""

    inbound: Inbound
    seal: object


class CallbackChannel(Protocol):
    name: str
    capabilities: Capabilities

    def verify(self, query: Mapping[str, str]) -> str:
        """The plaintext echo of a URL verification. Raises Refused."""

    def decode(self, query: Mapping[str, str], body: bytes) -> Decoded | None:
        """The message, or None for an authentic one that needs no answer. Raises Refused."""

    def encode(self, answer: Answer, decoded: Decoded) -> bytes:
        """The platform's passive reply."""


Outcome = Literal["delivered", "retry", "wait", "permanent", "alarm", "unknown"]


@dataclass(frozen=True)
class ButtonCard:
    """A card as it is sent: *buttons* are (words, key), *task_id* is unique for the app."""

    title: str
    text: str
    buttons: tuple[tuple[str, str], ...]
    task_id: str


@dataclass(frozen=True)
class Delivery:
    """What became of one API request (error table of the platform, one row per outcome).

    *wait_s* says how long to hold back; of an alarm, after how long one try is no hammering (0: only
    when told). *unreachable* maps a recipient to the reason. *msgid* is what the message is recalled
    by, *response_code* what its card is updated by, once.
    """

    outcome: Outcome
    errcode: int | None = None
    detail: str = ""
    wait_s: float = 0.0
    unreachable: Mapping[str, str] | None = None
    msgid: str | None = field(default=None, compare=False)
    response_code: str | None = field(default=None, compare=False)


class PushChannel(Protocol):
    name: str
    capabilities: Capabilities

    def text_body(self, recipients: tuple[str, ...], text: str) -> bytes:
        """The exact bytes of one send request; stored before they leave (design D5)."""

    def send(self, body: bytes) -> Delivery:
        """Send stored bytes once. Never raises for what a platform or a network does."""


@runtime_checkable
class CardChannel(PushChannel, Protocol):
    """A channel with the capability *cards*."""

    def card_body(self, recipients: tuple[str, ...], card: ButtonCard) -> bytes:
        """Like text_body, as a card; as its text where the card would cut something off."""

    def update_body(self, account: str, response_code: str, shown: str) -> bytes:
        """The request that lets the buttons of a card give way to *shown*."""


@dataclass(frozen=True)
class Uploaded:
    media_id: str


@runtime_checkable
class MediaChannel(PushChannel, Protocol):
    """A channel that carries pictures and files; it holds what was uploaded for some days."""

    def media_body(self, recipients: tuple[str, ...], attachment: Attachment, media_id: str) -> bytes:
        """Like text_body, for a picture or a file."""

    def with_media_id(self, body: bytes, media_id: str) -> bytes:
        """The same request for the same content under another id."""

    def upload(self, attachment: Attachment, content: bytes) -> Uploaded | Delivery:
        """Hand over the content; what stands in the way if it is not taken."""


@runtime_checkable
class RecallingChannel(PushChannel, Protocol):
    """A channel with the capability *recalls*."""

    def recall(self, msgid: str) -> Delivery:
        """Take a message back from every reader's phone. Never raises for what a platform does."""
