"""A fake WeCom: members, tokens, what was pushed to whom, and every limit the bot must live with."""

from __future__ import annotations

import hashlib
import json
import secrets
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from fakes.clock import Clock
from fakes.faults import FaultSwitches
from fakes.payloads import (
    INTERACTIVE,
    NEEDS_MEDIA,
    ApiError,
    Json,
    check_menu,
    check_message,
    cut_text,
    duplicate_interval_s,
    recipients,
)
from fakes.robots import FakeRobots

TOKEN_LIFE = timedelta(seconds=7200)
MEDIA_LIFE = timedelta(days=3)
RECALL_WITHIN = timedelta(hours=24)
RESPONSE_CODE_LIFE = timedelta(hours=72)
PER_MINUTE, PER_HOUR = 30, 1000
WRONG_SECRETS_ALLOWED = 10
BAN = timedelta(hours=1)
MEDIA_LIMITS = {"image": 10 << 20, "voice": 2 << 20, "video": 10 << 20, "file": 20 << 20}


@dataclass(frozen=True)
class DeliveredPush:
    """One message on one member's phone. *text* is what a text shows, cut as the platform cuts."""

    msgid: str
    userid: str
    at: datetime
    msgtype: str
    text: str
    body: Json
    response_code: str | None = None


@dataclass(frozen=True)
class Call:
    """One call of the API: when, its path below /cgi-bin/, and the errcode (None: no JSON answer)."""

    at: datetime
    path: str
    errcode: int | None


@dataclass(frozen=True)
class Media:
    media_id: str
    kind: str
    name: str
    content: bytes
    at: datetime


class PushListener(Protocol):
    """Who looks at the phones."""

    def push_arrived(self, push: DeliveredPush) -> None: ...

    def push_recalled(self, push: DeliveredPush) -> None: ...

    def card_updated(self, userid: str, push: DeliveredPush, shown: str) -> None: ...


@dataclass(frozen=True)
class _Sent:
    answer: Json
    at: datetime


@dataclass
class _ResponseCode:
    push_msgid: str
    at: datetime


