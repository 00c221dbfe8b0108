"""A short memory of the last answer to each account, for 依据 and 更多; losing it loses nothing."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from programme.sessions import Source

ACCOUNTS_KEPT = 20_000
MESSAGES_KEPT = 4_096


@dataclass(frozen=True)
class LastAnswer:
    sources: tuple[Source, ...]
    rest: str
    asked_at: datetime | None = None  # when this answer was a question back


class Recall:
    """The least recently used entries go first; a restart forgets all, and the answer then asks back."""

    def __init__(self, kept: int = ACCOUNTS_KEPT) -> None:
        self._kept = kept
        self._last: OrderedDict[tuple[str, str], LastAnswer] = OrderedDict()
        self._lock = Lock()

    def remember(self, channel: str, account: str, last: LastAnswer) -> None:
        with self._lock:
            self._last[channel, account] = last
            self._last.move_to_end((channel, account))
            if len(self._last) > self._kept:
                self._last.popitem(last=False)

    def sources(self, channel: str, account: str) -> tuple[Source, ...] | None:
        with self._lock:
            last = self._last.get((channel, account))
        return last.sources if last else None

    def asked_at(self, channel: str, account: str) -> datetime | None:
        """When the last answer asked something back; None where it did not."""
        with self._lock:
            last = self._last.get((channel, account))
        return last.asked_at if last else None

    def rest(self, channel: str, account: str) -> str:
        with self._lock:
            last = self._last.get((channel, account))
        return last.rest if last else ""


class Given:
    """The answers of the last acts, each committed with its act: most repeats need no database then.
    What is not here is in the inbox."""

    def __init__(self, kept: int = MESSAGES_KEPT) -> None:
        self._kept = kept
        self._answers: OrderedDict[tuple[str, str], str] = OrderedDict()
        self._lock = Lock()

    def keep(self, channel: str, message_id: str, answer: str) -> None:
        with self._lock:
            self._answers[channel, message_id] = answer
            if len(self._answers) > self._kept:
                self._answers.popitem(last=False)

    def of(self, channel: str, message_id: str) -> str | None:
        # One look-up of a dictionary is whole without the lock.
        return self._answers.get((channel, message_id))
