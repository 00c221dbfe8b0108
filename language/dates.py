"""The date grammar: what days or clock times a Chinese chat text means, seen from *now* (rules D1-D12)."""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from language import date_atoms as atoms
from language.clock import ClockTime
from language.date_atoms import Atom, scan
from language.normalise import date_form
from language.understood import Part, Span


@dataclass(frozen=True)
class Found:
    """One span of a text with its place in the normalised text; *span* None when it names no possible date."""

    span: Span | None
    start: int
    end: int
    is_range: bool = False


@dataclass(frozen=True)
class _Moment:
    """A day or period with an optional part and clock time, not yet joined to a range."""

    first: date | None
    last: date | None
    start: int
    end: int
    part: Part | None = None
    said: ClockTime | None = None
    instant: datetime | None = None
    is_day_said: bool = True
    is_impossible: bool = False
    day_atom: Atom | None = None


def read_span(text: str, now: datetime) -> Span | None:
    """The first date, period, range or instant in *text*; None when it has none or an impossible one.

    *now* is aware; its zone is the zone of the answer. Rules: D1-D12 of the definition of dates.
    """
    for found in find_spans(date_form(text), now):
        return found.span
    return None


def find_spans(text: str, now: datetime, *, join_ranges: bool = True) -> tuple[Found, ...]:
    """Every span in an already normalised *text*, in order of place.

    With *join_ranges* False "7/18 到 7/19" gives two spans: a change of a session reads it so.
    """
    found = scan(text, now)
    moments = _moments(text, found, now)
    out: list[Found] = []
    i = 0
    while i < len(moments):
        moment = moments[i]
        following = moments[i + 1] if i + 1 < len(moments) else None
        if join_ranges and following is not None and atoms.is_range_gap(text[moment.end : following.start]):
            ranged = _range(moment, following, now)
            if ranged is not None:
                out.append(ranged)
                i += 2
                continue
        out.append(_single(text, moment, now))
        i += 1
    return _in_the_week_named_before(text, out)


_OTHER_WEEK = re.compile(r"(?:下+|上+)个?(?:周|星期|礼拜)")
_BARE_WEEKDAY = re.compile(r"(?:周|星期|礼拜)(?P<day>[一二三四五六日天])")
_LISTED = frozenset({"、", "和", "跟", "与", ",", "及", "以及", "还有"})


def _in_the_week_named_before(text: str, found: list[Found]) -> tuple[Found, ...]:
    """下周二、周四: what is listed after a day of another week is in that week, too."""
    monday: date | None = None
    out: list[Found] = []
    for one in found:
        said = text[one.start : one.end]
        bare = _BARE_WEEKDAY.fullmatch(said)
        is_listed = bool(out) and text[out[-1].end : one.start].strip() in _LISTED
        first = one.span.start if one.span is not None else None
        if bare is not None and is_listed and monday is not None and one.span is not None:
            day = monday + timedelta(days="一二三四五六日天".index(bare["day"].replace("天", "日")))
            one = replace(one, span=replace(one.span, start=day, end=day))
        elif _OTHER_WEEK.match(said) and isinstance(first, date) and not isinstance(first, datetime):
            monday = first - timedelta(days=first.weekday())
        else:
            monday = None
        out.append(one)
    return tuple(out)


def _moments(text: str, found: Sequence[Atom], now: datetime) -> list[_Moment]:
    moments: list[_Moment] = []
    i = 0
    while i < len(found):
        group = [found[i]]
        while i + 1 < len(found) and _belongs(text, group, found[i + 1]):
            i += 1
            group.append(found[i])
        i += 1
        moment = _moment(group, now)
        if moment is not None:
            moments.append(moment)
    return moments


