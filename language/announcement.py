"""发通知 研1 明天带电脑: whom an announcement is for, and its words exactly as they were typed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Announcement:
    """*message* is never mended or put in another form: many people will read it. *cohorts*,
    *groups* and *roles* ("lead", "mentor", "student") name its readers, *is_everyone* says 全体;
    all empty where nobody was named."""

    message: str
    cohorts: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    is_everyone: bool = False


def named_readers(message: str, known: Iterable[str]) -> tuple[tuple[str, ...], str]:
    """给李四 明天来 → (李四) and 明天来: people of *known* names that the message begins with, and the rest."""
    return _readers(message, known, r"^(?:给|跟|和|对)?\s*", r"(?:说)?[\s:：,，]+")


def _readers(text: str, known: Iterable[str], before: str, after: str) -> tuple[tuple[str, ...], str]:
    """The names of *known* people that stand between the patterns *before* and *after*, and the rest."""
    names = "|".join(sorted(map(re.escape, known), key=len, reverse=True))
    if not names:
        return (), text
    one = rf"(?:{names})(?:同学|老师)?"
    found = re.match(
        rf"{before}(?P<who>{one}(?:[、，,和与及]\s*{one})*){after}(?P<rest>.*)$", text, re.DOTALL
    )
    if found is None:
        return (), text
    return tuple(dict.fromkeys(re.findall(names, found["who"]))), found["rest"].strip()


_POLITE = r"^\s*(?:@\S+\s+)?(?:请|麻烦|帮我|帮忙|帮|再|给我|你)*"
_TELL = r"(?:通知|告[诉訴]|告知|提醒|[转轉]告|[转轉][达達])(?:一下|下|一声|给)?"
_SOMEBODY = r"(?:[他她]们?|人家|那个人|那几个人?|这几个人?|某人)"
# Whose reader must be named: 告诉 and 转告 are always said to somebody; 他们 nobody here can know.
_NO_READER = re.compile(
    rf"{_POLITE}(?:(?:告[诉訴]|[转轉]告|[转轉][达達])(?!大家|全[组班]|组里|群里|大伙|参会)|{_TELL}\s*{_SOMEBODY})"
)
_NUDGE = re.compile(rf"{_POLITE}(?:催|督促)")


def one_told(text: str, known: Iterable[str]) -> tuple[tuple[str, ...], str]:
    """告诉王小明明天带电脑 → (王小明) and 明天带电脑: people of *known* names right behind the verb, no
    mark needed; nobody where the text begins otherwise, or speaks of what is theirs (通知李四的报告…)."""
    return _readers(text, known, rf"{_POLITE}{_TELL}\s*", r"(?!的|和|与|、)(?:一下|一声|说)?[\s:：,，]*")


def lacks_reader(text: str) -> bool:
    """Whether *text* speaks to somebody whom it does not name: 通知他们, 告诉小张…"""
    return _NO_READER.match(text) is not None


def is_nudge(text: str) -> bool:
    """催一下没交报告的: to urge some people, without words of its own."""
    return _NUDGE.match(text) is not None and re.search(r"[:：]", text) is None


_COHORT = r"(?:研[0-9零一二三123]|博[0-9一二三四]|大[一二三四]|本科生?|硕士生?|博士生)"
_GROUP = r"[\u4e00-\u9fffA-Za-z0-9+]{1,12}?组(?!会|织|长|员|里|内|队|合)"
_ROLE = r"(?:导师|老师|项目负责人|负责人|组长|组员|同学|学生)们?"
_EVERYONE = r"(?:全体|大家|所有人|全员|各位|每个人|所有同学|全体同学|全体学生)"
_ONE = rf"(?:{_EVERYONE}|{_COHORT}|{_ROLE}|{_GROUP})(?!们?(?:好|早|辛苦|[早中下晚上午]{{1,2}}好))"
_READERS = rf"(?P<readers>{_ONE}(?:的|全体|所有)?(?:(?:[、，,和与及]|以及)?{_ONE})*)"
_VERB = r"(?:[发發](?:布|送|一?个|一?条|一下)?(?:个|条)?(?:通知|公告|消息)|群[发發]|公告|广播|通知|告[诉訴]|告知|提醒|[转轉]告|周知)"
_SHELL = re.compile(
    rf"^\s*(?:@\S+\s+)?(?:请|麻烦|帮我|帮忙|帮|再|给我)*(?:给(?P<before>{_ONE}(?:[、，,和与及]?{_ONE})*))?{_VERB}"
    rf"(?:一下|下)?(?:给|到|：|:)?\s*(?:{_READERS})?(?:说|一下)?\s*[:：,，、。\s]*(?P<message>.*)$",
    re.DOTALL,
)
_JOINED = re.compile(r"(?<=组)(?:[、，,和与及]|以及)")
_ROLES = (
    ("导师", "mentor"),
    ("老师", "mentor"),
    ("负责人", "lead"),
    ("组长", "lead"),
    ("同学", "student"),
    ("学生", "student"),
    ("组员", "student"),
)
_NUMERALS = {"零": "0", "一": "1", "二": "2", "三": "3"}


def read_announcement(text: str) -> Announcement:
    """Readers and message of a text that the language room took for a broadcast; all of the text is
    the message where it has no such shell (@所有人 …). Never raises."""
    found = _SHELL.match(text)
    if found is None:
        return Announcement(re.sub(r"^\s*@(?:所有人|全体成员|all)\s*", "", text, flags=re.IGNORECASE).strip())
    readers = found["readers"] or found["before"] or ""
    message = found["message"].strip()
    return Announcement(
        message,
        cohorts=tuple(dict.fromkeys(_cohort(word) for word in re.findall(_COHORT, readers))),
        groups=tuple(dict.fromkeys(re.findall(_GROUP, _JOINED.sub(" ", re.sub(_COHORT, " ", readers))))),
        roles=tuple(dict.fromkeys(role for word, role in _ROLES if word in readers)),
        is_everyone=re.search(_EVERYONE, readers) is not None,
    )


def _cohort(word: str) -> str:
    """研一 and 研1 are one cohort; others are kept as they are printed."""
    return "研" + _NUMERALS.get(word[1], word[1]) if word.startswith("研") else word
