"""9月8日、15日分别由周老师讲《A》、吴老师讲《B》: as many titles, people, hours or rooms as days, one each."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from programme.notice.dates import DateMention
from programme.notice.event_words import ROOM, is_named_person
from programme.notice.events import Event, read_event
from programme.notice.marks import fold
from programme.notice.times import TimeMention, scan_times

_EACH_ITS_OWN = re.compile(r"分别|依次|各自")
_PARTS = re.compile(r"\s*[、,，;；]\s*|和|与")


@dataclass(frozen=True)
class Dealt:
    """One event per day; *doubt* is what could not be dealt out (Chinese), to be asked."""

    events: tuple[Event, ...]
    doubt: str | None = None


def dealt_out(text: str, days: tuple[DateMention, ...]) -> Dealt | None:
    """*text* dealt out over its *days*; None when it says the same of every day."""
    if len(days) < 2:
        return None
    says_each = _EACH_ITS_OWN.search(fold(text)) is not None
    plain = _EACH_ITS_OWN.sub(lambda match: "，" * len(match[0]), text)
    event = read_event(plain, days)
    count = len(days)
    if not says_each:
        return _doubtful(event, count)
    events = [event] * count
    dealt = False
    times = _hours(plain, days)
    if len(times) == count:
        events, dealt = [_at(e, t) for e, t in zip(events, times, strict=True)], True
    rooms = _rooms(plain, days)
    if len(rooms) == count:
        events, dealt = [replace(e, place=room) for e, room in zip(events, rooms, strict=True)], True
    speakers = _speakers(event)
    if len(event.items) == count:
        events = [replace(e, items=(item,)) for e, item in zip(events, event.items, strict=True)]
        dealt = True
    elif len(speakers) == count and len(event.items) <= 1:
        events, dealt = [_by(e, name) for e, name in zip(events, speakers, strict=True)], True
    if not dealt:
        return Dealt(
            tuple(replace(e, items=()) for e in events), f"“分别”后面的内容和{count}个日期对不上，题目没有排"
        )
    return Dealt(tuple(events))


def _doubtful(event: Event, count: int) -> Dealt | None:
    if len(event.items) != count or not all(item.title for item in event.items):
        return None
    return Dealt((event,) * count, f"有{count}个日期和{count}个题目，没有写哪天讲哪个，暂按每天都讲")


def _hours(text: str, days: tuple[DateMention, ...]) -> tuple[TimeMention, ...]:
    folded = fold(text)
    for day in days:
        folded = folded[: day.start] + " " * (day.end - day.start) + folded[day.end :]
    times = scan_times(re.sub(r"《[^《》]*》", lambda match: "书" * len(match[0]), folded))
    return times if all(time.problem is None for time in times) else ()


def _at(event: Event, hours: TimeMention) -> Event:
    return replace(
        event,
        begin=hours.begin,
        end=hours.end,
        period=hours.period,
        period_is_printed=hours.period_is_printed,
        problem=None,
    )


def _rooms(text: str, days: tuple[DateMention, ...]) -> tuple[str, ...]:
    last = days[-1].end
    tail = re.sub(r"《[^《》]*》", lambda match: "，" * len(match[0]), fold(text)[last:])
    for hours in scan_times(tail):
        tail = tail[: hours.span[0]] + "，" * (hours.span[1] - hours.span[0]) + tail[hours.span[1] :]
    found = [match[0].strip(" 在于、和与") for match in ROOM.finditer(tail) if match[0].strip()]
    return tuple(found) if len(set(found)) == len(found) else ()


def _speakers(event: Event) -> tuple[str, ...]:
    names = tuple(part for part in _PARTS.split(event.speaker or "") if part)
    return names if all(is_named_person(name) for name in names) else ()


def _by(event: Event, name: str) -> Event:
    items = tuple(replace(item, speaker=name) for item in event.items)
    return replace(event, items=items, speaker=name)
