"""What is asked of one named person or of a group's people: 小李签到了没, 我们组有谁, 王小明 3001 选题了吗."""

from __future__ import annotations

import re

from language.decision import NO_ACTION, Decision, is_about_self, is_name
from language.lexicon import lexicon
from language.mood import Mood
from language.reading import Reading
from language.understood import Slot

_MARKS = re.compile(r"[\s,.。;!?:、~…\"'“”()]+")
_TITLES = r"(?:老师|同学|教授|博士|师[兄姐弟妹]|学[长姐弟妹])"
# Nothing of these stands in a name: 各位同学, 那个老师, 有的同学 are nobody in particular.
_IN_NO_NAME = r"我你您他她它们这那哪谁几多各位大家所有全体每其别请问是没不给帮替和跟吗呢吧导了过想要能去来到在叫让找看查说的新两三四五班组项目指任一些名个"
_TITLED = rf"[^\W\d_a-z{_IN_NO_NAME}]{{1,4}}?{_TITLES}"
_NICK = r"[小老阿](?!组|时|结|师|板|伙|孩|心|是|声|事|助|程|节|朋|里|家|样|试|学|将|妹|姐|哥)[\u4e00-\u9fff]"
_FULL = r"[\u4e00-\u9fff]{2,4}"
NAMED_PERSON = rf"(?P<who>{_TITLED}|{_NICK}|{_FULL}?)"
_PERSON = rf"{NAMED_PERSON}(?:同学)?(?P<last4>\d{{4}})?"
_LEAD_IN = r"(?:请问|问一?下|想问|那|查看|看看|看一?下|查一?下|查|帮我看看?)?"
_WHEN_ELSE = r"(?:到底|现在|是不是|有没有|也|都|已经?|还|又|这次|本次|那天)*"
_TIMES = r"(?:了|过|好|完|上|齐|成功)*"
_ACTS: tuple[tuple[str, str], ...] = (
    ("attendance", r"(?:签个?到|签|打卡|报到|到场|到会|到|来|出席|迟到|缺勤|缺席|早退|旷)"),
    ("leave", r"(?:请过?假|请了假|在请假)"),
    ("topic", r"(?:选了?什么题?|选了?哪个?|选的(?:是)?(?:什么|哪个?|几)|选好?题?)"),
)
_ASKING_TAIL = r"(?:没有?|吗|么|嘛|不|没|没签|没到|没来|没选|呢)*"
# 王小明的考勤 is a record of its own, session by session, and no matter of this module.
_RECORD = r"(?:的(?:签到|选题|请假)(?:记录|情况|状态)?|(?:签到|选题|请假)(?:记录|情况|状态))(?:怎么样|如何|咋样|是什么|呢|吗)*"
_ABOUT_ONE = tuple(
    (kind, re.compile(rf"{_LEAD_IN}{_PERSON}(?:他|她)?{_WHEN_ELSE}{act}{_TIMES}{_ASKING_TAIL}"))
    for kind, act in _ACTS
)
_WHO_IS = re.compile(
    rf"{_LEAD_IN}(?:谁|哪位)是(?P<whom>{_TITLED}|{_FULL})|{_LEAD_IN}{_PERSON}(?:是谁|是哪位|是干什么的|是什么人|(?:的)?(?:导师|负责人)(?:是谁|是哪位)|(?:在|是)?(?:哪个|什么|哪)(?:项目|小)?组(?:的)?|的?学号(?:是)?(?:多少|什么)?|(?:是)?研几(?:的)?)(?:呢|啊|呀)*"
)
_RECORD_OF_ONE = re.compile(rf"{_LEAD_IN}{_PERSON}{_RECORD}")
_FRIEND = re.compile(
    rf"(?:请问|那)?(?:我(?:的)?)?(?P<who>室友|舍友|同桌|朋友|队友|同学|他|她){_WHEN_ELSE}(?:签个?到|签|打卡|报到|到场|到|来|出席|迟到|缺勤){_TIMES}(?:没有?|吗|么|不|没签|没来)+"
)
_IN_FOR = re.compile(
    rf"(?:请|麻烦)?(?:帮忙?|替|给|代)(?:我)?(?P<who>{_TITLED}|{_NICK}|他们?|她们?|室友|舍友|同学|别人|朋友|队友|同桌)(?:们)?"
    r"(?:也|先|一下|去|来)*(?:签一?个?到|签一?下|签|打一?个?卡|报一?个?到|点个?到)(?:一下|下|吧|了)*"
)
_TOLD = re.compile(
    rf"(?:{_TITLED}|{_NICK})(?:他|她)?(?:也|都|已经?|刚刚?|今天|说)*(?:签到?|打卡|选|请假|交|提交)(?:了|过|的是|好)?.*"
)
_GROUP = r"(?P<group>(?!我|咱|本)[\u4e00-\u9fffa-z\d+]{2,10}?组)"
_OURS = r"(?:我|咱|我们|咱们|我的|我们的|本|同)?(?:项目|小)?组"
_MEMBERS = re.compile(
    rf"(?:请问|看看|查看)?(?:{_OURS}|{_GROUP})(?:里面?|内|上|的)?(?:一共|总共|现在|都|还)*"
    r"(?:有|是)?(?:都)?(?:谁|哪些人?|哪些同学|哪几个人?|哪几位|几个人|多少人|几人|多少个?人|多少同学|什么人|成员|组员|名单|人员)(?:名单|有谁|有哪些|是谁|都有谁|都是谁)?(?:呢|啊|呀)*"
    r"|(?:我们?的?|我们?组的?)?(?:组员|同组的?(?:人|同学)?|队友)(?:名单|都?有?是?(?:谁|哪些人?|哪几个|几个|多少))(?:呢|啊|呀)*"
)
_MY_STUDENTS = re.compile(
    r"我(?:有|带|带了)(?:几个|多少个?|哪些)(?:学生|同学)|(?:我的|我带的)(?:学生|同学)(?:名单|都?有?是?(?:谁|哪些人?|哪几个人?|几个人?|多少个?人?))(?:呢|啊|呀)*"
)


