"""The exact bytes of a WeCom push: canonical, cut, and addressed to members only."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from channels.wecom_api import WeComGateway
from channels.wecom_requests import is_userid
from tests.channels.token_store import MemoryTokenStore


@pytest.fixture
def gateway() -> WeComGateway:
    now = datetime(2023, 7, 4, 6, 13, tzinfo=UTC)
    return WeComGateway("ww8d1f0b7c6e5a4932", 1000007, "secret", MemoryTokenStore(), lambda: now)


def body(gateway: WeComGateway, *recipients: str, text: str = "14:30 科研论文写作") -> bytes:
    return gateway.text_body(recipients or ("li.ming",), text)


def test_a_request_is_canonical_bytes(gateway: WeComGateway) -> None:
    assert body(gateway, "wang.fang", "li.ming", "wang.fang").decode() == (
        '{"agentid":1000007,"duplicate_check_interval":14400,"enable_duplicate_check":1,"msgtype":"text",'
        '"text":{"content":"14:30 科研论文写作"},"touser":"li.ming|wang.fang"}'
    )


def test_a_text_is_cut_at_2048_bytes_and_keeps_no_forbidden_character(gateway: WeComGateway) -> None:
    request = json.loads(body(gateway, text="\x00" + "字" * 1000))

    assert request["text"]["content"] == "字" * 682


@pytest.mark.parametrize(
    "recipients",
    [
        (),
        ("@all",),
        ("@ALL",),
        ("a|b",),
        ("",),
        ("a b",),
        ("a\n",),
        ("签到",),
        ("a" * 65,),
        ("li.ming", "a|b"),
    ],
)
def test_what_is_no_members_id_is_never_a_recipient(
    gateway: WeComGateway, recipients: tuple[str, ...]
) -> None:
    with pytest.raises(ValueError, match="recipient"):
        gateway.text_body(recipients, "x")


def test_a_thousand_recipients_are_one_request_and_one_more_is_too_many(gateway: WeComGateway) -> None:
    many = tuple(f"u{number}" for number in range(1001))

    assert len(json.loads(gateway.text_body(many[:1000], "x"))["touser"].split("|")) == 1000
    with pytest.raises(ValueError, match="1000"):
        gateway.text_body(many, "x")


@pytest.mark.parametrize("account", ["li.ming", "Zhao_Liu-2@lab", "0"])
def test_letters_digits_and_four_signs_make_an_id(account: str) -> None:
    assert is_userid(account)
