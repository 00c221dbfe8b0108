"""An act and a question in one text: both are meant, and whatever speaks against the act stops it (T2)."""

from __future__ import annotations

from datetime import datetime

import pytest

from language.understand import understand

NOW = datetime.fromisoformat("2023-07-04T14:20:00+08:00")


@pytest.mark.parametrize(
    ("text", "act", "question"),
    [
        ("签到，顺便问下今天讲什么", "check_in", "schedule_query"),
        ("我到了，今天讲什么", "check_in", "schedule_query"),
        ("到了，今天讲什么", "check_in", "schedule_query"),
        ("我来签到，另外补贴多少", "check_in", "rewards"),
        ("报告要几页？顺便签个到", "check_in", "rules"),
        ("签到 402913，顺便问下几页", "check_in", "rules"),
        ("选6，顺便问下几页", "choose_topic", "rules"),
        ("签到，选6", "check_in", "choose_topic"),
    ],
)
def test_a_question_beside_an_act_is_kept(text: str, act: str, question: str) -> None:
    heard = understand(text, NOW, "student")

    assert (heard.intent, heard.also.intent if heard.also else None) == (act, question)


@pytest.mark.parametrize(
    "text",
    [
        "签到，今天讲什么",
        "签到，几点开始",
        "签到，怎么弄",
        "签到，在哪",
        "签到吗，顺便问下今天讲什么",
        "签到了没，今天讲什么",
        "签到，顺便问下怎么签到",
        "签到，顺便问下要是没到怎么办",
        "签到，顺便问下教室在哪",
        "我到了，教室在哪",
        "我到了，怎么没人",
        "到了，几楼",
        "一会儿签到，顺便问下今天讲什么",
        "等会签到，另外今天讲什么",
        "明天签到，另外今天讲什么",
        "不签到，顺便问下今天讲什么",
        "没签到，顺便问下今天讲什么",
        "别签到，顺便问下今天讲什么",
        "如果没到，签到，顺便问下几页",
        "老师说签到，另外今天讲什么",
        "听说要签到，顺便问下今天讲什么",
        "可能签到，顺便问下今天讲什么",
        "帮王小明签到，另外今天讲什么",
        "室友签到，另外今天讲什么",
        "签到失败，顺便问下今天讲什么",
        "签到太麻烦了，顺便问下今天讲什么",
        "我想签到，明天",
        "我想签到，明天可以吗",
        "我来签到，行吗",
        "我选5，明天",
        "选5，可以吗",
        "快到了，今天讲什么",
        "我到家了，今天讲什么",
        "快递到了，今天讲什么",
        "他到了，今天讲什么",
        "签到码多少，顺便问下今天讲什么",
        "「张三：签到」\n- - - - -\n今天讲什么",
        "@王小明 签到，顺便问下今天讲什么",
    ],
)
def test_what_is_not_surely_a_check_in_stays_none_beside_a_question(text: str) -> None:
    heard = understand(text, NOW, "student")

    assert (heard.intent in ("check_in", "choose_topic"), heard.also) == (False, None)
