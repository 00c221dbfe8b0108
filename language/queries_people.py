"""Questions about other people and the group (T3)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from language.decision import Decision, is_about_self, name_in, topic_number
from language.mood import Mood
from language.reading import Reading
from language.understood import Slot

_LIST_OF_OTHERS = re.compile(
    r"谁(?!讲|来讲|主讲|主持|分享|批|审|负责|管|担保|给我|能|可以|开发|是)|哪些人|哪几个人?|哪些同学|哪个同学|哪位同学|几个人|多少人|多少同学|几个同学|几人|有多少|人数|名单|统计|汇总|大家|所有人|全体|全组|其他人|别人|他们|组员|学生们?|我们组|本组|全员|应到|实到|率(?:是|多|有|怎|呢|$|\?)|到课|待审批|待批|待处理|未处理|没批|还没批|其他同学|小组|花名册|导出|报表"
)


_ABOUT_THE_PLAN = re.compile(
    r"谁(?:来)?(?:讲|主讲|主持|分享|负责|管|批|审)|(?:讲|主讲|主持|分享|负责)(?:人|的)?是?谁|找谁|联系谁|问谁|给谁|由谁|谁(?:批|给|定)|跟谁|向谁|谁来?(?:讲|评(?!为)|打分|给分)"
)
_NOT_RECEIVED = re.compile(r"(?:没|未)收到(?:通知|消息)|送达")
_MAY_GRADE = re.compile(r"(?:能|可以|可否)[^,。]{0,3}给.{2,4}(?:打|评)")
_ACTS = (
    "attendance", "submission", "choose", "leave", "absent", "late", "checkin", "submit", "grade", "bind",
    "pending", "request", "status", "online", "missing", "topic", "collect", "arrive",
)  # fmt: skip
_OF_ONES_PEOPLE = re.compile(
    r"我(?:的)?(?:学生|组员|小组|组里|带的)|待我|等我批|需要我批|我们组|要我批|我该批|我审批|要我(?:处理|审)"
)
_REQUESTS = re.compile(
    r"待审批|待批|待处理|未处理的|没批的|要批|(?:需要|等|待|要)我?(?:审批|处理|批|审)|(?:请假|线上)?申请(?:有|列表|都|还有)|有没有(?:新的?)?(?:请假)?申请|有(?:什么|新的|几个|多少)?(?:新)?申请|有人(?:请假|迟到|没)"
)
_WHO_CHOSE = re.compile(
    r"(?:有人|谁|几个人?|多少人|哪些人).{0,3}选|选.{0,4}的人|人选(?:了|的|中)|选.{0,4}的?(?:多不多|多吗)"
)
_RECORDS_NAMED = re.compile(
    r"考勤|出勤|出席|参会情况|缺勤|到场|签到情况|提交情况|签到记录|请假情况|提交记录|未交|未签|没交的|没签到的|迟到的|缺勤的|请假的|选题情况|统计|汇总|名单"
)
_THOSE_WHO = re.compile(
    r"(?:没|未|缺|迟到|请假|已|早退|签到|提交|线上|选)[^,。]{0,8}的(?:有|都)?(?:有)?(?:几个|几位|多少|谁|哪些|人|同学|学生)|几份|多少份"
)
_OF_A_FRIEND = re.compile(r"^(?:我)?(?:的)?(?:室友|舍友|他们?|她们?|师[兄姐弟妹]|学[长姐]|同桌|队友|同组)")
_HAVE_ALL = re.compile(r"都(?:交|签|到|选|提交|来|完成|绑定|请假)(?:了|齐|完|过)(?:了)?(?:吗|没|么)")
_HOW_DOES_IT_LOOK = re.compile(
    r"(?:今天|昨天|明天|本周|这周|上周|周[一二三四五])[^,。]{0,8}(?:考勤|出勤|签到|到场|提交)(?:情况)?(?:怎么样|如何|咋样)|(?:考勤|出勤|到场|提交|签到)(?:情况)?(?:怎么样|如何|咋样)"
)


def summary(reading: Reading, mood: Mood) -> Decision | None:
    """About other people or the group."""
    text = reading.text
    if _ABOUT_THE_PLAN.search(text):
        return None
    if _NOT_RECEIVED.search(text) and reading.has("who", "everyone", "collect", "status"):
        return Decision("delivery")
    if mood.may_ask and _MAY_GRADE.search(text):
        return Decision("rules")
    if is_about_self(text) and not _OF_ONES_PEOPLE.search(text):
        return None
    if _REQUESTS.search(text):
        return Decision("summary", summary_slots(reading, None))
    name = name_in(reading)
    if _WHO_CHOSE.search(text):
        return _who_chose(reading, mood, name)
    is_asked = _asks_of_others(reading, mood, name) if reading.has(*_ACTS) else False
    if is_asked or _names_records(reading, mood) or _HAVE_ALL.search(text):
        return about_records(summary_slots(reading, name))
    if mood.is_question and _HOW_DOES_IT_LOOK.search(text):
        return Decision("summary", summary_slots(reading, name))
    return None


def _who_chose(reading: Reading, mood: Mood, name: str | None) -> Decision:
    """有人选6了吗: how many is part of what a topic is; who they are is for those who lead."""
    number = topic_number(reading.text)
    if number is not None and mood.is_question:
        return Decision("topic_query", {"topic_no": number, "asks": "count"})
    return Decision("summary", summary_slots(reading, name) | ({"topic_no": number} if number else {}))


def _asks_of_others(reading: Reading, mood: Mood, name: str | None) -> bool:
    """Whether somebody else's doings are asked for: a list, a person, those who did not, a friend."""
    text = reading.text
    if not reading.has("foreign"):
        if _LIST_OF_OTHERS.search(text):
            return True
        if name is not None and (mood.is_question or _is_record(text)):
            return True
        if _THOSE_WHO.search(text) and not reading.has("reward"):
            return True
    return mood.did_ask and _OF_A_FRIEND.match(text) is not None


