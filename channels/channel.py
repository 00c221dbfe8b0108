"""What every channel is: decode, encode, send; and its two ways to say no."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, runtime_checkable

from messages.envelope import Answer, Capabilities, Card, Inbound


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

    def card_body(self, recipients: tuple[str, ...], card: Card, text: str) -> bytes:
        """Like text_body, in the shape of *card* with *text* as its description."""


@runtime_checkable
class RecallingChannel(PushChannel, Protocol):
    """A channel with the capability *recalls*."""

    def recall(self, msgid: str) -> Delivery:
        """Take a message back from every reader's phone. Never raises for what a platform does."""
