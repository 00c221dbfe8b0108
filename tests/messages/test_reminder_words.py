"""How reminders read: for those who come, for speakers, on odd days, on report days."""

from __future__ import annotations

import pytest

from messages.envelope import Reply
from messages.render import Renderer

ITEM = {"track": None, "title": "科研论文写作", "speaker": None}
TALK = {"track": "前沿研究分享", "title": "AI", "speaker": "周老师"}
LECTURE: dict[str, object] = {
    "occurrence_id": "o",
    "version": 1,
    "held_on": "2023-07-04",
    "days_ahead": 1,
    "start": "14:30",
    "end": None,
    "period": "afternoon",
    "kind": "lecture",
    "group": None,
    "place": None,
    "status": "tentative",
    "day_note": None,
    "lead_min": None,
    "slot": None,
    "items": [ITEM],
}


def words(template: str, **changes: object) -> str:
    return Renderer().render(Reply(f"reminder/{template}", LECTURE | changes))


@pytest.mark.parametrize(
    ("template", "changes", "text"),
    [
        (
            "evening_before",
            {"start": "14:30", "end": "16:00", "place": "A301", "status": "confirmed"},
            "提醒：明天7/4（周二）14:30–16:00《科研论文写作》。地点：A301。",
        ),
        (
            "evening_before",
            {"items": [TALK], "day_note": "国庆节调休上班"},
            "提醒：明天7/4（周二），国庆节调休上班，14:30 前沿研究分享《AI》（周老师）。地点待通知，为拟定安排。",
        ),
        (
            "evening_before",
            {"kind": "report_day", "status": "confirmed"},
            "提醒：明天7/4（周二）14:30《科研论文写作》。地点待通知。这天是汇报日，名单和时段另行通知。",
        ),
        (
            "evening_before",
            {"kind": "report_day", "status": "confirmed", "slot": "15:10–15:20"},
            "提醒：明天7/4（周二）14:30《科研论文写作》。地点待通知。这天是汇报日，你的时段是 15:10–15:20。",
        ),
        (
            "personal",
            {"days_ahead": 0, "lead_min": 60},
            "提醒：今天7/4（周二）14:30《科研论文写作》。地点待通知。到场请回复 签到。",
        ),
        (
            "personal",
            {"days_ahead": 1, "lead_min": 1440},
            "提醒：明天7/4（周二）14:30《科研论文写作》。地点待通知。",
        ),
        (
            "speaker",
            {"items": [TALK], "place": "A301"},
            "提醒：明天7/4（周二）14:30 您主讲前沿研究分享《AI》。地点：A301。来不了或要改时间，请尽早告诉管理员。",
        ),
        (
            "speaker",
            {"items": [TALK], "start": None},
            "提醒：明天7/4（周二）下午（具体时间待定）您主讲前沿研究分享《AI》。地点待通知。来不了或要改时间，请尽早告诉管理员。",
        ),
    ],
)
def test_a_reminder_says_what_is_known_and_nothing_else(
    template: str, changes: dict[str, object], text: str
) -> None:
    assert words(template, **changes) == text


@pytest.mark.parametrize("template", ["evening_before", "soon", "untimed", "personal", "speaker"])
def test_a_row_of_an_older_release_can_still_be_said(template: str) -> None:
    """What waits in the outbox during an upgrade has fewer values."""
    old = {key: value for key, value in LECTURE.items() if key not in ("day_note", "lead_min", "slot")}

    assert Renderer().render(Reply(f"reminder/{template}", old)) == words(template)