_NOBODY_CAME = re.compile(
    r"(?:怎么|为什么|可是|但是)?(?:主讲人?|老师|讲者|组长|负责人|大家|别人|人)(?:怎么|都|也|还|今天)*(?:没有?|不)(?:来|到|在|见|人)(?:了|呢|啊|呀)*"
)
_OWN_DAYS = re.compile(
    rf"(?:请问|那|我|的)*{_WHEN_ELSE}(?:签个?到|签|打卡|报到|到场|到|来|出席|迟到|缺勤){_TIMES}(?:没有?|吗|么|嘛|不|没签)+"
    r"|我(?:的)?(?:考勤|签到|出勤)(?:记录|情况|状态)?(?:怎么样|如何|咋样|是什么|呢|吗)*"
)


_ROLES = frozenset({"管理员", "管理", "方向", "项目", "时间", "全体", "全部", "万一", "何时", "时候", "计划"})


def people_asked(reading: Reading, mood: Mood) -> Decision | None:
    """One named person's record, a group's people, or a check-in in for somebody; nothing changes by it."""
    bare = _MARKS.sub("", reading.undated)
    if not bare or len(bare) > 24 or reading.normal.calls_everybody:
        return None
    members = _members(bare)
    if members is not None:
        return members
    if not mood.is_question and _NOBODY_CAME.fullmatch(bare):
        return NO_ACTION
    in_for = _IN_FOR.fullmatch(bare)
    if in_for is not None and not mood.is_question:
        return Decision("check_in", {"name": in_for["who"]}, is_sure=False)
    if reading.span is not None and "我" in reading.text and _OWN_DAYS.fullmatch(bare):
        return Decision("my_status", {"asks": "days"})
    friend = _FRIEND.fullmatch(bare)
    if friend is not None and mood.is_question:
        return Decision("person_record", {"name": friend["who"], "kind": "attendance"})
    if is_about_self(reading.text):
        return None
    if not mood.is_question and _TOLD.fullmatch(bare):
        return None if _is_record(bare) else NO_ACTION
    return _about_one(bare, mood)


def _members(bare: str) -> Decision | None:
    if _MY_STUDENTS.fullmatch(bare):
        return Decision("members", {"of": "students"})
    found = _MEMBERS.fullmatch(bare)
    if found is None:
        return None
    return Decision("members", {"group": found["group"]} if found["group"] else {})


def _is_record(bare: str) -> bool:
    return _RECORD_OF_ONE.fullmatch(bare) is not None


def _about_one(bare: str, mood: Mood) -> Decision | None:
    if mood.is_question:
        for kind, shape in _ABOUT_ONE:
            found = shape.fullmatch(bare)
            if found is not None and names_somebody(found["who"]):
                return Decision("person_record", _slots(found, kind))
        found = _WHO_IS.fullmatch(bare)
        if found is not None and names_somebody(found["who"] or found["whom"]):
            return Decision("person_record", _slots(found, "who"))
    found = _RECORD_OF_ONE.fullmatch(bare)
    if found is not None and names_somebody(found["who"]):
        return Decision("person_record", _slots(found, "topic" if "选题" in bare else "attendance"))
    return None


def names_somebody(who: str) -> bool:
    """Whether *who* is 小李, 李老师, 王同学 or a run with the shape of a name."""
    return (is_name(who) and who not in lexicon().tags and who not in _ROLES) or re.fullmatch(
        rf"{_TITLED}|{_NICK}", who
    ) is not None


def _slots(found: re.Match[str], kind: str) -> dict[str, Slot]:
    named = found["who"] or found["whom"] if kind == "who" else found["who"]
    slots: dict[str, Slot] = {"name": named, "kind": kind}
    if found["last4"]:
        slots["last4"] = found["last4"]
    return slots
