"""本周 · 今天 · 周四几点 · 《科研申请》哪天: what is on, answered from memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from handlers import rules
from handlers.context import Context
from language.subjects import rule_subject
from language.titles import best_titles
from language.understood import Understood
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

LOOKS_ALIKE = 0.8  # from which likeness a mistyped title is taken for the printed one


def handle(understood: Understood, context: Context) -> Reply:
    events = events_for(context.programme, context.person)
    words = str(understood.slots.get("topic") or "")
    if words:
        return by_title(events, words, understood, context)
    span = understood.span
    if span is None and rule_subject(understood.text) == "report_days":
        return rules.handle(understood, context)  # 我哪天汇报: not a question about this week
    week = week_of(context.at.date())
    if span is None:
        return days(events, *week, context, is_week=True)
    named = day_of(span.start, context), day_of(span.end, context)
    return days(events, *named, context, is_week=named == week)


def day_of(point: date | datetime | None, context: Context) -> date | None:
    return point.astimezone(context.setup.zone).date() if isinstance(point, datetime) else point


def days(
    events: Sequence[Event], first: date | None, last: date | None, context: Context, *, is_week: bool = False
) -> Reply:
    found = events_between(events, first, last)
    coming = next_event(events, context.at)
    values: dict[str, object] = {
        "first": first,
        "last": last,
        "today": context.at.date(),
        "events": [shown(event, context) for event in found],
        "coming": shown(coming, context) if coming else None,
        "is_week": is_week,
        "begins": context.programme.first_date,
        "ends": context.programme.last_date,
    }
    sources = tuple(
        source for event in found for source in sources_of_session(context.programme, event.session)
    )
    if first is not None and first == last:
        return Reply("schedule/day" if found else "schedule/free_day", values, sources)
    return Reply("schedule/days" if found else "schedule/free_days", values, sources)


def by_title(events: Sequence[Event], words: str, understood: Understood, context: Context) -> Reply:
    """Events that mention *words*, within the days named if any; a near title if none fits exactly."""
    found = find_titles(events, words) or near(events, words)
    if understood.span is not None:
        first, last = day_of(understood.span.start, context), day_of(understood.span.end, context)
        if not found:
            return days(events, first, last, context)
        found = events_between(found, first, last) or found
    values = {
        "words": words,
        "events": [shown(event, context) for event in found],
        "today": context.at.date(),
    }
    sources = tuple(
        source for event in found for source in sources_of_session(context.programme, event.session)
    )
    return Reply("schedule/titles" if found else "schedule/no_such_title", values, sources)


def near(events: Sequence[Event], words: str) -> tuple[Event, ...]:
    best = best_titles(words, [text_of(event) for event in events])
    return tuple(events[index] for index, score in best if score >= LOOKS_ALIKE)


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
        "usual_start": usual_start(context.programme, event)
        if is_asked(context, session.session_id)
        else None,
    }


def is_asked(context: Context, session_id: str) -> bool:
    """Whether the admin still has to say the hour of this session."""
    return any(
        question.state == "open"
        and question.subject.startswith("start:")
        and session_id in question.subject.removeprefix("start:").split(",")
        for question in context.programme.questions
    )
