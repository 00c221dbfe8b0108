"""规定 迟到 10分钟 and 换项目 2: commands with a value, whatever the value means elsewhere."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from language.understand import understand

AT = datetime(2023, 7, 3, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("规定 迟到 10分钟", "迟到 10分钟"),
        ("规定 迟到", "迟到"),
        ("规定：组会 1", "组会 1"),
        ("规定 2 10", "2 10"),
        ("本组规定 签到提前 20 分钟", "签到提前 20 分钟"),
        ("规定 迟到 默认", "迟到 默认"),
    ],
)
def test_a_rule_of_the_lab_is_set_by_its_words(text: str, value: str) -> None:
    heard = understand(text, AT, "admin")

    assert (heard.intent, heard.slots["text"]) == ("set_lab_rule", value)


@pytest.mark.parametrize("text", ["规定", "本组规定", "规定？"])
def test_the_word_alone_lists_them(text: str) -> None:
    assert understand(text, AT, "admin").intent == "lab_rules"


@pytest.mark.parametrize("text", ["规定几页", "规定 几点算迟到？", "有什么规定"])
def test_a_question_about_rules_sets_none(text: str) -> None:
    assert understand(text, AT, "admin").intent not in ("set_lab_rule", "lab_rules")


@pytest.mark.parametrize("text", ["换项目", "换项目 2", "切换项目 七月集中学习安排"])
def test_a_programme_is_chosen_by_number_or_title(text: str) -> None:
    assert understand(text, AT, "student").intent == "switch_programme"
