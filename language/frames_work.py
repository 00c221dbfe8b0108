"""Frames of work: hand in something now, pick or change a topic (T6)."""

from __future__ import annotations

import re

from language.decision import (
    BOOK_TITLE,
    NO_ACTION,
    TOPIC_NUMBER,
    Decision,
    is_about_self,
    name_in,
    topic_number,
    work_kind,
)
from language.mood import Mood, is_after
from language.numerals import whole_number
from language.reading import Reading
from language.understood import Slot
from language.veto import LOOKUP, is_noun_phrase, stopped

_SUBMIT_VERBS = r"(?<![社外成])交(?!通|流|换|大|往|易|友|朋|警|给我|谈|叉|代|接)|提交|上传|递|发(?:给|你|您|过)|传(?:上|一下|给|报告|ppt)"
_WORK_TAGS = ("report", "ppt", "paper", "patent", "work")
_DONE_SUBMIT = re.compile(
    r"(?:交|提交|上交|上传|补交|发|传|递)(?:上|过|完|齐|好)?(?:去|来)?(?:报告|ppt|论文|专利|材料|作业)?(?:过)?了(?!$.*[,，]现在)(?:[,。!~]|啊|呀|哈|的|$)"
)
_JUST_SENT = re.compile(
    r"(?:发|传|交)(?:给)?(?:你|您|过去|上来|过来)(?:们)?了|交上来了|(?:请|麻烦)?(?:查收|收一下|收下|收到请|请收)|在这(?:里|儿)?$|在此|给[您你]了?$|见附件|在附件|已附上"
)
_HANDOVER = re.compile(
    r"^(?:老师[,好 ]*)?(?:这|这个|这里|附件|喏|给你?)(?:是|里是|就是)?(?:我|我们|本人)?的?"
)


def submit(reading: Reading, mood: Mood) -> Decision | None:
    """The sender hands in something, now."""
    text = reading.text
    has_work = reading.has(*_WORK_TAGS)
    verb = re.search(_SUBMIT_VERBS, text) is not None
    sent = _JUST_SENT.search(text) is not None
    handover = (
        _HANDOVER.match(text) is not None
        and has_work
        and not verb
        and len(text) <= 24
        and not reading.has("move", "rule")
    )
    if mood.is_question:
        return None
    if not has_work or not (verb or sent or handover):
        return _unfinished(reading, mood, has_work=has_work)
    if is_noun_phrase(reading) or reading.has("foreign", "collect") or _about_session_report(text):
        return None
    if is_after(reading, reading.now) or (name_in(reading) and not is_about_self(text)):
        return NO_ACTION
    makes_up = re.search(r"补交|补上|补一下|补提交", text) is not None
    veto = stopped(reading, mood, _SUBMIT_VERBS, past=not sent and not makes_up)
    if veto is not None:
        return veto
    if (
        not sent
        and _DONE_SUBMIT.search(text)
        and not re.search(r"帮|请|麻烦|(?:来|要|想|这就|现在)(?:补|重新|重)?(?:提)?交", text)
    ):
        return NO_ACTION
    if re.search(r"(?:必须|应该|记得|别忘|要求|之前)[^,。]{0,6}交", text) and not is_about_self(text):
        return NO_ACTION
    slots: dict[str, Slot] = {}
    kind = work_kind(reading)
    if kind is not None:
        slots["kind"] = kind
    if re.search(r"补交|迟交|晚交|逾期|补上|补一下|补提交|过期", text):
        slots["late"] = True
    return Decision("submit", slots, is_sure=sum(map(len, reading.unknown)) <= 6)


def _about_session_report(text: str) -> bool:
    return re.search(r"(?:交流|社交|外交)", text) is not None and "提交" not in text


def _unfinished(reading: Reading, mood: Mood, *, has_work: bool) -> Decision | None:
    text = reading.text
    if mood.is_question or not has_work or reading.has("foreign") or is_noun_phrase(reading):
        return None
    if (
        re.search(r"(?:没|未|还在|正在|刚|快|才)(?:有)?(?:在)?(?:写|做|弄|改|开始|准备|搞|动)", text)
        or mood.has_failed
    ):
        return NO_ACTION
    if re.search(r"(?:没|不|未)(?:有)?(?:带|想|打算|准备|会|能)", text) and not reading.has("rule"):
        return NO_ACTION
    return None


