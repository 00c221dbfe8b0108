"""Frames of those who lead: grade a person, decide a request (T7)."""

from __future__ import annotations

import re

from language.decision import NO_ACTION, Decision, is_about_self, is_name, name_in
from language.mood import Mood, is_negated, is_reported
from language.numerals import whole_number
from language.reading import Reading
from language.understood import Slot
from language.veto import is_noun_phrase

_MARK = r"(?P<grade>优秀|优良|良好|中等|不及格|及格|不合格|合格|优|良|中|差|[a-d][+-]?(?![a-z])|\d{1,3}(?:\.\d)?|[零一二三四五六七八九十百]{2,4})"
_NAME = r"(?P<name>[\u4e00-\u9fff]{2,4}?)(?:同学)?"
_WORK = r"(?:的?(?:科研|技术|研究|工程)?(?:报告|汇报|论文|ppt|成果|表现|工程|能力|成绩|评分|分数|评级|这次|选题)*)"
_END = r"\s*分?(?:吧|了|哈|谢谢|好了|,?谢谢)?[。.!~]*$"
_GRADES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"^(?:请)?(?:评分|打分|评级|评定|评价|评|打|给分)[:,\s]*(?:给)?\s*{_NAME}{_WORK}[,:\s]*(?:打|评|给)?\s*{_MARK}{_END}",
        rf"(?:给|帮|把|为|对)\s*{_NAME}{_WORK}\s*(?:打个?|评个?|评为|给个?|一个|记个?|评定为|判个?|改成|改为|定为|打成|评成)\s*(?:分|成绩|等级)?\s*[:,]?\s*(?:个)?{_MARK}{_END}",
        rf"^{_NAME}{_WORK}[,\s]*(?:我)?(?:评为|评个?|打个?|给个?|得|记为?|评定为|定为|判|可以给|给到|改成|改为|评分|打分|评级)[:,\s]*(?:个)?{_MARK}{_END}",
        rf"^{_NAME}[,:\s]+(?P<grade>优秀|良好|优|良|中|差|[a-d][+-]?|\d{{2,3}}){_END}",
        rf"^{_NAME}{_WORK}\s*(?P<grade>\d{{1,3}}(?:\.\d)?|[零一二三四五六七八九十百]{{2,4}})\s*分(?:吧|了)?[。!~]*$",
    )
)
_GRADE_WORDS = re.compile(r"评分|打分|评级|评为|评定|打.{0,3}分|成绩|分数")


def grade(reading: Reading, mood: Mood) -> Decision | None:
    """A person gets a grade or mark."""
    text = reading.text
    if mood.is_question or reading.has("foreign"):
        return None
    several = _SEVERAL.findall(text)
    if len(several) > 1 and all(_may_be_name(name) for name, _ in several):
        return Decision("grade", {"name": several[0][0], "grade": several[0][1]}, is_sure=False)
    for pattern in _GRADES:
        found = pattern.search(text)
        if found is None or not _may_be_name(found["name"]):
            continue
        if _is_mere_talk(mood) or is_negated(text, r"评|打|给"):
            return NO_ACTION
        return _graded(found["name"], found["grade"])
    return _named_grading(reading, mood)


_SEVERAL = re.compile(r"([\u4e00-\u9fff]{2,4})[ :,]*(优秀|良好|优|良|中|差|\d{2,3})(?:分)?(?=[\s,;、]|$)")


def _is_mere_talk(mood: Mood) -> bool:
    return mood.is_hypothetical or mood.is_undecided or mood.is_reported or mood.is_future


def _graded(name: str, mark: str) -> Decision | None:
    value = whole_number(mark)
    if value is not None and value > 100:
        return None
    return Decision("grade", {"name": name, "grade": str(value) if value is not None else _as_said(mark)})


def _named_grading(reading: Reading, mood: Mood) -> Decision | None:
    """评分 张三: the act and the person without a mark."""
    text = reading.text
    name = name_in(reading)
    speaks_of_it = _GRADE_WORDS.search(text) is not None or (name is not None and "评" in text)
    if not speaks_of_it or is_noun_phrase(reading) or reading.has("reward", "rule"):
        return None
    if name is None and is_about_self(text):
        return None
    if _is_mere_talk(mood) or mood.is_past or is_negated(text, r"评分|打分|评级|评|打"):
        return NO_ACTION
    if name is not None and re.search(r"^(?:给|评分|打分|评)", text):
        return Decision("grade", {"name": name}, is_sure=False)
    return None


def _as_said(mark: str) -> str:
    return mark.upper() if mark.isascii() else mark


def _may_be_name(word: str) -> bool:
    return is_name(word) and word not in (
        "方法",
        "时间",
        "成绩",
        "任务",
        "周四",
        "周一",
        "周二",
        "周三",
        "周五",
        "方向",
        "文章",
    )


