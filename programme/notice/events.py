"""What one printed cell or clause says about a session: hours, titles, speakers, place, and whether it is off."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from programme.notice.dates import DateMention
from programme.notice.event_items import TextReading, read_items
from programme.notice.event_words import (
    ATTEND,
    CANCELLED,
    DITTO,
    EACH,
    ENGLISH_DAY,
    GATHER_AT,
    GATHERING,
    HONORIFIC,
    IN_PLACE,
    LABEL,
    MEETING_NUMBER,
    NAME,
    ROOM,
    SUSPENDED,
    TITLE,
)
from programme.notice.marks import WEEKDAY_PATTERN, fold, strip_marks
from programme.notice.spoken import PENDING
from programme.notice.times import TimeMention, minutes_lasting, period_words, scan_times
from programme.sessions import Item, Period

_DITTO_KINDS = (
    ("place", re.compile(r"地点|教室|地址|场地")),
    ("time", re.compile(r"时间|钟点")),
    ("speaker", re.compile(r"主讲|讲者|报告人")),
)


@dataclass(frozen=True)
class Event:
    """What a cell or clause holds besides its dates."""

    begin: time | None = None
    end: time | None = None
    period: Period | None = None
    period_is_printed: bool = False
    problem: str | None = None
    is_ambiguous: bool = False
    items: tuple[Item, ...] = ()
    place: str | None = None
    speaker: str | None = None
    is_cancelled: bool = False
    is_suspended: bool = False
    is_pending: bool = False
    rest: str = ""
    has_time_label: bool = False
    same_as: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.items or self.begin or self.place or self.speaker or self.problem or self.rest)


def read_event(
    raw: str,
    dates: tuple[DateMention, ...] = (),
    *,
    default_period: Period | None = None,
    compact_times: bool = False,
) -> Event:
    """Take *raw* apart; *dates* are the dates already found in it and are ignored."""
    reading = TextReading(raw, fold(raw))
    for mention in dates:
        reading.take(mention.start, mention.end)
    _hide_titles = _take_titles_spans(reading)
    times, words = _take_times(reading, default_period, compact_times)
    lasting = minutes_lasting(reading.folded)
    pending = any(_is_hour_open(reading.folded, match) for match in PENDING.finditer(reading.folded))
    state = reading.folded
    same_as = _take_dittos(reading)
    _take_labels(reading)
    for match in list(WEEKDAY_PATTERN.finditer(reading.folded)):
        reading.take(*match.span())
    for pattern in (PENDING, ATTEND, EACH, ENGLISH_DAY):
        for match in list(pattern.finditer(reading.folded)):
            reading.take(*match.span())
    place = _with_meeting(reading, reading.labels.get("place"))
    items, speaker = read_items(reading, _hide_titles)
    begin, end, problem, ambiguous = _hours(times, fold(raw))
    if end is None and begin is not None and lasting is not None:
        end = _later(begin, lasting)
    period, printed = _period(times, words)
    return Event(
        begin=begin,
        end=end,
        period=period,
        period_is_printed=printed,
        problem=problem,
        is_ambiguous=ambiguous,
        items=items,
        place=place,
        speaker=speaker,
        is_cancelled=CANCELLED.search(state) is not None,
        is_suspended=SUSPENDED.search(state) is not None,
        is_pending=pending,
        rest=reading.rest(),
        has_time_label="time" in reading.labels,
        same_as=same_as,
    )


def split_by_hours(raw: str, dates: tuple[DateMention, ...]) -> tuple[str, ...]:
    """A cell that lists several sessions of one day (上午9:00《A》 下午2:00《B》) in its parts; else itself.

    Only where every part has a title of its own: an hour inside a remark splits nothing.
    """
    folded = fold(raw)
    for mention in dates:
        folded = folded[: mention.start] + " " * (mention.end - mention.start) + folded[mention.end :]
    for match in TITLE.finditer(folded):
        folded = (
            folded[: match.start()]
            + "《"
            + "书" * (match.end() - match.start() - 2)
            + "》"
            + folded[match.end() :]
        )
    times = [
        mention for mention in scan_times(folded) if mention.problem != "time_pending" or mention.is_ambiguous
    ]
    if not times:
        return tuple(part for half in _halves(raw, folded) for part in _side_by_side(half))
    if len(times) < 2:
        return _side_by_side(raw)
    cuts = [0] + [mention.span[0] for mention in times[1:]]
    parts = [raw[start:end] for start, end in zip(cuts, [*cuts[1:], len(raw)], strict=True)]
    contents = [fold(part) for part in parts]
    if all("《" in part or GATHERING.search(part) for part in contents):
        return tuple(parts)
    if len(times) > 2 and all(m.begin and m.end for m in times) and _all_say_something(contents, times):
        return _with_shared_place(parts)
    lines = [strip_marks(part) for part in raw.split("\n") if strip_marks(part)]
    spans = [(m.begin, m.end) for m in times]
    if all(begin and end for begin, end in spans) and all(x[1] <= y[0] for x, y in pairwise(spans)):  # type: ignore[operator]
        # 上午10:00-12:00，下午14:00-16:00 《A》: one title, held twice that day
        return tuple(_without_other_hours(raw, times, index) for index in range(len(times)))
    timed = [part for part in lines if scan_times(fold(part))]
    if len(timed) == len(times) and len(timed) >= 2 and lines and len(timed) >= len(lines) - 1:
        return tuple(timed)
    return (raw,)


_HALF_WORDS = "上午|中午|下午|晚上|晚间|傍晚"
_HALF_OPENS = re.compile(rf"(?:^|[\s,;、。:)])(?=(?:{_HALF_WORDS})(?!半))")


def _halves(raw: str, folded: str) -> tuple[str, ...]:
    """上午 张三《A》，下午 李四《B》: without hours, each half of the day with words of its own is a session."""
    cuts = [match.end() for match in _HALF_OPENS.finditer(folded)]
    words = [folded[cut : cut + 2] for cut in cuts]
    if len(cuts) < 2 or len(set(words)) < len(words):
        return (raw,)
    ends = [*cuts[1:], len(raw)]
    bodies = [strip_marks(folded[cut + 2 : end]) for cut, end in zip(cuts, ends, strict=True)]
    if not all(len(re.findall(r"[\u4e00-\u9fffA-Za-z]", body)) >= 2 for body in bodies):
        return (raw,)
    return tuple(
        raw[:end] if index == 0 else raw[cut:end]
        for index, (cut, end) in enumerate(zip(cuts, ends, strict=True))
    )


_NAMED_ROOM = r"([^\s、,;，；（）()]{2,16}?)\s*[（(]([^（）()\n]{2,20})[)）]"
_ROOMS_LISTED = rf"{_NAMED_ROOM}(?:\s*[、,;，；和及与]\s*{_NAMED_ROOM})+"


def _side_by_side(raw: str) -> tuple[str, ...]:
    """分论坛一（201室）、分论坛二（202室）: the same hour in two rooms is a session in each."""
    listed = re.search(_ROOMS_LISTED, raw) if fold(raw).count("(") > 1 else None
    if listed is None or "《" in listed[0]:
        return (raw,)
    named = re.findall(_NAMED_ROOM, listed[0].replace("和", "、") if "和" in listed[0] else listed[0])
    rooms = [strip_marks(room) for _, room in named]
    if len(set(rooms)) < len(rooms) or not all(ROOM.fullmatch(fold(room)) for room in rooms):
        return (raw,)
    return tuple(
        f"{raw[: listed.start()]}{strip_marks(name)}，地点：{room}{raw[listed.end() :]}"
        for name, room in named
    )


def _all_say_something(contents: list[str], times: list[TimeMention]) -> bool:
    """8:30-9:00签到，9:00-9:20开幕式，…: behind every span of hours stands what it is for."""
    first = times[0].span[0]
    bodies = [
        part[(mention.span[1] - mention.span[0]) + (first if index == 0 else 0) :]
        for index, (part, mention) in enumerate(zip(contents, times, strict=True))
    ]
    words = [re.sub(r"地\s*点\s*:.*", "", body) for body in bodies]
    return all(len(re.findall(r"[\u4e00-\u9fffA-Za-z]", body)) >= 2 for body in words)


_LAST_PLACE = re.compile(r"[。;；]\s*(地\s*点\s*[:：][^。;；]*)[。;；]?\s*$")


def _with_shared_place(parts: list[str]) -> tuple[str, ...]:
    """A place that closes the whole line is that of every part."""
    place = _LAST_PLACE.search(parts[-1])
    if place is None:
        return tuple(parts)
    return (*(f"{strip_marks(part)}，{place[1]}" for part in parts[:-1]), parts[-1])


def _without_other_hours(raw: str, times: list[TimeMention], index: int) -> str:
    for number, mention in enumerate(times):
        if number != index:
            raw = raw[: mention.span[0]] + " " * (mention.span[1] - mention.span[0]) + raw[mention.span[1] :]
    return raw


def _take_titles_spans(reading: TextReading) -> list[tuple[int, int, str]]:
    """Titles are hidden from the search for hours and places: 《7点的太阳》 is no hour."""
    spans = []
    for match in TITLE.finditer(reading.folded):
        spans.append((match.start(), match.end(), reading.raw[match.start(1) : match.end(1)].strip()))
        reading.folded = (
            reading.folded[: match.start()]
            + "《"
            + "\x01" * (match.end() - match.start() - 2)
            + "》"
            + reading.folded[match.end() :]
        )
    return spans


def _take_times(
    reading: TextReading, default: Period | None, compact: bool
) -> tuple[tuple[TimeMention, ...], tuple[tuple[Period, int, int], ...]]:
    compact = compact or _FOUR_DIGITS.search(reading.folded) is not None
    times = scan_times(reading.folded, default=default, compact=compact)
    if not times and default is None:
        # 下午（2:30-4:30）: the word stands apart from the hour
        apart = period_words(reading.folded)
        times = scan_times(reading.folded, default=apart[0][0], compact=compact) if apart else times
    elif any(mention.is_ambiguous for mention in times):
        apart = period_words(reading.folded)
        if apart:
            times = scan_times(reading.folded, default=apart[0][0], compact=compact)
    for mention in times:
        reading.take(*mention.span)
    words = period_words(reading.folded)
    for _, start, end in words:
        reading.take(start, end)
    return times, words


# 1430-1600: a span of four-digit hours; one alone may be a room or a number.
_FOUR_DIGITS = re.compile(r"(?<![\d-])(?:[01]\d|2[0-3])[0-5]\d\s?-\s?(?:[01]\d|2[0-3])[0-5]\d(?![\d-])")

_ENDS = re.compile(r"结束|散会|下课|为?止|完毕|到|至|-|end", re.IGNORECASE)


def _is_end(words: str) -> bool:
    """14:30开始，16:30结束 and 14:30 16:30 are one span; 茶歇 15:30 is another hour of the same line."""
    return _ENDS.search(words) is not None or not re.sub(r"[\s,;、()]|开始|起", "", words)


def _hours(times: tuple[TimeMention, ...], folded: str) -> tuple[time | None, time | None, str | None, bool]:
    if not times:
        return None, None, None, False
    problems = [mention.problem for mention in times if mention.problem and mention.problem != "time_pending"]
    first = times[0]
    begins = {mention.begin for mention in times if mention.begin is not None}
    if len(times) == 2 and first.begin is not None and first.end is None and times[1].end is None:
        second = times[1].begin
        words = folded[first.span[1] : times[1].span[0]] + folded[times[1].span[1] : times[1].span[1] + 3]
        if second is not None and second > first.begin and not _is_end(words):
            return first.begin, None, problems[0] if problems else None, False
        if second is not None and second > first.begin:
            # 14:30开始，16:30结束
            return first.begin, second, problems[0] if problems else None, False
    if len(begins) > 1:
        return first.begin, first.end, "contradictory_time", False
    if first.begin is None and len(times) > 1 and begins:
        return None, None, problems[0] if problems else None, False
    return first.begin, first.end, problems[0] if problems else None, first.is_ambiguous


def _period(
    times: tuple[TimeMention, ...], words: tuple[tuple[Period, int, int], ...]
) -> tuple[Period | None, bool]:
    if times and times[0].period_is_printed:
        return times[0].period, True
    if words:
        return words[0][0], True
    return (times[0].period, False) if times else (None, False)


def _later(begin: time, minutes: int) -> time | None:
    at = datetime.combine(date(2000, 1, 1), begin) + timedelta(minutes=minutes)
    return at.time() if at.date() == date(2000, 1, 1) else None


def _take_dittos(reading: TextReading) -> tuple[str, ...]:
    """同上地点, 时间地点同上, 地点：同上: which facts are those of the session before."""
    named: list[str] = []
    for match in list(DITTO.finditer(reading.folded)):
        words = match[0]
        found = [kind for kind, mark in _DITTO_KINDS if mark.search(words)]
        named += found or ["place", "time"]
        reading.take(*match.span())
    return tuple(dict.fromkeys(named))


def _take_labels(reading: TextReading) -> None:
    """地点：A301 and the like; a value ends at a mark, a line's end, a wide gap, or the next label."""
    matches = list(LABEL.finditer(reading.folded))
    for index, match in enumerate(matches):
        limit = matches[index + 1].start() if index + 1 < len(matches) else len(reading.folded)
        tail = reading.folded[match.end() : limit]
        stop = (
            re.search(r"[;。\n\x00《]| {2,}|,(?! [A-Z])", tail)
            if match.lastgroup != "title"
            else re.search(r"[;。\n\x00《]", tail)
        )
        length = stop.start() if stop else len(tail)
        if match.lastgroup == "speaker":
            length = _speaker_length(tail, length)
        length = min(length, _closing(tail))
        value = strip_marks(reading.raw[match.end() : match.end() + length]).strip("*_ (（")
        if match.lastgroup == "title" and not value and tail.lstrip().startswith("《"):
            reading.take(match.start(), match.end())
            continue
        value = "" if PENDING.fullmatch(fold(value)) else value
        if match.lastgroup is not None and value:
            reading.labels.setdefault(match.lastgroup, _unquoted(value))
        if (
            match.lastgroup == "other"
            and re.match(r"[方形]\s*式", match[0])
            and re.search(r"线[上下]\s*[(（]", value)
        ):
            reading.labels.setdefault(
                "place", f"{value}）" if value.count("（") > value.count("）") else value
            )
        if match.lastgroup == "time":
            reading.labels.setdefault("time", "")
        reading.take(match.start(), match.end() + length)


