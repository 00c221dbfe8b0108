"""A tiny bot with its own cryptography: it opens a callback, remembers it and answers as it is told."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs
from xml.etree import ElementTree

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from fakes.sealing import AppIdentity

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

CORP, AGENT, SECRET = "ww8d1f0b7c6e5a4932", 1000007, "app-secret-of-the-tests"


@dataclass
class StandIn:
    """*answers* gives the text for the message's XML; *misbehave* may change or replace the sealed reply."""

    identity: AppIdentity
    answers: Callable[[ElementTree.Element], str] = lambda message: f"收到：{message.findtext('Content')}"
    misbehave: Callable[[int], bytes | int | None] = lambda call: None
    reply_to: Callable[[str], str] = lambda sender: sender
    seen: list[ElementTree.Element] = field(default_factory=list)
    queries: list[dict[str, str]] = field(default_factory=list)

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        status, body = self._respond(environ)
        start_response(f"{status} X", [("Content-Type", "text/xml"), ("Content-Length", str(len(body)))])
        return [body]

    def _respond(self, environ: dict[str, Any]) -> tuple[int, bytes]:
        query = {key: values[0] for key, values in parse_qs(environ["QUERY_STRING"]).items()}
        if environ["REQUEST_METHOD"] == "GET":
            return 200, self._open(query, query["echostr"]).encode()
        size = int(environ.get("CONTENT_LENGTH") or 0)
        encrypted = parsed(environ["wsgi.input"].read(size)).findtext("Encrypt") or ""
        try:
            message = parsed(self._open(query, encrypted))
        except ValueError:
            return 403, b""
        self.queries.append(query)
        self.seen.append(message)
        instead = self.misbehave(len(self.seen))
        if isinstance(instead, int):
            return instead, b""
        if instead is not None:
            return 200, instead
        text = self.answers(message)
        return (200, self._seal(message, text)) if text else (200, b"")

    def _cipher(self) -> Cipher[modes.CBC]:
        key = base64.b64decode(self.identity.aes_key + "=")
        return Cipher(algorithms.AES(key), modes.CBC(key[:16]))

    def _signature(self, timestamp: str, nonce: str, encrypted: str) -> str:
        parts = sorted([self.identity.token, timestamp, nonce, encrypted])
        return hashlib.sha1("".join(parts).encode(), usedforsecurity=False).hexdigest()

    def _open(self, query: dict[str, str], encrypted: str) -> str:
        if self._signature(query["timestamp"], query["nonce"], encrypted) != query["msg_signature"]:
            raise ValueError("signature")
        decryptor = self._cipher().decryptor()
        frame = decryptor.update(base64.b64decode(encrypted)) + decryptor.finalize()
        frame = frame[: -frame[-1]]
        size = int.from_bytes(frame[16:20], "big")
        if frame[20 + size :].decode() != self.identity.corp_id:
            raise ValueError("receive id")
        return frame[20 : 20 + size].decode()

    def _seal(self, message: ElementTree.Element, text: str) -> bytes:
        sender = self.reply_to(message.findtext("FromUserName") or "")
        clear = (
            f"<xml><ToUserName>{sender}</ToUserName><FromUserName>{self.identity.corp_id}</FromUserName>"
            f"<CreateTime>1688451600</CreateTime><MsgType>text</MsgType>"
            f"<Content><![CDATA[{text}]]></Content></xml>"
        ).encode()
        frame = b"\x00" * 16 + len(clear).to_bytes(4, "big") + clear + self.identity.corp_id.encode()
        pad = 32 - len(frame) % 32
        encryptor = self._cipher().encryptor()
        encrypted = base64.b64encode(
            encryptor.update(frame + bytes([pad]) * pad) + encryptor.finalize()
        ).decode()
        signature = self._signature("1688451600", "123456", encrypted)
        return (
            f"<xml><Encrypt>{encrypted}</Encrypt><MsgSignature>{signature}</MsgSignature>"
            f"<TimeStamp>1688451600</TimeStamp><Nonce>123456</Nonce></xml>"
        ).encode()


def parsed(document: bytes | str) -> ElementTree.Element:
    return ElementTree.fromstring(document)  # noqa: S314 (our own fake platform wrote it)
