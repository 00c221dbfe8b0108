"""The outside of a callback: one Encrypt found without a parser, one query decoded once."""

from __future__ import annotations

import time

import pytest

from channels.channel import Refused
from channels.envelope import MAX_BODY_BYTES, encrypted_json, encrypted_xml, query_of, signed_part
from tests.channels.vectors import Vector, vector_id, vectors

BODIES = [vector for vector in vectors("encrypted_public") if vector["body"]]
TO = "<ToUserName><![CDATA[ww1]]></ToUserName>"


@pytest.mark.parametrize("vector", BODIES, ids=vector_id)
def test_a_recorded_body_gives_its_encrypt(vector: Vector) -> None:
    reader = encrypted_json if vector["envelope"] == "json" else encrypted_xml

    assert reader(vector["body"].encode()) == vector["encrypt"]


@pytest.mark.parametrize(
    "body",
    [
        f"<xml>{TO}<Encrypt><![CDATA[QUJD]]></Encrypt></xml>",
        f"<xml><Encrypt><![CDATA[QUJD]]></Encrypt>{TO}</xml>",
        "<xml><Encrypt>QUJD</Encrypt></xml>",
        "\n <xml>\r\n\t<Encrypt>\n <![CDATA[QUJD]]>\n</Encrypt>\n</xml>\n ",
        "<xml><Encrypt> QUJD </Encrypt></xml>",
        '\ufeff<?xml version="1.0" encoding="utf-8"?>\n<xml><Encrypt>QUJD</Encrypt></xml>',
        f"<xml>{TO}<AgentID></AgentID><Encrypt>QUJD</Encrypt><Time>1</Time></xml>",
        "<xml><Content><![CDATA[<Encrypt>WFla</Encrypt>]]></Content><Encrypt>QUJD</Encrypt></xml>",
        "<xml><Content><![CDATA[a]b]]c]]></Content><Encrypt>QUJD</Encrypt></xml>",
    ],
)
def test_the_encrypt_is_found_in_any_order_and_spelling(body: str) -> None:
    assert encrypted_xml(body.encode()) == "QUJD"


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<xml></xml>",
        "{}",
        "<xml><Encrypt></Encrypt></xml>",
        "<xml><Encrypt><![CDATA[]]></Encrypt></xml>",
        "<xml><Encrypt>QUJD</Encrypt><Encrypt>QUJD</Encrypt></xml>",
        "<xml><Encrypt>QUJD</Encrypt></xml><xml><Encrypt>QUJD</Encrypt></xml>",
        "<xml><A><Encrypt>QUJD</Encrypt></A></xml>",
        "<xml><Encrypt>QU\nJD</Encrypt></xml>",
        "<xml><Encrypt>QUJD</Encrypt>",
        "<Encrypt>QUJD</Encrypt>",
        "<xml><Encrypt>&a;</Encrypt></xml>",
        '<!DOCTYPE xml [<!ENTITY a "b">]><xml><Encrypt>QUJD</Encrypt></xml>',
        "<xml><!-- --><Encrypt>QUJD</Encrypt></xml>",
        "<xml><?php ?><Encrypt>QUJD</Encrypt></xml>",
        "<xml><A>1</B><Encrypt>QUJD</Encrypt></xml>",
        "<xml a='1'><Encrypt>QUJD</Encrypt></xml>",
        "<xml><Encrypt>QUJD</Encrypt></xml>x",
        "\0<xml><Encrypt>QUJD</Encrypt></xml>",
    ],
)
def test_any_other_xml_body_is_refused(body: str) -> None:
    with pytest.raises(Refused):
        encrypted_xml(body.encode())


def test_a_body_of_64_kilobytes_is_read_and_one_byte_more_is_not() -> None:
    frame = b"<xml><Encrypt>%s</Encrypt></xml>"
    full = frame % (b"A" * (MAX_BODY_BYTES - len(frame) + 2))

    assert len(full) == MAX_BODY_BYTES
    assert len(encrypted_xml(full)) == MAX_BODY_BYTES - len(frame) + 2
    with pytest.raises(Refused):
        encrypted_xml(full + b" ")


@pytest.mark.parametrize(
    "unit",
    [
        b"<a>",
        b"<a></a>",
        b"<a>]",
        b"<![CDATA[",
        b"]]",
        b"<xml>",
        b" ",
        b"A",
        b'"a":1,',
        b'\\"',
        b"{",
        b"<a> ",
    ],
)
def test_the_patterns_take_linear_time(unit: bytes) -> None:
    body = unit * (MAX_BODY_BYTES // len(unit))
    bodies = [body, (b"<xml>" + body)[:MAX_BODY_BYTES], (b"{" + body)[:MAX_BODY_BYTES]]
    started = time.perf_counter()

    for tried in bodies:
        for reader in (encrypted_xml, encrypted_json):
            with pytest.raises(Refused):
                reader(tried)

    assert time.perf_counter() - started < 0.5


@pytest.mark.parametrize(
    "body",
    [
        '{"encrypt": "QU/D"}',
        '{"Encrypt":"QU\\/D"}',
        ' {"tousername": "ww1", "encrypt": "QU/D", "agentid": 218}\n',
        '{"a": "\\"encrypt\\": \\"no\\"", "encrypt": "QU/D", "b": null, "c": true, "d": -5}',
    ],
)
def test_the_encrypt_of_a_flat_json_body_is_found(body: str) -> None:
    assert encrypted_json(body.encode()) == "QU/D"


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{}",
        "[]",
        '{"encrypt": 1}',
        '{"encrypt": ""}',
        '{"encrypt": "QUJD", "encrypt": "QUJD"}',
        '{"Encrypt": "QUJD", "encrypt": "QUJD"}',
        '{"a": {"encrypt": "QUJD"}}',
        '{"encrypt": "QUJD"}{}',
        '{"encrypt": "QUJD",}',
        "[" * 60_000,
    ],
)
def test_any_other_json_body_is_refused(body: str) -> None:
    with pytest.raises(Refused):
        encrypted_json(body.encode())


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("a=%2B%2F%3D", "+/="),
        ("a=+/=", "+/="),
        ("a=%252B", "%2B"),
        ("a=%E7%AD%BE", "签"),
        ("a=%", "%"),
        ("a", ""),
    ],
)
def test_a_query_is_decoded_once_and_a_plus_stays_a_plus(raw: str, value: str) -> None:
    assert query_of(raw) == {"a": value}


@pytest.mark.parametrize("raw", ["a=1&a=2", "a&a", "a=" + "1" * 5000])
def test_a_query_with_a_repeated_parameter_or_without_end_is_refused(raw: str) -> None:
    with pytest.raises(Refused):
        query_of(raw)


@pytest.mark.parametrize("missing", ["msg_signature", "timestamp", "nonce"])
def test_a_query_without_one_of_the_signed_parts_is_refused(missing: str) -> None:
    query = {"msg_signature": "s", "timestamp": "1", "nonce": "2", "signature": "s"}
    del query[missing]

    with pytest.raises(Refused):
        signed_part(query)
