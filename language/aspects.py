"""What of the plan a question is about: which fact (who speaks, when it ends), and which session (the next, the last)."""

from __future__ import annotations

import re

from language.numerals import whole_number
from language.reading import Reading
from language.understood import Slot

_FACTS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        (
            "speaker",
            r"主讲|讲者|讲师|嘉宾|分享人|谁(?:来|在|给我们)?(?:主)?(?:讲|分享|主持)|(?:讲|主持|分享|上课)的?(?:人|老师)?是谁"
            r"|(?:哪|几)(?:位|个)?老师|谁的(?:分享|讲座|课|报告)|老师是谁|谁上",
        ),
        ("link", r"链接|会议号|会议码|会议id|腾讯会议|直播|回放|录屏|录播|录像|回看|入会|会议密码|网址"),
        (
            "place",
            r"在哪|去哪|到哪|哪里|哪儿|地点|地址|会议室|教室|会场|哪间|几楼|哪栋|几号楼|场地|房间|什么位置|什么地方",
        ),
        (
            "end",
            r"(?:讲|开|上|听|持续|分享)到(?:几点|什么时候|啥时候?|何时)|(?:几点|什么时候|啥时候?|多久|何时)(?:能|才|会|可以)?(?:结束|完|散|下课|讲完|开完)|结束时间|结束(?:了)?(?:吗|没有?|么)?$|散会?了(?:吗|没)|几点散"
            r"|几点(?:到|至)几点|(?:要|开|讲|听|上|持续)多(?:久|长)|多长时间|时长|时间多长|下课|几(?:个)?小时",
        ),
    )
)
_WHICH: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("last", r"最后(?:一)?(?:场|次|天|节|个|堂)|末场|最后(?:是)?(?:什么时候|哪天|几号)"),
        ("first", r"第一(?:场|次|节|天|堂)|首场|最早|什么时候开始学|哪天开始"),
        ("previous", r"上一?(?:场|节)|上(?:一)?次|上一个"),
        (
            "next",
            r"下一?(?:场|节|堂)|下(?:一)?次|下一个(?!月|周|星期|礼拜)|接下来(?:的|是|有|讲|还有)?(?:什么|哪|啥|安排|分享|一场|呢|$)"
            r"|最近(?:的|一场|有|是)|还有多久|(?:什么时候|几点|何时)再",
        ),
        (
            "left",
            r"没(?:有)?(?:课|会|分享|安排|活动|讲座)了|还(?:有|剩|开|上|讲|要上|会有)(?!谁|多久)(?:没有|几|多少|啥|什么|别的|其他)*"
            r"(?:场|节|次|课|会(?!员)|分享|安排|活动|讲座|吗|么|没|不|$)|剩(?:下)?(?:几|多少|的)",
        ),
    )
)
PLAIN_WHICH = frozenset({"next", "last", "first", "previous", "left"})
"""What names a session by itself; a number does so only beside a word for it."""

_NTH = re.compile(r"第(?P<n>\d{1,2}|[一二三四五六七八九十]{1,3})(?:场|次|节|讲|堂)(?!报告|选题)")


def facts_asked(text: str) -> tuple[str, ...]:
    """The facts of a session that *text* asks for: speaker, link, place, end; in this order."""
    return tuple(name for name, pattern in _FACTS if pattern.search(text))


def which_session(text: str) -> str | None:
    """next, last, first, previous, left (what is still to come) or the number of the session, "3"."""
    for name, pattern in _WHICH:
        if pattern.search(text):
            return name
    nth = _NTH.search(text)
    number = whole_number(nth["n"]) if nth is not None else None
    return str(number) if number else None


_ONE_SESSION = re.compile(r"几点|什么时候|啥时候|何时|讲什么|讲啥|讲的是|主题|内容|多久开始|开始")
_KINDS = (
    ("group_meeting", re.compile(r"组会|小组(?:会|分享)|项目组(?:开)?会|内部(?:开)?会|小组开会")),
    ("report_day", re.compile(r"汇报|答辩")),
)


_ALL = re.compile(
    r"(?:整个?|全|整个?七|七)月(?:份)?的?(?:安排|日程|计划|课|分享|学习)|(?:全部|所有|完整|总)的?(?:安排|日程|计划|场次|课|分享|学习)|(?:安排|课程|时间|计划|日程|课)表|学习安排|一共(?:有)?(?:几|多少)(?:场|次|节)"
)
_TRACK = re.compile(r"(?P<track>前沿|工程)(?:研究|项目)?(?:开发)?的?(?:分享|讲座|专题|报告)")


def phrase_slots(text: str) -> dict[str, Slot]:
    """asks, which and kind of a text without a date; a bare 几点 or 讲什么 means the next session."""
    slots: dict[str, Slot] = {}
    facts, which = facts_asked(text), which_session(text)
    if facts:
        slots["asks"] = ",".join(facts)
    if which is not None:
        slots["which"] = which
    if which is None and _ALL.search(text):
        slots["which"] = "all"
    kind = next((name for name, pattern in _KINDS if pattern.search(text)), None)
    if kind is not None:
        slots["kind"] = kind
    return slots


def session_slots(reading: Reading) -> dict[str, Slot]:
    """The slots of a question about the plan: asks, which, topic, no_such_day; only those that are said."""
    slots = phrase_slots(reading.undated)
    track = _TRACK.search(reading.text)
    topic = track["track"] if track is not None else _research(reading) or _unknown_title(reading)
    if topic is not None:
        slots["topic"] = topic
    if reading.dates and reading.span is None:
        first = reading.dates[0]
        slots["no_such_day"] = reading.text[first.start : first.end].strip()
    is_of_one = _ONE_SESSION.search(reading.text) and not reading.has("plan")
    if not reading.dates and "which" not in slots and "asks" not in slots and topic is None and is_of_one:
        slots["which"] = "next"
    return slots


def _research(reading: Reading) -> str | None:
    tokens = reading.of("research")
    if not tokens:
        return None
    start, end = tokens[0].start, tokens[0].end
    for token in tokens[1:]:
        if token.start - end <= 1:
            end = token.end
    return reading.text[start:end]


_ASKED_TITLE = re.compile(
    r"^(?:请问|那|这个|那个|我们|咱们|老师|关于|有关|想问|问一下|问下)*(?P<title>[\u4e00-\u9fffa-z\d+\-]{2,20}?)"
    r"(?:的)?(?:分享会?|讲座|报告会|专题|那场|这场|那次|课|主题|内容)?(?:是|在|要|会|放|定|安排)*"
    r"(?:哪天|什么时候|啥时候?|几号|周几|星期几|几点|何时|谁(?:来)?讲|哪(?:位|个)老师|在哪|哪场|哪一场)"
)


def _unknown_title(reading: Reading) -> str | None:
    """量子计算 of 量子计算哪天讲: words before the question that no word of the lexicon covers."""
    found = _ASKED_TITLE.match(reading.text)
    if found is None:
        return None
    start, end = found.start("title"), found.end("title")
    strange = sum(
        min(t.end, end) - max(t.start, start)
        for t in reading.tokens
        if "unknown" in t.tags and "name" not in t.tags and t.start < end and t.end > start
    )
    is_dated = any(f.start < end and f.end > start for f in reading.dates)
    is_title = strange >= 2 and 2 * strange >= end - start and not is_dated
    return found["title"] if is_title else None
