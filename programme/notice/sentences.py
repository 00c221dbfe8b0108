"""What a sentence is: a session, a deadline, a heading, a signature, a day that opens a list; and how it is cut."""

from __future__ import annotations

import itertools
import re

from programme.notice.dates import DateMention
from programme.notice.event_words import LABEL, dates_of, looks_like_person
from programme.notice.events import Event, read_event
from programme.notice.marks import fold, strip_marks
from programme.notice.series import (
    is_series,
)
from programme.notice.times import period_words, scan_times

NUMBERING = re.compile(
    r"^\s*(?:[-•·*●▪◆■□➢★☆]\s*)*(?:(?:\(?(?:\d{1,2}|[一二三四五六七八九十]{1,3})\)|(?:\d{1,2}|[一二三四五六七八九十]{1,3})\s*[、.](?=\d{1,2}月|\D|$)|[①-⑳])\s*)?"
)

_DEADLINE_AFTER = re.compile(
    r"\s*(?:\d{1,2}:\d{2}|[上下]午|晚上?|中午|\d{1,2}点|之|以|\(.{1,6}\)|[\s]){0,4}\s*(?:前|截止|截至|止(?!\S*举)|之前|为止|以前)"
)

_DEADLINE_BEFORE = re.compile(
    r"(?:截止|截至|最晚|最迟|不晚于|不迟于|务必于|请于|须于|应于|需于|截止(?:时间|日期)?|报名(?:时间|日期|从|自)?|提交(?:时间|日期)|deadline|(?<![a-z])(?:before|by|due|until))\s*(?:为|是|:|到|至|从|自)?\s*$",
    re.IGNORECASE,
)

DEADLINE_WORDS = re.compile(
    r"截止|提交|上交|报名|逾期|ddl|deadline|回执|反馈|register|registration|sign\s?up", re.IGNORECASE
)

_HAPPENS = re.compile(
    r"举行|举办|召开|开展|进行|讲座|报告|讨论|汇报|参观|培训|考试|答辩|开会|组会|例会|开幕|闭幕|动员|集合|出发|总结|讲|课|分享|研讨|会议|沙龙|实验|实践|评审|检查|面试|路演|展示"
)

_SENTENCE_END = re.compile(
    r"[。;\n]|(?<=[a-z0-9]{2})\.\s+(?=(?:No|Every|The|All|Please|We|On|It|There|This|Registration|Deadline) )"
)

_GIVEN_BY = re.compile(r"^.*?(?:兹定于|现定于|定于|拟定于|将于|拟于|计划于|安排在|定在)")

_RULE_WORDS = re.compile(r"必须|均需|要求|不得|应当|务必|奖励|补贴|补助|元/|页以上|联系")


def is_deadline(folded: str, mention: DateMention) -> bool:
    """Whether a date is one before which something is due, or a registration, not a session."""
    before, after = folded[: mention.start], folded[mention.end :]
    return bool(_DEADLINE_AFTER.match(after) or _DEADLINE_BEFORE.search(before))


def is_long_span(mention: DateMention) -> bool:
    """More than a week printed as a range is the time of the whole programme, not a session of each day."""
    last = mention.until
    if last is None:
        return False
    months = (last.month or mention.month or 0) - (mention.month or 0)
    return (months % 12) * 30 + last.day - mention.day > 7


def is_signature(folded: str, is_last: bool) -> bool:
    mentions = dates_of(folded)
    if not is_last or len(mentions) != 1 or mentions[0].year is None:
        return False
    rest = strip_marks(folded[: mentions[0].start] + folded[mentions[0].end :])
    return not scan_times(folded) and len(rest) <= 20 and not _HAPPENS.search(rest)


def lone_day(folded: str) -> DateMention | None:
    """A line that is a date and nothing else opens a day: what follows is held then."""
    mentions = dates_of(folded, bare_dates=True)
    if len(mentions) != 1 or mentions[0].until is not None:
        return None
    rest = folded[: mentions[0].start] + folded[mentions[0].end :]
    rest = re.sub(r"第[一二三四五六七八九十\d]+天|[\s():,、【】\[\]★■●◆-]|上午|下午|周.|星期.|年", "", rest)
    return mentions[0] if not rest else None


