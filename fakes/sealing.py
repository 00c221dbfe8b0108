"""Signs and seals callbacks as WeCom does, and opens the bot's passive replies strictly.

The cryptography is wechatpy's, on purpose: the bot has its own, and each checks the other.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from xml.etree import ElementTree

from wechatpy.enterprise.crypto import PrpCrypto

TEXT_BYTES = 2048  # passive reply of text, document 90241
REPLY_PARTS = ("Encrypt", "MsgSignature", "TimeStamp", "Nonce")


class BadReply(Exception):
    """The platform would show the member nothing; the message says what is wrong, in Chinese."""


@dataclass(frozen=True)
class AppIdentity:
    """One self-built app of one corp, as its console shows it."""

    corp_id: str
    agent_id: int
    token: str
    aes_key: str

    def of_corp(self, corp_id: str) -> AppIdentity:
        """The same app and keys under another corp: authentic signature, foreign receive id."""
        return AppIdentity(corp_id, self.agent_id, self.token, self.aes_key)

    def key(self) -> bytes:
        return base64.b64decode(self.aes_key + "=")


@dataclass(frozen=True)
class Sealed:
    """One sealed request: the query and the body of the POST."""

    query: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class PassiveReply:
    """An opened passive reply; *text* is None for a type other than text."""

    clear: str
    msg_type: str
    text: str | None


def signature(token: str, timestamp: str, nonce: str, encrypted: str) -> str:
    """SHA-1 over the four strings in code-point order, lower-case hex (document 90968)."""
    joined = "".join(sorted((token, timestamp, nonce, encrypted)))
    return hashlib.sha1(joined.encode(), usedforsecurity=False).hexdigest()


def encrypt(identity: AppIdentity, clear: str) -> str:
    return str(PrpCrypto(identity.key()).encrypt(clear, identity.corp_id), "ascii")


def decrypt(identity: AppIdentity, encrypted: str) -> str:
    """Raises BadReply for every way in which wechatpy fails; it has nine of them."""
    try:
        return str(PrpCrypto(identity.key()).decrypt(encrypted, identity.corp_id))
    except Exception as error:
        raise BadReply(f"密文解不开（{type(error).__name__}）") from error


def seal(identity: AppIdentity, clear: str, timestamp: str, nonce: str) -> Sealed:
    """The POST of one callback, sealed with *timestamp* (unix seconds) and *nonce*."""
    encrypted = encrypt(identity, clear)
    body = (
        f"<xml><ToUserName><![CDATA[{identity.corp_id}]]></ToUserName>"
        f"<AgentID><![CDATA[{identity.agent_id}]]></AgentID>"
        f"<Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
    )
    query = {
        "msg_signature": signature(identity.token, timestamp, nonce, encrypted),
        "timestamp": timestamp,
        "nonce": nonce,
    }
    return Sealed(query=query, body=body.encode())


def seal_echo(identity: AppIdentity, echo: str, timestamp: str, nonce: str) -> dict[str, str]:
    """The query of the GET that a saved callback URL is verified with."""
    encrypted = encrypt(identity, echo)
    return {
        "msg_signature": signature(identity.token, timestamp, nonce, encrypted),
        "timestamp": timestamp,
        "nonce": nonce,
        "echostr": encrypted,
    }


def open_reply(identity: AppIdentity, body: bytes, sender: str) -> PassiveReply:
    """Open the bot's passive reply to *sender*. Raises BadReply where the platform shows nothing."""
    outer = _fields(body, "回复的外层 XML")
    missing = [name for name in REPLY_PARTS if not outer.get(name)]
    if missing:
        raise BadReply(f"回复缺少 {'、'.join(missing)}")
    expected = signature(identity.token, outer["TimeStamp"], outer["Nonce"], outer["Encrypt"])
    if not hmac.compare_digest(expected, outer["MsgSignature"]):
        raise BadReply("回复的签名不对")
    clear = decrypt(identity, outer["Encrypt"])
    inner = _fields(clear.encode(), "回复的内层 XML")
    if inner.get("ToUserName") != sender:
        raise BadReply(f"回复发给了 {inner.get('ToUserName')!r}，应为 {sender!r}")
    if inner.get("FromUserName") != identity.corp_id:
        raise BadReply(f"回复的 FromUserName 是 {inner.get('FromUserName')!r}，应为企业 ID")
    if not inner.get("CreateTime", "").isdigit():
        raise BadReply("回复的 CreateTime 不是秒数")
    return PassiveReply(clear=clear, msg_type=inner.get("MsgType", ""), text=_text(inner))


def _text(inner: dict[str, str]) -> str | None:
    if inner.get("MsgType") != "text":
        return None
    text = inner.get("Content", "")
    if not text:
        raise BadReply("文本回复没有内容")
    size = len(text.encode())
    if size > TEXT_BYTES:
        raise BadReply(f"文本回复有 {size} 字节，上限 {TEXT_BYTES}")
    return text


def _fields(document: bytes, name: str) -> dict[str, str]:
    if b"<!DOCTYPE" in document:
        raise BadReply(f"{name}含有 DOCTYPE")
    try:
        root = ElementTree.fromstring(document)  # noqa: S314 (our own bot's reply, DOCTYPE refused above)
    except ElementTree.ParseError as error:
        raise BadReply(f"{name}不合规：{error}") from error
    if root.tag != "xml":
        raise BadReply(f"{name}的根不是 xml")
    if len({child.tag for child in root}) != len(root):
        raise BadReply(f"{name}有重复的元素")
    return {child.tag: child.text or "" for child in root}
