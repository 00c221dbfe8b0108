"""The fake platform delivers, cuts, retries and repeats callbacks, and checks what comes back."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fakes.clock import SimulatedClock
from fakes.delivery import FOREIGN, FOUR_TIMES, TWICE, TWICE_AT_ONCE, CallbackDelivery, Manner
from fakes.sealing import AppIdentity, BadReply, decrypt, encrypt, signature
from fakes.server import serving
from fakes.transport import HttpTransport, Transport, WsgiTransport
from tests.fakes.standin import StandIn

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

PATH = "/wecom/callback"
VECTORS = Path(__file__).parents[1] / "fixtures" / "vectors" / "encrypted_public.json"


@pytest.fixture
def bot(identity: AppIdentity) -> StandIn:
    return StandIn(identity)


@pytest.fixture(params=["wsgi", "http"])
def transport(request: pytest.FixtureRequest, bot: StandIn) -> Iterator[Transport]:
    if request.param == "wsgi":
        yield WsgiTransport(bot, PATH)
        return
    with serving(bot) as url:
        yield HttpTransport(f"{url}{PATH}")


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def delivery(
    identity: AppIdentity, transport: Transport, clock: SimulatedClock, pauses: list[float]
) -> CallbackDelivery:
    return CallbackDelivery(identity, transport, clock, pause=pauses.append)


def wsgi_delivery(bot: StandIn, clock: SimulatedClock, timeout_s: float = 5.0) -> CallbackDelivery:
    return CallbackDelivery(
        bot.identity, WsgiTransport(bot, PATH), clock, timeout_s=timeout_s, pause=lambda s: None
    )


# Everyday


def test_a_text_is_answered(delivery: CallbackDelivery) -> None:
    assert delivery.text("stu001", "签到").said() == "收到：签到"


def test_a_text_carries_the_fields_of_the_platform(
    delivery: CallbackDelivery, bot: StandIn, clock: SimulatedClock
) -> None:
    exchange = delivery.text("stu001", "]]> & <签到>")

    assert {child.tag: child.text for child in bot.seen[0]} == {
        "ToUserName": "ww8d1f0b7c6e5a4932",
        "FromUserName": "stu001",
        "CreateTime": str(int(clock.now().timestamp())),
        "MsgType": "text",
        "Content": "]]> & <签到>",
        "MsgId": exchange.plaintext.message_id,
        "AgentID": "1000007",
    }


def test_every_message_has_an_id_of_its_own(delivery: CallbackDelivery) -> None:
    ids = {delivery.text("stu001", "签到").plaintext.message_id for _ in range(3)}

    assert len(ids) == 3


def test_an_event_has_no_id(delivery: CallbackDelivery, bot: StandIn) -> None:
    delivery.event("stu001", "click", "checkin")

    message = bot.seen[0]
    assert (message.findtext("Event"), message.findtext("EventKey"), message.find("MsgId")) == (
        "click",
        "checkin",
        None,
    )


def test_a_scan_carries_what_the_camera_read(delivery: CallbackDelivery, bot: StandIn) -> None:
    delivery.scan("stu001", "scan", "http://127.0.0.1/c/token")

    assert bot.seen[0].findtext("ScanCodeInfo/ScanResult") == "http://127.0.0.1/c/token"


def test_a_card_button_carries_its_task_and_response_code(delivery: CallbackDelivery, bot: StandIn) -> None:
    delivery.press("stu001", "checkin:1", "rem-1", "button_interaction", "RC_1")

    fields = ("Event", "EventKey", "TaskId", "CardType", "ResponseCode")
    assert [bot.seen[0].findtext(name) for name in fields] == [
        "template_card_event",
        "checkin:1",
        "rem-1",
        "button_interaction",
        "RC_1",
    ]


def test_repeated_children_are_repeated_elements(delivery: CallbackDelivery, bot: StandIn) -> None:
    delivery.event(
        "stu001", "pic_weixin", "p", {"SendPicsInfo": {"Count": "2", "PicList": {"item": ["a", "b"]}}}
    )

    assert [item.text for item in bot.seen[0].findall("SendPicsInfo/PicList/item")] == ["a", "b"]


def test_an_empty_answer_shows_nothing(delivery: CallbackDelivery, bot: StandIn) -> None:
    bot.answers = lambda message: ""

    exchange = delivery.event("stu001", "enter_agent")

    assert (exchange.said(), len(exchange.attempts)) == (None, 1)


def test_the_url_is_verified_with_the_bare_plaintext(delivery: CallbackDelivery) -> None:
    assert delivery.verify_url("0616140317555161061") is None


def test_a_wrong_echo_is_reported(bot: StandIn, clock: SimulatedClock) -> None:
    bot._open = lambda query, encrypted: '"quoted"'  # type: ignore[method-assign]

    assert wsgi_delivery(bot, clock).verify_url("1") == "答复不是解密后的明文：b'\"quoted\"'"


# Retries


def failing(times: int, status: int) -> Callable[[int], int | None]:
    return lambda call: status if call <= times else None


@pytest.mark.parametrize("status", [302, 403, 500, 503])
def test_any_answer_but_200_is_sent_again(delivery: CallbackDelivery, bot: StandIn, status: int) -> None:
    bot.misbehave = failing(1, status)

    exchange = delivery.text("stu001", "签到")

    assert (exchange.said(), [each.status for each in exchange.attempts]) == ("收到：签到", [status, 200])


def test_there_are_three_retries_and_no_more(
    delivery: CallbackDelivery, bot: StandIn, pauses: list[float]
) -> None:
    bot.misbehave = failing(99, 500)

    exchange = delivery.text("stu001", "签到")

    assert (len(bot.seen), pauses) == (4, [1.0, 1.0, 1.0])
    assert exchange.problem == "送达 4 次均未成功（最后一次：HTTP 500）"


def test_a_retry_carries_the_same_plaintext_under_a_fresh_nonce_and_seal(
    delivery: CallbackDelivery, bot: StandIn
) -> None:
    bot.misbehave = failing(3, 500)

    exchange = delivery.text("stu001", "签到")

    assert len({message.findtext("MsgId") for message in bot.seen}) == 1
    assert len({query["nonce"] for query in bot.queries}) == 4
    assert len({attempt.sealed.body for attempt in exchange.attempts}) == 4


def test_a_slow_answer_is_cut_and_sent_again(delivery: CallbackDelivery, bot: StandIn) -> None:
    hold = threading.Event()

    def slow_at_first(call: int) -> None:
        if call == 1:
            hold.wait(5)

    bot.misbehave = slow_at_first
    delivery.timeout_s = 0.15

    exchange = delivery.text("stu001", "签到")
    hold.set()

    assert [each.outcome for each in exchange.attempts] == ["timed out", "answered"]
    assert exchange.said() == "收到：签到"


def test_a_bot_that_is_away_is_a_lost_connection(identity: AppIdentity, clock: SimulatedClock) -> None:
    with serving(StandIn(identity)) as url:
        gone = HttpTransport(f"{url}{PATH}")

    exchange = CallbackDelivery(identity, gone, clock, pause=lambda s: None).text("stu001", "签到")

    assert [each.outcome for each in exchange.attempts] == ["connection lost"] * 4


def test_an_answer_that_drips_is_cut_like_a_late_one(identity: AppIdentity, clock: SimulatedClock) -> None:
    let_go = threading.Event()

    def dripping(environ: object, start_response: StartResponse) -> Iterator[bytes]:
        start_response("200 OK", [("Content-Type", "text/xml")])
        while not let_go.wait(0.02):
            yield b"x"

    with serving(dripping) as url:
        slow = HttpTransport(f"{url}{PATH}")
        delivery = CallbackDelivery(identity, slow, clock, timeout_s=0.2, retries=0)
        exchange = delivery.text("stu001", "签到")
        let_go.set()

    assert [each.outcome for each in exchange.attempts] == ["timed out"]


def test_an_application_that_raises_is_a_lost_connection(
    identity: AppIdentity, clock: SimulatedClock
) -> None:
    def broken(message: object) -> str:
        raise RuntimeError("bug")

    exchange = wsgi_delivery(StandIn(identity, answers=broken), clock).text("stu001", "签到")

    assert exchange.problem == "送达 4 次均未成功（最后一次：连接断开）"


# Quirks


def test_one_message_is_delivered_twice_with_the_same_id(delivery: CallbackDelivery, bot: StandIn) -> None:
    delivery.text("stu001", "签到", TWICE)

    assert len(bot.seen) == 2
    assert len({message.findtext("MsgId") for message in bot.seen}) == 1


def test_one_event_is_delivered_four_times_with_the_same_plaintext(
    delivery: CallbackDelivery, bot: StandIn
) -> None:
    delivery.event("stu001", "click", "checkin", manner=FOUR_TIMES)

    assert len(bot.seen) == 4
    assert len({tuple((child.tag, child.text) for child in message) for message in bot.seen}) == 1


def test_two_copies_are_in_the_bot_at_the_same_instant(delivery: CallbackDelivery, bot: StandIn) -> None:
    both_inside = threading.Barrier(2)

    def meet(call: int) -> None:
        both_inside.wait(5)  # raises, and so fails the delivery, unless the other copy is there too

    bot.misbehave = meet

    copies = delivery.deliver_copies(delivery.message("stu001", "text", {"Content": "签到"}), TWICE_AT_ONCE)

    assert [(copy.said(), len(copy.attempts)) for copy in copies] == [("收到：签到", 1)] * 2


def test_a_delay_comes_before_the_delivery(delivery: CallbackDelivery, pauses: list[float]) -> None:
    delivery.text("stu001", "签到", Manner(delay=timedelta(seconds=3)))

    assert pauses == [3.0]


def test_messages_can_arrive_out_of_order(delivery: CallbackDelivery, bot: StandIn) -> None:
    messages = [delivery.message("stu001", "text", {"Content": text}) for text in ("一", "二", "三")]

    delivery.deliver_out_of_order(messages)

    assert [message.findtext("Content") for message in bot.seen] == ["三", "二", "一"]


def test_different_messages_arrive_at_the_same_instant(delivery: CallbackDelivery) -> None:
    messages = [delivery.message(f"stu{number:03}", "text", {"Content": "签到"}) for number in range(8)]

    answers = [exchange.said() for exchange in delivery.deliver_all_at_once(messages)]

    assert answers == ["收到：签到"] * 8


def test_another_corps_callback_has_a_valid_signature_and_is_refused(
    delivery: CallbackDelivery, bot: StandIn
) -> None:
    exchange = delivery.text("stu001", "签到", FOREIGN)

    query, encrypted = exchange.attempts[0].sealed.query, exchange.attempts[0].sealed.body.decode()
    sealed = encrypted.split("<Encrypt><![CDATA[")[1].split("]]>")[0]
    assert signature(bot.identity.token, query["timestamp"], query["nonce"], sealed) == query["msg_signature"]
    assert (exchange.attempts[0].status, bot.seen) == (403, [])


def test_a_skewed_clock_is_in_the_sealed_time_only(
    delivery: CallbackDelivery, bot: StandIn, clock: SimulatedClock
) -> None:
    delivery.deliver(delivery.message("stu001", "text", {"Content": "签到"}, skew=timedelta(minutes=-10)))

    now = int(clock.now().timestamp())
    assert (bot.seen[0].findtext("CreateTime"), bot.queries[0]["timestamp"]) == (str(now - 600), str(now))


def test_a_message_of_64_kb_and_an_unknown_type_can_be_sent(delivery: CallbackDelivery, bot: StandIn) -> None:
    delivery.text("stu001", "字" * 21846)
    delivery.deliver(delivery.message("stu001", "hologram", {"MediaId": "m"}))
    delivery.event("stu001", "teleport")

    assert len(bot.seen[0].findtext("Content") or "") == 21846
    assert [message.findtext("MsgType") for message in bot.seen[1:]] == ["hologram", "event"]


# What comes back


def test_a_reply_to_somebody_else_is_a_problem(bot: StandIn, clock: SimulatedClock) -> None:
    bot.reply_to = lambda sender: "stu002"

    assert wsgi_delivery(bot, clock).text("stu001", "签到").problem == "回复发给了 'stu002'，应为 'stu001'"


def test_a_reply_of_another_corp_is_a_problem(bot: StandIn, clock: SimulatedClock) -> None:
    delivery = wsgi_delivery(bot, clock)
    delivery.identity = replace(bot.identity)
    sealed = encrypt(bot.identity.of_corp("ww-other"), "<xml/>")
    bot.misbehave = lambda call: reply(bot.identity, sealed)

    assert delivery.text("stu001", "签到").problem == "密文解不开（InvalidCorpIdException）"


def test_a_text_that_breaks_the_xml_is_a_problem(bot: StandIn, clock: SimulatedClock) -> None:
    bot.answers = lambda message: "x]]></Content><b>"

    problem = wsgi_delivery(bot, clock).text("stu001", "签到").problem or ""

    assert problem.startswith("回复的内层 XML不合规")


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"success", "回复的外层 XML不合规：syntax error: line 1, column 0"),
        (b"<xml><Encrypt>a</Encrypt></xml>", "回复缺少 MsgSignature、TimeStamp、Nonce"),
        (b"<!DOCTYPE xml><xml/>", "回复的外层 XML含有 DOCTYPE"),
        (b"<html/>", "回复的外层 XML的根不是 xml"),
        (b"<xml><Nonce>1</Nonce><Nonce>2</Nonce></xml>", "回复的外层 XML有重复的元素"),
    ],
)
def test_an_answer_that_is_not_a_sealed_reply_is_a_problem(
    bot: StandIn, clock: SimulatedClock, body: bytes, problem: str
) -> None:
    bot.misbehave = lambda call: body

    assert wsgi_delivery(bot, clock).text("stu001", "签到").problem == problem


def test_a_wrong_signature_is_a_problem(bot: StandIn, clock: SimulatedClock) -> None:
    bot.misbehave = lambda call: reply(bot.identity, encrypt(bot.identity, "<xml/>"), signed="0" * 40)

    assert wsgi_delivery(bot, clock).text("stu001", "签到").problem == "回复的签名不对"


def test_a_text_beyond_2048_bytes_is_a_problem(bot: StandIn, clock: SimulatedClock) -> None:
    bot.answers = lambda message: "字" * 683

    assert wsgi_delivery(bot, clock).text("stu001", "签到").problem == "文本回复有 2049 字节，上限 2048"


def test_a_problem_is_raised_to_those_who_want_the_words(bot: StandIn, clock: SimulatedClock) -> None:
    bot.misbehave = lambda call: b"success"

    with pytest.raises(BadReply):
        wsgi_delivery(bot, clock).text("stu001", "签到").said()


def reply(identity: AppIdentity, encrypted: str, signed: str | None = None) -> bytes:
    signed = signed or signature(identity.token, "1", "2", encrypted)
    return (
        f"<xml><Encrypt>{encrypted}</Encrypt><MsgSignature>{signed}</MsgSignature>"
        f"<TimeStamp>1</TimeStamp><Nonce>2</Nonce></xml>"
    ).encode()


# Against samples that others published


def public_vectors() -> list[dict[str, str]]:
    vectors: list[dict[str, str]] = json.loads(VECTORS.read_text(encoding="utf-8"))["vectors"]
    return [vector for vector in vectors if vector["channel"] == "wecom_app" and vector["signature"]]


@pytest.mark.parametrize("vector", public_vectors(), ids=lambda vector: vector["id"])
def test_a_published_sample_has_the_signature_and_the_plaintext_that_we_compute(
    vector: dict[str, str],
) -> None:
    identity = AppIdentity(vector["receiveid"], 1, vector["token"], vector["encoding_aes_key"])

    signed = signature(vector["token"], vector["timestamp"], vector["nonce"], vector["encrypt"])

    assert (signed, decrypt(identity, vector["encrypt"])) == (vector["signature"], vector["plaintext"])
