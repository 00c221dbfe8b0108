"""From placed days to sessions: hours lent by rules, doubles found, numbers given."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, time

from programme.notice.calendar import Placed, place
from programme.notice.dates import make_date
from programme.notice.doubles import without_breaks, without_doubles
from programme.notice.event_items import kind_of
from programme.notice.event_words import HOLIDAY
from programme.notice.events import Event, read_event
from programme.notice.exception_days import with_exceptions
from programme.notice.notice import FreeDay
from programme.notice.page import Finding
from programme.notice.printed import Printed
from programme.notice.prose_reading import ProseReading
from programme.notice.season import Season
from programme.notice.series import Recurring, month_bounds
from programme.notice.series_layout import series_days, with_series
from programme.notice.standing import with_speaker, with_standing
from programme.notice.timetable import Draft, Timetable
from programme.programme import Rule
from programme.sessions import Scope, Session, Source

_TIME_PROBLEMS = {
    "contradictory_time": "时间前后矛盾，钟点留空待问",
    "impossible_time": "时间不存在，钟点留空待问",
    "end_before_start": "结束时间不晚于开始时间，结束时间留空待问",
}


def build(
    table: list[Printed],
    prose: ProseReading,
    rules: tuple[Rule, ...],
    year: int,
    title_months: tuple[int, ...],
    title: str = "",
) -> Timetable:
    """All sessions for *year*: tables first, then what only the text says, then the series."""
    timetable = Timetable(title)
    placed, found = place(table, year)
    timetable.findings.extend(found)
    explicit, found = place(prose.printed, year)
    timetable.findings.extend(found)
    drafts = _drafts(_expanded(placed, timetable), timetable)
    table_days = {draft.day for draft in drafts} | {free.held_on for free in timetable.free_days}
    if table:
        drafts = [_supplemented(draft, explicit, timetable) for draft in drafts]
        explicit = [
            spot for spot in explicit if spot.held_on not in table_days and _is_strong(spot.printed.event)
        ]
    drafts += _drafts(_expanded(explicit, timetable), timetable)
    taken = frozenset(draft.day.weekday() for draft in drafts) | {
        free.weekday for free in timetable.free_days
    }
    listed = frozenset(words for draft in drafts for words in _words(draft.event))
    season = _season(year, drafts, title_months)
    series = (
        []
        if _has_weekly_table(table, prose)
        else series_days(prose, season, title_months, timetable.findings, taken, listed)
    )
    drafts = with_series(drafts, series, timetable)
    season = season.with_days(draft.day for draft in drafts)
    _tell_unplaced(prose, drafts, timetable)
    usual = prose.rules[0].event if len(prose.rules) == 1 else None
    drafts = with_exceptions(drafts, prose.exceptions, season, timetable, usual)
    drafts = [_lent(draft, prose) for draft in drafts]
    drafts, timetable.used_facts = with_standing(drafts, prose.standing, prose.headings)
    drafts = without_doubles(without_breaks(drafts, timetable), timetable)
    held = {draft.day for draft in drafts}
    timetable.free_days[:] = [free for free in timetable.free_days if free.codes or free.held_on not in held]
    drafts.sort(
        key=lambda draft: (
            draft.day,
            draft.event.begin or _period_start(draft.event),
            draft.placed.printed.line,
        )
    )
    _number(drafts, rules, timetable)
    return timetable


def _tell_unplaced(prose: ProseReading, drafts: list[Draft], timetable: Timetable) -> None:
    """A weekly rule without bounds that no session of its weekdays bears out would vanish; it is asked."""
    held = {draft.day.weekday() for draft in drafts}
    for rule in prose.rules:
        if rule.is_bounded or rule.start or rule.end or rule.count or held.intersection(rule.weekdays):
            continue
        if any(item.lines == (rule.line,) for item in timetable.findings):
            continue
        what = f"第{rule.line}行没有写从哪天到哪天，没有排入：{rule.phrase[:40]}"
        timetable.findings.append(Finding("rule_unclear", (rule.line,), what, "asked", rule.phrase))


def _season(year: int, drafts: list[Draft], title_months: tuple[int, ...]) -> Season:
    """The listed days, or the months of the title when they wrap over the year's end."""
    season = Season(year).with_days(draft.day for draft in drafts)
    if title_months and title_months[-1] < title_months[0]:
        season = season.with_days(month_bounds(year, title_months))
    return season


def _supplemented(draft: Draft, explicit: list[Placed], timetable: Timetable) -> Draft:
    """What the text says about a session that the table lists: a missing place or end; another hour is asked."""
    event = draft.event
    same_day = [spot for spot in explicit if spot.held_on == draft.day and spot.printed.event is not None]
    for spot in same_day:
        said = spot.printed.event
        titles = {item.title for item in event.items if item.title}
        told = {item.title for item in said.items if item.title} if said is not None else set()
        if said is None or (told and titles and not told & titles):
            continue
        if said.begin is not None and event.begin is not None and said.begin != event.begin:
            lines = tuple(sorted({draft.placed.printed.line, spot.printed.line}))
            what = f"{draft.day.month}月{draft.day.day}日表里写{event.begin:%H:%M}，正文写{said.begin:%H:%M}，暂按表里的排"
            timetable.findings.append(
                Finding("contradictory_time", lines, what, "asked", draft.placed.printed.cell.strip())
            )
            continue
        begin = event.begin or said.begin
        event = replace(
            event,
            begin=begin,
            end=event.end or (said.end if said.begin == begin else None),
            period=event.period or said.period,
            place=event.place or said.place,
        )
    return replace(draft, event=event)


