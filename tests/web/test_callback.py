"""The boundary for input: ok, refuse or ignore, and never a 5xx but "the database is away"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from channels.channel import Decoded
from channels.wecom import CAPABILITIES
from messages.envelope import Answer, Capabilities, Inbound
from tests.channels.wire import SEAL, Request, callback, event, message, opened, sealed, signed_query, text
from tests.web.standins import PATH, Away, Boundary
from tests.web.wsgi import Input, Response, request

CHECKIN = sealed(text("签到"))


def post(boundary: Boundary, sent: Request = CHECKIN, **environ: Any) -> Response:
    return request(boundary.app, query=sent.query_string, body=sent.body, **environ)


@pytest.fixture
def boundary() -> Boundary:
    return Boundary(callback())


def test_a_message_is_answered_with_a_sealed_reply(boundary: Boundary) -> None:
    response = post(boundary)

    assert response.status == 200
    assert response.headers["Content-Type"] == "application/xml; charset=utf-8"
    assert response.headers["Content-Length"] == str(len(response.body))
    assert opened(response.body)["Content"] == "收到：签到"


def test_a_verification_is_answered_with_the_bare_echo(boundary: Boundary) -> None:
    encrypted = SEAL.close(b"0016161403175551")
    query = Request({**signed_query(encrypted), "echostr": encrypted}, b"").query_string

    response = request(boundary.app, "GET", query=query)

    assert (response.status, response.body) == (200, b"0016161403175551")


def test_a_verification_whose_plus_signs_were_not_escaped_is_answered(boundary: Boundary) -> None:
    random16 = next(
        bytes([seed]) * 16 for seed in range(256) if "+" in SEAL.close_with(bytes([seed]) * 16, b"1")
    )
    encrypted = SEAL.close_with(random16, b"1")
    query = "&".join(
        f"{name}={value}" for name, value in {**signed_query(encrypted), "echostr": encrypted}.items()
    )

    assert request(boundary.app, "GET", query=query).body == b"1"


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/"), ("GET", PATH + "/"), ("POST", "/wecom"), ("PUT", "/u/1")]
)
def test_everything_else_passes_on(boundary: Boundary, method: str, path: str) -> None:
    assert request(boundary.app, method, path).body == b"behind"
    assert boundary.behind.reached == [f"{method} {path}"]


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "OPTIONS", "BREW"])
def test_a_callback_path_knows_get_and_post_only(boundary: Boundary, method: str) -> None:
    response = request(boundary.app, method)

    assert (response.status, response.headers["Allow"], response.body) == (405, "GET, POST", b"")


@pytest.mark.parametrize("answer", [None, Answer("")])
def test_nothing_to_say_is_an_empty_200(boundary: Boundary, answer: Answer | None) -> None:
    boundary.respond.says = lambda _: answer

    response = post(boundary)

    assert (response.status, response.body) == (200, b"")


def test_an_authentic_unknown_event_reaches_respond(boundary: Boundary) -> None:
    boundary.respond.says = lambda _: None

    response = post(boundary, sealed(event("event_from_the_future")))

    assert (response.status, response.body) == (200, b"")
    assert [inbound.event for inbound in boundary.respond.heard] == ["event_from_the_future"]


def test_an_authentic_message_that_no_one_can_answer_is_an_empty_200(boundary: Boundary) -> None:
    response = post(boundary, sealed(message("<Content>x</Content>")))

    assert (response.status, response.body) == (200, b"")
    assert boundary.respond.heard == []


@pytest.mark.parametrize("sender", ["", " "])
def test_an_authentic_message_from_nobody_is_an_empty_200(boundary: Boundary, sender: str) -> None:
    """A reply to it would be sealed to ''."""
    inner = message("<MsgType>text</MsgType>", "<Content>签到</Content>", sender=sender)

    response = post(boundary, sealed(inner))

    assert (response.status, response.body) == (200, b"")
    assert boundary.respond.heard == []


def refusals(sent: Request) -> list[tuple[str, bytes]]:
    """One request spoilt in each of the ways that a stranger can."""
    query, body = sent.query_string, sent.body
    other = sealed(text("签到"))
    return [
        ("", body),
        (query.replace("msg_signature", "signature"), body),
        (query.replace("timestamp=1", "timestamp=2"), body),
        (query + "&nonce=1", body),
        (query, b""),
        (query, b"{}"),
        (query, other.body),
        (query, body.replace(b"<Encrypt>", b"<Encrypt><![CDATA[QUJD]]></Encrypt><Encrypt>")),
        (query, b"<!DOCTYPE xml>" + body),
        (query, body[:-1]),
    ]


@pytest.mark.parametrize("place", range(10))
def test_what_a_stranger_sends_gets_one_and_the_same_empty_403(boundary: Boundary, place: int) -> None:
    query, body = refusals(CHECKIN)[place]

    response = request(boundary.app, query=query, body=body)

    assert response == Response(403, {"Content-Length": "0"}, b"")
    assert boundary.respond.heard == []


@pytest.mark.parametrize(
    "length", [None, "", "x", "-1", "+7", " 7", "1_0", "１", "1e3", "0x10", "65537", "9" * 15, "9" * 5000]
)
def test_a_body_without_a_plain_length_up_to_64_kilobytes_is_not_read(
    boundary: Boundary, length: str | None
) -> None:
    body = Input(CHECKIN.body)

    response = request(boundary.app, query=CHECKIN.query_string, body=body, CONTENT_LENGTH=length)

    assert (response.status, body.taken()) == (403, 0)


def test_a_chunked_body_is_not_read(boundary: Boundary) -> None:
    body = Input(CHECKIN.body)

    response = request(boundary.app, query=CHECKIN.query_string, body=body, HTTP_TRANSFER_ENCODING="chunked")

    assert (response.status, body.taken()) == (403, 0)


def test_a_body_shorter_than_it_says_is_refused(boundary: Boundary) -> None:
    assert post(boundary, CONTENT_LENGTH=str(len(CHECKIN.body) + 1)).status == 403


class BrokenInput(Input):
    def read(self, size: int | None = -1) -> bytes:
        raise ConnectionResetError("the client went away")


def test_a_client_that_goes_away_in_the_middle_is_refused(boundary: Boundary) -> None:
    response = request(boundary.app, query=CHECKIN.query_string, body=BrokenInput(CHECKIN.body))

    assert response.status == 403


def test_while_the_database_is_away_the_platform_is_asked_to_come_again(boundary: Boundary) -> None:
    boundary.respond.says = raising(Away())

    response = post(boundary)

    assert (response.status, response.headers["Retry-After"], response.body) == (503, "5", b"")
    assert [line["outcome"] for line in boundary.log.of("callback")] == ["unavailable"]


def raising(error: Exception) -> Any:
    def says(_: Inbound) -> Answer | None:
        raise error

    return says


def test_a_defect_of_ours_is_logged_by_message_id_and_answered_with_an_apology(boundary: Boundary) -> None:
    boundary.respond.says = raising(ValueError("张三 说 签到"))

    response = post(boundary)

    assert opened(response.body)["Content"] == "出了点问题，请稍后再试。"
    (line,) = boundary.log.of("callback_failed")
    assert (line["message_id"], line["error"]) == ("7423810645901234567", "ValueError")
    assert "张三" not in repr(boundary.log.lines)


def test_a_defect_in_the_apology_too_is_an_empty_200(boundary: Boundary) -> None:
    boundary.respond.says = raising(ValueError())
    boundary.apologise = raising(KeyError())

    response = post(boundary)

    assert (response.status, response.body) == (200, b"")
    assert [line["error"] for line in boundary.log.of("callback_failed")] == ["ValueError", "KeyError"]


class Defective:
    """A channel with a defect in each of its three functions."""

    name = "defective"
    capabilities: Capabilities = CAPABILITIES

    def verify(self, query: Mapping[str, str]) -> str:
        raise ZeroDivisionError

    def decode(self, query: Mapping[str, str], body: bytes) -> Decoded | None:
        raise ZeroDivisionError

    def encode(self, answer: Answer, decoded: Decoded) -> bytes:
        raise ZeroDivisionError


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_defect_in_reading_a_request_is_logged_and_refused_like_the_rest(method: str) -> None:
    boundary = Boundary(Defective())

    response = request(boundary.app, method, query=CHECKIN.query_string, body=CHECKIN.body)

    assert response.status == 403
    assert [line["error"] for line in boundary.log.of("callback_unreadable")] == ["ZeroDivisionError"]


def test_a_message_leaves_one_line_without_text_or_names(boundary: Boundary) -> None:
    post(boundary)

    assert boundary.log.lines == [
        (
            "callback",
            {
                "channel": "wecom",
                "id": "7423810645901234567",
                "kind": "text",
                "outcome": "answered",
                "ms": 0.0,
            },
        )
    ]


def test_a_flood_of_refusals_leaves_few_lines_and_a_full_count(boundary: Boundary) -> None:
    for _ in range(1000):
        request(boundary.app, query=CHECKIN.query_string, body=b"x")

    assert [line["times"] for line in boundary.log.of("callback_refused")] == [
        2**power for power in range(10)
    ]
    assert boundary.app.counts.read() == {("wecom", "refused_bad_envelope"): 1000}
