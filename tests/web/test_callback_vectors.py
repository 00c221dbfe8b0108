"""The recorded vectors through real HTTP: verified, answered, or refused without reaching respond."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from channels.crypto import Keyring, Seal
from channels.wecom import WeComCallback
from channels.xml import fields_of
from fakes.server import serving
from tests.channels.vectors import Vector, of_kind, vector_id, vectors
from tests.channels.wire import opened
from tests.web.standins import PATH, Boundary

CHANNEL = "wecom_app"


def seal_of(vector: Vector) -> Seal:
    return Seal(vector["token"], vector["encoding_aes_key"], vector["receiveid"])


@contextmanager
def served(vector: Vector) -> Iterator[tuple[Boundary, http.client.HTTPConnection]]:
    """The app of *vector* behind a server on loopback, its clock set to the vector."""
    at = datetime.fromtimestamp(int(vector["timestamp"]), UTC)
    boundary = Boundary(WeComCallback(vector["receiveid"], Keyring(seal_of(vector)), lambda: at))
    with serving(boundary.app) as url:
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=5)
        try:
            yield boundary, connection
        finally:
            connection.close()


def exchange(connection: http.client.HTTPConnection, vector: Vector) -> tuple[int, bytes]:
    method = "GET" if vector["kind"] == "url_verify" else "POST"
    body = vector["body"].encode() if method == "POST" else None
    connection.request(method, f"{PATH}?{vector['query']}", body)
    response = connection.getresponse()
    return response.status, response.read()


@pytest.mark.parametrize("vector", of_kind("encrypted_public", "url_verify", CHANNEL), ids=vector_id)
def test_a_recorded_verification_gets_its_plaintext_byte_for_byte(vector: Vector) -> None:
    with served(vector) as (_, connection):
        assert exchange(connection, vector) == (200, vector["plaintext"].encode())


@pytest.mark.parametrize("vector", of_kind("encrypted_public", "message", CHANNEL), ids=vector_id)
def test_a_recorded_message_is_heard_and_answered(vector: Vector) -> None:
    plain = fields_of(vector["plaintext"].encode())

    with served(vector) as (boundary, connection):
        status, body = exchange(connection, vector)

    reply = opened(body, seal_of(vector))
    assert status == 200
    assert [(heard.sender, heard.text, heard.message_id) for heard in boundary.respond.heard] == [
        (plain["FromUserName"], plain["Content"], plain["MsgId"])
    ]
    assert (reply["ToUserName"], reply["Content"]) == (plain["FromUserName"], f"收到：{plain['Content']}")
    assert reply["CreateTime"] == vector["timestamp"]


@pytest.mark.parametrize("vector", vectors("negative"), ids=vector_id)
def test_a_recorded_bad_request_is_an_empty_403_and_reaches_no_one(vector: Vector) -> None:
    with served(vector) as (boundary, connection):
        assert exchange(connection, vector) == (403, b"")

    assert boundary.respond.heard == []
