"""What stands around the callback in its tests: a log that remembers, an answerer, a Flask that counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from channels.channel import CallbackChannel
from messages.envelope import Answer, Inbound
from web.callback import CallbackMiddleware

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PATH = "/wecom/callback"


class Away(Exception):
    """The database of these tests is away."""


@dataclass
class RecordingLog:
    lines: list[tuple[str, dict[str, object]]] = field(default_factory=list)

    def info(self, event: str, **values: object) -> None:
        self.lines.append((event, values))

    def error(self, event: str, **values: object) -> None:
        self.lines.append((event, values))

    def of(self, event: str) -> list[dict[str, object]]:
        return [values for name, values in self.lines if name == event]


@dataclass
class Answerer:
    """respond(): remembers what reached it, and says or raises what it was told."""

    says: Callable[[Inbound], Answer | None] = lambda inbound: Answer(f"收到：{inbound.text}")
    heard: list[Inbound] = field(default_factory=list)

    def __call__(self, inbound: Inbound) -> Answer | None:
        self.heard.append(inbound)
        return self.says(inbound)


@dataclass
class Behind:
    """What the middleware hides: an application that says it was reached."""

    reached: list[str] = field(default_factory=list)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        self.reached.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}")
        start_response("200 OK", [])
        return [b"behind"]


@dataclass
class Boundary:
    """One middleware and all that stands around it."""

    channel: CallbackChannel
    respond: Answerer = field(default_factory=Answerer)
    log: RecordingLog = field(default_factory=RecordingLog)
    behind: Behind = field(default_factory=Behind)
    apologise: Callable[[Inbound], Answer] = lambda _: Answer("出了点问题，请稍后再试。")

    def __post_init__(self) -> None:
        routes: Mapping[str, Any] = {PATH: self.channel}
        self.app = CallbackMiddleware(
            self.behind,
            routes,
            self.respond,
            log=self.log,
            unavailable=(Away,),
            apologise=lambda inbound: self.apologise(inbound),
            timer=lambda: 0.0,
        )
