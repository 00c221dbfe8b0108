"""Cards, pictures, files, recall and card update against the fake platform."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from channels.channel import ButtonCard, CardChannel, Delivery, MediaChannel, RecallingChannel, Uploaded
from channels.media import KEPT, MediaShelf
from channels.wecom_api import WeComGateway
from fakes.platform import FakeWeCom
from fakes.server import platform_app, serving
from messages.envelope import Attachment, MediaKind
from tests.channels.test_wecom_api import AGENT, CORP, MEMBERS, SECRET, Clock
from tests.channels.token_store import MemoryTokenStore

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
FILE = Attachment("file", "名单.csv", "f" * 64)
CARD = ButtonCard("14:30 《科研论文写作》", "快开始了：A201。", (("签到", "签到"),), "rem-S02-1")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def platform(clock: Clock) -> FakeWeCom:
    return FakeWeCom(CORP, AGENT, SECRET, MEMBERS, clock.simulated)


@pytest.fixture
def gateway(platform: FakeWeCom, clock: Clock) -> Iterator[WeComGateway]:
    with serving(platform_app(platform)) as url:
        yield WeComGateway(CORP, AGENT, SECRET, MemoryTokenStore(), clock, url, shows_cards=True)


class Store:
    """A media store of one process."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str, str], tuple[str, datetime]] = {}

    def load(self, channel: str, kind: str, digest: str, now: datetime) -> str | None:
        media_id, until = self.kept.get((channel, kind, digest), ("", now))
        return media_id if until > now else None

    def keep(self, channel: str, kind: str, digest: str, media_id: str, expires_at: datetime) -> None:
        self.kept[channel, kind, digest] = (media_id, expires_at)


def test_a_card_arrives_with_its_text_and_a_button(gateway: WeComGateway, platform: FakeWeCom) -> None:
    delivery = gateway.send(gateway.card_body(("li.ming",), CARD))

    assert delivery == Delivery("delivered", 0)
    assert platform.pushes[0].body["template_card"] == {
        "card_type": "button_interaction",
        "main_title": {"title": CARD.title},
        "sub_title_text": CARD.text,
        "button_list": [{"text": "签到", "key": "签到", "style": 1}],
        "task_id": "rem-S02-1",
    }


@pytest.mark.parametrize(
    "card", [replace(CARD, text="长" * 161), replace(CARD, text=""), replace(CARD, title="题" * 37)]
)
def test_what_a_card_would_cut_goes_as_text(gateway: WeComGateway, card: ButtonCard) -> None:
    assert gateway.card_body(("li.ming",), card) == gateway.text_body(("li.ming",), card.text)


def test_buttons_give_way_once_to_what_was_done_and_a_repetition_is_no_failure(
    gateway: WeComGateway, platform: FakeWeCom
) -> None:
    sent = gateway.send(gateway.card_body(("li.ming",), CARD))
    update = gateway.update_body("li.ming", sent.response_code or "", "已签到")

    updates = [gateway.send(update) for _ in range(2)]

    assert sent.outcome == "delivered"
    assert [(one.outcome, one.errcode) for one in updates] == [("delivered", 0), ("delivered", 60140)]
    assert [call.path for call in platform.calls][-2:] == ["message/update_template_card"] * 2


def test_a_card_that_the_platform_would_refuse_is_refused_here(gateway: WeComGateway) -> None:
    for card in (
        replace(CARD, task_id="rem-20260707pm-li.ming@1"),
        replace(CARD, buttons=()),
        replace(CARD, buttons=CARD.buttons * 7),
    ):
        with pytest.raises(ValueError, match="card"):
            gateway.card_body(("li.ming",), card)


def test_a_message_is_taken_back_by_the_id_it_was_delivered_under(
    gateway: WeComGateway, platform: FakeWeCom, clock: Clock
) -> None:
    first = gateway.send(gateway.text_body(("li.ming", "wang.fang"), "发错了"))
    second = gateway.send(gateway.text_body(("li.ming",), "留着"))

    recalled = gateway.recall(first.msgid or "")
    clock.forward(hours=25)
    too_late = gateway.recall(second.msgid or "")

    assert (recalled.outcome, too_late.outcome) == ("delivered", "permanent")
    assert [push.text for push in platform.pushes] == ["留着"]


