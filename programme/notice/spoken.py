"""The few words that questions and answers share; apart from the readers, so that answering loads none of them."""

from __future__ import annotations

import re

from programme.notice.marks import WEEKDAY_NAMES
from programme.sessions import Session

CONFIRM = (
    "对",
    "对的",
    "是",
    "是的",
    "确认",
    "正确",
    "没错",
    "无误",
    "保留",
    "不变",
    "不改",
    "照旧",
    "按印的",
)
IGNORE = ("忽略", "不用", "不排", "不用管", "略过", "跳过")
DROP = ("不排", "取消", "不要")
LATER = "待定"
PERIOD_NAMES = {"dawn": "凌晨", "morning": "上午", "noon": "中午", "afternoon": "下午", "evening": "晚上"}
PENDING = re.compile(
    r"(?:具体)?(?:时间|地点|主讲人?|题目)?\s*[(:]?\s*(?:待定|待通知|另行通知|另通知|待安排|待公布|后续通知|TBD|TBA|未定|再通知)\s*\)?",
    re.IGNORECASE,
)


def spoken_day(session: Session) -> str:
    return f"{session.held_on.month}月{session.held_on.day}日（{WEEKDAY_NAMES[session.held_on.weekday()]}）"
