"""Bad input: any text gets a normal answer in bounded time."""

from __future__ import annotations

import json
import time
from datetime import datetime
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from language.dates import read_span
from language.judge import answer_line
from language.labels import public_label
from language.understand import understand
from language.understood import SpeakerRole
from tests.fuzzing import examples

NOW = datetime.fromisoformat("2023-07-10T09:00:00+08:00")
LIMIT_S = 0.5  # generous for a busy machine; the median is below half a millisecond
PIECES = st.sampled_from(
    [
        "签到",
        "交",
        "报告",
        "选题",
        "5",
        "我",
        "不",
        "没",
        "了",
        "吗",
        "？",
        "周四",
        "明天",
        "7/13",
        "13号",
        "到",
        "前",
        "后",
        "请假",
        "取消",
        "同意",
        "王小明",
        "的",
        "，",
        "\n",
        "「",
        "」",
        "《",
        "》",
        "@",
        "所有人",
        "14:30",
        "两点半",
        "①",
        "🙏",
        "[强]",
        "\u202e",
        "\u200b",
        "\x00",
        "2月30号",
        "25点",
        "999999999999999999999",
        "qiandao",
        "ddl",
        "提醒",
        "提前",
        "半小时",
        "分享",
        "改到",
        "评分",
        "优",
        "号",
        "月",
        "年",
        "十",
        "百",
        "-",
    ]
)
MIXED = st.lists(st.one_of(PIECES, st.text(max_size=6)), max_size=40).map("".join)
ROLES = st.sampled_from(get_args(SpeakerRole))


@settings(max_examples=examples(100), deadline=None)
@given(text=MIXED, role=ROLES)
def test_any_text_gets_one_of_our_labels_in_bounded_time(text: str, role: SpeakerRole) -> None:
    started = time.process_time()

    answer = understand(text, NOW, role)

    assert (bool(public_label(answer.intent)), time.process_time() - started < LIMIT_S) == (True, True)


@settings(max_examples=examples(100), deadline=None)
@given(text=MIXED)
def test_any_text_gets_a_span_in_order_or_none(text: str) -> None:
    span = read_span(text, NOW)

    both = (
        span is not None
        and span.start is not None
        and span.end is not None
        and type(span.start) is type(span.end)
    )
    assert not both or span is None or span.start <= span.end  # type: ignore[operator]


@settings(max_examples=examples(60), deadline=None)
@given(unit=st.lists(PIECES, min_size=1, max_size=4).map("".join), tail=PIECES)
def test_a_piece_repeated_to_the_limit_is_answered_in_bounded_time(unit: str, tail: str) -> None:
    text = unit * (1 + 700 // max(1, len(unit))) + tail
    started = time.process_time()

    understand(text, NOW, "mentor")

    assert time.process_time() - started < LIMIT_S


@settings(max_examples=examples(60), deadline=None)
@given(
    line=st.one_of(st.text(max_size=80), MIXED.map(lambda t: json.dumps({"now": NOW.isoformat(), "text": t})))
)
def test_any_line_is_answered_with_one_json_line(line: str) -> None:
    answer = answer_line(line)

    assert ("\n" in answer, isinstance(json.loads(answer), dict)) == (False, True)


@pytest.mark.parametrize(
    "text",
    [
        "签到" * 50_000,
        "1" * 100_000,
        "一" * 100_000,
        "周" * 100_000,
        "不" * 100_000 + "签到",
        "7/" * 50_000,
        "我选" * 50_000 + "?",
        "「" * 100_000,
        "@" * 100_000,
        "嗯" * 100_000,
        "a" * 100_000,
        "qiandao" * 20_000,
        " " * 100_000,
        "\u202e" * 100_000,
        "🙏" * 50_000,
        "[强]" * 30_000,
        "的" * 100_000,
        "给" * 50_000 + "打90",
        "老师" * 50_000,
        "﷽" * 50_000,
        "把" * 50_000 + "转发给大家",
        "十" * 100_000 + "点",
        "《" * 100_000,
        "谢谢" * 50_000 + "x",
    ],
    ids=lambda text: text[:3],
)
def test_a_very_long_text_is_answered_at_once(text: str) -> None:
    understand("签到", NOW, "student")
    started = time.process_time()

    answer = understand(text, NOW, "student")

    assert (answer.text == text, time.process_time() - started < LIMIT_S) == (True, True)


@pytest.mark.parametrize(
    "text",
    [
        "2月30号",
        "25点",
        "13月1号",
        "7月99号",
        "99999999号",
        "0号",
        "周八",
        "24:61",
        "9999999年后",
        "一亿年后",
    ],
)
def test_an_impossible_date_is_no_date(text: str) -> None:
    assert read_span(text, NOW) is None
