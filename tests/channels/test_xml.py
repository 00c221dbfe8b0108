"""The XML inside the envelope, and replies that no text can break out of."""

from __future__ import annotations

import string

import pytest
import xmltodict
from hypothesis import given
from hypothesis import strategies as st

from channels.channel import Refused
from channels.xml import cdata, cut, every, fields_of, legal, parsed_fields, text_of

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()))


def test_children_become_text_nested_fields_and_lists() -> None:
    document = b"<xml><A>1</A><B><![CDATA[x]]>y</B><C/><D><E>2</E></D><F>3</F><F>4</F></xml>"

    fields = fields_of(document)

    assert fields == {"A": "1", "B": "xy", "C": "", "D": {"E": "2"}, "F": ["3", "4"]}


@pytest.mark.parametrize(
    ("document", "items"),
    [
        (b"<xml><A>0</A></xml>", ()),
        (b"<xml><L><I>1</I></L></xml>", ("1",)),
        (b"<xml><L><I>1</I><I>2</I></L></xml>", ("1", "2")),
        (b"<xml><L><I>1</I><I><J>2</J></I></L></xml>", ("1", {"J": "2"})),
    ],
)
def test_no_child_one_child_and_several_are_read_alike(document: bytes, items: tuple[object, ...]) -> None:
    container = fields_of(document).get("L", {})

    assert isinstance(container, dict)
    assert every(container, "I") == items


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"x",
        b"{}",
        b"<xml>",
        b"<xml></yml>",
        b"<yml><A>1</A></yml>",
        b"<xml></xml>",
        b"<xml>text</xml>",
        b"<xml><A>1</A></xml><xml><A>1</A></xml>",
        b"<xml><A>&nbsp;</A></xml>",
        b"<xml><A>]]></A></xml>",
        b"<xml>" + b"<A>" * 20 + b"1" + b"</A>" * 20 + b"</xml>",
        b"<!DOCTYPE xml><xml><A>1</A></xml>",
        b'<!DOCTYPE xml [<!ENTITY a "b">]><xml><A>&a;</A></xml>',
        b'<!DOCTYPE xml SYSTEM "file:///etc/passwd"><xml><A>1</A></xml>',
        b'<?xml version="1.0" encoding="utf-16"?>\xff\xfe<\x00x\x00m\x00l\x00',
    ],
)
def test_other_documents_are_refused(document: bytes) -> None:
    with pytest.raises(Refused):
        fields_of(document)


def test_a_doctype_inside_a_message_is_only_text() -> None:
    document = b"<xml><Content><![CDATA[<!DOCTYPE html>]]></Content></xml>"

    assert fields_of(document) == {"Content": "<!DOCTYPE html>"}


@pytest.mark.parametrize("wild", ["\x00", "\x01", "\x08", "\x0b", "\x1f", "\ufffe", "\uffff"])
def test_characters_that_xml_forbids_are_dropped_from_what_arrives(wild: str) -> None:
    document = f"<xml><Content><![CDATA[签{wild}到]]></Content></xml>".encode()

    assert fields_of(document) == {"Content": "签到"}


def test_bytes_that_are_no_utf8_become_replacement_characters() -> None:
    document = b"<xml><Content><![CDATA[ab\xff]]></Content></xml>"

    assert fields_of(document) == {"Content": "ab\ufffd"}


def test_half_a_surrogate_pair_does_not_lose_the_message() -> None:
    document = b"<xml><Content><![CDATA[ok\xed\xa0\xbd]]></Content></xml>"

    assert fields_of(document) == {"Content": "ok\ufffd\ufffd\ufffd"}


@pytest.mark.parametrize("document", [b"<xml><A>1</A><A>2</A></xml>", b"<xml><A><B>1</B></A></xml>"])
def test_a_field_that_occurs_once_is_refused_when_repeated_or_nested(document: bytes) -> None:
    with pytest.raises(Refused):
        text_of(fields_of(document), "A")


SPACES = st.sampled_from(["", "", "\n", " \r\n", "\u3000", "x"])


@given(
    st.lists(
        st.tuples(st.text(string.ascii_letters, min_size=1, max_size=3), ANY_TEXT, st.booleans(), SPACES),
        min_size=1,
        max_size=6,
    ),
    SPACES,
    SPACES,
    SPACES,
)
def test_the_quick_reading_of_a_flat_document_equals_the_parser(
    elements: list[tuple[str, str, bool, str]], before: str, between: str, after: str
) -> None:
    document = f"{before}<xml>{between}"
    for name, value, in_cdata, space in elements:
        body = f"<![CDATA[{value}]]>" if in_cdata else value
        document += f"<{name}>{body}</{name}>{space}"
    whole = f"{document}</xml>{after}".encode("utf-8", "replace")
    cleaned = whole.translate(None, bytes(set(range(32)) - {9, 10, 13}))

    assert outcome(fields_of, cleaned) == outcome(parsed_fields, cleaned)


def outcome(read: object, document: bytes) -> object:
    try:
        return read(document)  # type: ignore[operator]
    except Refused:
        return Refused


@given(ANY_TEXT)
def test_any_text_survives_a_reply_without_touching_its_structure(text: str) -> None:
    document = f"<xml><Content>{cdata(text)}</Content><After>1</After></xml>".encode()

    assert fields_of(document) == {"Content": legal(text), "After": "1"}
    assert xmltodict.parse(document, strip_whitespace=False)["xml"]["After"] == "1"


def test_the_end_of_a_section_inside_a_text_is_split() -> None:
    assert cdata("a]]>b") == "<![CDATA[a]]]]><![CDATA[>b]]>"


@given(ANY_TEXT, st.integers(0, 40))
def test_a_cut_text_fits_and_is_the_beginning(text: str, limit: int) -> None:
    kept = cut(legal(text), limit)

    assert len(kept.encode()) <= limit
    assert legal(text).startswith(kept)
    assert len(legal(text).encode()) <= limit or len(kept.encode()) > limit - 4