def _has_weekly_table(table: list[Printed], prose: ProseReading) -> bool:
    """A table that already lists the days makes a bounded 每周 sentence a description of it."""
    weekdays = {day for item in table for day in item.weekdays}
    return bool(table) and any(set(rule.weekdays) & weekdays for rule in prose.rules if rule.is_bounded)


def _is_strong(event: Event | None) -> bool:
    return event is not None and (
        event.begin is not None or any(item.title for item in event.items if item.title and event.period)
    )


def _expanded(placed: list[Placed], timetable: Timetable) -> list[Placed]:
    """A printed range of days (7月8日至10日) is one session a day, and the admin is told."""
    spread: list[Placed] = []
    for spot in placed:
        item, first = spot.printed, spot.held_on
        if item.until is None or first is None:
            spread.append(spot)
            continue
        last = make_date(item.until.year or first.year, item.until.month or first.month, item.until.day)
        if last is not None and last < first and item.until.year is None:
            last = make_date(first.year + 1, item.until.month or first.month, item.until.day)
        if last is None or not 0 < (last - first).days <= 31:
            what = f"第{item.line}行的日期范围读不通，没有排入：{item.cell.strip()[:40]}"
            timetable.findings.append(
                Finding("impossible_date", (item.line,), what, "asked", item.cell.strip())
            )
            continue
        what = f"第{item.line}行写的是一段日期（{first.isoformat()}至{last.isoformat()}），按每天一场排入，请确认"
        timetable.findings.append(Finding("rule_unclear", (item.line,), what, "kept", item.cell.strip()))
        days = range(first.toordinal(), last.toordinal() + 1)
        spread.extend(replace(spot, held_on=date.fromordinal(day)) for day in days)
    return spread


def _drafts(placed: Iterable[Placed], timetable: Timetable) -> list[Draft]:
    drafts: list[Draft] = []
    for spot in placed:
        item, event = spot.printed, spot.printed.event
        if spot.held_on is None:
            continue
        if event is None or (not event.items and (event.is_suspended or event.is_cancelled)):
            _free(spot, timetable, event)
            continue
        if event.is_cancelled or event.is_suspended:
            _free(spot, timetable, event)
            continue
        if event.begin is None and _words(event) and all(HOLIDAY.fullmatch(w) for w in _words(event)):
            _free(spot, timetable, replace(event, is_suspended=True))
            continue
        if event.is_empty and event.period is None and not event.is_pending:
            _free(spot, timetable, None)
            continue
        drafts.append(Draft(spot, event, kind_of(event.items, item.cell, timetable.title)))
    return drafts


def _free(spot: Placed, timetable: Timetable, event: Event | None) -> None:
    item = spot.printed
    if spot.held_on is None or any(
        free.held_on == spot.held_on and free.line == item.line for free in timetable.free_days
    ):
        return
    codes = tuple(code for code in spot.codes if code != "asked")
    if event is not None:
        code = "suspended_date" if event.is_suspended else "cancelled_row"
        what = "停课或放假" if event.is_suspended else "写明取消"
        timetable.findings.append(
            Finding(
                code,
                (item.line,),
                f"第{item.line}行{spot.held_on.month}月{spot.held_on.day}日{what}，没有排入",
                "kept",
                item.cell.strip(),
            )
        )
        codes = (*codes, code)
    weekday = item.weekdays[0] if len(item.weekdays) == 1 else spot.held_on.weekday()
    timetable.free_days.append(FreeDay(spot.held_on, item.day, weekday, item.row, item.line, codes))


def _lent(draft: Draft, prose: ProseReading) -> Draft:
    """Hours, part of the day and place that the text gives for the session's weekday, never a guess."""
    event = draft.event
    weekday = draft.day.weekday()
    for rule in prose.rules:
        if (
            rule.is_bounded
            or weekday not in rule.weekdays
            or (event.begin is not None and event.place is not None)
        ):
            continue
        if event.is_ambiguous and rule.event.period is not None:
            event = _read_again(draft, event, rule)
        if (
            event.begin is None
            and event.problem is None
            and not event.is_pending
            and not event.is_ambiguous
            and rule.event.begin is not None
        ):
            event = replace(
                event,
                begin=rule.event.begin,
                end=rule.event.end,
                period=rule.event.period,
                period_is_printed=True,
                rest=f"line {rule.line} ({rule.words})",
            )
        elif event.begin is None and event.period is None and rule.event.period is not None:
            event = replace(event, period=rule.event.period, rest=f"line {rule.line} ({rule.words})")
    lent = next(
        (
            rule.event.place
            for rule in prose.rules
            if weekday in rule.weekdays
            and rule.event.place
            and not rule.is_bounded
            and _is_about(rule, event)
        ),
        None,
    )
    if event.place is None and lent is not None:
        event = replace(event, place=lent)
    speaker = next(
        (rule.event.speaker for rule in prose.rules if weekday in rule.weekdays and not rule.is_bounded), None
    )
    if draft.kind in ("lecture", "talks", "other"):
        event = with_speaker(event, speaker)
    return replace(draft, event=event)


