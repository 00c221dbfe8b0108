"""What every channel is: decode, encode, send; and its two ways to say no."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from messages.envelope import Answer, Capabilities, Inbound


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

    *wait_s* says how long to hold back; *unreachable* maps a recipient to the reason.
    """

    outcome: Outcome
    errcode: int | None = None
    detail: str = ""
    wait_s: float = 0.0
    unreachable: Mapping[str, str] | None = None


class PushChannel(Protocol):
    name: str
    capabilities: Capabilities

    def text_body(self, recipients: tuple[str, ...], text: str) -> bytes:
        """The exact bytes of one send request; stored before they leave (design D5)."""

    def send(self, body: bytes) -> Delivery:
        """Send stored bytes once. Never raises for what a platform or a network does."""
