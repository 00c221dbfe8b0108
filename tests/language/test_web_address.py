"""A link in a text: found as it was typed, and no part of what is asked."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from language.understand import understand
from language.web_address import web_address, without_address

NOW = datetime(2023, 7, 10, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("提交报告 https://pan.example.com/s/1AbC?pwd=x9", "https://pan.example.com/s/1AbC?pwd=x9"),
        ("报告在http://a.cn/x，密码1234", "http://a.cn/x"),
        ("见 https://a.cn/x.pdf。", "https://a.cn/x.pdf"),
        ("javascript:alert(1)", None),
        ("交报告", None),
    ],
)
def test_the_address_is_what_was_typed(text: str, address: str | None) -> None:
    assert web_address(text) == address


def test_what_hands_in_a_link_is_no_question() -> None:
    heard = understand("提交报告 https://a.cn/x?y=1", NOW, "student")

    assert (heard.intent, heard.slots["kind"], heard.text) == (
        "submit",
        "report",
        "提交报告 https://a.cn/x?y=1",
    )


def test_a_text_that_is_only_a_link_has_nothing_beside_it() -> None:
    assert without_address("https://a.cn/x") == ""