_NAMED = re.compile(
    r"(?:选题|课题|题目|方向|选择|改选|选定|就选|我选|想选|要选|选了|选|换成|改成|定为|换到|改为)\s*(?:是|为|选|就|定|:|换成|改成|改为|换到|了|吧|我|想|要|的|成)*\s*(?P<title>[^,。;!?]{2,40}?)\s*(?:这个|那个|那道|这道|这一个)?(?:题目|选题|方向|课题|题)?(?:吧|了|啊|呀|哈|好了|谢谢|可以吗)?[!。~]*$"
)
_TOPIC_NOUN = re.compile(
    r"(?:列表|情况|记录|统计|名单|规则|制度|要求|说明|流程|截止(?:时间|日期)?|时间|日期|推荐|介绍|内容|范围|目录|清单|区别|汇总|人数|结果|状态|教程|步骤)(?:呢|一下|吧|啊|发我|发一下|谢谢|给我|看看)*$"
)
_CHANGE = re.compile(r"改|换|重选|重新选")


# A number chosen and nothing beside it: 选6, 我选第 6 个, 改选6吧.
_PLAIN_CHOICE = re.compile(
    r"(?:那|就|那就|嗯)*[, ]*(?:我)?(?:就|要|想|决定|还是)*(?:选择?|改选|换成|换|改成|要)(?:题)?[: ]*"
    r"(?:第|序号|方向|题目?)?\s*(?:\d{1,2}|[一二三四五六七八九十]{1,3})\s*(?:号|个|题)?(?:吧|了|哈|啦)*[!。~. ]*"
)


_CHANGED_TO = re.compile(
    r"(?:我)?(?:想|要)?(?:换|改)(?:成|为|到|选)?\s*(?:第)?(?:\d{1,2}|[一二三四五六七八九十]{1,3})(?:号|个)?(?:吧|了)?"
)


def choose_topic(reading: Reading, mood: Mood) -> Decision | None:
    """The sender picks or changes a topic (T6)."""
    text = reading.text
    own = _OWN_TOPIC.match(text)
    if own is not None and _ASKS.search(text):
        return Decision("rules")
    if own is not None and (put := _own_topic(own)) is not None:
        return put
    if not _speaks_of_choice(reading):
        return None
    if _TOPIC_NOUN.search(text) or LOOKUP.match(text) or reading.has("collect", "remind") or mood.is_question:
        return None
    if reading.has("foreign") and not reading.has("topic", "research"):
        return None
    printed = _BY_PRINT.search(text)
    if printed is not None:
        return _printed(printed[1], text)
    return _replaced(text) or _chosen(reading, mood)


_OWN_TOPIC = re.compile(
    r"^(?:我)?(?:想|要|打算|申请)*(?:选题|题目|选)?\s*[,:]?\s*(?:自拟|自选题目|自定)(?:一个|个|的)?(?:题目|选题|课题|方向|题)?"
    r"\s*[:,是为]?\s*(?P<title>.*)$"
)


_ASKS = re.compile(r"[吗么呢?]\s*$")


def _own_topic(found: re.Match[str]) -> Decision | None:
    """自拟 《联邦学习》: a title of one's own; what only speaks about having one is none."""
    title = found["title"].strip(" 《》")
    if re.search(r"(?:可以|行|好|要|算)(?:的)?(?:吗|么|不|$)|怎么|需要|审批|同意|批准|被|没", title):
        return None
    return Decision("own_topic", {"topic": title} if title else {})


_BY_PRINT = re.compile(r"原(?:编号|序号|号|来编号)\s*(?:是|为|的|:)?\s*(\d{1,2}|[一二三四五六七八九十]{1,3})")
_ORDERED = re.compile(r"^(?:我?选?原编号|原序号)|^第.{1,3}[个号项]我?(?:要|选|就)")
_SHOWS = re.compile(r"^(?:方向|看|查|介绍|题目|详情|内容|了解)")
_TO_READ = re.compile(r"介绍|看看|看一下|看下|讲讲|说说|详细|了解|内容")
_DECIDES = re.compile(r"选(?!题)|改|换|要|定|做|决定|就|报名|申请|领|抢")


def _speaks_of_choice(reading: Reading) -> bool:
    return (
        reading.has("choose", "topic")
        or _ORDERED.search(reading.text) is not None
        or _asked_for_topic(reading)
        or _CHANGED_TO.fullmatch(reading.text) is not None
    )


