"""A platform that answers as told, keeps who got what, and swallows a request it has seen."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from channels.channel import Delivery
from messages.envelope import Capabilities
from storage.database import Database, Tx

T = TypeVar("T")


class Killed(BaseException):
    """The process is gone: no handler of exceptions sees this."""


class Platform:
    """Counts what each account received. *answers* are given in turn, then everything is delivered;
    an answer that is callable is called first, with the request, and may raise."""

    name = "wecom"

    def __init__(
        self,
        answers: Sequence[Delivery | Callable[[bytes], Delivery]] = (),
        *,
        swallows_repeats: bool = True,
        calls_a_minute: int | None = None,
    ) -> None:
        self.capabilities = Capabilities(
            text_bytes=2048,
            cards=False,
            markdown=False,
            buttons=False,
            calls_a_minute=calls_a_minute,
            swallows_repeats=swallows_repeats,
        )
        self.requests: list[bytes] = []
        self.received: Counter[tuple[str, str]] = Counter()
        self._answers = list(answers)
        self._seen: set[bytes] = set()

    def text_body(self, recipients: tuple[str, ...], text: str) -> bytes:
        return json.dumps({"touser": "|".join(recipients), "text": text}, ensure_ascii=False).encode()

    def send(self, body: bytes) -> Delivery:
        self.requests.append(body)
        answer = self._answers.pop(0) if self._answers else Delivery("delivered", 0)
        if not isinstance(answer, Delivery):
            answer = answer(body)
        if answer.outcome == "delivered":
            self.accept(body, answer.unreachable or {})
        return answer

    def accept(self, body: bytes, unreachable: Mapping[str, str] | None = None) -> None:
        """Deliver a request to its recipients, once."""
        if body in self._seen:
            return
        self._seen.add(body)
        request = json.loads(body)
        for account in request["touser"].split("|"):
            if account not in (unreachable or {}):
                self.received[account, request["text"]] += 1


class MortalDatabase:
    """Dies at the *moment*-th write of its life, just before its commit or just after it."""

    engine = "mortal"

    def __init__(self, database: Database, moment: int, *, committed: bool) -> None:
        self._database = database
        self._left = moment
        self._committed = committed

    def read(self, work: Callable[[Tx], T]) -> T:
        return self._database.read(work)

    def write(self, work: Callable[[Tx], T]) -> T:
        self._left -= 1
        if self._left == 0 and not self._committed:
            raise Killed
        result = self._database.write(work)
        if self._left == 0:
            raise Killed
        return result

    def close(self) -> None:
        self._database.close()


class Seconds:
    """A monotonic clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s
