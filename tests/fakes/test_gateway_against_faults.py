"""The bot's own gateway against every fault of the menu: sent again byte for byte, nobody hears twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from channels.wecom_api import WeComGateway
from fakes.faults import FAULTS
from fakes.platform import FakeWeCom
from fakes.server import platform_app, serving
from tests.channels.token_store import MemoryTokenStore
from tests.fakes.standin import AGENT, CORP, SECRET


@pytest.fixture
def gateway(platform: FakeWeCom) -> Iterator[WeComGateway]:
    started = datetime(2023, 7, 4, 6, 20, tzinfo=UTC)
    with serving(platform_app(platform, pause=lambda seconds: None)) as url:
        yield WeComGateway(CORP, AGENT, SECRET, MemoryTokenStore(), lambda: started, url)


@pytest.mark.parametrize("fault", sorted(FAULTS.keys() - {"some_invalid"}))
def test_a_push_sent_again_after_a_fault_reaches_each_person_once(
    platform: FakeWeCom, gateway: WeComGateway, fault: str
) -> None:
    body = gateway.text_body(("Lead01", "stu001"), "今天 14:30《科研论文写作》")
    platform.faults.switch_on(fault, at=platform.clock.now().timestamp())
    gateway.send(body)
    platform.faults.switch_all_off()

    again = gateway.send(body)

    assert again.outcome == "delivered"
    assert sorted(push.userid for push in platform.pushes) == ["Lead01", "stu001"]


@pytest.mark.parametrize(
    ("fault", "sends"),
    [
        ("token_expired_once", [42001, 0]),
        ("token_expired", [42001, 42001]),
        ("busy", [-1]),
        ("too_often", [45009]),
    ],
)
def test_a_token_is_renewed_once_and_nothing_is_hammered(
    platform: FakeWeCom, gateway: WeComGateway, fault: str, sends: list[int]
) -> None:
    body = gateway.text_body(("stu001",), "今天 14:30《科研论文写作》")
    platform.faults.switch_on(fault, at=platform.clock.now().timestamp())

    gateway.send(body)

    assert [call.errcode for call in platform.calls if call.path == "message/send"] == sends


def test_a_wrong_secret_is_tried_once(platform: FakeWeCom, gateway: WeComGateway) -> None:
    platform.faults.switch_on("bad_secret")

    delivery = gateway.send(gateway.text_body(("stu001",), "今天 14:30《科研论文写作》"))

    assert (delivery.outcome, [call.path for call in platform.calls]) == ("alarm", ["gettoken"])


def test_a_member_who_has_left_is_named_and_the_others_are_reached(
    platform: FakeWeCom, gateway: WeComGateway
) -> None:
    platform.faults.switch_on("some_invalid")

    delivery = gateway.send(gateway.text_body(("Lead01", "stu001"), "今天 14:30《科研论文写作》"))

    assert (list(delivery.unreachable or {}), [push.userid for push in platform.pushes]) == (
        ["stu001"],
        ["Lead01"],
    )
