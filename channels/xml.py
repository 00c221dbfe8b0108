"""The XML inside the envelope: a hardened reader of what arrived, and a writer of replies that cannot be broken."""

from __future__ import annotations

import re
from typing import TypeAlias
from xml.parsers.expat import ExpatError, ParserCreate

from channels.channel import Refused

Fields: TypeAlias = "dict[str, Value]"
Value: TypeAlias = "str | Fields | list[str | Fields]"

MAX_DEPTH = 12
# What XML 1.0 forbids even inside CDATA. WeChat delivers such characters as members typed them
# (WeRoBot issue 420); a reader that refuses them loses the message after three retries.
_C0 = bytes(code for code in range(32) if code not in b"\t\n\r")
_SPACE = " \t\n"
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

# An element of a flat document as the platform writes it. Whatever differs in the least goes to the
# parser; for what matches, both give the same fields (a property of the tests) at half the cost.
_FLAT_ELEMENT = re.compile(
    r"<([A-Za-z][A-Za-z0-9_]*)>(?:<!\[CDATA\[((?:[^\]]|\](?!\]>))*)\]\]>|([^<&\]]*))</\1>\s*"
)


def fields_of(plaintext: bytes) -> Fields:
    """The children of `<xml>`: text, or fields again, or a list where a name is repeated.

    Raises Refused for malformed XML, a DOCTYPE (and so for every entity), another root element and
    nesting deeper than MAX_DEPTH.
    """
    cleaned = plaintext.translate(None, _C0)
    flat = _flat_fields(cleaned)
    return parsed_fields(cleaned) if flat is None else flat


def _flat_fields(cleaned: bytes) -> Fields | None:
    try:
        text = cleaned.decode("utf-8")
    except UnicodeDecodeError:
        return None
    # The parser turns "\r\n" into "\n" and refuses what is illegal; the pattern does neither.
    if "\r" in text or "\ufffe" in text or "\uffff" in text:
        return None
    # Split at its elements, a flat document leaves its root's tags and nothing in between.
    parts = _FLAT_ELEMENT.split(text)
    if (
        len(parts) == 1
        or parts[0].rstrip(_SPACE) != "<xml>"
        or parts[-1].rstrip(_SPACE) != "</xml>"
        or any(parts[4:-1:4])
    ):
        return None
    fields: Fields = {}
    for place in range(1, len(parts) - 1, 4):
        name, value = parts[place], parts[place + 1] or parts[place + 2] or ""
        if name in fields:
            _add(fields, name, value)
        else:
            fields[name] = value
    return fields


def parsed_fields(cleaned: bytes) -> Fields:
    """What fields_of gives, always by the parser; *cleaned* is without C0 characters. Raises Refused."""
    try:
        return _parse(cleaned)
    except ExpatError as error:
        repaired = _ILLEGAL.sub("", cleaned.decode("utf-8", "replace")).encode()
        if repaired == cleaned:
            raise Refused("bad_xml") from error
    try:
        return _parse(repaired)
    except ExpatError as error:
        raise Refused("bad_xml") from error


def _parse(document: bytes) -> Fields:
    # The encoding is fixed: a declaration inside must not switch it.
    parser = ParserCreate("utf-8")
    parser.buffer_text = True
    top: Fields = {}
    open_elements = [top]
    text: list[str] = []

    def start(_name: str, _attributes: object) -> None:
        if len(open_elements) > MAX_DEPTH:
            raise Refused("deep_xml")
        open_elements.append({})
        text.clear()

    def end(name: str) -> None:
        children = open_elements.pop()
        _add(open_elements[-1], name, children or "".join(text))
        text.clear()

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text.append
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.Parse(document, True)
    root = top.get("xml", "")
    if not isinstance(root, dict):
        raise Refused("bad_xml")
    return root


def _add(parent: Fields, name: str, value: str | Fields) -> None:
    if name not in parent:
        parent[name] = value
        return
    earlier = parent[name]
    if isinstance(earlier, list):
        earlier.append(value)
    else:
        parent[name] = [earlier, value]


def _refuse_doctype(*_: object) -> None:
    raise Refused("forbidden_xml")


def text_of(fields: Fields, name: str) -> str:
    """The text of the one element *name*; "" when it is absent. Raises Refused for two, or for a nested one.

    Two FromUserName would let two readers see two senders.
    """
    value = fields.get(name, "")
    if not isinstance(value, str):
        raise Refused("bad_xml")
    return value


def every(fields: Fields, name: str) -> tuple[str | Fields, ...]:
    """All elements *name*, whether the document holds none, one or several."""
    value = fields.get(name)
    if value is None:
        return ()
    return tuple(value) if isinstance(value, list) else (value,)


def cut(text: str, limit_bytes: int) -> str:
    """*text* in at most *limit_bytes* of UTF-8, never ending inside a character."""
    # Every character takes at most four bytes, so most texts need no encoding to know.
    if len(text) * 4 <= limit_bytes:
        return text
    return text.encode("utf-8", "ignore")[:limit_bytes].decode("utf-8", "ignore")


def legal(text: str) -> str:
    """*text* without the characters that XML forbids, with line ends as a parser would give them back."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _ILLEGAL.sub("", text) if _ILLEGAL.search(text) else text


def section(clean: str) -> str:
    """*clean* (see legal) as one or more CDATA sections; "]]>" inside is split, or the reply would be malformed.

    wechatpy does not split it, and a student's text could add elements to the reply.
    """
    if "]]>" in clean:
        clean = clean.replace("]]>", "]]]]><![CDATA[>")
    return f"<![CDATA[{clean}]]>"


def cdata(text: str) -> str:
    """*text*, whatever it holds, as one or more CDATA sections."""
    return section(legal(text))