def _names_records(reading: Reading, mood: Mood) -> bool:
    """考勤情况, 未交名单: records named without a question."""
    if mood.is_question or is_about_self(reading.text) or reading.has("rule", "foreign"):
        return False
    return _RECORDS_NAMED.search(reading.text) is not None


def _is_record(text: str) -> bool:
    return (
        re.search(
            r"^(?:看|查|帮).*(?:报告|ppt|论文)|考勤|出勤|提交|签到|情况|记录|成绩|进度|选题|状态|评级|分数",
            text,
        )
        is not None
    )


def about_records(slots: Mapping[str, Slot]) -> Decision:
    """考勤图 and 考勤表 are made and sent; everything else about others is told."""
    is_file = "form" in slots and slots.get("kind") == "attendance"
    return Decision("attendance_file" if is_file else "summary", slots)


def summary_slots(reading: Reading, name: str | None) -> dict[str, Slot]:
    """What of the others is asked for: kind, filter, name."""
    text = reading.text
    slots: dict[str, Slot] = {}
    if re.search(r"交|提交|报告|ppt|论文|专利|作业|材料|上传|幻灯片", text) and not re.search(
        r"考勤|出勤|签到", text
    ):
        slots["kind"] = "submission"
    elif re.search(
        r"考勤|出勤|签|到场|到了|没到|没来|来了|到|迟到|缺勤|请假|缺席|打卡|出席|早退|旷|线上|担保", text
    ) and not re.search(r"待审批|申请|待处理|待批", text):
        slots["kind"] = "attendance"
    if reading.has("missing") or re.search(
        r"没(?:有)?[交签到来选提上]|未[交签到提选完]|缺勤|缺席|欠|漏", text
    ):
        slots["filter"] = "missing"
    form = form_asked(text)
    if form is not None:
        slots["form"] = form
    if name is not None:
        slots["name"] = name
    return slots


def form_asked(text: str) -> str | None:
    """考勤图 is a picture, 考勤表 a file; None where words are meant."""
    if re.search(r"(?:考勤|出勤|签到)(?:情况|汇总)?的?(?:图|图片|截图)$|(?:图|图片)$", text):
        return "picture"
    return (
        "table" if re.search(r"(?:考勤|出勤|签到)(?:情况|汇总)?的?(?:表格?|excel|xlsx|csv)", text) else None
    )
