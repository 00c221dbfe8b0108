"""Whom an announcement is for, and its words untouched."""

from __future__ import annotations

import pytest

from language.announcement import Announcement, read_announcement


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("发通知 明天带 PPT，ddl 周五", Announcement("明天带 PPT，ddl 周五")),
        ("发通知：周四下午带上电脑", Announcement("周四下午带上电脑")),
        ("通知大家 明天组会带进度", Announcement("明天组会带进度", is_everyone=True)),
        ("通知研1：周四带学生证", Announcement("周四带学生证", cohorts=("研1",))),
        ("通知研一、研0 周四带学生证", Announcement("周四带学生证", cohorts=("研1", "研0"))),
        ("给视频压缩组发通知：明天开会", Announcement("明天开会", groups=("视频压缩组",))),
        ("通知AI平台组和三维重建组，周五合练", Announcement("周五合练", groups=("AI平台组", "三维重建组"))),
        ("发通知 导师：周五看汇总", Announcement("周五看汇总", roles=("mentor",))),
        ("提醒项目负责人 交名单", Announcement("交名单", roles=("lead",))),
        ("发通知 明天组会取消", Announcement("明天组会取消")),
        ("@所有人 周四改到 A301", Announcement("周四改到 A301")),
        ("發通知 帶電腦", Announcement("帶電腦")),
        ("发通知", Announcement("")),
        ("通知大家", Announcement("", is_everyone=True)),
    ],
)
def test_readers_and_words_are_told_apart(text: str, expected: Announcement) -> None:
    assert read_announcement(text) == expected


def test_lines_of_the_message_stay_lines() -> None:
    assert read_announcement("发通知：\n1. 带电脑\n2. 带学生证").message == "1. 带电脑\n2. 带学生证"
