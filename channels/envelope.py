"""The outside of a callback: its query, and the one encrypted string in its body, found without parsing.

Nothing here is trusted yet: these bytes are looked at before any signature is known, so they meet
anchored patterns that run in linear time, never a parser (1.4 MB of nested tags cost wechatpy 1.3 s).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import unquote

from channels.channel import Refused

MAX_BODY_BYTES = 64 * 1024
MAX_QUERY_CHARACTERS = 4096

# No possessive quantifiers: Python 3.11.2, which Debian 12 ships, mishandles them in repeated groups.
# Instead no two neighbours match the same byte, so that a failure costs one walk back (a test times it).
_NAME = rb"[A-Za-z][A-Za-z0-9_]*"
_CDATA = rb"<!\[CDATA\[(?:[^\]]|\](?!\]>))*\]\]>"
_BASE64 = rb"[A-Za-z0-9+/]+={0,2}"
# Any flat element that is not Encrypt. Official Accounts in compatibility mode send the plaintext
# fields beside it; they are stepped over and never read.
_OTHER = rb"<(?!Encrypt>)(" + _NAME + rb")>(?:\s*" + _CDATA + rb"\s*|[^<&]*)</\%d>\s*"
_XML = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml [^<>?]*\?>\s*)?<xml>\s*"
    rb"(?:" + _OTHER % 1 + rb")*"
    rb"<Encrypt>\s*(?:<!\[CDATA\[(" + _BASE64 + rb")\]\]>|(" + _BASE64 + rb"))\s*</Encrypt>\s*"
    rb"(?:" + _OTHER % 4 + rb")*"
    rb"</xml>\s*\Z"
)

_STRING = rb'"(?:[^"\\\x00-\x1f]|\\.)*"'
_MEMBER = rb'(?!"[Ee]ncrypt")' + _STRING + rb"\s*:\s*(?:" + _STRING + rb"|-?[0-9]+|true|false|null)\s*"
_JSON = re.compile(
    rb"\s*\{\s*(?:" + _MEMBER + rb",\s*)*"
    rb'"[Ee]ncrypt"\s*:\s*"((?:[A-Za-z0-9+/]|\\/)+={0,2})"\s*'
    rb"(?:,\s*" + _MEMBER + rb")*\}\s*\Z"
)


class Signed(NamedTuple):
    """The three signed parts of a query, literally as they were on the wire after one decoding."""

    signature: str
    timestamp: str
    nonce: str


def query_of(raw: str) -> dict[str, str]:
    """The parameters of a raw query string, percent-decoded exactly once.

    "+" stays "+": a proxy that undoes %2B would otherwise turn base64 into spaces, and none of the
    platform's parameters holds a space. Raises Refused for a parameter given twice (two readers of one
    request could then see different ones) and for a query that is too long.
    """
    if len(raw) > MAX_QUERY_CHARACTERS:
        raise Refused("long_query")
    found: dict[str, str] = {}
    for pair in raw.split("&"):
        name, _, value = pair.partition("=")
        if name in found:
            raise Refused("repeated_parameter")
        found[name] = unquote(value) if "%" in value else value
    return found


def signed_part(query: Mapping[str, str]) -> Signed:
    """What the signature of this request covers. Raises Refused when a part is missing or empty.

    Only msg_signature counts. Official Accounts also send a plain `signature` that does not cover the body.
    """
    signature, timestamp, nonce = query.get("msg_signature"), query.get("timestamp"), query.get("nonce")
    if not signature or not timestamp or not nonce:
        raise Refused("bad_query")
    return Signed(signature, timestamp, nonce)


def encrypted_xml(body: bytes) -> str:
    """The one `<Encrypt>` of an XML body: CDATA or plain text, anywhere among flat elements.

    Raises Refused for two of them, a DOCTYPE, comments, nesting, or more than 64 kB.
    """
    match = _XML.match(_limited(body))
    if match is None:
        raise Refused("bad_envelope")
    return (match[2] or match[3]).decode("ascii")


def encrypted_json(body: bytes) -> str:
    """The one "encrypt" (aibot, WeCom) or "Encrypt" (Official Account) of a flat JSON body. Raises Refused."""
    match = _JSON.match(_limited(body))
    if match is None:
        raise Refused("bad_envelope")
    return match[1].replace(b"\\/", b"/").decode("ascii")


def _limited(body: bytes) -> bytes:
    if len(body) > MAX_BODY_BYTES:
        raise Refused("large_body")
    return body
