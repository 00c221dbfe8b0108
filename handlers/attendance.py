"""我的考勤: one person's record, session by session, with lateness, guarantee, leave and what changed it later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from handlers import checkin
from handlers.context import Context
from handlers.names import name_of
from handlers.schedule import shown as shown_event
from programme.attendance import may_come
from programme.people import Person
from programme.schedule import Event, events_for
from programme.summaries import Checked, Facts, is_counted, seen_at, window_in
from storage import audit, checkins, corrections, guarantees, leave, summaries
from storage.checkins import Checkin
from storage.corrections import Correction
from storage.guarantees import Guarantee
from storage.leave import Leave


@dataclass(frozen=True)
class Record:
    """Everything stored about one person, by occurrence."""

    checkins: Mapping[str, Checkin]
    leaves: Mapping[str, Leave]
    guarantees: Sequence[Guarantee]
    explained: Mapping[str, str]
    corrected: Mapping[str, Correction]
    facts: Facts


def shown(person: Person, context: Context) -> dict[str, object]:
    """The values of attendance/list: totals, and a line for each session that has begun."""
    seat = replace(context, person=person)
    held = [
        event
        for event in events_for(context.programme, person)
        if event.is_held and not event.is_cancelled and checkin.opening(event, seat) <= context.at
    ]
    record = record_of(person, held, context)
    lines = [line for event in held if (line := line_of(person, event, record, context)) is not None]
    counted = [line["standing"] for line in lines if line["is_counted"]]
    return {
        "person": person,
        "is_own": person.person_id == context.person.person_id,
        "is_voluntary": may_come(context.programme, person) and not person.opted_in,
        "lines": lines,
        "held": len(counted),
        "totals": {standing: counted.count(standing) for standing in set(counted)},
    }


def record_of(person: Person, held: Sequence[Event], context: Context) -> Record:
    tx, programme_id, person_id = context.tx, context.programme.programme_id, person.person_id
    ids = [event.occurrence.occurrence_id for event in held]
    stored = {one.occurrence_id: one for one in checkins.of_person(tx, programme_id, person_id)}
    leaves = {one.occurrence_id: one for one in leave.of_person(tx, programme_id, person_id)}
    objects = {f"attendance:{occurrence_id}:{person_id}": occurrence_id for occurrence_id in ids}
    explained = {
        objects[entry.object]: entry.reason or ""
        for entry in audit.about(tx, programme_id, "explain_lateness", list(objects))
    }
    facts = Facts(
        checkins={
            (i, person_id): Checked(c.state, c.late_min, c.proof == checkins.ONLINE, c.at)
            for i, c in stored.items()
        },
        on_leave=frozenset((i, person_id) for i, one in leaves.items() if one.state == "granted"),
        opened=summaries.opened(tx, ids),
    )
    corrected = {one.occurrence_id: one for one in corrections.of_person(tx, programme_id, person_id)}
    vouched = guarantees.of_person(tx, programme_id, person_id)
    return Record(stored, leaves, vouched, explained, corrected, facts)


def line_of(person: Person, event: Event, record: Record, context: Context) -> dict[str, object] | None:
    """One session; None where nothing is counted and nothing is on record."""
    occurrence_id = event.occurrence.occurrence_id
    stored = record.checkins.get(occurrence_id)
    key = (occurrence_id, person.person_id)
    counts = is_counted(person, event, record.facts.checkins.get(key), context.setup.zone)
    if not counts and stored is None:
        return None
    window = window_in(event, record.facts, context.setup.checkin, context.setup.zone)
    seen = seen_at(person, event, record.facts)
    is_open = window is not None and window.opens_at <= context.at <= window.closes_at
    is_unknown = stored is None and window is None and seen.standing == "absent"
    asked = record.leaves.get(occurrence_id)
    standing: str = seen.standing
    if standing == "absent" and (is_unknown or is_open):
        standing = "open" if is_open else "not_taken"
    return {
        "event": shown_event(event, context),
        "standing": standing,
        "is_counted": counts and standing not in ("open", "not_taken"),
        "late_min": seen.late_min,
        "is_online": seen.is_online,
        "at": stored.at.astimezone(context.setup.zone) if stored else None,
        "leave": leave_words(asked, context) if asked else None,
        "guarantee": guarantee_words(occurrence_id, record, context),
        "explained": record.explained.get(occurrence_id),
        "corrected": correction_words(record.corrected.get(occurrence_id), context),
        "is_voluntary": not counts,
    }


def correction_words(last: Correction | None, context: Context) -> dict[str, object] | None:
    """Who set the record right, and why; a session that was moved has nobody."""
    if last is None or last.by is None:
        return None
    return {"by": name_of(last.by, context), "reason": last.reason}


def leave_words(asked: Leave, context: Context) -> dict[str, object]:
    return {
        "state": asked.state,
        "by": name_of(asked.decided_by, context) if asked.decided_by else None,
        "reason": asked.reason,
    }


def guarantee_words(occurrence_id: str, record: Record, context: Context) -> dict[str, object] | None:
    """The guarantee that matters for a session: the one in force, else the newest that was asked."""
    covering = [g for g in record.guarantees if occurrence_id in g.occurrence_ids]
    if not covering:
        return None
    best = next((g for g in covering if g.state == "granted"), covering[-1])
    return {"state": best.state, "by": name_of(best.guarantor_id, context)}
