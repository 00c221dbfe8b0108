"""Rules of conduct as they are printed: absence, leave, who takes part, who chairs, and other duties."""

from __future__ import annotations

import re
from collections.abc import Iterator

from programme.notice.dates import scan_dates
from programme.notice.event_words import CAPACITY, MEETING_NUMBER
from programme.notice.marks import cohorts
from programme.notice.rule_text import ALL, PARTICIPANTS, RuleText, rule_at
from programme.programme import Rule

_SENTENCE = re.compile(r"[^。;\n]+")
_LEAD = re.compile(
    r"^\s*(?:[-•·*]\s*)*(?:\(?(?:\d{1,2}|[一二三四五六七八九十]{1,3})\)|(?:\d{1,2}|[一二三四五六七八九十]{1,3})\s*[、.])?\s*(?:(?:学习|参加|有关|相关|纪律|考勤|具体)?(?:要求|纪律|须知|说明)\s*:\s*(?:\d{1,2}\s*[、.)])?\s*)?"
)
_ABSENT = re.compile(r"缺席|缺勤|旷课|旷会|无故|迟到|早退|不参加[^,。;]{0,6}者|不到者|未到者|未参加者")
_FOLLOWS = re.compile(
    r"取消|按|视为|视同|算作?|扣|不予|不得|不能|通报|记(?:录|为|过)|罚|退出|淘汰|不计|重修|劝退|影响|上报|约谈"
)
_LEAVE = re.compile(r"请假|告假|事假|病假")
_ASKS = re.compile(r"须|需|应|必须|提前|请(?!假)|向|书面|批准|同意|说明|报备|不得|不准|联系")
_TAKE_PART = re.compile(
    r"(?:参加|参会|参与|出席|与会|听课|应到)\s*(?:人员|对象|范围|学生|同学|年级)\s*:\s*(?P<who>[^。;\n]*)"
)
_FOR_WHOM = re.compile(
    r"(?:面向|招收|适用|活动|培训)\s*(?:人员|对象|范围|年级)\s*:\s*(?P<who>[^。;\n]*)|(?<![\u4e00-\u9fff])对象\s*:\s*(?P<whom>[^。;\n]*)"
)
_FREELY = re.compile(r"自愿|欢迎|鼓励|感兴趣|均可|可自行|不限|旁听|选择")
_HOST = re.compile(
    r"(?:主\s*持\s*人?|召集人|点评人?|评议人|host|chair)\s*:\s*(?P<who>[^。;,\n\s][^。;,\n]{0,20})",
    re.IGNORECASE,
)
_DUTY = re.compile(
    r"必须|务必|不得|不准|严禁|禁止|(?<![不无])须(?!知)|应当?(?=按|于|在|及时|提前|自|保|遵|完|认真|准|带|将|主动|当)|取消[^,。;]{0,8}资格"
    r"|每(?:周|天|日|月)[^,。;]{0,16}(?:之前|前)\s*(?:提交|上交|交|发|完成|填)"
)
_MEETING_LINK = re.compile(r"(?:会议|线上|直播|入会)(?:链接|地址)?\s*:\s*https?://[^\s,;。)]+")


def absence(text: RuleText) -> Iterator[Rule]:
    """无故缺席两次者取消评优资格; the words are the rule, nothing is computed from them."""
    for start, end in _sentences(text):
        words = text.folded[start:end]
        if _LEAVE.search(words) and not re.search(r"未请假|不请假|没有请假|未经请假", words):
            continue
        if _ABSENT.search(words) and _FOLLOWS.search(words):
            yield _verbatim(text, "absence_rule", ALL, start, end)


def leave(text: RuleText) -> Iterator[Rule]:
    for start, end in _sentences(text):
        words = text.folded[start:end]
        if _LEAVE.search(words) and _ASKS.search(words) and not re.search(r"未请假|不请假", words):
            yield _verbatim(text, "leave_rule", ALL, start, end)


def participants(text: RuleText) -> Iterator[Rule]:
    """参加人员：研一、大三全体 obliges; 面向对象 only says for whom it is."""
    match = _TAKE_PART.search(text.folded)
    if match is not None:
        for start, end in _clauses(text.folded, match.start("who"), match.end("who")):
            names, _ = cohorts(text.folded[start:end])
            if re.search(r"必须|务必|[须需]", text.folded[start:end]):
                continue  # read as an obligation of its own
            free = _FREELY.search(text.folded[start:end]) is not None
            if names:
                rule = "attendance_optional" if free else "attendance_required"
                yield rule_at(text, rule, _everybody(names), True, start, end)
        return
    match = _FOR_WHOM.search(text.folded)
    if match is not None:
        who = match["who"] or match["whom"] or ""
        names, _ = cohorts(who)
        yield rule_at(
            text, "audience", _everybody(names) if names else ALL, who.strip() or True, *match.span()
        )


def _everybody(names: tuple[str, ...]) -> tuple[str, ...]:
    named = tuple(name for name in names if not re.match(r"(?:全体|所有)", name))
    return named or ALL


def _clauses(folded: str, start: int, end: int) -> list[tuple[int, int]]:
    spans, at = [], start
    for match in re.finditer(r"[,()]", folded[start:end]):
        spans.append((at, start + match.start()))
        at = start + match.end()
    return [(a, b) for a, b in [*spans, (at, end)] if folded[a:b].strip()]


def host(text: RuleText) -> Iterator[Rule]:
    match = _HOST.search(text.folded)
    if match is not None:
        name = text.raw[match.start("who") : match.end("who")].strip()
        yield rule_at(text, "host", ALL, name, *match.span())


def duties(text: RuleText) -> Iterator[Rule]:
    """Any other sentence that obliges, word for word, so that it can be quoted."""
    for start, end in _sentences(text):
        if _DUTY.search(text.folded[start:end]) is not None:
            names, _ = cohorts(text.folded[start:end])
            yield _verbatim(text, "duty", names or PARTICIPANTS, start, end)


def capacity(text: RuleText) -> Iterator[Rule]:
    """限40人: how many may come."""
    match = CAPACITY.search(text.folded)
    if match is not None:
        yield rule_at(text, "capacity", ALL, int(match[1] or match[2]), *match.span())


def online_meeting(text: RuleText) -> Iterator[Rule]:
    """线上参会：腾讯会议 456-789-1230，密码 2024: where those meet who are not in the room, word for word."""
    match = MEETING_NUMBER.search(text.folded) or _MEETING_LINK.search(text.folded)
    if match is not None and not scan_dates(text.folded):
        yield rule_at(
            text, "online_meeting", ALL, text.raw[match.start() : match.end()].strip(), *match.span()
        )


def _sentences(text: RuleText) -> Iterator[tuple[int, int]]:
    for match in _SENTENCE.finditer(text.folded):
        lead = _LEAD.match(match[0])
        start = match.start() + (lead.end() if lead is not None else 0)
        if text.folded[start : match.end()].strip():
            yield start, match.end()


def _verbatim(text: RuleText, name: str, applies: tuple[str, ...], start: int, end: int) -> Rule:
    words = text.raw[start:end].strip(" \t　，,。；;")
    return rule_at(text, name, applies, words, start, end)
