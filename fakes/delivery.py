"""Delivers members' messages and events to the bot's callback URL, with the platform's habits.

5 seconds, then cut and sent again, three retries in all, also after any answer but 200 (document
90238). A retry carries the same plaintext and message id under a fresh nonce, timestamp and seal.
"""

from __future__ import annotations

import itertools
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from xml.sax.saxutils import escape

from fakes.clock import Clock
from fakes.sealing import AppIdentity, BadReply, Sealed, open_reply, seal, seal_echo
from fakes.transport import HttpAnswer, NoAnswer, Transport

CUT_AFTER_S = 5.0
ECHO_WITHIN_S = 1.0  # document 101033
RETRIES = 3

Field = str | Mapping[str, "Field"] | Sequence["Field"]
Outcome = Literal["answered", "refused", "timed out", "connection lost"]


@dataclass(frozen=True)
class Plaintext:
    """What a member did, before any seal. *message_id* is None for an event."""

    sender: str
    xml: str
    message_id: str | None


@dataclass(frozen=True)
class Attempt:
    """One request to the bot. *status* is None when there was no answer."""

    sealed: Sealed
    outcome: Outcome
    status: int | None = None
    body: bytes = b""
    took_s: float = 0.0


@dataclass(frozen=True)
class Exchange:
    """One delivery with all its attempts, and what the member gets to see.

    *text* is None for an empty answer, for none at all, and for replies that are not text.
    *problem* is Chinese and says why the member sees nothing although the bot should have spoken.
    """

    plaintext: Plaintext
    attempts: tuple[Attempt, ...]
    reply_clear: str | None = None
    text: str | None = None
    problem: str | None = None

    @property
    def reply_sealed(self) -> bytes:
        return self.attempts[-1].body

    def said(self) -> str | None:
        """The text, None for an empty answer. Raises BadReply if the member would miss something."""
        if self.problem is not None:
            raise BadReply(self.problem)
        return self.text


@dataclass(frozen=True)
class Manner:
    """How to deliver: as it should be, or with one of the platform's (or an attacker's) quirks.

    *copies* of one callback, *together* at the same instant or one after another; *delay* before
    the first; *foreign_corp* seals for another corp with a valid signature.
    """

    copies: int = 1
    together: bool = False
    delay: timedelta = timedelta(0)
    foreign_corp: str | None = None


PLAIN = Manner()
TWICE = Manner(copies=2)
TWICE_AT_ONCE = Manner(copies=2, together=True)
FOUR_TIMES = Manner(copies=4)
FOREIGN = Manner(foreign_corp="ww0000000000foreign")


