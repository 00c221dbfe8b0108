"""Days off, make-up days and moved sessions applied to the sessions of the plan."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from programme.notice.calendar import Placed
from programme.notice.event_items import kind_of
from programme.notice.events import Event
from programme.notice.exceptions import SeriesException
from programme.notice.marks import WEEKDAY_NAMES
from programme.notice.named_holidays import named_holidays
from programme.notice.notice import FreeDay
from programme.notice.page import Done, Finding
from programme.notice.printed import Printed
from programme.notice.season import Season
from programme.notice.standing import completed
from programme.notice.timetable import Draft, Timetable


def with_exceptions(
    drafts: list[Draft],
    exceptions: list[SeriesException],
    season: Season,
    timetable: Timetable,
    usual: Event | None = None,
) -> list[Draft]:
    """*drafts* with every exception applied. *usual*: what the one weekly rule says, for listed make-ups."""
    kept = list(drafts)
    replaced = {
        day
        for item in exceptions
        if item.instead_of is not None and (day := season.day(item.instead_of)) is not None
    }
    for item in exceptions:
        if item.kind == "vague" and (named := named_holidays(item.phrase, season)):
            _on_holidays(kept, item, named, timetable)
        elif item.kind == "vague":
            _tell(
                timetable,
                "ambiguous_exception",
                item,
                f"第{item.line}行的例外没有写明日期，无法执行：{item.phrase[:40]}",
            )
        elif item.kind == "noted" and item.day is not None and _is_missed(kept, item, season):
            what = f"第{item.line}行说{item.day.month or ''}月{item.day.day}日照常，但没有读到这天的场次：{item.phrase[:40]}"
            _tell(timetable, "ambiguous_exception", item, what)
        elif item.kind in ("noted", "resumes"):
            continue
        elif item.kind == "amended":
            _amend(kept, item, season, timetable)
        elif item.kind == "stands_in":
            _stand_in(kept, item, season, timetable)
            kept = [_as_usual(draft, item, season, usual) for draft in kept]
        else:
            _off_or_made_up(kept, item, season, replaced, timetable)
    return kept


def _on_holidays(
    drafts: list[Draft], item: SeriesException, named: dict[str, date], timetable: Timetable
) -> None:
    """清明节、劳动节停一次: the session on the very day is off; one within three days of it is asked."""
    for name, day in named.items():
        hit = [draft for draft in drafts if draft.is_series and draft.day == day]
        near = [draft for draft in drafts if draft.is_series and _is_near(name, (draft.day - day).days)]
        if hit:
            drafts[:] = [draft for draft in drafts if draft not in hit]
            what = f"第{item.line}行说{name}停，{day.month}月{day.day}日的没有排入"
            _tell(timetable, "suspended_date", item, what, is_asked=False)
            _free(timetable, day, item.line, "suspended_date")
        elif near:
            days = "、".join(
                f"{d.day.month}月{d.day.day}日（{WEEKDAY_NAMES[d.day.weekday()]}）" for d in near
            )
            what = f"第{item.line}行说{name}停，{name}是{day.month}月{day.day}日，{days}那场停不停没有写明，暂按照常排"
            _tell(timetable, "ambiguous_exception", item, what)
        else:
            what = f"第{item.line}行说{name}停，{name}（{day.month}月{day.day}日）前后没有场次"
            _tell(timetable, "ambiguous_exception", item, what, is_asked=False)


def _is_missed(drafts: list[Draft], item: SeriesException, season: Season) -> bool:
    """11月13日照常 where nothing is known of that day."""
    days = season.days(item.day) if item.day is not None else ()
    return re.search(r"照常|不变", item.phrase) is not None and not any(d.day in days for d in drafts)


def _is_near(name: str, days: int) -> bool:
    """Close enough to a holiday to be meant by it: three days, and the whole week from 1 October on."""
    return 0 < abs(days) <= 3 or (name.startswith("国庆") and 0 < days < 7)


def _tell(
    timetable: Timetable, code: str, item: SeriesException, what: str, *, is_asked: bool = True
) -> None:
    done: Done = "asked" if is_asked else "kept"
    timetable.findings.append(Finding(code, (item.line,), what, done, item.phrase))


def _off_or_made_up(
    drafts: list[Draft], item: SeriesException, season: Season, replaced: set[date], timetable: Timetable
) -> None:
    days = season.days(item.day) if item.day is not None else ()
    if not days:
        _tell(timetable, "impossible_date", item, f"第{item.line}行的例外日期不存在：{item.phrase[:40]}")
    elif item.kind == "suspended":
        _suspend(drafts, item, days, replaced, timetable)
    else:
        _make_up(drafts, item, days[0], season, timetable)


def _suspend(
    drafts: list[Draft],
    item: SeriesException,
    days: tuple[date, ...],
    replaced: set[date],
    timetable: Timetable,
) -> None:
    listed = [draft for draft in drafts if draft.day in days and not draft.is_series]
    if listed and not replaced.intersection(days):
        first = listed[0]
        what = f"第{item.line}行说{first.day.month}月{first.day.day}日停，但第{first.placed.printed.line}行在这天排了场次，暂按排了处理"
        lines = tuple(sorted({item.line, first.placed.printed.line}))
        timetable.findings.append(Finding("ambiguous_exception", lines, what, "asked", item.phrase))
        return
    if not listed:
        drafts[:] = [draft for draft in drafts if draft.day not in days]
    code = "cancelled_row" if re.search(r"取消|作废|停办", item.phrase) else "suspended_date"
    until = f"至{days[-1].month}月{days[-1].day}日" if len(days) > 1 else ""
    span = f"{days[0].month}月{days[0].day}日{until}"
    _tell(timetable, code, item, f"第{item.line}行写明{span}停或取消，没有排入", is_asked=False)
    if len(days) == 1:
        _free(timetable, days[0], item.line, code)


def _free(timetable: Timetable, day: date, line: int, code: str) -> None:
    if not any(free.held_on == day for free in timetable.free_days):
        timetable.free_days.append(FreeDay(day, day.day, day.weekday(), None, line, (code,)))


def _make_up(
    drafts: list[Draft], item: SeriesException, day: date, season: Season, timetable: Timetable
) -> None:
    pattern = _pattern(drafts, item, season, timetable)
    if pattern is None and item.event is None:
        _tell(
            timetable, "ambiguous_exception", item, f"第{item.line}行的补课不知道补哪一场：{item.phrase[:40]}"
        )
        return
    event = pattern.event if pattern is not None else Event()
    if item.event is not None and any(given.title for given in item.event.items):
        # 原定于5日的《论文写作》改至7日: its own title, never that of another listed session
        own = pattern.event if pattern is not None and (pattern.is_series or item.instead_of) else Event()
        place = own.place if set(own.items) & set(item.event.items) or not own.items else None
        event = replace(item.event, place=item.event.place or place)
    elif item.event is not None:
        event = _changed(event, item.event)
    weekdays = (item.day.weekday,) if item.day is not None and item.day.weekday is not None else ()
    if weekdays and day.weekday() not in weekdays:
        what = f"第{item.line}行写的是{WEEKDAY_NAMES[weekdays[0]]}，但{day.isoformat()}是{WEEKDAY_NAMES[day.weekday()]}，暂按日期排入，请确认"
        _tell(timetable, "weekday_mismatch", item, what)
    what = f"第{item.line}行写明{day.month}月{day.day}日补，已排入"
    _tell(timetable, "makeup_day", item, what, is_asked=False)
    printed = Printed(None, day.month, day.day, weekdays, item.line, item.phrase, event, fixed_on=day)
    kind = pattern.kind if pattern is not None else kind_of(event.items, item.phrase, timetable.title)
    drafts.append(Draft(Placed(printed, day, ("makeup_day",)), event, kind, is_series=True))


def _pattern(
    drafts: list[Draft], item: SeriesException, season: Season, timetable: Timetable
) -> Draft | None:
    """The session that is made up: the one of the replaced day, which is taken away, else the series' own."""
    if item.instead_of is not None:
        old = season.day(item.instead_of)
        moved = next((d for d in drafts if d.day == old and _is_meant(d, item)), None)
        if moved is None and any(draft.day == old for draft in drafts):
            return None
        if moved is not None:
            drafts.remove(moved)
            _free(timetable, moved.day, item.line, "makeup_day")
            return moved
        if old is not None:
            _free(timetable, old, item.line, "makeup_day")
    series = next((draft for draft in drafts if draft.is_series), None)
    if series is not None:
        return series
    if drafts and len({draft.event for draft in drafts}) == 1:
        return drafts[0]
    return _alike(drafts, item, season)


