"""Frames of the sender's own standing: take back an own action (T5), say who one is."""

from __future__ import annotations

import re

from language.decision import (
    NO_ACTION,
    Decision,
    is_name,
    name_in,
)
from language.mood import Mood, is_negated
from language.reading import Reading
from language.understood import Slot
from language.veto import is_noun_phrase, stopped

_UNDO_LEAVE = re.compile(
    r"不(?:用|想|需要|打算)?(?:再)?请(?:病|事)?假了|假(?:我)?(?:就)?不(?:用)?请了|不请了"
)
_TAKE = r"撤回|撤销|撤了|撤掉|撤下|收回|作废|退选|退掉|退了|退题|取消|删掉|删除|删了|不算|销假|反悔"
_OWN = (
    ("leave", re.compile(r"假|缺席|迟到申请|线上申请|线上参加")),
    ("check_in", re.compile(r"签到|打卡|报到|签的到|签到记录")),
    ("topic", re.compile(r"选题|选的题|课题|题目|选的|退选|退题|我选|方向|选择")),
    (
        "submit",
        re.compile(
            r"报告|ppt|论文|提交|交的|材料|专利|作业|文件|上传|版本|(?<!社)交(?!通|流)|幻灯片|课件|稿"
        ),
    ),
)


def withdraw(reading: Reading, mood: Mood) -> Decision | None:
    """The sender takes back an own earlier action (T5)."""
    text = reading.text
    if mood.is_question or is_noun_phrase(reading):
        return None
    if _UNDO_LEAVE.search(text) and not re.search(r"先不|暂时不|暂不", text):
        if mood.is_hypothetical or mood.is_reported or mood.is_undecided:
            return NO_ACTION
        return Decision("withdraw", {"target": "leave"})
    dropped = re.search(
        r"(?:不|不想|不要)选(?P<no>[^,。;!?]{0,16}?)了|选的?(?:那个)?(?:题目?|课题|\d{1,2})[^,。]{0,4}不要了",
        text,
    )
    if dropped is not None and not re.search(r"改|换", text) and not re.search(r"先不|暂时|暂不", text):
        if mood.is_hypothetical or mood.is_reported or mood.is_undecided or mood.is_future:
            return NO_ACTION
        return Decision("withdraw", {"target": "topic"})
    is_ours = reading.has("checkin", "submit", "topic", "report", "ppt")
    if not re.search(_TAKE, text) or reading.has("remind", "broadcast"):
        return None
    if reading.has("foreign") and not is_ours:
        return None
    numbered = re.fullmatch(r"撤[回销]\s*(?:第|编号|#)?\s*(\d{1,4})\s*[号条个]?", text)
    if numbered is not None:
        return Decision("withdraw", {"number": int(numbered[1])})
    target = _target(reading, text)
    if target is None:
        return None
    if mood.is_hypothetical or mood.is_reported or mood.is_undecided or mood.is_future:
        return NO_ACTION
    if is_negated(text, _TAKE) or (
        mood.has_failed and re.search(r"(?:撤|取消|退|删)[^,。]{0,4}(?:失败|不了|不掉|不成)", text)
    ):
        return NO_ACTION
    if re.search(
        rf"(?:已经?|刚才?|刚刚)(?:把[^,。]*)?(?:{_TAKE})[^,。]{{0,6}}了?$|(?:{_TAKE})过", text
    ) and not re.search(r"请|帮|吧", text):
        return NO_ACTION
    return Decision("withdraw", {"target": target})


def _target(reading: Reading, text: str) -> str | None:
    if re.search(r"线上(?:申请|参加)|请假|的假", text):
        return "leave"
    if reading.has("session") and not reading.has("leave", "checkin", "submit", "topic", "report", "ppt"):
        return None
    if re.search(r"的(?:分享|会|组会|讲座|汇报|课|活动|学习)", text) and not re.search(
        r"我|请假|签到|选题", text
    ):
        return None
    for target, pattern in _OWN:
        if pattern.search(text):
            return target
    return None


