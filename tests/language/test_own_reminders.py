"""The sender's own reminders: shown when asked about, changed only when told to."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from language.understand import understand

NOW = datetime(2023, 7, 4, 14, 20, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("什么时候提醒我", "show"),
        ("几点提醒我？", "show"),
        ("会提醒我吗", "show"),
        ("提前多久提醒", "show"),
        ("我的提醒", "show"),
        ("提醒设置", "show"),
        ("前一天晚上提醒我", "show"),
        ("恢复默认提醒", "default"),
        ("提醒恢复默认", "default"),
        ("恢复提醒", "on"),
        ("别提醒我了", "off"),
    ],
)
def test_asking_shows_and_telling_changes(text: str, action: str) -> None:
    heard = understand(text, NOW, "student")

    assert (heard.intent, heard.slots["action"]) == ("reminder", action)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("提前一小时提醒我", 60),
        ("提前1个小时提醒", 60),
        ("提前半小时提醒我", 30),
        ("提前30分钟提醒我", 30),
        ("提前一天提醒我", 1440),
        ("提前24小时提醒我", 1440),
        ("提前一周提醒我", 10080),
        ("提前1000小时提醒我", 60000),
        ("提前0分钟提醒我", 0),
    ],
)
def test_a_distance_is_read_as_it_was_said_also_an_impossible_one(text: str, minutes: int) -> None:
    heard = understand(text, NOW, "student")

    assert (heard.intent, heard.slots["action"], heard.slots["lead_minutes"]) == ("reminder", "set", minutes)


@pytest.mark.parametrize("text", ["为什么没提醒我", "怎么关闭提醒", "提醒大家开会", "什么时候提醒我买牛奶"])
def test_what_is_not_about_the_setting_does_not_show_it(text: str) -> None:
    heard = understand(text, NOW, "student")

    assert heard.intent != "reminder"
