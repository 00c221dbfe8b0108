"""What a change of a session says is new, and what of it was not understood."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from language.change_details import ChangeDetails, read_change

NOW = datetime(2023, 7, 10, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
THURSDAY, TUESDAY = date(2023, 7, 13), date(2023, 7, 18)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("改 7/13 15:00 A301", ChangeDetails(on=THURSDAY, start=time(15), place="A301")),
        ("7/13 改到下午三点", ChangeDetails(on=THURSDAY, start=time(15))),
        ("周四的分享改成三点", ChangeDetails(on=THURSDAY, start=time(15))),
        ("周四提前到两点", ChangeDetails(on=THURSDAY, start=time(14))),
        ("改 7/13 15:00-17:00", ChangeDetails(on=THURSDAY, start=time(15), end=time(17))),
        ("改 7/13 结束 17:00", ChangeDetails(on=THURSDAY, end=time(17))),
        ("改 7/13 15:00开始17:00结束", ChangeDetails(on=THURSDAY, start=time(15), end=time(17))),
        ("周四15:00的改到16:00", ChangeDetails(on=THURSDAY, from_start=time(15), start=time(16))),
        ("13号的分享延期，时间另定", ChangeDetails(on=THURSDAY, is_time_open=True)),
    ],
)
def test_a_new_hour_is_read_in_the_ways_people_say_it(text: str, expected: ChangeDetails) -> None:
    assert read_change(text, NOW) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("移 7/18 到 7/19 14:30", ChangeDetails(on=TUESDAY, to_date=date(2023, 7, 19), start=time(14, 30))),
        (
            "7月18号的分享挪到19号下午两点半",
            ChangeDetails(on=TUESDAY, to_date=date(2023, 7, 19), start=time(14, 30)),
        ),
        ("下周二的分享改到周三", ChangeDetails(on=TUESDAY, to_date=date(2023, 7, 19))),
        (
            "下周二的分享改到下周三上午9点到11点",
            ChangeDetails(on=TUESDAY, to_date=date(2023, 7, 19), start=time(9), end=time(11)),
        ),
        (
            "周一组会改到周二晚上7点",
            ChangeDetails(on=date(2023, 7, 10), to_date=date(2023, 7, 11), start=time(19)),
        ),
        ("7/13 移到明天", ChangeDetails(on=THURSDAY, to_date=date(2023, 7, 11))),
        ("周四推迟一周", ChangeDetails(on=THURSDAY, shift_days=7)),
        ("周四推迟半小时", ChangeDetails(on=THURSDAY, shift_min=30)),
        ("7/13 提前一个半小时", ChangeDetails(on=THURSDAY, shift_min=-90)),
    ],
)
def test_a_new_day_is_counted_from_today_or_from_the_session(text: str, expected: ChangeDetails) -> None:
    assert read_change(text, NOW) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("周四改到A301", ChangeDetails(on=THURSDAY, place="A301")),
        ("13号地点改成信息楼305", ChangeDetails(on=THURSDAY, place="信息楼305")),
        ("13号地点改到信息楼 305", ChangeDetails(on=THURSDAY, place="信息楼 305")),
        ("周四改在线上开", ChangeDetails(on=THURSDAY, place="线上")),
        (
            "改 7/13 线上 腾讯会议 123-456-789",
            ChangeDetails(on=THURSDAY, place="线上 腾讯会议 123-456-789"),
        ),
        ("改 7/13 地点待定", ChangeDetails(on=THURSDAY, is_place_open=True)),
        ("换主讲 7/13 王老师", ChangeDetails(on=THURSDAY, speaker="王老师")),
        ("周四主讲换成林博士", ChangeDetails(on=THURSDAY, speaker="林博士")),
        ("《AI 平台》改由李四来讲", ChangeDetails(speaker="李四", about="ai 平台")),
        ("改周四题目 《大模型前沿》", ChangeDetails(on=THURSDAY, title="大模型前沿")),
        ("改 7/13 题目 大模型 API 前沿", ChangeDetails(on=THURSDAY, title="大模型 API 前沿")),
        (
            "改 7/13 15:00 a301 主讲 王教授 题目 《下一代 AI》",
            ChangeDetails(on=THURSDAY, start=time(15), place="A301", speaker="王教授", title="下一代 AI"),
        ),
    ],
)
def test_place_speaker_and_title_are_kept_as_they_were_typed(text: str, expected: ChangeDetails) -> None:
    assert read_change(text, NOW) == expected


def test_a_reason_is_kept_apart() -> None:
    assert read_change("取消 7/18，因为老师出差", NOW) == ChangeDetails(on=TUESDAY, reason="老师出差")


@pytest.mark.parametrize(
    ("text", "words"),
    [("改 7/13 blah", "blah"), ("改 7/13 工程 主讲 赵博士", "工程"), ("取消 7/18 老师出差", "老师出差")],
)
def test_words_that_are_not_understood_are_handed_back(text: str, words: str) -> None:
    assert read_change(text, NOW).left_over == words


def test_a_text_without_anything_new_is_empty() -> None:
    assert (read_change("改 7/13", NOW).is_empty, read_change("改 7/13 A301", NOW).is_empty) == (True, False)


@settings(deadline=None)  # the first text loads a table
@given(st.text(max_size=200))
def test_no_text_breaks_the_reading(text: str) -> None:
    assert isinstance(read_change(f"改 7/13 {text}", NOW), ChangeDetails)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("推迟 7/11 半小时", ChangeDetails(on=date(2023, 7, 11), shift_min=30)),
        ("提前 7/13 一小时", ChangeDetails(on=THURSDAY, shift_min=-60)),
        (
            "改 7/11 14:30-16:30 三教205",
            ChangeDetails(on=date(2023, 7, 11), start=time(14, 30), end=time(16, 30), place="三教205"),
        ),
        ("换主讲 7/13 前沿 李博士", ChangeDetails(on=THURSDAY, speaker="李博士", left_over="前沿")),
        ("改 7/25 25:00", ChangeDetails(on=date(2023, 7, 25), left_over="25:00")),
        ("改 7/11 15:00 14:00", ChangeDetails(on=date(2023, 7, 11), start=time(15), left_over="14:00")),
        ("周四不上课了", ChangeDetails(on=THURSDAY)),
        ("取消 7/18 7/20", ChangeDetails(on=TUESDAY, to_date=date(2023, 7, 20))),
    ],
)
def test_the_verb_may_stand_first_and_nothing_vanishes(text: str, expected: ChangeDetails) -> None:
    assert read_change(text, NOW) == expected