def _belongs(text: str, group: list[Atom], atom: Atom) -> bool:
    gap = text[group[-1].end : atom.start]
    kinds = {a.kind for a in group}
    if "instant" in kinds or atom.kind == "instant" or "bad" in kinds:
        return False
    if atom.kind == "day":
        # 10月12号，星期一: two ways of naming one day. Two weekdays or two numbers are two days.
        days = [a for a in group if a.kind == "day"]
        return (
            len(days) == 1
            and len(group) == 1
            and days[0].is_weekday != atom.is_weekday
            and gap.strip() in atoms.APPOSITION
        )
    if atom.kind == "part":
        return "part" not in kinds and "time" not in kinds and gap.strip() in atoms.INNER_GAPS
    if atom.kind == "time":
        return "time" not in kinds and gap.strip() in atoms.INNER_GAPS
    return False


def _moment(group: list[Atom], now: datetime) -> _Moment | None:
    start, end = group[0].start, group[-1].end
    if any(a.kind == "bad" for a in group):
        return _Moment(None, None, start, end, is_impossible=True)
    if group[0].kind == "instant":
        return _Moment(None, None, start, end, instant=group[0].instant)
    days = [a for a in group if a.kind == "day"]
    numbered = [a for a in days if not a.is_weekday] or days
    day = numbered[0] if numbered else None
    part = next((a.part for a in group if a.part is not None), None)
    said = next((a.clock for a in group if a.kind == "time"), None)
    if day is not None:
        return _Moment(day.first, day.last, start, end, part, said, day_atom=day)
    if said is None and (part is None or group[0].is_weak):
        return None
    today = now.date()
    return _Moment(today, today, start, end, part, said, is_day_said=False)


def _range(left: _Moment, right: _Moment, now: datetime) -> Found | None:
    if left.is_impossible or right.is_impossible:
        return Found(None, left.start, right.end, is_range=True)
    if left.instant or right.instant or left.first is None or left.last is None:
        return None
    if left.said is not None or right.said is not None:
        return _clock_range(left, right, now)
    if not right.is_day_said:
        return None
    until = atoms.first_match(right.day_atom, left.first, right.last)
    if until is None or until < left.first:
        return None
    return Found(Span(left.first, until), left.start, right.end, is_range=True)


def _clock_range(left: _Moment, right: _Moment, now: datetime) -> Found | None:
    if left.said is None or right.said is None or left.first is None:
        return None
    day = left.first
    if right.is_day_said:
        day = atoms.first_match(right.day_atom, left.first, right.first) or left.first
    begins = _at(left.first, left.said, left.part, now)
    ends = _at(day, right.said, right.part or (None if right.is_day_said else left.part), now)
    if ends < begins and not right.is_day_said:
        ends += timedelta(hours=12) if ends + timedelta(hours=12) > begins else timedelta(days=1)
    return Found(Span(begins, ends), left.start, right.end, is_range=True)


def _at(day: date, said: ClockTime, part: Part | None, now: datetime) -> datetime:
    at, days_later = said.in_part(part)
    return datetime.combine(day + timedelta(days=days_later), at, now.tzinfo)


def _single(text: str, moment: _Moment, now: datetime) -> Found:
    bound, end = atoms.bound_after(text, moment.start, moment.end)
    if moment.is_impossible:
        return Found(None, moment.start, end)
    span = _span(moment, now)
    if span is None:
        return Found(None, moment.start, end)
    if bound == "until":
        has_clock = isinstance(span.end, datetime)
        return Found(Span(_minute(now) if has_clock else now.date(), span.end), moment.start, end)
    if bound == "from":
        return Found(Span(span.start, None), moment.start, end)
    return Found(span, moment.start, end)


def _span(moment: _Moment, now: datetime) -> Span | None:
    if moment.instant is not None:
        return Span(moment.instant, moment.instant)
    if moment.first is None:
        return None
    if moment.said is not None:
        at = _at(moment.first, moment.said, moment.part, now)
        return Span(at, at)
    return Span(moment.first, moment.last, moment.part)


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def is_valid(year: int, month: int, day: int) -> bool:
    """Whether that day exists in the calendar."""
    return 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]
