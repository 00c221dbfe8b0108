"""Other people's records: who may see them, and two people of one name."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from operations import roster_import
from tests.handlers.said import listen
from tests.house import IMPORTED_AT, KEY, ROOT, Talk

ZONE = ZoneInfo("Asia/Shanghai")
AT = datetime(2023, 7, 4, 14, 40, tzinfo=ZONE)
NAMESAKES = """张伟,2023101,研0,视频压缩组,学生,周老师,stu101
张伟,2023102,研1,AI平台组,学生,徐南乔,stu102
张伟,2023203,研1,视频压缩组,学生,周老师,stu103
王敏,2023104,研0,视频压缩组,学生、项目负责人,周老师,
"""


@pytest.fixture
def crowded(talk: Talk, tmp_path: Path) -> Talk:
    """The sample roster with three people called 张伟 and a student who leads and has no account."""
    path = tmp_path / "roster.csv"
    path.write_text((ROOT / "samples" / "roster.csv").read_text("utf-8") + NAMESAKES, "utf-8")
    programme_id = talk.app.snapshot.programme_ids()[0]
    people = roster_import.read_roster(path, programme_id)
    assert not isinstance(people, tuple)
    roster_import.store(talk.app.database, programme_id, people, IMPORTED_AT, KEY, lambda n: b"x" * n)
    talk.app.snapshot.refresh(talk.app.database)
    return talk


def test_namesakes_are_told_apart_by_the_last_digits_of_their_number(crowded: Talk) -> None:
    asked = crowded.say("张老师", "张伟签到了吗", AT)
    of_one = crowded.say("张老师", "张伟3102签到了吗", AT)

    assert asked == (
        "叫张伟的有 3 位，请带上学号后四位再问：\n张伟3101（研0，视频压缩组）\n张伟3102（研1，AI平台组）\n"
        "张伟3203（研1，视频压缩组）\n例：张伟3101签到了吗"
    )
    assert (of_one or "").startswith("张伟（研1，AI平台组，导师徐南乔）\n")


def test_a_lead_is_asked_only_about_the_namesakes_of_the_own_group(crowded: Talk) -> None:
    said = listen(crowded)

    crowded.say("李老师", "张伟签到了吗", AT)

    assert [person.student_no for person in said.value("found")] == ["2023101", "2023203"]


def test_all_namesakes_get_a_notice_and_the_preview_says_so(crowded: Talk) -> None:
    preview = crowded.say("张老师", "通知张伟：明天来", AT)

    assert (preview or "").startswith("发给：张伟（3 人，同名的都会收到）\n")


def test_nobody_is_asked_to_confirm_who_they_are_themselves(crowded: Talk) -> None:
    """B02: a lead without an account asks; the other lead of the group decides."""
    crowded.say("王敏", "绑定 王敏 2023104", AT)
    asked = crowded.say("王敏", "确认", AT)

    assert asked == "已请李老师核对。确认后我会马上告诉你。"
    assert "王敏" not in crowded.pushes()


@pytest.mark.parametrize(
    ("name", "text", "outcome"),
    [
        ("王小明", "李四签到了吗", "people/private"),
        ("王小明", "李老师是谁", "people/staff"),
        ("李老师", "李四签到了吗", "people/not_yours"),
        ("李老师", "王小明签到了吗", "people/record"),
        ("周老师", "王小明签到了吗", "people/record"),
        ("周老师", "李四签到了吗", "people/not_yours"),
        ("张老师", "李四签到了吗", "people/record"),
        ("张老师", "李老师签到了吗", "people/not_counted"),
        ("张老师", "孙悟空签到了吗", "people/nobody"),
        ("王小明", "我们组有谁", "people/members"),
        ("王小明", "大模型组有谁", "people/other_group"),
        ("周老师", "大模型组有谁", "people/members"),
    ],
)
def test_a_record_is_seen_by_those_who_answer_for_it(talk: Talk, name: str, text: str, outcome: str) -> None:
    """B47: a student sees the own record, a lead the group's, a mentor the own students', the admin all."""
    said = listen(talk)

    talk.say(name, text, AT)

    assert said.replies[-1].template == outcome
