"""Short questions that are the whole text, and texts that only look like one."""

from __future__ import annotations

from datetime import datetime

import pytest

from language.cohorts import cohorts_in
from language.subjects import amounts_named, asks_for_payment, pages_named
from language.understand import understand

NOW = datetime.fromisoformat("2023-07-04T10:00:00+08:00")


@pytest.mark.parametrize(
    ("text", "label", "slots"),
    [
        ("现在几点了", "clock", {}),
        ("今天几号", "clock", {"date": "2023-07-04"}),
        ("你是谁", "about_bot", {}),
        ("怎么联系张老师", "contact", {"name": "张老师"}),
        ("有问题找谁", "contact", {}),
        ("我导师是谁", "who_am_i", {"asks": "mentor"}),
        ("我是哪个组的", "who_am_i", {"asks": "group"}),
        ("组长是谁", "who_am_i", {"asks": "lead"}),
        ("大模型组的负责人是谁", "who_am_i", {"asks": "lead", "group": "大模型组"}),
        ("我的学号是多少", "who_am_i", {"asks": "number"}),
        ("签到时间", "checkin_window", {}),
        ("几点可以签到", "checkin_window", {}),
        ("签到截止了没", "checkin_window", {"asks": "closed"}),
        ("还能签到吗", "checkin_window", {"asks": "closed"}),
        ("签到吗", "checkin_duty", {}),
        ("今天要签到吗", "checkin_duty", {"date": "2023-07-04"}),
        ("签到码多少", "checkin_code", {}),
        ("我选6可以吗", "may_choose", {"topic_no": "6"}),
        ("选6怎么样", "topic_query", {"topic_no": "6"}),
        ("可以换吗", "may_change", {}),
        ("选错了", "help", {"about": "change_topic"}),
        ("我想换题", "help", {"about": "change_topic"}),
        ("太坑了吧", "complaint", {}),
        ("签不上", "checkin_told", {}),
        ("我已经签到了", "checkin_told", {}),
    ],
)
def test_a_short_question_gets_a_label_of_its_own(text: str, label: str, slots: dict[str, str]) -> None:
    heard = understand(text, NOW, "student")

    assert (heard.intent, dict(heard.slots)) == (label, slots)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("明天几点了", "schedule_query"),
        ("签到", "check_in"),
        ("签到 402913", "check_in"),
        ("选6", "choose_topic"),
        ("你是谁开发的", "out_of_scope"),
        ("昨天忘签到了", "no_action"),
        ("室友签到失败了", "no_action"),
    ],
)
def test_what_only_looks_like_one_keeps_its_label(text: str, label: str) -> None:
    assert understand(text, NOW, "student").intent == label


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        ("谁讲", {"asks": "speaker"}),
        ("周四的分享谁主讲", {"asks": "speaker", "date": "2023-07-06"}),
        ("几点结束", {"asks": "end"}),
        ("在哪", {"asks": "place"}),
        ("会议链接", {"asks": "link"}),
        ("下一场", {"which": "next"}),
        ("最后一场", {"which": "last"}),
        ("第三场", {"which": "3"}),
        ("还有课吗", {"which": "left"}),
        ("整个七月的安排", {"which": "all"}),
        ("组会在哪", {"asks": "place", "kind": "group_meeting"}),
        ("量子计算哪天讲", {"topic": "量子计算"}),
        ("论文写作什么时候", {"topic": "论文写作"}),
        ("2月30号有课吗", {"no_such_day": "2月30号"}),
    ],
)
def test_a_question_about_the_plan_says_which_fact_and_which_session(
    text: str, slots: dict[str, str]
) -> None:
    heard = understand(text, NOW, "student")

    assert (heard.intent, dict(heard.slots)) == ("schedule_query", slots)


def test_all_days_of_a_text_are_kept() -> None:
    heard = understand("25号和27号", NOW, "student")

    assert [span.start.isoformat() for span in heard.spans if span.start] == ["2023-07-25", "2023-07-27"]


@pytest.mark.parametrize(
    ("text", "found"),
    [("研2要来吗", ("研2",)), ("研一、研 0 都要来吗", ("研0", "研1")), ("要来吗", ()), ("研究生要来吗", ())],
)
def test_the_cohorts_that_a_text_names(text: str, found: tuple[str, ...]) -> None:
    assert cohorts_in(text, ("研0", "研1", "研2")) == found


def test_numbers_of_pages_and_sums_are_read_as_people_write_them() -> None:
    found = (
        pages_named("１９ 页可以吗"),
        pages_named("几页"),
        amounts_named("800块还是400"),
        amounts_named("2页"),
    )

    assert found == (19, None, frozenset({800, 400}), frozenset())


@pytest.mark.parametrize(
    ("text", "asks"), [("什么时候发钱", True), ("补贴打到哪张卡", True), ("有补贴吗", False)]
)
def test_when_and_how_money_is_paid_is_a_question_of_its_own(text: str, asks: bool) -> None:
    assert asks_for_payment(text) is asks
