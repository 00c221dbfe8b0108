"""The phones of the demonstration: who has said what in each member's chat with the app."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from markupsafe import Markup, escape

from fakes.clock import Clock, in_shanghai
from fakes.payloads import Json
from fakes.platform import DeliveredPush

LineKind = Literal["own", "reply", "push", "system"]
STAMP_AFTER = timedelta(minutes=5)
WEEKDAYS = "一二三四五六日"
TICK = "✅"
# What a text may hold besides characters: links of the form the platform allows, and bare addresses.
LINK = re.compile(r'<a\s+href="(https?://[^"]+)">([^<]*)</a>|(https?://[^\s<>"，。；、）」]+)')


@dataclass(frozen=True)
class Button:
    text: str
    key: str


@dataclass(frozen=True)
class Card:
    """A textcard, a link or a template card as a phone draws it."""

    title: str
    description: str = ""
    facts: Sequence[tuple[str, str]] = ()
    url: str = ""
    buttons: Sequence[Button] = ()
    kind: str = ""
    task_id: str = ""
    done: str = ""


@dataclass(frozen=True)
class Line:
    """One line of a chat. *number* names it, *changed* grows with every change of any line."""

    number: int
    changed: int
    userid: str
    kind: LineKind
    at: datetime
    text: str = ""
    stamp: str = ""
    msgid: str = ""
    card: Card | None = None

    @property
    def html(self) -> Markup:
        return linked(self.text)


@dataclass
class Phones:
    """All chats, in memory. Thread-safe. Listens to the platform's pushes."""

    clock: Clock
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _lines: list[Line] = field(default_factory=list)
    _last_at: dict[str, datetime] = field(default_factory=dict)
    _changed: int = 0

    @property
    def latest(self) -> int:
        with self._lock:
            return self._changed

    def add(
        self, userid: str, kind: LineKind, text: str, *, msgid: str = "", card: Card | None = None
    ) -> Line:
        with self._lock:
            at = in_shanghai(self.clock.now())
            self._changed += 1
            stamp = self._stamp(userid, at)
            line = Line(len(self._lines), self._changed, userid, kind, at, text, stamp, msgid, card)
            self._lines.append(line)
            return line

    def since(self, changed: int, userids: Sequence[str]) -> tuple[Line, ...]:
        """The lines of *userids* that are new or different since *changed*, oldest first."""
        with self._lock:
            if changed >= self._changed:
                return ()
            return tuple(line for line in self._lines if line.changed > changed and line.userid in userids)

    def pushed(self) -> tuple[Line, ...]:
        """What the bot sent of its own accord and has not recalled, on all phones, oldest first."""
        with self._lock:
            return tuple(line for line in self._lines if line.kind == "push")

    def line(self, number: int) -> Line | None:
        with self._lock:
            return self._lines[number] if 0 <= number < len(self._lines) else None

    def push_arrived(self, push: DeliveredPush) -> None:
        self.add(push.userid, "push", push.text, msgid=push.msgid, card=card_of(push.msgtype, push.body))

    def push_recalled(self, push: DeliveredPush) -> None:
        self._change(push, lambda line: replace(line, kind="system", text="“七月”撤回了一条消息", card=None))

    def card_updated(self, userid: str, push: DeliveredPush, shown: str) -> None:
        if push.userid == userid:
            self._change(push, lambda line: replace(line, card=line.card and replace(line.card, done=shown)))

    def _change(self, push: DeliveredPush, change: Callable[[Line], Line]) -> None:
        with self._lock:
            for place, line in enumerate(self._lines):
                if line.msgid == push.msgid and line.userid == push.userid:
                    self._changed += 1
                    self._lines[place] = replace(change(line), changed=self._changed)

    def _stamp(self, userid: str, at: datetime) -> str:
        last = self._last_at.get(userid)
        self._last_at[userid] = at
        if last is not None and at - last < STAMP_AFTER:
            return ""
        if last is not None and last.date() == at.date():
            return f"{at:%H:%M}"
        return f"{day(at)} {at:%H:%M}"


def day(at: datetime) -> str:
    return f"{at.month}月{at.day}日 周{WEEKDAYS[at.weekday()]}"


def linked(text: str) -> Markup:
    """*text* for a page: everything inert but links to http and https."""
    pieces: list[Markup] = []
    end = 0
    for found in LINK.finditer(text):
        pieces.append(drawn(text[end : found.start()]))
        url, words = (found[1], found[2]) if found[1] else (found[3], found[3])
        pieces.append(Markup('<a href="{}" target="_blank" rel="noopener">{}</a>').format(url, words))
        end = found.end()
    pieces.append(drawn(text[end:]))
    return Markup("").join(pieces)


def drawn(text: str) -> Markup:
    """*text* escaped; the tick is drawn by the page, because a machine without a font for it shows a box."""
    tick = Markup('<span class="tick">{}</span>').format(TICK)
    return tick.join(escape(piece) for piece in text.split(TICK))


def card_of(msgtype: str, body: Json) -> Card | None:
    """How a message that is more than text is drawn; None for text."""
    payload = body.get(msgtype)
    if msgtype == "text" or not isinstance(payload, Mapping):
        return None
    if msgtype == "markdown":
        return Card("", _string(payload, "content"))
    if msgtype == "textcard":
        description = re.sub(r"<[^>]+>", "\n", _string(payload, "description")).strip()
        return Card(_string(payload, "title"), re.sub(r"\n+", "\n", description), url=_string(payload, "url"))
    if msgtype == "template_card":
        return _template_card(payload)
    names = {"image": "图片", "voice": "语音", "video": "视频", "file": "文件", "news": "图文消息"}
    return Card(f"［{names.get(msgtype, '消息')}］", _string(payload, "title"))


def _template_card(card: Json) -> Card:
    title = card.get("main_title")
    action = card.get("card_action")
    return Card(
        title=_string(title, "title"),
        description=_string(title, "desc") or _string(card, "sub_title_text"),
        facts=tuple(
            (_string(row, "keyname"), _string(row, "value")) for row in _rows(card, "horizontal_content_list")
        ),
        url=_string(action, "url"),
        buttons=tuple(
            Button(_string(row, "text"), _string(row, "key")) for row in _rows(card, "button_list")
        ),
        kind=_string(card, "card_type"),
        task_id=_string(card, "task_id"),
    )


def _rows(card: Json, name: str) -> Sequence[object]:
    rows = card.get(name)
    return rows if isinstance(rows, Sequence) and not isinstance(rows, str) else ()


def _string(payload: object, name: str) -> str:
    return str(payload.get(name, "")) if isinstance(payload, Mapping) else ""
