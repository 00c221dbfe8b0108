"""The whole of the demonstration's platform: fake WeCom, delivery, phones, clock and simulator page."""

from __future__ import annotations

import calendar
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from flask import Blueprint, redirect

from fakes.api import api_blueprint
from fakes.clock import DemoClock, SimulatedClock, in_shanghai
from fakes.delivery import CallbackDelivery, Exchange, Field, Manner, Plaintext
from fakes.payloads import Json
from fakes.phones import Line, Phones
from fakes.platform import FakeWeCom
from fakes.sealing import AppIdentity
from fakes.simulator import simulator_blueprint
from fakes.transport import HttpTransport, Transport
from fakes.walk import TimeWalk

DEMO_SECRET = "demo-secret"
STRANGER = "guest01"
STRANGER_NAME = "来访者"
STRANGER_ROLE = "不在名单里"
PHONES_SHOWN = 4
DELIVERIES_AT_ONCE = 16
FOREIGN_CORP = "ww0000000000foreign"


@dataclass(frozen=True)
class Quirks:
    """How the platform delivers, as the switches of the simulator stand; *down*: the bot is stopped."""

    twice: bool = False
    at_once: bool = False
    delay_s: int = 0
    foreign: bool = False
    down: bool = False

    def manner(self) -> Manner:
        return Manner(
            copies=2 if self.twice or self.at_once else 1,
            together=self.at_once,
            delay=timedelta(seconds=self.delay_s),
            foreign_corp=FOREIGN_CORP if self.foreign else None,
        )


@dataclass(frozen=True)
class Member:
    userid: str
    name: str
    role: str

    @property
    def surname(self) -> str:
        return self.name[:1]

    @property
    def colour(self) -> int:
        """One of six, the same for a person every time."""
        return sum(map(ord, self.userid)) % 6


