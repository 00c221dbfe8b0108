"""What 请假, 说明 and 担保 share: which sessions are meant, how they are told, and the trace they leave."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from handlers.context import Context
from language.understood import Span, Understood
from programme.attendance import Opened, window_of
from programme.schedule import Event, events_for
from programme.sessions import start_at
from storage import audit


def days_of(understood: Understood) -> tuple[date, ...]:
    """Every day that the text names, in order; a range gives all its days."""
    spans = understood.spans or ((understood.span,) if understood.span else ())
    found: list[date] = []
    for span in spans:
        first, last = ends_of(span)
        if first is None:
            continue
        count = min((last - first).days if last is not None else 0, 60)
        found += [date.fromordinal(first.toordinal() + n) for n in range(count + 1)]
    return tuple(dict.fromkeys(found))


def ends_of(span: Span) -> tuple[date | None, date | None]:
    return as_day(span.start), as_day(span.end)


def as_day(point: date | datetime | None) -> date | None:
    return point.date() if isinstance(point, datetime) else point


def has_begun(event: Event, context: Context) -> bool:
    starts_at = start_at(event.occurrence, context.setup.zone)
    if starts_at is None:
        return event.occurrence.held_on < context.at.date()
    return starts_at <= context.at


def is_closed(event: Event, context: Context) -> bool:
    """Whether check-in is over by the printed hour; a session without one is over with its day."""
    window = window_of(Opened(event, None), context.setup.checkin, context.setup.zone)
    if window is None:
        return event.occurrence.held_on < context.at.date()
    return window.closes_at < context.at


def events_of(occurrence_ids: object, context: Context, person_id: str) -> tuple[Event, ...]:
    wanted = set(occurrence_ids) if isinstance(occurrence_ids, (list, tuple)) else set()
    person = context.snapshot.person(person_id)
    return tuple(e for e in events_for(context.programme, person) if e.occurrence.occurrence_id in wanted)


def told(events: Sequence[Event], context: Context) -> list[dict[str, object]]:
    """The events in values fit for JSON; an unknown hour is null."""
    return [
        {
            "held_on": event.occurrence.held_on.isoformat(),
            "start": f"{event.occurrence.start:%H:%M}" if event.occurrence.start else None,
            "items": [
                {"track": i.track, "title": i.title, "speaker": i.speaker} for i in event.session.items
            ],
        }
        for event in events
    ]


def note(
    context: Context,
    action: str,
    events: Sequence[Event],
    reason: str | None,
    person_id: str | None = None,
) -> None:
    for event in events:
        audit.write(
            context.tx,
            context.programme.programme_id,
            context.at,
            context.person.person_id,
            action,
            f"attendance:{event.occurrence.occurrence_id}:{person_id or context.person.person_id}",
            None,
            None,
            reason,
        )
