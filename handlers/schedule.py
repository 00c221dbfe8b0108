"""本周 · 今天 · 周四几点 · 谁讲 · 下一场 · 《科研申请》哪天: what is on, answered from memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time

from handlers.contacts import whom
from handlers.context import Context
from language.titles import best_titles
from language.understood import Span, Understood
from messages.envelope import Reply
from programme.evidence import sources_of_session
from programme.schedule import (
    Event,
    events_between,
    events_for,
    find_titles,
    next_event,
    text_of,
    usual_start,
    week_of,
)
from programme.session_facts import moved_from
from programme.sessions import Source

LOOKS_ALIKE = 0.8  # from which likeness a mistyped title is taken for the printed one


def handle(understood: Understood, context: Context) -> Reply:
    slots = understood.slots
    everything = events_for(context.programme, context.person)
    events = of_kind(everything, kind := str(slots.get("kind") or ""))
    if "no_such_day" in slots:
        return no_such_day(str(slots["no_such_day"]), context)
    if kind and (other := of_another_kind(everything, kind, understood.spans, context)) is not None:
        return other
    words = str(slots.get("topic") or "")
    if words:
        return by_title(events, words, understood, context)
    if "asks" in slots and not is_free(events, understood.spans, context):
        return facts(meant(events, understood, context), str(slots["asks"]), context)
    if slots.get("which") == "all" or ("kind" in slots and not understood.spans and "which" not in slots):
        return days(events, context.programme.first_date, context.programme.last_date, context)
    if "which" in slots:
        return by_place(events, str(slots["which"]), understood, context)
    if len(apart := days_apart(understood.spans, context)) > 1:
        return several(events, apart, context)
    week = week_of(context.at.date())
    if understood.span is None:
        return days(events, *week, context, is_week=True)
    named = days_of(understood.span, context)
    return days(events, *named, context, is_week=named == week)


def of_kind(events: Sequence[Event], kind: str) -> tuple[Event, ...]:
    """Only the group meetings where 组会 is asked for; all of them else."""
    found = tuple(event for event in events if event.session.kind == kind)
    return found or tuple(events)


def of_another_kind(
    events: Sequence[Event], kind: str, spans: Sequence[Span], context: Context
) -> Reply | None:
    """周二有组会吗 where only a talk is on: that there is no 组会, and what there is; None where all named
    days hold what is asked for, or nothing at all."""
    apart = days_apart(spans, context)
    held = {named: events_between(events, *named) for named in apart}
    without = [
        named for named in apart if held[named] and not any(e.session.kind == kind for e in held[named])
    ]
    if not without:
        return None
    found: dict[Event, None] = {}
    for named in apart:
        right = [e for e in held[named] if e.session.kind == kind]
        found.update(dict.fromkeys(right or held[named]))
    values = about(sorted(found, key=lambda e: e.occurrence.held_on), context) | {
        "kind": kind,
        "is_mixed": any(event.session.kind == kind for event in found),
        "without": [{"first": first, "last": last} for first, last in without],
        "free": [first for first, last in apart if first and not held[first, last]],
    }
    return Reply("schedule/another_kind", values, sources_of(found, context))


def day_of(point: date | datetime | None, context: Context) -> date | None:
    return point.astimezone(context.setup.zone).date() if isinstance(point, datetime) else point


def days_of(span: Span, context: Context) -> tuple[date | None, date | None]:
    return day_of(span.start, context), day_of(span.end, context)


def days_apart(spans: Iterable[Span], context: Context) -> list[tuple[date | None, date | None]]:
    """25号和27号: two days or stretches, each once."""
    return list(dict.fromkeys(days_of(span, context) for span in spans))


def days(
    events: Sequence[Event], first: date | None, last: date | None, context: Context, *, is_week: bool = False
) -> Reply:
    found = events_between(events, first, last)
    values = about(found, context, after=last) | {
        "first": first,
        "last": last,
        "is_week": is_week,
        "begins": context.programme.first_date,
        "ends": context.programme.last_date,
        "moved": moved_away(first, context) if first == last else [],
    }
    if first is not None and first == last:
        return Reply("schedule/day" if found else "schedule/free_day", values, sources_of(found, context))
    return Reply("schedule/days" if found else "schedule/free_days", values, sources_of(found, context))


def moved_away(day: date | None, context: Context) -> list[dict[str, object]]:
    """What the notice prints on *day* and what was moved to another day in chat, as the sender meets it."""
    if day is None:
        return []
    moved = {s.session_id for s in moved_from(context.programme, day)}
    events = events_for(context.programme, context.person)
    return [shown(e, context) for e in events if e.session.session_id in moved and not e.is_cancelled]


def several(
    events: Sequence[Event], apart: Sequence[tuple[date | None, date | None]], context: Context
) -> Reply:
    """Each named day with what is on, or that nothing is."""
    found = {event: None for first, last in apart for event in events_between(events, first, last)}
    free = [first for first, last in apart if first and not events_between(events, first, last)]
    values = about(sorted(found, key=lambda e: e.occurrence.held_on), context) | {"free": sorted(free)}
    return Reply("schedule/several", values, sources_of(found, context))


def about(found: Iterable[Event], context: Context, *, after: date | None = None) -> dict[str, object]:
    """What every answer about the plan needs: the events, today, and what comes next: from now on, or
    after the last day that was asked about."""
    since = context.at
    if after is not None and after >= since.date():
        since = datetime.combine(after, time.max, since.tzinfo)
    coming = next_event(events_for(context.programme, context.person), since)
    return {
        "events": [shown(event, context) for event in found],
        "today": context.at.date(),
        "coming": shown(coming, context) if coming else None,
    }


def is_free(events: Sequence[Event], spans: Sequence[Span], context: Context) -> bool:
    """Whether days are named and nothing is on: then there is no place or speaker to speak of."""
    apart = days_apart(spans, context)
    return bool(apart) and not any(events_between(events, first, last) for first, last in apart)


def sources_of(found: Iterable[Event], context: Context) -> tuple[Source, ...]:
    return tuple(s for event in found for s in sources_of_session(context.programme, event.session))


def no_such_day(said: str, context: Context) -> Reply:
    return Reply("schedule/no_such_day", about((), context) | {"said": said})


def meant(events: Sequence[Event], understood: Understood, context: Context) -> tuple[Event, ...]:
    """The sessions whose speaker, place or end is asked: those named; else today's, else the next."""
    if understood.spans:
        apart = days_apart(understood.spans, context)
        events = tuple(e for first, last in apart for e in events_between(events, first, last))
        if "which" not in understood.slots:
            return events
    which = str(understood.slots.get("which") or "today")
    picked = pick(events, which, context)
    return (picked,) if picked else ()