def _closing(tail: str) -> int:
    """Where a bracket closes that was opened before the label: （主讲：林博士） ends the value."""
    depth = 0
    for at, mark in enumerate(tail):
        depth += (mark == "(") - (mark == ")")
        if depth < 0:
            return at
    return len(tail)


def _speaker_length(tail: str, length: int) -> int:
    """主讲：刘洋教授 A301 … : a room or a time behind a name and a blank is no part of the name."""
    text = tail[:length]
    titled = re.match(rf"[^()]*?{HONORIFIC}(?:\s*[、和与]\s*[^\s()]*?{HONORIFIC})*(?=\s+[^(\s])", text)
    if titled is not None:
        return titled.end()
    gap = re.search(r"(?<=\S) (?=(?:在|于)?\S*(?:\d{2,4}|楼|室|厅|馆|线上|会议|机房|礼堂|操场|Zoom))", text)
    return gap.start() if gap else length


def _unquoted(value: str) -> str:
    match = re.fullmatch(r"[“\"「](.*)[”\"」]", value)
    return match[1] if match else value


_OTHER_OPEN = re.compile(
    r"(?:地点|教室|主讲人?|题目|主题|领读人?|报告人|讲者|内容|名单|嘉宾|人选|分组)\s*[:(]?\s*$"
)


