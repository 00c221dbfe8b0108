"""Which sessions one sentence wants changed: several are told from one."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from language.several_sessions import Several, several_meant

NOW = datetime(2023, 7, 10, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("周一都改到15:00", Several(weekdays=(0,))),
        ("每周四改成15点", Several(weekdays=(3,))),
        ("周一和周四都改到15:00", Several(weekdays=(0, 3))),
        ("7/17和7/24改到15:00", Several(days=(date(2023, 7, 17), date(2023, 7, 24)))),
        ("改 7/17和7/24 15:00", Several(days=(date(2023, 7, 17), date(2023, 7, 24)))),
        ("取消7/18、7/20", Several(days=(date(2023, 7, 18), date(2023, 7, 20)))),
        ("把下周二和周四的课取消", Several(days=(date(2023, 7, 18), date(2023, 7, 20)))),
        ("下周的课都取消", Several(stretches=((date(2023, 7, 17), date(2023, 7, 23)),))),
        ("所有组会改到15:00", Several()),
    ],
)
def test_several_sessions_are_told_from_one(text: str, meant: Several) -> None:
    assert several_meant(text, NOW) == meant


@pytest.mark.parametrize(
    "text",
    [
        "改 7/13 15:00 A301",
        "下周一改到15:00",
        "7/18 改到 7/19",
        "移 7/18 到 7/19 14:30",
        "周四15点的改到16点",
        "取消 7/18，因为所有老师都出差",
    ],
)
def test_one_session_is_one(text: str) -> None:
    assert several_meant(text, NOW) is None