def facts(found: Sequence[Event], asked: str, context: Context) -> Reply:
    """谁讲, 在哪, 几点结束: exactly what is known, and plainly what the notice does not say (R11, R43)."""
    if not found:
        return Reply("schedule/none_meant", about((), context))
    wanted = asked.split(",")
    values = about(found, context) | whom(context)
    values |= {"wanted": wanted, "unsaid": {fact: unsaid(fact, found) for fact in wanted}}
    return Reply("schedule/facts", values, sources_of(found, context))


def unsaid(fact: str, found: Sequence[Event]) -> list[date]:
    """The days of those of *found* for which *fact* is not known."""
    return [event.occurrence.held_on for event in found if not is_known(fact, event)]


def is_known(fact: str, event: Event) -> bool:
    if fact == "speaker":
        return any(item.speaker for item in event.session.items)
    return {"place": event.occurrence.place, "end": event.occurrence.end}.get(fact) is not None


def by_place(events: Sequence[Event], which: str, understood: Understood, context: Context) -> Reply:
    """下一场, 最后一场, 第三场, 还有吗: one session, within the days named if any."""
    if understood.span is not None:
        first, last = days_of(understood.span, context)
        events = events_between(events, first, last)
        if not events:
            return days(events, first, last, context)
    left = [e for e in events if not e.is_cancelled and is_to_come(e, context.at)]
    picked = pick(events, which, context)
    values = about((picked,) if picked else (), context) | {"which": which, "left": len(left)}
    values["is_whole"] = understood.span is None
    return Reply("schedule/one", values, sources_of((picked,) if picked else (), context))