@dataclass
class FakeWeCom:
    """The state of the platform for one corp with one app. Thread-safe.

    *members* maps the userids inside the app's visible range to names. *clock* is the platform's own;
    tokens live by *token_clock* if given, for a demonstration whose clock leaps.
    """

    corp_id: str
    agent_id: int
    secret: str
    members: Mapping[str, str]
    clock: Clock
    listener: PushListener | None = None
    token_clock: Clock | None = None
    robots: FakeRobots | None = None
    faults: FaultSwitches = field(default_factory=FaultSwitches)
    calls: list[Call] = field(default_factory=list)
    pushes: list[DeliveredPush] = field(default_factory=list)
    dropped: list[DeliveredPush] = field(default_factory=list)
    swallowed: int = 0
    menu: Json | None = None
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _token: str = ""
    _token_until: datetime | None = None
    _wrong_secrets: int = 0
    _banned_until: datetime | None = None
    _recent: dict[str, deque[datetime]] = field(default_factory=dict)
    _sent: dict[str, _Sent] = field(default_factory=dict)
    _task_ids: set[str] = field(default_factory=set)
    _response_codes: dict[str, _ResponseCode] = field(default_factory=dict)
    _media: dict[str, Media] = field(default_factory=dict)

    # Tokens

    def get_token(self, corp_id: str, secret: str) -> Json:
        """gettoken: the same token within its life; the address is banned after many wrong secrets."""
        with self._lock:
            now = self._token_now()
            if self._banned_until is not None and now < self._banned_until:
                raise ApiError(45009, "api freq out of limit")
            if corp_id != self.corp_id:
                raise ApiError(40013, "invalid corpid")
            if secret != self.secret:
                self._count_wrong_secret(now)
                raise ApiError(40001, "invalid credential")
            if self._token_until is None or now >= self._token_until:
                self._token, self._token_until = f"TOK_{secrets.token_urlsafe(24)}", now + TOKEN_LIFE
            left = int((self._token_until - now).total_seconds())
            return {"access_token": self._token, "expires_in": left}

    def check_token(self, token: str | None) -> None:
        with self._lock:
            if not token:
                raise ApiError(41001, "access_token missing")
            if token != self._token or self._token_until is None:
                raise ApiError(40014, "invalid access_token")
            if self._token_now() >= self._token_until:
                raise ApiError(42001, "access_token expired")

    def revoke_token(self) -> None:
        """The token dies before its time, as it may."""
        with self._lock:
            self._token_until = None

    # Messages

    def send(self, raw: bytes, *, half_invalid: bool = False) -> Json:
        """message/send with the exact bytes of the request. Raises ApiError.

        *half_invalid* takes every second recipient for unknown, as after members have left.
        """
        with self._lock:
            body = parse(raw)
            self._check_agent(body)
            wanted = recipients(body)
            check_message(body)
            self._check_media(body)
            now = self.clock.now()
            repeated = self._answer_of_duplicate(raw, duplicate_interval_s(body), now)
            if repeated is not None:
                self.swallowed += 1
                return repeated
            self._claim_task_id(body)
            known, unknown = self._visible(wanted, half_invalid=half_invalid)
            if not known:
                raise ApiError(81013, "user & party & tag all invalid", invaliduser="|".join(unknown))
            answer = self._deliver(body, known, now)
            if unknown:
                answer["invaliduser"] = "|".join(unknown)
            self._sent[hashlib.sha256(raw).hexdigest()] = _Sent(answer, now)
            return answer

    def say(self, key: str, raw: bytes) -> Json:
        """webhook/send of a group robot. Raises ApiError."""
        if self.robots is None:
            raise ApiError(93000, "invalid webhook url")
        return self.robots.say(key, parse(raw))

    def recall(self, raw: bytes) -> Json:
        """message/recall: gone from the phones; within 24 hours."""
        with self._lock:
            msgid = parse(raw).get("msgid")
            found = [push for push in self.pushes if push.msgid == msgid]
            if not found or self.clock.now() - found[0].at > RECALL_WITHIN:
                raise ApiError(40058, "invalid parameter: msgid")
            self.pushes = [push for push in self.pushes if push.msgid != msgid]
            for push in found:
                if self.listener is not None:
                    self.listener.push_recalled(push)
            return {}

    def update_card(self, raw: bytes) -> Json:
        """message/update_template_card: each response code works once, within 72 hours."""
        with self._lock:
            body = parse(raw)
            self._check_agent(body)
            code = self._response_codes.pop(str(body.get("response_code")), None)
            if code is None or self.clock.now() - code.at > RESPONSE_CODE_LIFE:
                raise ApiError(60140, "response_code expired or used")
            userids = {str(userid).lower() for userid in _sequence(body.get("userids"))}
            shown = _replacement(body)
            for push in self.pushes:
                if (
                    push.msgid == code.push_msgid
                    and push.userid.lower() in userids
                    and self.listener is not None
                ):
                    self.listener.card_updated(push.userid, push, shown)
            return {}

    def new_response_code(self, msgid: str) -> str:
        """The code that a card event carries."""
        with self._lock:
            code = f"RC_{secrets.token_urlsafe(12)}"
            self._response_codes[code] = _ResponseCode(msgid, self.clock.now())
            return code

    def pushes_of(self, userid: str) -> tuple[DeliveredPush, ...]:
        with self._lock:
            return tuple(push for push in self.pushes if push.userid == userid)

    # Media, people, the app

    def upload(self, kind: str, name: str, content: bytes) -> Json:
        with self._lock:
            if kind not in MEDIA_LIMITS:
                raise ApiError(40004, "invalid media type")
            if not content:
                raise ApiError(44001, "empty media data")
            if len(content) <= 5 or len(content) > MEDIA_LIMITS[kind]:
                raise ApiError(40006, "invalid media size")
            media = Media(secrets.token_urlsafe(33), kind, name, content, self.clock.now())
            self._media[media.media_id] = media
            created = str(int(media.at.timestamp()))
            return {"type": kind, "media_id": media.media_id, "created_at": created}

    def media(self, media_id: str) -> Media:
        with self._lock:
            media = self._media.get(media_id)
            if media is None or self.clock.now() - media.at > MEDIA_LIFE:
                raise ApiError(40007, "invalid media_id")
            return media

    def forget_media(self) -> None:
        """What was uploaded is gone before its time, as may happen."""
        with self._lock:
            self._media.clear()

    def user(self, userid: str) -> Json:
        for known, name in self.members.items():
            if known.lower() == userid.lower():
                return {"userid": known, "name": name, "department": [1], "status": 1, "main_department": 1}
        raise ApiError(60111, "userid not found")

    def create_menu(self, agent_id: str, raw: bytes) -> Json:
        with self._lock:
            self._check_agent({"agentid": _number(agent_id)})
            body = parse(raw)
            check_menu(body)
            self.menu = body
            return {}

    def get_menu(self, agent_id: str) -> Json:
        with self._lock:
            self._check_agent({"agentid": _number(agent_id)})
            if self.menu is None:
                raise ApiError(46003, "menu not exist")
            return dict(self.menu)

    def delete_menu(self, agent_id: str) -> Json:
        with self._lock:
            self._check_agent({"agentid": _number(agent_id)})
            self.menu = None
            return {}

    def agent(self, agent_id: str) -> Json:
        self._check_agent({"agentid": _number(agent_id)})
        users = [{"userid": userid} for userid in self.members]
        return {
            "agentid": self.agent_id,
            "name": "七月",
            "description": "",
            "allow_userinfos": {"user": users},
            "close": 0,
            "redirect_domain": "",
            "isreportenter": 1,
            "home_url": "",
        }

    def record(self, path: str, errcode: int | None) -> None:
        with self._lock:
            self.calls.append(Call(self.clock.now(), path, errcode))

    # How a send comes apart

    def _token_now(self) -> datetime:
        return (self.token_clock or self.clock).now()

    def _check_agent(self, body: Json) -> None:
        agent_id = body.get("agentid")
        if not isinstance(agent_id, int):
            raise ApiError(40056, "invalid agentid")
        if agent_id != self.agent_id:
            raise ApiError(301002, "agentid does not match the access_token")

    def _check_media(self, body: Json) -> None:
        payload = body.get(str(body["msgtype"]))
        if body["msgtype"] in NEEDS_MEDIA and isinstance(payload, Mapping):
            media = self.media(str(payload["media_id"]))
            if media.kind != body["msgtype"]:
                raise ApiError(40004, "invalid media type")

    def _count_wrong_secret(self, now: datetime) -> None:
        self._wrong_secrets += 1
        if self._wrong_secrets >= WRONG_SECRETS_ALLOWED:
            self._wrong_secrets, self._banned_until = 0, now + BAN

    def _answer_of_duplicate(self, raw: bytes, interval_s: int | None, now: datetime) -> Json | None:
        if interval_s is None:
            return None
        sent = self._sent.get(hashlib.sha256(raw).hexdigest())
        if sent is None or now - sent.at > timedelta(seconds=interval_s):
            return None
        return sent.answer

    def _claim_task_id(self, body: Json) -> None:
        card = body.get("template_card")
        task_id = card.get("task_id") if isinstance(card, Mapping) else None
        if task_id is None:
            return
        if task_id in self._task_ids:
            raise ApiError(40058, "duplicate task_id")
        self._task_ids.add(str(task_id))

    def _visible(self, wanted: Sequence[str], *, half_invalid: bool) -> tuple[list[str], list[str]]:
        """The known members as stored, and the others in lower case, as the platform answers."""
        if list(wanted) == ["@all"]:
            return list(self.members), []
        stored = {userid.lower(): userid for userid in self.members}
        lower = [userid.lower() for userid in wanted]
        bad = {
            userid
            for place, userid in enumerate(lower)
            if userid not in stored or (half_invalid and place % 2)
        }
        return [stored[userid] for userid in lower if userid not in bad], [u for u in lower if u in bad]

    def _deliver(self, body: Json, userids: Sequence[str], now: datetime) -> dict[str, object]:
        msgid = secrets.token_urlsafe(22)
        answer: dict[str, object] = {"msgid": msgid}
        code = None
        card = body.get("template_card")
        if isinstance(card, Mapping) and card.get("card_type") in INTERACTIVE:
            code = self.new_response_code(msgid)
            answer["response_code"] = code
        push = DeliveredPush(msgid, "", now, str(body["msgtype"]), shown_text(body), body, code)
        for userid in userids:
            self._deliver_to(replace(push, userid=userid))
        return answer

    def _deliver_to(self, push: DeliveredPush) -> None:
        recent = self._recent.setdefault(push.userid, deque())
        while recent and push.at - recent[0] >= timedelta(hours=1):
            recent.popleft()
        last_minute = sum(1 for at in recent if push.at - at < timedelta(minutes=1))
        if last_minute >= PER_MINUTE or len(recent) >= PER_HOUR:
            self.dropped.append(push)  # silently: errcode stays 0
            return
        recent.append(push.at)
        self.pushes.append(push)
        if self.listener is not None:
            self.listener.push_arrived(push)


def parse(raw: bytes) -> Json:
    """The JSON object of a request. Raises ApiError."""
    try:
        body = json.loads(raw)
    except ValueError as error:
        raise ApiError(40035, "invalid parameter: not json") from error
    if not isinstance(body, dict):
        raise ApiError(40035, "invalid parameter: not an object")
    return body


def shown_text(body: Json) -> str:
    """The words a member reads first in a message of any type."""
    payload = body.get(str(body["msgtype"]))
    if not isinstance(payload, Mapping):
        return ""
    if body["msgtype"] in ("text", "markdown"):
        return cut_text(str(payload["content"]))
    if body["msgtype"] == "template_card":
        title = payload.get("main_title")
        return str(title.get("title", "")) if isinstance(title, Mapping) else ""
    return str(payload.get("title", ""))


def _replacement(body: Json) -> str:
    button = body.get("button")
    if isinstance(button, Mapping):
        return str(button.get("replace_name", ""))
    return "卡片已更新"


def _sequence(value: object) -> Sequence[object]:
    return value if isinstance(value, Sequence) and not isinstance(value, str) else ()


def _number(text: str) -> object:
    return int(text) if text.isascii() and text.isdigit() else text