_BIND_CODE = re.compile(r"^绑定(?:码)?[\s:]*(?P<code>(?=[a-z0-9 ]*[a-z])[a-z0-9]{4,6} ?[a-z0-9]{4,6})$")
_STUDENT_NO = re.compile(r"(?<!\d)(\d{5,14})(?!\d)")
_I_AM = re.compile(
    r"(?:我是|我叫|本人(?:是|叫)?|姓名[是:为 ]*|我的名字(?:是|叫)|名字[是叫:为 ]*|这里是|在下)\s*(?:研[0-2零一二]级?(?:新生|学生|同学|新同学)?的?|[^,。的]{1,6}组的)?\s*(?P<name>[\u4e00-\u9fff]{2,4}?)(?=$|[,。!;、 (\d]|学号|研|同学|工号|的?学号|绑定|登记|来|请|老师|,)"
)
_BIND_COMMAND = re.compile(
    r"^(?:帮我|我要|请|麻烦)?(?:绑定|注册|登记|认证|实名)(?:一下|账号|学号|身份)?[:,，\s]*"
)
_NO_NAME = frozenset(
    [
        "学生",
        "老师",
        "新生",
        "男生",
        "女生",
        "学员",
        "同学",
        "新来",
        "本人",
        "自己",
        "谁啊",
        "来签",
        "研究",
        "大一",
        "研一",
        "研二",
        "研零",
        "助教",
        "组长",
        "新人",
        "志愿",
        "班长",
        "中国",
        "北京",
    ]
)


def bind(reading: Reading, mood: Mood) -> Decision | None:
    """The sender states who they are."""
    text = reading.text
    if mood.is_question or reading.has("broadcast"):
        return None
    code = _BIND_CODE.match(text)
    if code is not None:
        return Decision("bind", {"code": code["code"].replace(" ", "").upper()})
    number = _STUDENT_NO.search(text)
    name = _stated_name(reading, number)
    names_itself = re.search(r"绑定|注册|登记|学号|我叫|我是|本人|姓名|我的名字|实名", text) is not None
    if not names_itself:
        if (
            number is not None
            and name is not None
            and re.fullmatch(r"[\u4e00-\u9fff]{2,4}[\s,]*\d{5,14}", text)
        ):
            return Decision("bind", {"name": name, "student_id": number[1]}, is_sure=False)
        return None
    bare = _BIND_COMMAND.match(text)
    if name is None and number is None:
        if bare is None and not re.search(r"绑定", text):
            return None
        veto = stopped(reading, mood, r"绑定|注册|登记")
        if veto is not None:
            return veto
        return (
            Decision("bind") if sum(map(len, reading.unknown)) <= 2 and not reading.has("foreign") else None
        )
    if reading.has("foreign") and number is None:
        return None
    if number is None and bare is None and _says_more(reading, name or ""):
        return None
    veto = stopped(reading, mood, r"绑定|注册|登记|我是|我叫|学号")
    if veto is not None:
        return veto
    slots: dict[str, Slot] = {}
    if name is not None:
        slots["name"] = name
    if number is not None:
        slots["student_id"] = number[1]
    return Decision("bind", slots, is_sure=name is not None and (number is not None or is_name(name)))


def _stated_name(reading: Reading, number: re.Match[str] | None) -> str | None:
    text = reading.text
    command = _BIND_COMMAND.match(text)
    if command is not None:
        found = re.match(
            r"(?:我是|我叫|姓名)?[:\s]*([\u4e00-\u9fff]{2,4})(?=$|[\s,、;\d])", text[command.end() :]
        )
        if found is not None and found[1] not in _NO_NAME:
            return found[1]
    stated = _I_AM.search(text)
    if stated is not None and stated["name"] not in _NO_NAME:
        is_plausible = is_name(stated["name"]) or number is not None
        if is_plausible:
            return stated["name"]
    if number is not None:
        return name_in(reading) or _beside_number(text)
    return None


def _beside_number(text: str) -> str | None:
    found = re.search(r"(?:^|[\s,、])([\u4e00-\u9fff]{2,4})[\s,、]*(?:学号)?[\s:是]*\d{5,}", text)
    return found[1] if found is not None and is_name(found[1]) else None


def _says_more(reading: Reading, name: str) -> bool:
    """我是王小明，周四要请假 introduces a request and is no request to be bound."""
    rest = reading.text.replace(name, "", 1)
    return (
        reading.has("leave", "absent", "late", "online", "checkin", "submit", "choose", "session")
        or len(rest) > 24
    )