def is_heading(folded: str) -> bool:
    return (
        len(folded) <= 24
        and not dates_of(folded)
        and not scan_times(folded)
        and not re.search(r"[,。;]", folded)
        and not is_series(folded)
        and not (len(folded) > 4 and any(start == 0 for _, start, _ in period_words(folded)))
    )


def sentences_of(body: str) -> list[str]:
    """Sentences; one that only adds a label, a title or an hour stays with the one before."""
    folded = fold(body)
    hidden = re.sub(r"《[^《》]*》|“[^“”]*”|\([^()]*\)", lambda match: "\x01" * len(match[0]), folded)
    cuts = [0] + [match.end() for match in _SENTENCE_END.finditer(hidden)] + [len(body)]
    parts = [body[a:b] for a, b in itertools.pairwise(cuts) if body[a:b].strip()]
    joined: list[str] = []
    for part in parts:
        plain = fold(part)
        adds = (
            not dates_of(part)
            and not is_series(plain)
            and (
                LABEL.search(plain)
                or "《" in part
                or scan_times(plain)
                or re.search(r"停课|补课|补上", plain)
            )
        )
        if (
            joined
            and adds
            and not _RULE_WORDS.search(plain)
            and (dates_of(joined[-1]) or is_series(fold(joined[-1])))
        ):
            joined[-1] += part
            continue
        joined.append(part)
    return joined


def listed_together(text: str, days: tuple[DateMention, ...]) -> list[list[DateMention]]:
    """*days* in groups: 10月23日和10月30日 are named together, what follows is for both."""
    folded = fold(text)
    groups: list[list[DateMention]] = []
    for day in days:
        gap = folded[groups[-1][-1].end : day.start] if groups else "."
        if groups and re.fullmatch(r"[\s、,和及与]*", gap):
            groups[-1].append(day)
        else:
            groups.append([day])
    return groups


def dated_pieces(text: str, days: tuple[DateMention, ...]) -> list[str] | None:
    """One sentence with several dated sessions, cut before each date; None unless each has words of its own."""
    groups = listed_together(text, days)
    starts = [group[0].start for group in groups]
    if len(starts) < 2:
        return None
    ends = [*starts[1:], len(text)]
    bodies = [strip_marks(text[group[-1].end : end]) for group, end in zip(groups, ends, strict=True)]
    strong = [("《" in body or scan_times(fold(body)) or len(body) >= 2) for body in bodies]
    if not all(strong) or not all(body for body in bodies):
        return None
    return [text[start:end] for start, end in zip(starts, ends, strict=True)]


def sentence_event(text: str, days: tuple[DateMention, ...]) -> Event:
    folded = fold(text)
    given = _GIVEN_BY.match(folded)
    if given is not None and days and given.end() <= days[0].start + 1 and "《" not in given[0]:
        text = " " * given.end() + text[given.end() :]
    head = folded[: days[0].start].rstrip() if days else ""
    if (
        head.endswith(":")
        and "《" not in head
        and not scan_times(head)
        and not looks_like_person(strip_marks(head))
    ):
        text = " " * len(head) + text[len(head) :]
    return read_event(text, days)


def is_session(folded: str, days: tuple[DateMention, ...]) -> bool:
    """A dated sentence is a session when it opens with the date or says an hour, a title, a place or what happens;
    a remark in brackets or a rule that merely names days is not."""
    lead = strip_marks(NUMBERING.sub("", folded[: days[0].start]).rsplit(":", 1)[-1])
    lead = re.sub(
        r"(?i)^day\s*\d+\s*[:(,]*\s*|(?<![a-z])(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s*", "", lead
    )
    opens = re.fullmatch(r"[()第周星期一二三四五六日天次场讲]*", lead) is not None
    timed = bool(scan_times(folded))
    if _RULE_WORDS.search(folded) and not (opens and (timed or "《" in folded)):
        return False
    if _in_brackets(folded, days[0]) and not opens:
        return False
    if opens:
        return True
    if days[0].until is not None and not timed:
        return False
    return (
        timed
        or "《" in folded
        or (bool(period_words(folded)) and _HAPPENS.search(folded) is not None)
        or _GIVEN_BY.match(folded) is not None
        or (
            _HAPPENS.search(folded) is not None
            and len(folded) <= 60
            and DEADLINE_WORDS.search(folded) is None
        )
    )


def _in_brackets(folded: str, day: DateMention) -> bool:
    before = folded[: day.start]
    return before.count("(") > before.count(")")