class DemoPlatform:
    """A WeCom with one app, whose members' phones are on the page /simulator.

    *members* maps userids to names, *roles* to what is written below the name; one stranger who is
    on no roster is added. *shown* are the phones at first sight (four by default). *next_event* and
    *tick* drive the clock's buttons, which are disabled without them. *transport* replaces the HTTP
    call to *callback_url* in tests. *camera* gives what a phone in the room would read now. Nothing runs
    before the first request.
    """

    def __init__(
        self,
        callback_url: str,
        corp_id: str,
        agent_id: int,
        token: str,
        aes_key: str,
        members: Mapping[str, str],
        clock: DemoClock,
        *,
        secret: str = DEMO_SECRET,
        roles: Mapping[str, str] | None = None,
        shown: Sequence[str] = (),
        next_event: Callable[[], datetime | None] | None = None,
        tick: Callable[[], object] | None = None,
        play_until: datetime | None = None,
        menu: Json | None = None,
        transport: Transport | None = None,
        camera: Callable[[], str] = lambda: "",
    ) -> None:
        self.clock = clock
        self.camera = camera
        self.members = {STRANGER: STRANGER_NAME, **members}
        self._roles = {STRANGER: STRANGER_ROLE, **(roles or {})}
        self.shown = tuple(shown) or tuple(members)[:PHONES_SHOWN]
        self.phones = Phones(clock)
        self.wecom = FakeWeCom(
            corp_id,
            agent_id,
            secret,
            self.members,
            clock,
            listener=self.phones,
            menu=menu,
            # A month played in minutes would otherwise wear out a token every second.
            token_clock=SimulatedClock(clock.now()),
        )
        identity = AppIdentity(corp_id, agent_id, token, aes_key)
        self.delivery = CallbackDelivery(identity, transport or HttpTransport(callback_url), clock)
        self.walk = TimeWalk(clock, next_event, tick) if next_event and tick else None
        self._play_until = play_until
        self._lock = threading.Lock()
        self._quirks = Quirks()
        self._last: Exchange | None = None
        self._exchanges = 0
        self._waiting: dict[str, int] = {}
        self._pool = ThreadPoolExecutor(DELIVERIES_AT_ONCE, thread_name_prefix="fake-wecom")

    def blueprint(self) -> Blueprint:
        """The simulator page and the API that the bot calls; register it at the root."""
        whole = Blueprint("fake_wecom", __name__)
        whole.register_blueprint(simulator_blueprint(self))
        whole.register_blueprint(api_blueprint(self.wecom))
        whole.add_url_rule("/", endpoint="root", view_func=lambda: redirect("/simulator"))
        return whole

    def close(self) -> None:
        """Stop playing and wait for the deliveries on their way."""
        if self.walk is not None:
            self.walk.stop()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def member(self, userid: str) -> Member:
        """Raises KeyError for nobody's userid."""
        return Member(userid, self.members[userid], self._roles.get(userid, ""))

    # What a person does with a phone

    def type(self, userid: str, text: str) -> Future[None]:
        """*userid* types *text*; the future is done when the answer is on the phone."""
        self.phones.add(userid, "own", text)
        return self._deliver(self.delivery.message(userid, "text", {"Content": text}))

    def send_other(self, userid: str, msg_type: str, shown: str, fields: Mapping[str, Field]) -> Future[None]:
        """A message that is not text, for example a picture; *shown* is what stands in the bubble."""
        self.phones.add(userid, "own", shown)
        return self._deliver(self.delivery.message(userid, msg_type, fields))

    def event(
        self, userid: str, event: str, key: str = "", fields: Mapping[str, Field] | None = None
    ) -> Future[None]:
        return self._deliver(self.delivery.event_message(userid, event, key, fields))

    def press(self, line: Line, key: str) -> Future[None]:
        """A button of the card on *line*."""
        assert line.card is not None  # noqa: S101 (the page offers buttons on cards only)
        fields: dict[str, Field] = {
            "TaskId": line.card.task_id,
            "CardType": line.card.kind,
            "ResponseCode": self.wecom.new_response_code(line.msgid),
        }
        return self.event(line.userid, "template_card_event", key, fields)

    # What the page reads

    @property
    def quirks(self) -> Quirks:
        return self._quirks

    def set_quirks(self, quirks: Quirks) -> None:
        self._quirks = quirks

    def last_exchange(self) -> tuple[int, Exchange | None]:
        """The last one, and how many there were."""
        with self._lock:
            return self._exchanges, self._last

    def waiting(self) -> tuple[str, ...]:
        """Who waits for an answer."""
        with self._lock:
            return tuple(userid for userid, count in self._waiting.items() if count)

    def play_until(self) -> datetime:
        """Where 播放 ends: as given, else the end of the clock's month."""
        now = in_shanghai(self.clock.now())
        if self._play_until is not None and self._play_until > now:
            return self._play_until
        last = calendar.monthrange(now.year, now.month)[1]
        return now.replace(day=last, hour=23, minute=59, second=59)

    # How it gets there and back

    def _deliver(self, plaintext: Plaintext) -> Future[None]:
        if self._quirks.down:
            return self._pool.submit(self._say_down, plaintext.sender)
        self._count_waiting(plaintext.sender, 1)
        manner = self._quirks.manner()
        return self._pool.submit(self._carry, plaintext, manner)

    def _say_down(self, userid: str) -> None:
        self.phones.add(userid, "system", "机器人停机了，没有人答复")

    def _carry(self, plaintext: Plaintext, manner: Manner) -> None:
        try:
            copies = self.delivery.deliver_copies(plaintext, manner)
        finally:
            self._count_waiting(plaintext.sender, -1)
        with self._lock:
            self._exchanges += 1
            self._last = _all_attempts(copies)
        self._show(plaintext.sender, copies)

    def _show(self, userid: str, copies: Sequence[Exchange]) -> None:
        for text in dict.fromkeys(copy.text for copy in copies if copy.text is not None):
            self.phones.add(userid, "reply", text)
        for problem in dict.fromkeys(copy.problem for copy in copies if copy.problem is not None):
            self.phones.add(userid, "system", f"平台没有显示答复：{problem}")
        if len(copies) > 1:
            same = len({copy.text for copy in copies}) == 1
            self.phones.add(
                userid, "system", f"同一条消息送达了 {len(copies)} 次，答复{'相同' if same else '不同'}"
            )

    def _count_waiting(self, userid: str, by: int) -> None:
        with self._lock:
            self._waiting[userid] = self._waiting.get(userid, 0) + by


def _all_attempts(copies: Sequence[Exchange]) -> Exchange:
    attempts = tuple(attempt for copy in copies for attempt in copy.attempts)
    return replace(copies[-1], attempts=attempts)