def _is_hour_open(folded: str, pending: re.Match[str]) -> bool:
    """时间待定 leaves the hour open; 领读人另行通知 and 地点待定 do not."""
    words = re.match(r"\s*(?:具体)?(地点|主讲|题目)", pending[0])
    return words is None and _OTHER_OPEN.search(folded[: pending.start()]) is None


def _with_meeting(reading: TextReading, labelled: str | None) -> str | None:
    """The place with the number of the online meeting: it is where those sit who are not in the room."""
    number = MEETING_NUMBER.search(reading.folded)
    if number is None:
        return labelled or _take_place(reading)
    bracket = _around(reading.folded, *number.span())
    meeting = strip_marks(reading.take(*number.span()))
    place = labelled or _take_place(reading)
    if place is None:
        return meeting
    if meeting in place:
        return place
    return f"{place}（{meeting}）" if bracket else f"{place}；{meeting}"


def _around(folded: str, start: int, end: int) -> bool:
    """Whether *start*–*end* is all that stands between two brackets."""
    return folded[:start].rstrip().endswith("(") and folded[end:].lstrip().startswith(")")


def _take_place(reading: TextReading) -> str | None:
    match = IN_PLACE.search(reading.folded)
    if match is not None and "《" not in match["place"] and _is_place(match["place"]):
        # 在A101 张老师讲: the person behind the room stays in the text
        person = re.search(rf"\s+(?:由|请)?{NAME}{HONORIFIC}(?:[、和与]{NAME}{HONORIFIC})*$", match["place"])
        end = match.start("place") + person.start() if person is not None else match.end()
        place = reading.take(match.start(), end, "\x02")
        return strip_marks(
            place[match.start("place") - match.start() : min(end, match.end("place")) - match.start()]
        )
    gathering = GATHER_AT.search(reading.folded)
    if gathering is not None:
        reading.take(*gathering.span(), "\x02")
        return gathering[1] or gathering[2]
    rooms = list(ROOM.finditer(reading.folded))
    room = next((match for match in rooms if re.search(r"\d", match[0])), rooms[0] if rooms else None)
    if room is None:
        return None
    text = reading.folded[room.start() : room.end()]
    lead = _person_lead(text)
    start = room.start() + lead
    return strip_marks(reading.take(start, room.end(), "\x02")) or None


def _person_lead(text: str) -> int:
    """张伟老师在报告厅: the room pattern may have swallowed a person in front of it."""
    match = re.match(rf".*{HONORIFIC}\s*(?:在|于)?\s*|^(?:举行|举办|召开)?(?:在|于|地点|改在|参观)\s*", text)
    return match.end() if match else 0


def _is_place(text: str) -> bool:
    return not re.search(
        r"此|其|下周|本周|次日|另|待|校(?:参与|参加|同学)|方向|期间|带领|指导|基础|之前|过程|以上|内自选|线时|安排",
        text,
    )


def with_item_speaker(event: Event, speaker: str | None) -> Event:
    """*event* with *speaker* on every item that has none."""
    if speaker is None:
        return event
    items = tuple(item if item.speaker else replace(item, speaker=speaker) for item in event.items)
    return replace(event, items=items, speaker=event.speaker or speaker)
