"""The group robots of the fake WeCom: a chat for each key, its limits and the errors of its door."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from fakes.clock import Clock
from fakes.payloads import ApiError, Json, cut_text

PER_MINUTE = 20
TEXT_BYTES, MARKDOWN_BYTES = 2048, 4096
KINDS = frozenset({"text", "markdown", "markdown_v2"})


@dataclass(frozen=True)
class Said:
    """One message in a chat. *mentions* are the members it calls; a markdown calls nobody."""

    robot: str
    at: datetime
    msgtype: str
    text: str
    mentions: tuple[str, ...] = ()


@dataclass
class FakeRobots:
    """*keys* maps the secret of each robot to its name. Thread-safe. *gone* were taken out of their chat."""

    keys: Mapping[str, str]
    clock: Clock
    said: list[Said] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)
    _recent: dict[str, deque[datetime]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def say(self, key: str, body: Json) -> Json:
        """webhook/send: no duplicate check, twenty a minute. Raises ApiError."""
        with self._lock:
            name = self.keys.get(key)
            if name is None or name in self.gone:
                raise ApiError(93000, "invalid webhook url")
            kind = str(body.get("msgtype"))
            if kind not in KINDS:
                raise ApiError(40008, "invalid message type")
            content, mentions = _content(kind, body.get(kind))
            now = self.clock.now()
            self._count(name, now)
            self.said.append(Said(name, now, kind, content, mentions))
            return {}

    def _count(self, name: str, now: datetime) -> None:
        recent = self._recent.setdefault(name, deque())
        while recent and now - recent[0] >= timedelta(minutes=1):
            recent.popleft()
        if len(recent) >= PER_MINUTE:
            raise ApiError(45009, "api freq out of limit")
        recent.append(now)


def _content(kind: str, payload: object) -> tuple[str, tuple[str, ...]]:
    content = payload.get("content") if isinstance(payload, Mapping) else None
    if not isinstance(payload, Mapping) or not isinstance(content, str) or not content:
        raise ApiError(44004, "empty text content")
    if kind != "text":
        if len(content.encode()) > MARKDOWN_BYTES:
            raise ApiError(40058, "markdown.content exceed max length 4096")
        return content, ()
    if len(content.encode()) > TEXT_BYTES:
        raise ApiError(40058, "text.content exceed max length 2048")
    mentioned = payload.get("mentioned_list", ())
    if not isinstance(mentioned, Sequence) or isinstance(mentioned, str):
        raise ApiError(40058, "invalid parameter: mentioned_list")
    return cut_text(content), tuple(map(str, mentioned))