def _is_meant(draft: Draft, item: SeriesException) -> bool:
    """7日下午的参观改到8日 takes away no 气瓶安全 of that morning."""
    told = item.event
    names = [w for i in (told.items if told is not None else ()) if (w := i.title or i.track)]
    own = [w for i in draft.event.items if (w := i.title or i.track)]
    if not names or not own or any(x in y or y in x for x in names for y in own):
        return True
    return any(word in item.phrase for word in own)


def _alike(drafts: list[Draft], item: SeriesException, season: Season) -> Draft | None:
    """10月22日组会暂停，顺延到10月24日同一时间: a meeting of the same weekday, when all of them agree on the hour."""
    old = season.day(item.instead_of) if item.instead_of is not None else None
    same = [
        draft
        for draft in drafts
        if old is not None and draft.day.weekday() == old.weekday() and draft.kind == "group_meeting"
    ]
    if not same or len({draft.event.begin for draft in same}) > 1:
        return None
    return min(
        same, key=lambda draft: sum(len(i.track or "") + len(i.title or "") for i in draft.event.items)
    )


def _stand_in(drafts: list[Draft], item: SeriesException, season: Season, timetable: Timetable) -> None:
    """2月14日（补2月5日） is listed with its own words or is the series' own; the other day has no session."""
    own = season.day(item.day) if item.day is not None else None
    if own is not None and not any(draft.day == own for draft in drafts):
        timetable.free_days[:] = [free for free in timetable.free_days if free.held_on != own]
        _make_up(drafts, item, own, season, timetable)
        return
    old = season.day(item.instead_of) if item.instead_of is not None else None
    if old is None:
        _tell(timetable, "makeup_day", item, f"第{item.line}行是补的一场：{item.phrase[:40]}", is_asked=False)
        return
    listed = [draft for draft in drafts if draft.day == old and not draft.is_series]
    if listed:
        line = listed[0].placed.printed.line
        what = f"第{item.line}行说补{old.month}月{old.day}日，但第{line}行在这天排了场次，都保留，请确认"
        lines = tuple(sorted({item.line, line}))
        timetable.findings.append(Finding("ambiguous_exception", lines, what, "asked", item.phrase))
        return
    drafts[:] = [draft for draft in drafts if draft.day != old]
    _free(timetable, old, item.line, "makeup_day")
    instead = f"{own.month}月{own.day}日代替" if own is not None else "代替"
    what = f"第{item.line}行写明{instead}{old.month}月{old.day}日，{old.month}月{old.day}日没有排"
    _tell(timetable, "makeup_day", item, what, is_asked=False)


def _as_usual(draft: Draft, item: SeriesException, season: Season, usual: Event | None) -> Draft:
    """A listed make-up takes from the series what it leaves out."""
    if usual is None or item.day is None or draft.day != season.day(item.day):
        return draft
    return replace(draft, event=completed(draft.event, usual))


def _amend(drafts: list[Draft], item: SeriesException, season: Season, timetable: Timetable) -> None:
    """3月17日改在B201: that day's sessions take the place or hour; a day without any is asked."""
    days = season.days(item.day) if item.day is not None else ()
    at = [
        index
        for index, draft in enumerate(drafts)
        if draft.day in days or (item.day is None and draft.day.weekday() in item.weekdays)
    ]
    if not at or item.event is None:
        _tell(
            timetable, "ambiguous_exception", item, f"第{item.line}行改的那一天没有场次：{item.phrase[:40]}"
        )
        return
    for index in at:
        drafts[index] = replace(drafts[index], event=_changed(drafts[index].event, item.event))


def _changed(event: Event, told: Event) -> Event:
    if told.begin is not None:
        event = replace(event, begin=told.begin, end=told.end, period=told.period, problem=None)
    return replace(event, place=told.place or event.place)