@dataclass
class CallbackDelivery:
    """The side of the platform that calls us.

    *pause* waits real seconds between retries and for delays; *seconds* measures them.
    """

    identity: AppIdentity
    transport: Transport
    clock: Clock
    timeout_s: float = CUT_AFTER_S
    retries: int = RETRIES
    retry_pause_s: float = 1.0
    pause: Callable[[float], None] = time.sleep
    seconds: Callable[[], float] = time.monotonic
    first_message_id: int = 7423810645901000001
    _ids: itertools.count[int] = field(init=False)
    _id_lock: threading.Lock = field(init=False, default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._ids = itertools.count(self.first_message_id)

    # What a member does

    def text(self, sender: str, content: str, manner: Manner = PLAIN) -> Exchange:
        """*sender* types *content*."""
        return self.deliver(self.message(sender, "text", {"Content": content}), manner)

    def event(
        self,
        sender: str,
        event: str,
        key: str = "",
        fields: Mapping[str, Field] | None = None,
        manner: Manner = PLAIN,
    ) -> Exchange:
        """An event such as enter_agent, click, scancode_waitmsg, template_card_event."""
        return self.deliver(self.event_message(sender, event, key, fields), manner)

    def scan(self, sender: str, key: str, result: str, manner: Manner = PLAIN) -> Exchange:
        """*sender* used a scancode_waitmsg menu button and the camera read *result*."""
        scanned: dict[str, Field] = {"ScanCodeInfo": {"ScanType": "qrcode", "ScanResult": result}}
        return self.event(sender, "scancode_waitmsg", key, scanned, manner)

    def press(
        self, sender: str, key: str, task_id: str, card_type: str, response_code: str, manner: Manner = PLAIN
    ) -> Exchange:
        """*sender* pressed a button of a template card."""
        fields: dict[str, Field] = {"TaskId": task_id, "CardType": card_type, "ResponseCode": response_code}
        return self.event(sender, "template_card_event", key, fields, manner)

    # What it is before any seal

    def message(
        self,
        sender: str,
        msg_type: str,
        fields: Mapping[str, Field],
        *,
        message_id: str | None = None,
        skew: timedelta = timedelta(0),
    ) -> Plaintext:
        """Any message with an id. *skew* moves its CreateTime, as a clock that is wrong does."""
        message_id = message_id or self._next_id()
        content = {"MsgType": msg_type, **fields, "MsgId": message_id}
        return Plaintext(sender, self._xml(sender, content, skew), message_id)

    def event_message(
        self,
        sender: str,
        event: str,
        key: str = "",
        fields: Mapping[str, Field] | None = None,
        *,
        skew: timedelta = timedelta(0),
    ) -> Plaintext:
        """Any event; the platform gives those no id."""
        content: dict[str, Field] = {"MsgType": "event", "Event": event, "EventKey": key, **(fields or {})}
        return Plaintext(sender, self._xml(sender, content, skew), None)

    # How it travels

    def deliver(self, plaintext: Plaintext, manner: Manner = PLAIN) -> Exchange:
        """Deliver in *manner*; of several copies the last exchange that said something counts."""
        exchanges = self.deliver_copies(plaintext, manner)
        spoken = [each for each in exchanges if each.text is not None or each.problem is not None]
        chosen = (spoken or exchanges)[-1]
        attempts = tuple(itertools.chain.from_iterable(each.attempts for each in exchanges))
        return Exchange(plaintext, attempts, chosen.reply_clear, chosen.text, chosen.problem)

    def deliver_copies(self, plaintext: Plaintext, manner: Manner) -> tuple[Exchange, ...]:
        """Each copy with its own retries; one exchange a copy."""
        if manner.delay > timedelta(0):
            self.pause(manner.delay.total_seconds())
        identity = self.identity
        if manner.foreign_corp is not None:
            identity = identity.of_corp(manner.foreign_corp)
        if not manner.together:
            return tuple(self._deliver_once(identity, plaintext) for _ in range(manner.copies))
        return self._deliver_together(identity, [plaintext] * manner.copies)

    def deliver_all_at_once(self, plaintexts: Sequence[Plaintext]) -> tuple[Exchange, ...]:
        """Different messages at the same instant, answers in the order given."""
        return self._deliver_together(self.identity, plaintexts)

    def deliver_out_of_order(self, plaintexts: Sequence[Plaintext]) -> tuple[Exchange, ...]:
        """The last one first; answers in the order of sending, which is reversed."""
        return tuple(self.deliver(plaintext) for plaintext in reversed(plaintexts))

    def verify_url(self, echo: str = "0616140317555161061") -> str | None:
        """Save the callback URL in the console. None when it is accepted, else why not, in Chinese."""
        query = seal_echo(self.identity, echo, self._timestamp(), self._nonce())
        try:
            answer = self.transport.send("GET", query, None, ECHO_WITHIN_S)
        except NoAnswer as error:
            return f"1 秒内没有答复（{error}）"
        if answer.status != 200:
            return f"答复是 HTTP {answer.status}"
        if answer.body != echo.encode():
            return f"答复不是解密后的明文：{answer.body[:80]!r}"
        return None

    def _deliver_together(
        self, identity: AppIdentity, plaintexts: Sequence[Plaintext]
    ) -> tuple[Exchange, ...]:
        start = threading.Barrier(len(plaintexts))

        def deliver(plaintext: Plaintext) -> Exchange:
            start.wait()
            return self._deliver_once(identity, plaintext)

        with ThreadPoolExecutor(len(plaintexts)) as pool:
            return tuple(pool.map(deliver, plaintexts))

    def _deliver_once(self, identity: AppIdentity, plaintext: Plaintext) -> Exchange:
        attempts: list[Attempt] = []
        for retry in range(self.retries + 1):
            if retry:
                self.pause(self.retry_pause_s)
            attempt = self._attempt(identity, plaintext)
            attempts.append(attempt)
            if attempt.outcome == "answered":
                return self._read(plaintext, tuple(attempts))
        last = attempts[-1]
        what = f"HTTP {last.status}" if last.status is not None else WORDS[last.outcome]
        return Exchange(
            plaintext, tuple(attempts), problem=f"送达 {len(attempts)} 次均未成功（最后一次：{what}）"
        )

    def _attempt(self, identity: AppIdentity, plaintext: Plaintext) -> Attempt:
        sealed = seal(identity, plaintext.xml, self._timestamp(), self._nonce())
        started = self.seconds()
        try:
            answer = self.transport.send("POST", sealed.query, sealed.body, self.timeout_s)
        except NoAnswer as error:
            outcome: Outcome = "timed out" if error.timed_out else "connection lost"
            return Attempt(sealed, outcome, took_s=self.seconds() - started)
        return _answered(sealed, answer, self.seconds() - started)

    def _read(self, plaintext: Plaintext, attempts: tuple[Attempt, ...]) -> Exchange:
        body = attempts[-1].body
        if not body:
            return Exchange(plaintext, attempts)
        try:
            reply = open_reply(self.identity, body, plaintext.sender)
        except BadReply as error:
            return Exchange(plaintext, attempts, problem=str(error))
        return Exchange(plaintext, attempts, reply_clear=reply.clear, text=reply.text)

    def _xml(self, sender: str, content: Mapping[str, Field], skew: timedelta) -> str:
        at = self.clock.now() + skew
        common: dict[str, Field] = {
            "ToUserName": self.identity.corp_id,
            "FromUserName": sender,
            "CreateTime": _unix(at),
        }
        fields = {**common, **content, "AgentID": str(self.identity.agent_id)}
        lines = "\n".join(element(name, value) for name, value in fields.items())
        return f"<xml>\n{lines}\n</xml>"

    def _next_id(self) -> str:
        with self._id_lock:
            return str(next(self._ids))

    def _timestamp(self) -> str:
        return _unix(self.clock.now())

    def _nonce(self) -> str:
        return str(secrets.randbelow(9 * 10**9) + 10**9)


WORDS: Mapping[Outcome, str] = {
    "answered": "已答复",
    "refused": "被拒绝",
    "timed out": "超时",
    "connection lost": "连接断开",
}
NUMBERS = frozenset({"CreateTime", "MsgId", "AgentID", "Location_X", "Location_Y", "Scale", "Count"})


def element(name: str, value: Field) -> str:
    """One element as the platform writes it: numbers bare, texts in CDATA, lists repeated."""
    if isinstance(value, str):
        inner = escape(value) if name in NUMBERS else f"<![CDATA[{value.replace(']]>', ']]]]><![CDATA[>')}]]>"
        return f"<{name}>{inner}</{name}>"
    if isinstance(value, Mapping):
        return f"<{name}>{''.join(_elements(value.items()))}</{name}>"
    return "".join(element(name, each) for each in value)


def _elements(items: Iterable[tuple[str, Field]]) -> Iterable[str]:
    return (element(name, value) for name, value in items)


def _answered(sealed: Sealed, answer: HttpAnswer, took_s: float) -> Attempt:
    outcome: Outcome = "answered" if answer.status == 200 else "refused"
    return Attempt(sealed, outcome, answer.status, answer.body, took_s)


def _unix(at: datetime) -> str:
    return str(int(at.timestamp()))