def _chosen(reading: Reading, mood: Mood) -> Decision | None:
    """The number or title that a text chooses; a mere look at one is a question."""
    text = reading.text
    number = topic_number(text)
    title = None if number is not None else _title(reading, reading.undated)
    if number is None and title is None:
        return _indecision(reading, mood)
    if number is not None and _SHOWS.match(text) and not re.search(r"选(?!题)|改|换|定", text):
        return Decision("topic_query", {"topic_no": number})
    if _TO_READ.search(text):
        return None
    if number is not None and not _DECIDES.search(text) and len(_beside_number_words(text)) > 1:
        return stopped(reading, mood, r"选")
    is_about_another = name_in(reading) is not None and not is_about_self(text)
    if is_after(reading, reading.now) or (is_about_another and re.search(r"(?:选了|选的|也选)", text)):
        return NO_ACTION
    veto = stopped(reading, mood, r"选|换|要|改|定")
    if veto is not None:
        return veto
    slots: dict[str, Slot] = {"topic_no": number} if number is not None else {}
    if title is not None:
        slots["topic"] = title
    if _CHANGE.search(text):
        slots["change"] = True
    who = name_in(reading)
    if who is not None and is_about_another:
        slots["name"] = who
    return Decision("choose_topic", slots, is_sure=_PLAIN_CHOICE.fullmatch(text) is not None)


def _beside_number_words(text: str) -> str:
    """What stands beside 选题 5: nothing, or the text is about the topic rather than a choice (T6)."""
    return re.sub(
        r"选题|题目|课题|方向|编号|题|第|号|个|吧|了|啊|呀|哈|我|的|是|那|好|谢谢|老师|请|[\d一二三四五六七八九十\s,.。:!~]",
        "",
        text,
    )


def _printed(number: str, text: str) -> Decision:
    value = whole_number(number)
    is_choice = re.search(r"选|改|换|要|定", text) is not None
    return Decision("topic_by_printed_no", {"printed_no": str(value or number), "choose": is_choice})


def _replaced(text: str) -> Decision | None:
    """我不选5了，改选6: the new one is chosen (T5)."""
    kept = re.search(rf"选\s*{TOPIC_NUMBER}(?:号)?[,，]?\s*不(?:选|要)", text)
    if kept is not None:
        value = whole_number(kept["no"])
        return Decision("choose_topic", {"topic_no": str(value)}) if value else None
    found = re.search(
        r"不(?:想)?(?:选|要)[^,。;]{0,12}?(?:(?:[,。; ]+|了)(?:改|换|要|选|就)|改|换)(?:选|成|为|要|到)*\s*(?P<rest>.+)$",
        text,
    )
    if found is None or re.search(r"再说|看看|考虑|想想|以后", found["rest"]):
        return None
    number = topic_number("选" + found["rest"])
    return Decision("choose_topic", {"topic_no": number, "change": True}) if number is not None else None


def _title(reading: Reading, text: str) -> str | None:
    book = BOOK_TITLE.search(text)
    if book is not None:
        return book[1].strip()
    found = _NAMED.search(text)
    if found is None:
        return None
    title = found["title"].strip(" :《》")
    title = re.sub(r"^(?:题目|选题|方向|是|为|关于|有关|那个|这个|我的|做)+", "", title)
    title = re.sub(r"(?:这个|那个|方面|相关|有关|的|吧|了)+$", "", title).strip()
    if (
        len(title) < 2
        or re.search(r"编号|几|序号", title)
        or title in ("题目", "选题", "方向", "课题", "一个", "好了", "一下", "好的")
    ):
        return None
    has_content = reading.has("research") or text.startswith(("选题", "课题"))
    is_plain = not re.search(r"[我你他她它]|不|没|什么|哪|谁|怎|老师|失败|错", title)
    return title if has_content and is_plain and not reading.has("foreign") else None


def _indecision(reading: Reading, mood: Mood) -> Decision | None:
    text = reading.text
    if re.search(r"(?:没|不|未|别)[^,。]{0,4}(?:选|换)|不换|选(?:好|完|了|过)了?|换了", text):
        return NO_ACTION
    if mood.is_undecided or mood.is_future or mood.has_failed or mood.is_reported or mood.is_hypothetical:
        return NO_ACTION
    return None


def _asked_for_topic(reading: Reading) -> bool:
    quoted = reading.normal.quoted
    return (
        quoted is not None
        and not reading.normal.is_only_quote
        and re.search(r"选题|题目|方向|编号", quoted) is not None
    )