def _read_again(draft: Draft, event: Event, rule: Recurring) -> Event:
    again = read_event(draft.placed.printed.cell, (), default_period=rule.event.period)
    if again.begin is None:
        return event
    return replace(
        event,
        begin=again.begin,
        end=again.end,
        period=again.period,
        is_ambiguous=False,
        rest=f"line {rule.line} ({rule.words})",
    )


def _words(event: Event) -> list[str]:
    return [words for item in event.items if (words := item.title or item.track)]


def _is_about(rule: Recurring, event: Event) -> bool:
    """Whether a weekly sentence that names something (每周一组会，地点415) speaks of this session."""
    own, said = _words(event), _words(rule.event)
    return not own or not said or any(x in y or y in x for x in own for y in said)


def _period_start(event: Event) -> time:
    return {
        "dawn": time(0),
        "morning": time(6),
        "noon": time(12),
        "afternoon": time(13),
        "evening": time(18),
    }.get(event.period or "", time(23, 59))


def _number(drafts: list[Draft], rules: tuple[Rule, ...], timetable: Timetable) -> None:
    width = 2 if len(drafts) < 100 else 3
    required, optional = _audience(rules)
    tentative = any(rule.rule == "plan_is_tentative" for rule in rules)
    for index, draft in enumerate(drafts, 1):
        session_id = f"S{index:0{width}d}"
        item, event = draft.placed.printed, draft.event
        timetable.sessions.append(
            Session(
                session_id=session_id,
                held_on=draft.day,
                start=event.begin,
                end=event.end,
                period=event.period,
                kind=draft.kind,
                scope=_scope(draft, rules),
                items=event.items,
                place=event.place,
                required=required,
                optional=optional,
                status="tentative" if tentative else "confirmed",
                version=1,
                source=Source(
                    item.line,
                    item.cell.strip(),
                    item.cell_name or (item.cell.strip() if item.is_from_table else None),
                ),
                period_source=_period_source(event),
                table_row=item.row,
            )
        )
        codes = [code for code in draft.placed.codes if code != "asked"]
        codes += _session_findings(draft, timetable)
        timetable.session_codes[session_id] = codes


def _period_source(event: Event) -> str | None:
    if event.period is None:
        return None
    if re.match(r"line \d+", event.rest):
        return event.rest
    return "cell" if event.period_is_printed else "hour"


def _session_findings(draft: Draft, timetable: Timetable) -> list[str]:
    item, event = draft.placed.printed, draft.event
    codes: list[str] = []
    if event.problem in _TIME_PROBLEMS:
        what = f"第{item.line}行{draft.day.month}月{draft.day.day}日的{_TIME_PROBLEMS[event.problem]}：{item.cell.strip()[:40]}"
        timetable.findings.append(Finding(event.problem, (item.line,), what, "asked", item.cell.strip()))
        codes.append(event.problem)
    return codes


def _audience(rules: tuple[Rule, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    required = tuple(
        dict.fromkeys(
            name
            for rule in rules
            if rule.rule == "attendance_required"
            for name in rule.applies_to
            if name != "all"
        )
    )
    optional = tuple(
        dict.fromkeys(
            name
            for rule in rules
            if rule.rule == "attendance_optional"
            for name in rule.applies_to
            if name != "all"
        )
    )
    return required, optional


def _scope(draft: Draft, rules: tuple[Rule, ...]) -> Scope:
    """A group meeting belongs to its group when the notice says groups meet by themselves, or by its own words."""
    if draft.kind != "group_meeting":
        return "everyone"
    words = " ".join(f"{item.track or ''}{item.title or ''}" for item in draft.event.items)
    if re.search(r"小组|项目组|课题组|各组|组内", words) or any(
        rule.rule.endswith("_group_meeting") for rule in rules
    ):
        return "own_project_group"
    return "everyone"


def outliers(sessions: list[Session]) -> list[tuple[Session, time]]:
    """Sessions that begin at another hour than most of their weekday and kind, with that usual hour."""
    groups: dict[tuple[int, str], list[Session]] = defaultdict(list)
    for session in sessions:
        groups[(session.held_on.weekday(), session.kind)].append(session)
    found: list[tuple[Session, time]] = []
    for group in groups.values():
        timed = [session for session in group if session.start is not None]
        if len(timed) < 3 or len({session.held_on for session in timed}) < len(timed):
            continue
        counts = Counter(session.start for session in timed)
        usual, times = counts.most_common(1)[0]
        if usual is None or times * 3 < len(timed) * 2 or times < 2:
            continue
        found.extend((session, usual) for session in timed if session.start != usual)
    return sorted(found, key=lambda item: item[0].session_id)