def pick(events: Sequence[Event], which: str, context: Context) -> Event | None:
    """The session that *which* means among *events*; None where there is none.

    "today" is one of today that is still to come or under way, else the next.
    """
    held = [event for event in events if not event.is_cancelled]
    if which.isdigit():
        return held[int(which) - 1] if int(which) <= len(held) else None
    if which in ("first", "last"):
        return (held[0] if which == "first" else held[-1]) if held else None
    if which == "previous":
        gone = [event for event in held if not is_to_come(event, context.at)]
        return gone[-1] if gone else None
    coming = next_event(held, context.at)
    if which == "today":
        of_today = [event for event in held if event.occurrence.held_on == context.at.date()]
        return coming if coming in of_today else (of_today[-1] if of_today else coming)
    return coming


def is_to_come(event: Event, at: datetime) -> bool:
    return next_event((event,), at) is not None


def as_typed(words: str, text: str) -> str:
    """AI平台 and not ai平台: *words* in the letters that the sender typed."""
    at = text.lower().find(words)
    return text[at : at + len(words)] if at >= 0 and len(text) == len(text.lower()) else words


def by_title(events: Sequence[Event], words: str, understood: Understood, context: Context) -> Reply:
    """Events that mention *words*, within the days named if any; a near title if none fits exactly."""
    words = as_typed(words, understood.text)
    found = find_titles(events, words) or near(events, words, LOOKS_ALIKE)
    if understood.span is not None:
        first, last = days_of(understood.span, context)
        if not found:
            return days(events, first, last, context)
        found = events_between(found, first, last) or found
    if not found:
        alike = near(events, words, 0.0)[:2]
        return Reply("schedule/no_such_title", about(alike, context) | {"words": words})
    if "asks" in understood.slots:
        return facts(found, str(understood.slots["asks"]), context)
    return Reply("schedule/titles", about(found, context) | {"words": words}, sources_of(found, context))


def near(events: Sequence[Event], words: str, enough: float) -> tuple[Event, ...]:
    best = best_titles(words, [text_of(event) for event in events])
    return tuple(events[index] for index, score in best if score >= enough)


def clock(understood: Understood, context: Context) -> Reply:
    """现在几点了: the time, and what comes next."""
    return Reply("schedule/clock", about((), context) | {"now": context.at})


def shown(event: Event, context: Context) -> dict[str, object]:
    """What a template needs of an event; unknown facts stay None and are said to be unknown."""
    key = ("shown", event.occurrence.occurrence_id)
    known: dict[str, object] | None = context.programme.memo.get(key)
    if known is None:
        known = context.programme.memo[key] = described(event, context)
    return known


def described(event: Event, context: Context) -> dict[str, object]:
    session, occurrence = event.session, event.occurrence
    return {
        "on": occurrence.held_on,
        "start": occurrence.start,
        "end": occurrence.end,
        "period": session.period,
        "kind": session.kind,
        "items": session.items,
        "place": occurrence.place,
        "status": "cancelled" if event.is_cancelled else session.status,
        "group": occurrence.group,
        "usual_start": usual_start(context.programme, event) if is_asked(context, event) else None,
    }


def is_asked(context: Context, event: Event) -> bool:
    """Whether the hour of this session stands as printed and the admin still has to say whether it is right."""
    session_id = event.session.session_id
    is_set = f"session:{session_id}:start" in context.programme.settings
    if is_set or event.occurrence.start != event.session.start:
        return False
    return any(
        question.state == "open"
        and question.subject.startswith("start:")
        and session_id in question.subject.removeprefix("start:").split(",")
        for question in context.programme.questions
    )