_YES = r"同意|批准|通过|准了|批了|准许|准予|准假|允许|批|准|核准|给过|放行"
_NO = r"不同意|不批准|不予?批|不准|不通过|不予通过|驳回|拒绝|打回|否决|不许|拒了|不允许|不行"
_REJECT = re.compile(rf"(?:{_NO})")
_APPROVE = re.compile(rf"(?:{_YES})")
_HOLD_OVER = re.compile(
    r"^(?:这个|这条|我|嗯|申请|请假)*(?:先|暂时|暂)(?:不?)(?:放|等|压|搁|挂|留|缓|急|批|处理|看)|^(?:我)?(?:再|先)?(?:考虑考虑|考虑|看看|想想|想一下|看一下|研究一下)(?:一下|再说|再定|再批)?$|^(?:回头|晚点|稍后|明天|下午|等会儿?|待会儿?)(?:我)?再(?:说|看|批|定|议|处理)"
)
_REQUEST = re.compile(
    r"请假|的假|假条|申请|线上|担保|换题|选题|自拟|补签|请求|迟到|早退|说明|的|他|她|这个|这条|全部|都|所有|第|号"
)


_NUMBERED = re.compile(
    r"(?:同意|批准|通过|驳回|拒绝|不同意|准|批)\s*(?:第|编号|no\.?|#)?\s*(\d{1,4})(?:号|条|个)?(?:吧|了)?(?:[,。 ](?P<reason>.*))?$"
)
_NOT_YET = re.compile(
    r"没有?(?:想|要|打算)?(?:驳回|同意|批|拒绝|通过)|(?:不是我|没)批|(?:不急着?|暂时不|明天再|当时|那时|前天|昨天|上周|之前).{0,6}(?:驳回|同意|批|拒绝|处理|看)|不该(?:批|同意)|被(?:打|驳|拒|退)|(?:先|暂时?)不[批准同处]|还没[批准同审]|没批|未批|(?:先|再)(?:放|等|看|考虑|想)"
)
_DECIDED_BY_OTHERS = re.compile(
    r"(?:老师|导师|他|她|负责人|领导|[\u4e00-\u9fff]{2,3}老师)(?:已经|都|刚)?(?:同意|批准|通过|批了|准了|驳回|拒绝)"
)
_DECIDED_BEFORE = re.compile(
    r"(?:已经?|早就|昨天|上次|刚才?)[^,。]{0,6}(?:同意|批|通过|准|驳回|拒绝)|(?:被|我的)[^,。]{0,6}(?:同意|批|通过|准|驳回|拒绝)"
)
_OF_REQUESTS = re.compile(r"待审批|待批|审批(?:列表|情况|记录|流程)")


def approve(reading: Reading, mood: Mood) -> Decision | None:
    """A request is decided, with its person or number."""
    text = reading.text
    if reading.role != "student" and _HOLD_OVER.match(text) and not mood.is_question:
        return Decision("hold_over")
    if mood.is_question or not _speaks_of_decision(reading):
        return None
    is_reject = _REJECT.search(text) is not None
    if not is_reject and _APPROVE.search(text) is None:
        return None
    name = name_in(reading) or _person_before(text)
    numbered = _NUMBERED.search(text)
    if name is None and numbered is None and not _stands_alone(reading, text):
        return None
    if _NOT_YET.search(text) or _is_told(text, mood):
        return NO_ACTION
    slots: dict[str, Slot] = {"decision": "reject" if is_reject else "approve"}
    if name is not None:
        slots["name"] = name
    if numbered is not None:
        slots["number"] = int(numbered[1])
        if reason := re.sub(r"^(?:理由|原因|因为)[是为:]?", "", (numbered["reason"] or "").strip(" ,.:;")):
            slots["reason"] = reason
    return Decision("approve", slots, is_sure=sum(map(len, reading.unknown)) <= 6)


def decided(text: str) -> str | None:
    """approve or reject by the words of decision in *text*; None without one."""
    if _REJECT.search(text):
        return "reject"
    return "approve" if _APPROVE.search(text) else None


def _speaks_of_decision(reading: Reading) -> bool:
    if not reading.has("approve", "reject") or reading.has("foreign") or is_noun_phrase(reading):
        return False
    is_of_rules = reading.has("reward", "rule") and not reading.has("leave", "request")
    return not is_of_rules and _OF_REQUESTS.search(reading.text) is None


def _is_told(text: str, mood: Mood) -> bool:
    """Whether a decision is only spoken of: another's, an earlier one, a possible one."""
    return (
        mood.is_hypothetical
        or mood.is_undecided
        or mood.is_future
        or mood.has_failed
        or is_reported(text)
        or _DECIDED_BY_OTHERS.search(text) is not None
        or _DECIDED_BEFORE.search(text) is not None
    )


def _person_before(text: str) -> str | None:
    found = re.search(
        rf"(?:{_NO}|{_YES})\s*([\u4e00-\u9fff]{{2,4}}?)(?:同学)?的?(?:请假|申请|线上|假|担保|选题|换题|补签)",
        text,
    )
    return found[1] if found is not None and is_name(found[1]) else None


def _stands_alone(reading: Reading, text: str) -> bool:
    return (
        (bool(_REQUEST.search(text)) and len(reading.plain) <= 16 and sum(map(len, reading.unknown)) <= 2)
        or (
            re.match(r"^(?:同意|批准|驳回|拒绝|不批准?|不同意|不准|通过)[,。 ]", text) is not None
            and reading.role != "student"
        )
        or (re.match(r"^(?:可以|行|好|ok|嗯)[,，。 ]*(?:批了|准了|同意|通过|批准)", text) is not None)
    )
