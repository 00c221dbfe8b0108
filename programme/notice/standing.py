"""Facts that stand in a paragraph of their own (地点：A302, 主讲：沈老师) and the sessions they hold for."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, replace

from programme.notice.event_words import is_named_person
from programme.notice.events import Event
from programme.notice.marks import WEEKDAY_PATTERN, fold
from programme.notice.times import PERIOD_WORDS, TimeMention
from programme.notice.timetable import Draft
from programme.sessions import Item, Period

KINDS = ("place", "time", "speaker")


@dataclass(frozen=True)
class Standing:
    """Labelled words without a day: what *kinds* they give, on which *line*, in the section headed at
    *section* (0: above all headings). *weekdays*: the only ones its hours are for; empty: all. *hours*: all that are printed (上午 8:30-11:30，
    下午 14:00-17:00); a session takes those of its own half of the day."""

    event: Event
    kinds: frozenset[str]
    line: int
    section: int
    weekdays: tuple[int, ...] = ()
    hours: tuple[TimeMention, ...] = ()
    halves: tuple[tuple[Period, str], ...] = ()  # 上午在201，下午在304: the place of each half of the day


def with_standing(
    drafts: list[Draft], facts: list[Standing], headings: list[int]
) -> tuple[list[Draft], frozenset[tuple[str, int]]]:
    """*drafts* with what stands for their section, else for the whole notice; and which facts (kind, line)
    reached a session or agree with one."""
    used: set[tuple[str, int]] = set()
    sections = [_section(draft, headings) for draft in drafts]
    first_lines = {
        section: min(d.placed.printed.line for d, at in zip(drafts, sections, strict=True) if at == section)
        for section in set(sections)
    }
    for kind in KINDS:
        given = [fact for fact in facts if _gives(fact, kind)]
        wide = [fact for fact in given if fact.section not in first_lines]
        for index, (draft, section) in enumerate(zip(drafts, sections, strict=True)):
            mine = [fact for fact in given if fact.section == section]
            fact = _nearest(draft, mine, first_lines[section]) or _only(wide)
            if fact is None or not _is_for(fact, draft, kind):
                continue
            filled = replace(draft, event=_filled(draft.event, fact, kind))
            if filled.event != draft.event or _agrees(draft.event, fact, kind):
                used.add((kind, fact.line))
            drafts[index] = filled
    return drafts, frozenset(used)


def _gives(fact: Standing, kind: str) -> bool:
    begin = fact.event.begin or (fact.hours[0].begin if fact.hours else None)
    value = {
        "place": fact.event.place or (fact.halves[0][1] if fact.halves else None),
        "time": begin,
        "speaker": fact.event.speaker,
    }[kind]
    return kind in fact.kinds and value is not None


def _section(draft: Draft, headings: list[int]) -> int:
    """The heading above a session; a fact above every heading belongs to none (0)."""
    at = bisect_left(headings, draft.placed.printed.line)
    return headings[at - 1] if at else 0


def _nearest(draft: Draft, facts: list[Standing], first_line: int) -> Standing | None:
    """One fact holds for its whole section. Of several, each holds for the sessions that follow it when the
    first stands above them all, else for those it follows."""
    if len(facts) <= 1:
        return facts[0] if facts else None
    line = draft.placed.printed.line
    ahead = sorted((fact for fact in facts if fact.line <= line), key=lambda fact: fact.line)
    behind = sorted((fact for fact in facts if fact.line >= line), key=lambda fact: fact.line)
    if min(fact.line for fact in facts) <= first_line:
        return ahead[-1] if ahead else None
    return behind[0] if behind else None


def _only(facts: list[Standing]) -> Standing | None:
    return facts[0] if facts else None


def _is_for(fact: Standing, draft: Draft, kind: str) -> bool:
    if fact.weekdays and kind == "time" and draft.day.weekday() not in fact.weekdays:
        return False
    return kind != "speaker" or draft.kind in ("lecture", "talks", "other")


def _filled(event: Event, fact: Standing, kind: str) -> Event:
    told = fact.event
    if kind == "place" and fact.halves:
        own = [place for period, place in fact.halves if period == event.period]
        return replace(event, place=own[0]) if event.place is None and len(own) == 1 else event
    if kind == "place":
        return event if event.place is not None else replace(event, place=told.place)
    if kind == "speaker":
        return with_speaker(event, told.speaker)
    if event.begin is not None or event.problem is not None or event.is_pending:
        return event
    if len(fact.hours) > 1:
        return _in_its_half(event, fact)
    if event.period is not None and event.period != told.period:
        return event
    return replace(
        event,
        begin=told.begin,
        end=told.end,
        period=told.period,
        period_is_printed=True,
        rest=f"line {fact.line}",
    )


def _in_its_half(event: Event, fact: Standing) -> Event:
    fitting = [hours for hours in fact.hours if event.period is not None and hours.period == event.period]
    if len(fitting) != 1 or fitting[0].problem is not None:
        return event
    return replace(event, begin=fitting[0].begin, end=fitting[0].end, rest=f"line {fact.line}")


def _agrees(event: Event, fact: Standing, kind: str) -> bool:
    if kind == "place":
        return event.place == fact.event.place or event.place in [place for _, place in fact.halves]
    if kind == "time":
        return event.begin in (fact.event.begin, *(hours.begin for hours in fact.hours))
    return any(item.speaker == fact.event.speaker for item in event.items)


def with_speaker(event: Event, speaker: str | None) -> Event:
    """*event* with *speaker* on the items that have none; one who is no named person stays unsaid."""
    if speaker is None or not is_named_person(speaker):
        return event
    items = event.items or (Item(None, None, None),)
    return replace(
        event, items=tuple(item if item.speaker else replace(item, speaker=speaker) for item in items)
    )


def finished(event: Event, told: Event) -> Event:
    """A session line completed by the labelled lines directly below it."""
    return replace(
        event,
        place=event.place or told.place,
        begin=event.begin or told.begin,
        end=event.end or (told.end if event.begin in (None, told.begin) else None),
        period=event.period or told.period,
        speaker=event.speaker or told.speaker,
        items=_with_facts(event.items, told),
    )


def completed(own: Event, series: Event) -> Event:
    """What a listed session leaves out and its series says: hours, place, title, and a named speaker."""
    own = with_speaker(own, series.speaker) if own.items else own
    return replace(
        own,
        begin=own.begin or (None if own.is_pending else series.begin),
        end=own.end or (series.end if own.begin in (None, series.begin) and not own.is_pending else None),
        period=own.period or series.period,
        period_is_printed=own.period_is_printed or (own.period is None and series.period_is_printed),
        place=own.place or series.place,
        items=own.items or series.items,
    )


def _with_facts(items: tuple[Item, ...], event: Event) -> tuple[Item, ...]:
    if not items or all(item.title is None and item.track is None for item in items):
        return event.items
    titles = [item for item in event.items if item.title]
    if titles and len(items) == 1 and items[0].title is None:
        items = (replace(items[0], title=titles[0].title),)
    return tuple(item if item.speaker else replace(item, speaker=event.speaker) for item in items)


def weekdays_named(text: str) -> tuple[int, ...]:
    """The weekdays in words like 周四 16:00, which limit for which sessions the hours are."""
    marks = [match[1] for match in WEEKDAY_PATTERN.finditer(fold(text))]
    return tuple(dict.fromkeys(6 if mark in "日天" else "一二三四五六".index(mark) for mark in marks))


_HALF_PLACE = (
    r"(上午|下午|晚上)\s*(?:统一|均|都)?\s*(?:在|于|为|:)?\s*([^\s,;。:、(][^,;。:]{1,20}?)\s*(?=[,;。]|$)"
)


_PLACE_LINE = r"^\s*\S{0,4}(?:地\s*点|教\s*室|场\s*地|venue)\s*:\s*(.+)$"


def without_half_places(text: str) -> str:
    """*text* without the line that places_by_half has read."""
    if not places_by_half(text):
        return text
    line = re.search(_PLACE_LINE, fold(text), re.MULTILINE | re.IGNORECASE)
    if line is None:
        return text
    return text[: line.start()] + text[line.end() :]


def places_by_half(text: str) -> tuple[tuple[Period, str], ...]:
    """The places of a line 地点：上午在逸夫楼201，下午在逸夫楼304; empty when it does not tell them apart."""
    if text.count("午") < 2 and "晚上" not in text:
        return ()
    label = re.search(_PLACE_LINE, fold(text), re.MULTILINE | re.IGNORECASE)
    if label is None:
        return ()
    found = [
        (
            PERIOD_WORDS[match[1]],
            text[label.start(1) + match.start(2) : label.start(1) + match.end(2)].strip(),
        )
        for match in re.finditer(_HALF_PLACE, label[1])
    ]
    return tuple(found) if len({period for period, _ in found}) > 1 else ()


STANDS = re.compile(
    r"^\s*(?:地点|教室)\s*(?=[A-Za-z]?\d{3,4}\s*[。;]?$)|(?:地点|场地|教室)\s*(?:统一|均|都|一律|全部)?\s*(?:安排在|设在|定在|为|是|在)(?=\S)"
    r"|(?:均|都|统一|一律|全部)\s*(?:安排)?在(?=[^,。;]{2,24}?(?:举行|举办|进行|开展|上课|召开|,|。|;|$))"
)
