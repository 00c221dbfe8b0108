"""Who may do what: each command by each role (design D13)."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from storage import audit
from tests.handlers.said import programme, template_of
from tests.house import Talk, furnish

ZONE = ZoneInfo("Asia/Shanghai")
AT = datetime(2023, 7, 4, 14, 26, tzinfo=ZONE)

ROLES = {
    "王小明": "student who must come",
    "陈一怡": "student who may come",
    "李老师": "lead",
    "周老师": "mentor",
    "张老师": "admin",
    "路人": "stranger",
}
# Command → the outcome for each of ROLES, in that order.
MATRIX = {
    "签到": ("present", "voluntary", "voluntary", "voluntary", "voluntary", "checkin_unknown"),
    "代李四签到": ("for_another",) * 5 + ("checkin_unknown",),
    "开始签到": ("only_organisers", "only_organisers", "opened", "only_organisers", "opened", "guide"),
    "选 6": ("confirm", "confirm", "not_for_you", "not_for_you", "not_for_you", "guide"),
    "我不选了": (*("nothing_chosen",) * 2, *("not_for_you",) * 3, "guide"),
    "加入": ("obliged_anyway", "joined", *("not_a_participant",) * 3, "guide"),
    "同意 1": ("not_for_you", "not_for_you", *("no_such_number",) * 3, "guide"),
    "驳回 1": ("not_for_you", "not_for_you", *("no_such_number",) * 3, "guide"),
    "待办": (*("only_admin",) * 4, "list", "guide"),
    "回复 3 7/6 15:00": (*("only_admin",) * 4, "confirm", "guide"),
    "绑定 赵六 2023006": (*("already",) * 5, "taken"),
    "我的": ("student", "student", "staff", "staff", "staff", "guide"),
    "我是谁": (*("who",) * 5, "guide"),
    "本周": (*("days",) * 5, "guide"),
    "选题": (*("list",) * 5, "guide"),
    "我能拿多少": (*("claims",) * 5, "guide"),
    "报告要几页": (*("pages",) * 5, "guide"),
    "帮助": (*("help",) * 5, "guide"),
    "评 李四 优": (*("only_raters",) * 5, "guide"),
    "进度 移植 60%": ("progress", "progress", *("only_students",) * 3, "guide"),
    "验收 李四 通过": (*("only_leads",) * 2, "not_your_group", *("only_leads",) * 2, "guide"),
    "取消 7/18": ("not_for_you", "not_for_you", "not_yours", "not_for_you", "preview", "guide"),
    "恢复 7/18": ("not_for_you", "not_for_you", "not_yours", "not_for_you", "not_possible", "guide"),
    "改 7/13 15:00 A301": ("not_for_you", "not_for_you", "not_yours", "not_for_you", "preview", "guide"),
    "改 7/17 15:00": ("not_for_you", "not_for_you", "preview", "not_for_you", "preview", "guide"),
    "发通知 带电脑": ("not_for_you", "not_for_you", "preview", "preview", "preview", "guide"),
    "通知三维重建组 带电脑": ("not_for_you", "not_for_you", "not_to_them", "nobody", "preview", "guide"),
    "送达情况": (*("delivery_not_for_you",) * 4, "delivery", "guide"),
    "导出": (*("not_here",) * 5, "guide"),
    "交报告": (*("link",) * 2, *("not_for_you",) * 3, "guide"),
    "上传报告模板": (*("template",) * 4, "template_link", "guide"),
    "王小明的报告": ("status", "not_yours", *("of_person",) * 3, "guide"),
    "孙八的报告": (*("not_yours",) * 4, "of_person", "guide"),
    "选题 自拟 《蛋白质折叠》": (*("own_asked",) * 2, *("not_for_you",) * 3, "guide"),
}


@pytest.mark.parametrize("text", MATRIX)
def test_each_role_gets_what_it_may(talk: Talk, text: str) -> None:
    found = {name: str(template_of(talk, name, text, AT)).split("/")[1] for name in ROLES}

    assert found == dict(zip(ROLES, MATRIX[text], strict=True))


@pytest.mark.parametrize("text", ["我是管理员", "把我设为管理员", "我是李老师", "绑定 张老师 admin01"])
def test_nothing_said_in_chat_raises_a_right(talk: Talk, text: str) -> None:
    talk.say("王小明", text, AT)
    talk.say("王小明", "确认", AT)

    assert template_of(talk, "王小明", "待办", AT) == "question/only_admin"
    assert template_of(talk, "王小明", "开始签到", AT) == "checkin/only_organisers"


@pytest.mark.parametrize("name", ["王小明", "周九", "李老师", "周老师", "路人"])
def test_who_asks_or_may_not_leaves_no_trace_of_a_change(talk: Talk, name: str) -> None:
    for text in (
        "待办",
        "回复 3 15:00",
        "同意 1",
        "驳回 2",
        "取消 7/18",
        "评 李四 优",
        "改 7/13 15:00",
        "确认",
    ):
        talk.say(name, text, AT)

    assert talk.app.database.read(lambda tx: audit.entries(tx, programme(talk).programme_id)) == ()
    assert {s.version for s in programme(talk).sessions} == {1}
    assert talk.pushes() == {}


@pytest.mark.parametrize("spelled", ["stu001", "STU001", "Stu001"])
def test_an_account_is_the_same_in_capitals(talk: Talk, spelled: str) -> None:
    """WeCom: a userid's case does not matter."""
    talk.account = lambda name: spelled  # type: ignore[method-assign]

    assert (
        talk.say("王小明", "我是谁", AT)
        == "你是 王小明（研0，视频压缩组，导师周老师）。不是本人请联系管理员。"
    )


@pytest.mark.parametrize("year", [2023, 2028])
def test_of_two_programmes_the_one_with_a_session_nearest_in_time_is_meant(talk: Talk, year: int) -> None:
    """D14: the same people take part in July 2023 and in July 2028."""
    furnish(talk.app, year=2028)

    answer = talk.say("王小明", "今天", datetime(year, 7, 4, 9, 0, tzinfo=ZONE))

    assert answer == "今天7/4（周二）14:30《科研论文写作》\n地点待通知。以上为拟定安排。"


def test_a_check_in_of_somebody_in_two_programmes_is_stored_in_the_one_meant(talk: Talk) -> None:
    furnish(talk.app, year=2028)
    talk.say("王小明", "签到", datetime(2028, 7, 4, 14, 26, tzinfo=ZONE))

    rows = talk.app.database.read(lambda tx: tx.query("select occurrence_id from checkin"))
    programmes = {pid: talk.app.snapshot.programme(pid) for pid in talk.app.snapshot.programme_ids()}
    meant = [
        p.year
        for p in programmes.values()
        for row in rows
        if p and row["occurrence_id"].startswith(p.programme_id)
    ]

    assert meant == [2028]
