"""The WeCom channel: every documented message into one model, every text into a reply, nothing else raised."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from channels.channel import Decoded, Refused
from channels.wecom import inbound_of
from channels.xml import fields_of
from messages.envelope import Answer, Inbound
from tests.channels.vectors import Vector, vector_id, vectors
from tests.channels.wire import (
    CORP,
    OLD_SEAL,
    SEAL,
    SENT_AT,
    Request,
    callback,
    decoded,
    event,
    message,
    opened,
    sealed,
    signed_query,
    text,
)

PLAINTEXTS = vectors("inbound_wecom_app")


def numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


# What a vector calls a value → how it is read out of the model.
READ: dict[str, Callable[[Inbound], object]] = {
    "content": lambda inbound: inbound.text,
    "event_key": lambda inbound: inbound.event_key,
    "media_id": lambda inbound: inbound.details["MediaId"],
    "pic_url": lambda inbound: inbound.details["PicUrl"],
    "thumb_media_id": lambda inbound: inbound.details["ThumbMediaId"],
    "format": lambda inbound: inbound.details["Format"],
    "lat": lambda inbound: float(inbound.details.get("Location_X") or inbound.details["Latitude"]),
    "lon": lambda inbound: float(inbound.details.get("Location_Y") or inbound.details["Longitude"]),
    "precision": lambda inbound: float(inbound.details["Precision"]),
    "scale": lambda inbound: int(inbound.details["Scale"]),
    "label": lambda inbound: inbound.details["Label"],
    "app_type": lambda inbound: inbound.details["AppType"],
    "title": lambda inbound: inbound.details["Title"],
    "url": lambda inbound: inbound.details["Url"],
    "scan_type": lambda inbound: inbound.details["ScanType"],
    "scan_result": lambda inbound: inbound.details["ScanResult"],
    "pics": lambda inbound: len(json.loads(inbound.details["PicList"])),
    "task_id": lambda inbound: inbound.details["TaskId"],
    "response_code": lambda inbound: inbound.details["ResponseCode"],
    "selected": lambda inbound: json.loads(inbound.details["SelectedItems"]),
    "job_type": lambda inbound: inbound.details["JobType"],
    "err_code": lambda inbound: int(inbound.details["ErrCode"]),
    "change_type": lambda inbound: inbound.details["ChangeType"],
    "user_id": lambda inbound: inbound.details["UserID"],
    "new_user_id": lambda inbound: inbound.details["NewUserID"],
    "departments": lambda inbound: numbers(inbound.details["Department"]),
    "party_id": lambda inbound: int(inbound.details["Id"]),
    "tag_id": lambda inbound: int(inbound.details["TagId"]),
    "add_users": lambda inbound: inbound.details["AddUserItems"].split(","),
    "token": lambda inbound: inbound.details["Token"],
    "open_kfid": lambda inbound: inbound.details["OpenKfId"],
}
# Types and events outside the documents: nothing of theirs is promised, but that they are read.
UNKNOWN = {"wecom-file-undocumented": "unknown", "wecom-ev-unknown": "event"}


def read(inner: str | bytes) -> Inbound:
    found = decoded(inner)
    assert found is not None
    return found.inbound


@pytest.mark.parametrize("vector", PLAINTEXTS, ids=vector_id)
def test_a_documented_plaintext_is_read_as_it_says(vector: Vector) -> None:
    inbound = read(vector["xml"])

    expected = {name: value for name, value in vector["expect"].items() if name != "unknown"}
    assert {name: READ[name](inbound) for name in expected} == expected
    assert inbound.kind == UNKNOWN.get(vector["id"], vector["msgtype"])
    assert inbound.event == (vector["event"].lower() if vector["event"] else None)
    assert inbound.sender == (vector["from_user"] or "")
    assert inbound.at == datetime.fromtimestamp(vector["create_time"], UTC)
    assert inbound.message_id.isdigit() == vector["has_msgid"] or len(inbound.message_id) == 64


def test_an_undocumented_type_keeps_its_name() -> None:
    file = next(vector for vector in PLAINTEXTS if vector["id"] == "wecom-file-undocumented")

    inbound = read(file["xml"])

    assert (inbound.kind, inbound.details["MsgType"]) == ("unknown", "file")


def test_personal_fields_of_a_contact_event_end_at_the_edge() -> None:
    created = next(vector for vector in PLAINTEXTS if vector["id"] == "wecom-ev-contact-create-user")

    inbound = read(created["xml"])

    assert "13800000000" in created["xml"]
    assert "13800000000" not in repr(inbound)
    assert "@example" not in repr(inbound)


def test_a_message_is_known_by_its_id() -> None:
    assert read(text("签到", "7423810645901234567")).message_id == "7423810645901234567"


def test_two_taps_in_one_second_are_two_events_and_a_retry_is_the_same_one() -> None:
    yes, no = event("click", "<EventKey>yes</EventKey>"), event("click", "<EventKey>no</EventKey>")

    ids = [read(inner).message_id for inner in (yes, no, yes)]

    assert ids[0] == ids[2] != ids[1]


@pytest.mark.parametrize("message_id", ["", "abc", "-1", "１２", "9" * 21, "1 2"])
def test_an_id_that_is_no_number_gives_way_to_the_hash(message_id: str) -> None:
    assert len(read(text("签到", message_id)).message_id) == 64


def test_a_message_with_forbidden_characters_is_read_without_them() -> None:
    assert read(text("签\x0b到\x00")).text == "签到"


@pytest.mark.parametrize("create_time", ["", "x", "-1", "+1", "1_0", "１", "9" * 12, "1.5"])
def test_an_authentic_message_without_a_usable_time_needs_no_answer(create_time: str) -> None:
    inner = (
        f"<xml><ToUserName>{CORP}</ToUserName><FromUserName>a</FromUserName>"
        f"<CreateTime>{create_time}</CreateTime><MsgType>text</MsgType><Content>x</Content></xml>"
    )

    assert decoded(inner) is None


def test_an_authentic_message_without_a_type_needs_no_answer() -> None:
    assert decoded(message("<Content>x</Content>")) is None


def test_a_message_to_another_app_of_the_corp_needs_no_answer() -> None:
    request = sealed(text("签到"))

    assert callback(agent_id="1000008").decode(request.query, request.body) is None
    assert callback(agent_id=None).decode(request.query, request.body) is not None


@pytest.mark.parametrize(
    "inner",
    [
        "",
        "签到",
        "<xml><MsgType>text</MsgType></xml>",
        text("x").replace(CORP, "wwother"),
        '<!DOCTYPE xml [<!ENTITY a "b">]>' + text("&a;"),
        message("<MsgType>text</MsgType><MsgType>event</MsgType>"),
        message("<MsgType>text</MsgType>", "<FromUserName>admin</FromUserName>"),
        message("<MsgType>text</MsgType>", "<Content><A>1</A></Content>"),
        event("template_card_event", "<SelectedItems><SelectedItem><QuestionKey><A/></QuestionKey>"),
    ],
)
def test_an_authentic_but_malformed_message_is_refused(inner: str) -> None:
    with pytest.raises(Refused):
        decoded(inner)


def test_a_message_split_otherwise_between_time_and_nonce_is_the_same_message() -> None:
    """The signature covers a concatenation; what identifies a message must be inside the ciphertext."""
    request = sealed(text("签到"), timestamp="1783315800", nonce="1672029349")
    again = Request({**request.query, "timestamp": "1672029349", "nonce": "1783315800"}, request.body)

    first, second = (callback().decode(each.query, each.body) for each in (request, again))

    assert first is not None
    assert second is not None
    assert first.inbound == second.inbound


def test_our_own_reply_sent_back_is_refused() -> None:
    reply = encoded("已签到")
    outer = fields_of(reply)
    query = {
        "msg_signature": str(outer["MsgSignature"]),
        "timestamp": str(outer["TimeStamp"]),
        "nonce": str(outer["Nonce"]),
    }

    with pytest.raises(Refused):
        callback().decode(query, f"<xml><Encrypt>{outer['Encrypt']}</Encrypt></xml>".encode())


def test_a_captured_message_is_not_decrypted_for_who_sends_it_as_an_echo() -> None:
    encrypted = SEAL.close(text("我的秘密").encode())

    with pytest.raises(Refused):
        callback().verify({**signed_query(encrypted), "echostr": encrypted})


@pytest.mark.parametrize("echo", ["0", "0012345678901234", "1616140317555161061"])
def test_the_echo_of_a_verification_is_given_back_as_text(echo: str) -> None:
    encrypted = SEAL.close(echo.encode())

    assert callback().verify({**signed_query(encrypted), "echostr": encrypted}) == echo


@pytest.mark.parametrize("echostr", [None, "", "QUJD", "签到"])
def test_a_verification_without_a_right_echo_is_refused(echostr: str | None) -> None:
    query = signed_query("QUJD")

    with pytest.raises(Refused):
        callback().verify(query if echostr is None else {**query, "echostr": echostr})


def encoded(answer: str, sealed_with: str | None = None) -> bytes:
    asked = decoded(sealed_with or text("签到"))
    assert asked is not None
    return callback().encode(Answer(answer), asked)


def test_a_reply_goes_to_the_sender_from_the_corp() -> None:
    reply = opened(encoded("张三，已签到。"))

    assert reply == {
        "ToUserName": "wang.fang",
        "FromUserName": CORP,
        "CreateTime": str(int(SENT_AT.timestamp())),
        "MsgType": "text",
        "Content": "张三，已签到。",
    }


def test_a_reply_is_sealed_with_the_generation_of_the_message() -> None:
    asked = decoded(text("签到"), OLD_SEAL)
    assert asked is not None

    reply = callback().encode(Answer("好"), asked)

    assert opened(reply, OLD_SEAL)["Content"] == "好"


def test_a_text_cannot_add_elements_to_a_reply() -> None:
    hostile = "x]]></Content><ToUserName><![CDATA[admin]]></ToUserName><Content><![CDATA["

    reply = opened(encoded(hostile))

    assert (reply["ToUserName"], reply["Content"]) == ("wang.fang", hostile)


def test_a_sender_cannot_add_elements_to_a_reply() -> None:
    sender = "a]]]]><![CDATA[></ToUserName><x>"
    asked = decoded(message("<MsgType>text</MsgType><Content>x</Content>", sender=sender))
    assert asked is not None

    reply = opened(callback().encode(Answer("好"), asked))

    assert reply["ToUserName"] == asked.inbound.sender == "a]]></ToUserName><x>"


def test_a_long_reply_is_cut_at_2048_bytes_between_characters() -> None:
    content = opened(encoded("字" * 1000))["Content"]

    assert content == "字" * 682


def test_characters_that_xml_forbids_are_dropped_from_a_reply() -> None:
    assert opened(encoded("a\x00b\x0bc\ud800d\uffffe\r\nf"))["Content"] == "abcde\nf"


def test_an_answer_to_another_channels_message_is_a_mistake_of_ours() -> None:
    inbound = inbound_of(fields_of(text("x").encode()), "aibot", lambda: "")
    assert inbound is not None

    with pytest.raises(TypeError):
        callback().encode(Answer("x"), Decoded(inbound, object()))
