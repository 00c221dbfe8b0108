"""One made-up app and its callbacks as they travel, sealed with the bot's own cipher."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from channels.channel import Decoded
from channels.crypto import Keyring, Seal
from channels.envelope import encrypted_xml
from channels.wecom import WeComCallback
from channels.xml import Fields, fields_of

CORP = "ww8d1f0b7c6e5a4932"
AGENT = "1000007"
TOKEN = "labtok_dev"
KEY = "Qm7Zx1Lk9Vb3Tn5Rp8Wd2Yc6Hf4Jg0Sa1Ue3Io5Pq7M"
OLD_KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
SENT_AT = datetime(2026, 7, 6, 5, 30, tzinfo=UTC)
SECONDS = str(int(SENT_AT.timestamp()))

SEAL = Seal(TOKEN, KEY, CORP)
OLD_SEAL = Seal(TOKEN, OLD_KEY, CORP)


def callback(agent_id: str | None = AGENT) -> WeComCallback:
    """The app's callback, with the previous key still accepted and a clock that stands still."""
    return WeComCallback(CORP, Keyring(SEAL, OLD_SEAL), lambda: SENT_AT, agent_id)


@dataclass(frozen=True)
class Request:
    query: Mapping[str, str]
    body: bytes

    @property
    def query_string(self) -> str:
        return "&".join(f"{name}={quote(value, safe='')}" for name, value in self.query.items())


def sealed(
    inner: str | bytes, seal: Seal = SEAL, timestamp: str = SECONDS, nonce: str = "1672029349"
) -> Request:
    """The POST that carries *inner*."""
    encrypted = seal.close(inner.encode() if isinstance(inner, str) else inner)
    body = (
        f"<xml><ToUserName><![CDATA[{CORP}]]></ToUserName><AgentID><![CDATA[{AGENT}]]></AgentID>"
        f"<Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
    )
    return Request(signed_query(encrypted, seal, timestamp, nonce), body.encode())


def signed_query(
    encrypted: str, seal: Seal = SEAL, timestamp: str = SECONDS, nonce: str = "1672029349"
) -> dict[str, str]:
    signature = seal.sign(timestamp, nonce, encrypted)
    return {"msg_signature": signature, "timestamp": timestamp, "nonce": nonce}


def message(*elements: str, sender: str = "wang.fang", receiver: str = CORP) -> str:
    """The plaintext of a message from *sender* with *elements* after the common ones."""
    return (
        f"<xml><ToUserName><![CDATA[{receiver}]]></ToUserName>"
        f"<FromUserName><![CDATA[{sender}]]></FromUserName><CreateTime>{SECONDS}</CreateTime>"
        f"{''.join(elements)}<AgentID>{AGENT}</AgentID></xml>"
    )


def text(content: str, message_id: str = "7423810645901234567") -> str:
    return message(
        "<MsgType><![CDATA[text]]></MsgType>",
        f"<Content><![CDATA[{content}]]></Content>",
        f"<MsgId>{message_id}</MsgId>",
    )


def event(name: str, *elements: str) -> str:
    return message("<MsgType><![CDATA[event]]></MsgType>", f"<Event><![CDATA[{name}]]></Event>", *elements)


def decoded(inner: str | bytes, seal: Seal = SEAL) -> Decoded | None:
    request = sealed(inner, seal)
    return callback().decode(request.query, request.body)


def opened(reply: bytes, seal: Seal = SEAL) -> Fields:
    """The fields of a passive reply, after its signature was found right."""
    outer = fields_of(reply)
    encrypted = encrypted_xml(reply)
    signature, timestamp, nonce = (str(outer[name]) for name in ("MsgSignature", "TimeStamp", "Nonce"))
    assert seal.is_signed(signature, timestamp, nonce, encrypted)
    return fields_of(seal.open(encrypted))
