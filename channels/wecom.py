"""The callback of a WeCom self-built app: encrypted XML into the inbound model, answers into passive replies."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from types import MappingProxyType
from typing import Final

from channels.channel import Decoded, Refused
from channels.crypto import Keyring, RandomPool, Seal
from channels.envelope import encrypted_xml, signed_part
from channels.xml import Fields, Value, cdata, cut, every, fields_of, legal, section, text_of
from messages.envelope import NOTHING, Answer, Capabilities, Inbound, InboundKind

TEXT_BYTES = 2048
# 10,000 calls a minute of one API (document 90312); enable_duplicate_check and recall (90236, 94867).
CAPABILITIES: Final = Capabilities(
    text_bytes=TEXT_BYTES,
    cards=True,
    markdown=True,
    buttons=True,
    calls_a_minute=10_000,
    swallows_repeats=True,
    recalls=True,
)

# developer.work.weixin.qq.com 90239 and 96467: file is not among them, there is no API to fetch one.
_KINDS: Final[Mapping[str, InboundKind]] = {
    "text": "text",
    "image": "image",
    "voice": "voice",
    "video": "video",
    "location": "location",
    "link": "link",
    "event": "event",
}
# What the model holds by its own names.
_OWN = frozenset(
    {
        "ToUserName",
        "FromUserName",
        "CreateTime",
        "MsgType",
        "MsgId",
        "AgentID",
        "Content",
        "Event",
        "EventKey",
    }
)
# Contact events of older apps carry these; the product stores and logs none of them, so they end here.
_PERSONAL = frozenset(
    {"Mobile", "Email", "BizMail", "Gender", "Avatar", "Alias", "Telephone", "Address", "ExtAttr"}
)
_KEPT_OUT = _OWN | _PERSONAL
_ECHO = re.compile(r"[0-9A-Za-z_-]{1,64}\Z")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ReplySeal:
    """What a passive reply is sealed with: the generation that opened the message, and the two ends."""

    seal: Seal
    receiver: str
    sender: str


class WeComCallback:
    """One WeCom app's callback URL. *clock* gives the aware time that replies are stamped with.

    Freshness is not judged here: a message that is already stored must get its stored answer however
    old it is, so the question belongs to whoever knows the stored ones (Inbound.at is from inside the
    ciphertext; the query's timestamp can be re-split and proves nothing).
    """

    def __init__(
        self,
        corp_id: str,
        keyring: Keyring,
        clock: Callable[[], datetime],
        agent_id: str | None = None,
        name: str = "wecom",
    ) -> None:
        self.name = name
        self.capabilities = CAPABILITIES
        self._corp_id = corp_id
        self._agent_id = agent_id
        self._keyring = keyring
        self._clock = clock
        self._random = RandomPool()

    def _nonce(self) -> str:
        return str(int.from_bytes(self._random.draw(5), "big"))

    def verify(self, query: Mapping[str, str]) -> str:
        """The plaintext echo of a URL verification. Raises Refused."""
        signed = signed_part(query)
        _, plaintext = self._keyring.open(*signed, query.get("echostr", ""))
        # The same four parts sign a message. Without this check a captured callback, sent again as
        # a GET, would be answered with its own decrypted text.
        echo = plaintext.decode("utf-8", "replace")
        if not _ECHO.match(echo):
            raise Refused("bad_echo")
        return echo

    def decode(self, query: Mapping[str, str], body: bytes) -> Decoded | None:
        """The message in *body*, or None for an authentic one that no one here can answer. Raises Refused."""
        signed = signed_part(query)
        seal, plaintext = self._keyring.open(*signed, encrypted_xml(body))
        fields = fields_of(plaintext)
        # A captured reply of ours is signed and sealed like a message, but goes the other way.
        if text_of(fields, "ToUserName") != self._corp_id:
            raise Refused("bad_receiver")
        if self._is_for_another_app(fields):
            return None
        inbound = inbound_of(fields, self.name, lambda: sha256(plaintext).hexdigest())
        if inbound is None:
            return None
        return Decoded(inbound, ReplySeal(seal, inbound.sender, self._corp_id))

    def _is_for_another_app(self, fields: Fields) -> bool:
        # Contact and customer-service callbacks belong to no app and carry no AgentID.
        agent_id = text_of(fields, "AgentID")
        return bool(self._agent_id and agent_id) and agent_id != self._agent_id

    def encode(self, answer: Answer, decoded: Decoded) -> bytes:
        """*answer* as a passive text reply, cut at 2,048 bytes, sealed with the generation that asked."""
        ends = decoded.seal
        if not isinstance(ends, ReplySeal):
            raise TypeError("this message came through another channel")
        timestamp = str(int(self._clock().timestamp()))
        reply = text_reply(ends.receiver, ends.sender, timestamp, answer.text)
        return sealed_reply(ends.seal, reply, timestamp, self._nonce())


def inbound_of(fields: Fields, channel: str, digest: Callable[[], str]) -> Inbound | None:
    """The one inbound model of a decrypted message; None when it lacks a type or a usable time.

    *digest* gives the hash that stands for the message where it has no MsgId (events): the advised
    FromUserName + CreateTime would drop one of two taps in a second. Raises Refused when a field that
    may occur once occurs twice.
    """
    msg_type = text_of(fields, "MsgType").lower()
    at = _moment(text_of(fields, "CreateTime"))
    if not msg_type or at is None:
        return None
    message_id = text_of(fields, "MsgId")
    # A 64-bit number in text; anything else is no id to store.
    is_id = message_id.isascii() and message_id.isdigit() and len(message_id) <= 20
    return Inbound(
        channel=channel,
        message_id=message_id if is_id else digest(),
        sender=text_of(fields, "FromUserName"),
        at=at,
        kind=_KINDS.get(msg_type, "unknown"),
        text=text_of(fields, "Content"),
        event=text_of(fields, "Event").lower() if msg_type == "event" else None,
        event_key=text_of(fields, "EventKey"),
        details=_details(fields, msg_type),
    )


def _moment(create_time: str) -> datetime | None:
    # int() alone would take signs, underscores and other scripts' digits; eleven digits end in the year 5138.
    if not (create_time.isascii() and create_time.isdigit()) or len(create_time) > 11:
        return None
    return _EPOCH + timedelta(seconds=int(create_time))


def _details(fields: Fields, msg_type: str) -> Mapping[str, str]:
    """The platform's other fields by its own names, nested ones lifted out of their containers.

    Lists become JSON: SelectedItems an object of question key to option ids, PicList the hashes. An
    unknown type is named under MsgType. A lifted field never replaces one of the message itself.
    """
    found = {} if msg_type in _KINDS else {"MsgType": msg_type}
    containers: list[tuple[str, Fields | list[str | Fields]]] = []
    for name, value in fields.items():
        if name in _KEPT_OUT:
            continue
        if isinstance(value, str):
            found[name] = value
        else:
            containers.append((name, value))
    for name, container in containers:
        for child, text in _lifted(name, container).items():
            found.setdefault(child, text)
    return MappingProxyType(found) if found else NOTHING


def _lifted(name: str, container: Fields | list[str | Fields]) -> Mapping[str, str]:
    if isinstance(container, list):
        return {name: _json(container)}
    if name == "SelectedItems":
        return {name: _json(_selected(container))}
    return {child: _flat(child, value) for child, value in container.items()}


def _flat(name: str, value: Value) -> str:
    if isinstance(value, str):
        return value
    if name == "PicList" and isinstance(value, dict):
        return _json([text_of(item, "PicMd5Sum") for item in every(value, "item") if isinstance(item, dict)])
    return _json(value)


def _selected(items: Fields) -> dict[str, list[str]]:
    """Question key to the chosen option ids. One child or several: expat gives both shapes."""
    chosen: dict[str, list[str]] = {}
    for item in every(items, "SelectedItem"):
        if not isinstance(item, dict):
            continue
        options = [options for options in every(item, "OptionIds") if isinstance(options, dict)]
        ids = [option for part in options for option in every(part, "OptionId") if isinstance(option, str)]
        chosen.setdefault(text_of(item, "QuestionKey"), []).extend(ids)
    return chosen


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def text_reply(receiver: str, sender: str, created: str, text: str) -> bytes:
    """The plaintext of a passive text reply (document 90241)."""
    return (
        f"<xml><ToUserName>{cdata(receiver)}</ToUserName><FromUserName>{cdata(sender)}</FromUserName>"
        f"<CreateTime>{created}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
        f"<Content>{section(cut(legal(text), TEXT_BYTES))}</Content></xml>"
    ).encode()


def sealed_reply(seal: Seal, reply: bytes, timestamp: str, nonce: str) -> bytes:
    """*reply* encrypted and signed, in the envelope the platform expects."""
    encrypted = seal.close(reply)
    return (
        f"<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt>"
        f"<MsgSignature><![CDATA[{seal.sign(timestamp, nonce, encrypted)}]]></MsgSignature>"
        f"<TimeStamp>{timestamp}</TimeStamp><Nonce><![CDATA[{nonce}]]></Nonce></xml>"
    ).encode("ascii")
