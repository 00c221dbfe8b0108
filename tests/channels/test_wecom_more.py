"""Cards, pictures, files, recall and card update against the fake platform."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from channels.channel import CardChannel, Delivery, RecallingChannel
from channels.media import KEPT, MediaShelf, Uploaded
from channels.wecom_api import WeComGateway
from channels.wecom_requests import ButtonCard
from fakes.platform import FakeWeCom
from fakes.server import platform_app, serving
from messages.envelope import Card
from tests.channels.test_wecom_api import AGENT, CORP, MEMBERS, SECRET, Clock
from tests.channels.token_store import MemoryTokenStore

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
CARD = Card("周二 14:30 科研论文写作", "https://bot.example/s/1")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def platform(clock: Clock) -> FakeWeCom:
    return FakeWeCom(CORP, AGENT, SECRET, MEMBERS, clock.simulated)


@pytest.fixture
def gateway(platform: FakeWeCom, clock: Clock) -> Iterator[WeComGateway]:
    with serving(platform_app(platform)) as url:
        yield WeComGateway(CORP, AGENT, SECRET, MemoryTokenStore(), clock, url)


class Shelf:
    """A media store of one process."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str, str], tuple[str, datetime]] = {}

    def load(self, channel: str, kind: str, digest: str, now: datetime) -> str | None:
        media_id, until = self.kept.get((channel, kind, digest), ("", now))
        return media_id if until > now else None

    def keep(self, channel: str, kind: str, digest: str, media_id: str, expires_at: datetime) -> None:
        self.kept[channel, kind, digest] = (media_id, expires_at)


def test_a_card_arrives_with_the_text_as_its_description(gateway: WeComGateway, platform: FakeWeCom) -> None:
    delivery = gateway.send(gateway.card_body(("li.ming",), CARD, "A201，线下"))

    assert delivery == Delivery("delivered", 0)
    assert platform.pushes[0].body["textcard"] == {
        "title": CARD.title,
        "description": "A201，线下",
        "url": CARD.url,
        "btntxt": "详情",
    }


@pytest.mark.parametrize(
    ("card", "text"),
    [(CARD, "长" * 171), (Card("题" * 43, CARD.url), "A201"), (Card("题", "not-a-link"), "A201")],
)
def test_what_a_card_would_cut_goes_as_text(gateway: WeComGateway, card: Card, text: str) -> None:
    assert gateway.card_body(("li.ming",), card, text) == gateway.text_body(("li.ming",), text)


def test_buttons_give_way_once_to_what_was_done(gateway: WeComGateway, platform: FakeWeCom) -> None:
    card = ButtonCard("周二 14:30", "A201", [("签到", "checkin:S02"), ("请假", "leave:S02")], "rem-S02-1")
    sent = gateway.send(gateway.button_body(("li.ming",), card))

    updates = [
        gateway.update_card(("li.ming",), sent.response_code or "", "已签到 14:28").outcome for _ in range(2)
    ]

    assert sent.outcome == "delivered"
    assert updates == ["delivered", "permanent"]


def test_a_card_that_the_platform_would_refuse_is_refused_here(gateway: WeComGateway) -> None:
    for card in (
        ButtonCard("题", "", [("签到", "k")], "rem-20260707pm-li.ming@1"),
        ButtonCard("题", "", [], "rem-1"),
        ButtonCard("题", "", [("签到", "k")] * 7, "rem-1"),
    ):
        with pytest.raises(ValueError, match="card"):
            gateway.button_body(("li.ming",), card)


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


def test_a_file_is_uploaded_once_and_sent_under_its_name(gateway: WeComGateway, platform: FakeWeCom) -> None:
    shelf = MediaShelf(gateway, Shelf(), lambda: platform.clock.now())

    found = [shelf.media_id("file", '汇总"7月".xlsx', b"0123456789") for _ in range(2)]

    uploaded = found[0]
    assert isinstance(uploaded, Uploaded)
    assert found[1] == uploaded
    assert [call.path for call in platform.calls].count("media/upload") == 1
    media = platform.media(uploaded.media_id)
    assert (media.kind, media.name, media.content) == ("file", "汇总_7月_.xlsx", b"0123456789")
    assert gateway.send(gateway.media_body(("li.ming",), "file", uploaded.media_id)).outcome == "delivered"


def test_what_the_platform_will_have_forgotten_is_uploaded_again(
    gateway: WeComGateway, platform: FakeWeCom, clock: Clock
) -> None:
    shelf = MediaShelf(gateway, Shelf(), clock)
    first = shelf.media_id("image", "周报.png", PNG)

    clock.forward(seconds=KEPT / timedelta(seconds=1))
    second = shelf.media_id("image", "周报.png", PNG)

    assert isinstance(first, Uploaded)
    assert isinstance(second, Uploaded)
    assert first != second


@pytest.mark.parametrize(
    ("kind", "content", "problem"),
    [
        ("file", b"12345", "bad_media_size"),
        ("file", bytes((20 << 20) + 1), "bad_media_size"),
        ("image", PNG + bytes(10 << 20), "bad_media_size"),
        ("image", b"GIF89a" + bytes(64), "bad_media_type"),
    ],
)
def test_what_the_platform_would_not_take_is_not_uploaded(
    gateway: WeComGateway, platform: FakeWeCom, kind: str, content: bytes, problem: str
) -> None:
    shelf = MediaShelf(gateway, Shelf(), platform.clock.now)

    found = shelf.media_id("image" if kind == "image" else "file", "x", content)

    assert found == Delivery("permanent", None, problem)
    assert platform.calls == []


@pytest.mark.parametrize(
    ("fault", "outcome"), [("busy", "retry"), ("too_often", "wait"), ("closed", "unknown")]
)
def test_an_upload_that_fails_says_how(
    gateway: WeComGateway, platform: FakeWeCom, fault: str, outcome: str
) -> None:
    gateway.send(gateway.text_body(("li.ming",), "先取令牌"))
    platform.faults.switch_on(fault, at=platform.clock.now().timestamp())
    store = Shelf()

    found = MediaShelf(gateway, store, platform.clock.now).media_id("file", "x", b"0123456789")

    assert isinstance(found, Delivery)
    assert (found.outcome, store.kept) == (outcome, {})


def test_the_gateway_is_what_its_capabilities_say(gateway: WeComGateway) -> None:
    assert (isinstance(gateway, CardChannel), isinstance(gateway, RecallingChannel)) == (
        gateway.capabilities.cards,
        gateway.capabilities.recalls,
    )
    assert json.loads(gateway.text_body(("b", "a"), "开会"))["touser"] == "a|b"
