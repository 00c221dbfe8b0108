"""签到，顺便问下今天讲什么: an act and a question in one text; both are meant (T2)."""

from __future__ import annotations

import re
from dataclasses import replace

from language.mood import Mood
from language.reading import Reading
from language.understood import Understood

ASKED_BESIDE = frozenset(
    {"schedule_query", "topic_query", "rewards", "rules", "report_days", "clock", "evidence"}
)
"""What may be asked beside a check-in; anything else leaves the text what it was as a whole."""

_CLAUSES = re.compile(
    r"(?:[^,。;!?\n ]| (?!顺便|另外|还有|对了|顺带|再问|还想问|想问|问一?下|请问|今天|明天))+[,。;!?\n ]*"
)
_MARKS = " ,。;!?\n~"
_BESIDE = re.compile(
    r"^(?:顺便|另外|还有|对了|顺带|再|也|想|还想|请问|麻烦)*(?:再)?(?:问一?下|问问|问个事|请问|想问一?下?|打听一?下)?[,: ]*"
)
_SAYS_BESIDE = re.compile(r"^(?:顺便|另外|还有|对了|顺带|再问|再请问|还想问|想问|问一?下|问个|请问|麻烦问)")
# Said of oneself, so that the word can be no heading of the question (签到，几点？).
_SAID_OF_ONESELF = re.compile(r"我|俺|本人|了$|^(?:已|人)?到(?:场|位)?$|签个|^(?:我)?(?:改)?选(?!题)")
# Without one of these what stands beside is no question but more of the act: 我想签到，明天.
_ASKS = re.compile(r"[?]|吗|么|什么|啥|几|谁|多少|多久|多长|怎么|呢|有没有|哪天|何时")
_CHOOSES = re.compile(
    r"^(?:再|然后|还要|顺便|另外|帮我|我|想|要)*(?:改)?选(?!题)\s*(?:\d{1,2}|[一二三四五六七八九十]{1,3})(?:号|个)?$"
)
# Beside these no check-in is taken: the question is about being there, or about where "there" is.
_ABOUT_BEING_THERE = re.compile(
    r"签|打卡|报到|点到|点名|迟到|早退|缺|旷|请假|假|不|没|别|未|来|去|到|线上|远程|在哪|哪里|哪儿|哪个|教室|地点|怎么走|几楼|晚|可以|能|行|成吗|好吗|对吗|是吗"
)


def split(reading: Reading, mood: Mood) -> tuple[str, str] | None:
    """(act, question) of a text whose first or last clause is the act; None for every other text.

    The vetoes of the whole text hold for the act: nothing hypothetical, undecided, future,
    reported or failed stands beside it.
    """
    if mood.is_hypothetical or mood.is_undecided or mood.is_future or mood.is_reported or mood.has_failed:
        return None
    clauses = [found[0] for found in _CLAUSES.finditer(reading.text)]
    if not 2 <= len(clauses) <= 4:
        return None
    first, rest, last = clauses[0].strip(_MARKS), "".join(clauses[1:]).strip(), clauses[-1]
    if _CHOOSES.match(rest):
        return first, rest
    if "?" not in clauses[0] and (_SAYS_BESIDE.match(rest) or _SAID_OF_ONESELF.search(first)):
        return _pair(clauses[0], rest)
    return _pair(last, "".join(clauses[:-1])) if _SAYS_BESIDE.match(last) else None


def _pair(act: str, question: str) -> tuple[str, str] | None:
    if "?" in act:
        return None
    asked = _BESIDE.sub("", question.strip(), count=1)
    if not _ASKS.search(asked) or _ABOUT_BEING_THERE.search(asked.replace("有没有", "")):
        return None
    return _BESIDE.sub("", act.strip(_MARKS), count=1), asked


def joined(act: Understood, question: Understood) -> Understood | None:
    """The act with what stands beside it; None unless the act is surely one's own, and the rest a
    question or a choice, which is confirmed before it counts."""
    is_checkin = act.intent == "check_in" and set(act.slots) <= {"code", "date"}
    is_choice = act.intent == "choose_topic" and set(act.slots) == {"topic_no"}
    is_beside = question.intent in ASKED_BESIDE or (
        is_checkin and question.intent == "choose_topic" and set(question.slots) == {"topic_no"}
    )
    return replace(act, also=question) if (is_checkin or is_choice) and act.is_sure and is_beside else None
