"""The terminal: a line in, an answer out, and links as addresses."""

from __future__ import annotations

from datetime import UTC, datetime

from channels.terminal import converse
from messages.envelope import Answer

NOW = datetime(2023, 7, 4, 6, 20, tzinfo=UTC)


def test_a_link_of_the_chat_is_an_address_in_the_terminal() -> None:
    said: list[str] = []
    answer = Answer('请在电脑上 <a href="http://127.0.0.1/s/x">打开签到大屏</a>\n完')

    converse(["开始签到\n", " \n"], "terminal", "李老师", lambda: NOW, lambda _: answer, said.append)

    assert said == ["请在电脑上 打开签到大屏：http://127.0.0.1/s/x\n完"]
