"""What people must hear of, left with the change as one task row; the worker makes the pushes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from handlers.context import Context
from programme.changes import Difference, concerned, differences
from programme.people import Person
from programme.sessions import Occurrence, Session
from storage import tasks


@dataclass(frozen=True)
class Changed:
    """A session before and after, with its occurrences that moved along."""

    before: Session
    after: Session
    occurrences: tuple[Occurrence, ...]
    group: str | None = None


def audience_of(changes: Sequence[Changed], context: Context) -> tuple[Person, ...]:
    """Everybody concerned by one of *changes*, but for the person who makes them."""
    everybody = context.snapshot.people_in(context.programme.programme_id)
    found: dict[str, Person] = {}
    for change in changes:
        for person in concerned(change.after, change.occurrences, everybody):
            found[person.person_id] = person
    found.pop(context.person.person_id, None)
    return tuple(found.values())


def announce(changes: Sequence[Changed], reason: str | None, context: Context) -> None:
    """Queue one message about all of *changes* for everybody concerned, and the report of its delivery."""
    told = [change for change in changes if change.occurrences]
    if not told:
        return
    shown = [shown_change(change) for change in told]
    data: dict[str, object] = {
        "template": "change/told",
        # Who and when stand in the message: there and back again would else be told in the same bytes
        # within four hours, and the platform's duplicate check would swallow the second.
        "values": {
            "changes": shown,
            "reason": reason,
            "from": context.person.name,
            "at": f"{context.at:%H:%M}",
        },
        "session_ids": [change.after.session_id for change in told],
        "occurrence_ids": [o.occurrence_id for change in told for o in change.occurrences],
        "not_to": [context.person.person_id],
        "by": context.person.person_id,
        "title": {"kind": "change", "changes": shown},
        "useless_after": end_of(max(last_day(change) for change in told), context).isoformat(),
    }
    tasks.add(context.tx, context.programme.programme_id, "expand", data, context.at)


def last_day(change: Changed) -> date:
    return max(change.before.held_on, change.after.held_on)


def end_of(day: date, context: Context) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(0), context.setup.zone)


def shown_change(change: Changed) -> dict[str, object]:
    """The change in values fit for JSON; unknown hours, places and names are null (R05, R11)."""
    before, after = change.before, change.after
    return {
        "held_on": before.held_on.isoformat(),
        "now_on": after.held_on.isoformat(),
        "start": plain(after.start),
        "end": plain(after.end),
        "period": after.period,
        "place": after.place,
        "group": change.group,
        "status": after.status,
        "items": [
            {"track": item.track, "title": item.title, "speaker": item.speaker} for item in before.items
        ],
        "left": [{"track": item.track, "title": item.title, "speaker": item.speaker} for item in after.items],
        "differences": [shown_difference(found) for found in differences(before, after)],
    }


def shown_difference(found: Difference) -> dict[str, object]:
    return {"field": found.field, "old": plain(found.old), "new": plain(found.new), "track": found.track}


def plain(value: date | time | str | None) -> str | None:
    if isinstance(value, time):
        return value.strftime("%H:%M")
    return value.isoformat() if isinstance(value, date) else value