def test_a_recall_renews_a_stale_token_once(gateway: WeComGateway, platform: FakeWeCom) -> None:
    sent = gateway.send(gateway.text_body(("li.ming",), "发错了"))
    platform.revoke_token()

    assert gateway.recall(sent.msgid or "").outcome == "delivered"


def shelf_of(
    gateway: WeComGateway, clock: Callable[[], datetime], content: bytes | None, store: Store | None = None
) -> MediaShelf:
    return MediaShelf(gateway, store or Store(), lambda _digest: content, clock)


def test_a_file_is_uploaded_once_and_sent_under_its_name(gateway: WeComGateway, platform: FakeWeCom) -> None:
    shelf = shelf_of(gateway, platform.clock.now, b"0123456789")
    named = replace(FILE, name='汇总"7月".xlsx')

    found = [shelf.media_id(named) for _ in range(2)]

    uploaded = found[0]
    assert isinstance(uploaded, Uploaded)
    assert found[1] == uploaded
    assert [call.path for call in platform.calls].count("media/upload") == 1
    media = platform.media(uploaded.media_id)
    assert (media.kind, media.name, media.content) == ("file", "汇总_7月_.xlsx", b"0123456789")
    assert gateway.send(gateway.media_body(("li.ming",), FILE, uploaded.media_id)).outcome == "delivered"


def test_what_the_platform_will_have_forgotten_is_uploaded_again(
    gateway: WeComGateway, platform: FakeWeCom, clock: Clock
) -> None:
    shelf = shelf_of(gateway, clock, PNG)
    picture = Attachment("image", "周报.png", "1" * 64)
    first = shelf.media_id(picture)

    clock.forward(seconds=KEPT / timedelta(seconds=1))
    second = shelf.media_id(picture)

    assert isinstance(first, Uploaded)
    assert isinstance(second, Uploaded)
    assert first != second


def test_a_request_names_the_content_by_another_id_and_is_else_the_same(gateway: WeComGateway) -> None:
    body = gateway.media_body(("li.ming", "wang.fang"), FILE, "M1")

    assert gateway.with_media_id(body, "M2") == gateway.media_body(("li.ming", "wang.fang"), FILE, "M2")


@pytest.mark.parametrize(
    ("kind", "content", "problem"),
    [
        ("file", None, "content_missing"),
        ("file", b"12345", "bad_media_size"),
        ("file", bytes((20 << 20) + 1), "bad_media_size"),
        ("image", PNG + bytes(10 << 20), "bad_media_size"),
        ("image", b"GIF89a" + bytes(64), "bad_media_type"),
    ],
)
def test_what_the_platform_would_not_take_is_not_uploaded(
    gateway: WeComGateway, platform: FakeWeCom, kind: MediaKind, content: bytes | None, problem: str
) -> None:
    found = shelf_of(gateway, platform.clock.now, content).media_id(replace(FILE, kind=kind))

    assert found == Delivery("permanent", None, problem)
    assert platform.calls == []


@pytest.mark.parametrize(
    ("fault", "outcome"), [("busy", "retry"), ("too_often", "wait"), ("closed", "retry")]
)
def test_an_upload_that_fails_says_how_and_that_nothing_was_sent(
    gateway: WeComGateway, platform: FakeWeCom, fault: str, outcome: str
) -> None:
    gateway.send(gateway.text_body(("li.ming",), "先取令牌"))
    platform.faults.switch_on(fault, at=platform.clock.now().timestamp())
    store = Store()

    found = shelf_of(gateway, platform.clock.now, b"0123456789", store).media_id(FILE)

    assert isinstance(found, Delivery)
    assert (found.outcome, store.kept) == (outcome, {})


def test_the_gateway_is_what_its_capabilities_say(gateway: WeComGateway) -> None:
    assert (isinstance(gateway, CardChannel), isinstance(gateway, RecallingChannel)) == (
        gateway.capabilities.cards,
        gateway.capabilities.recalls,
    )
    assert isinstance(gateway, MediaChannel)
    assert json.loads(gateway.text_body(("b", "a"), "开会"))["touser"] == "a|b"
