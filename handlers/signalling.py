"""签到疑点: signs for the lead, never a verdict; nothing is kept unless [checkin] signals says so."""

from __future__ import annotations

from collections.abc import Iterable

from handlers.context import Context
from handlers.marking import DECIDERS, may_decide
from language.understood import Understood
from messages.envelope import Reply
from programme.signals import burst_of
from storage import device_codes, signals


def handle(understood: Understood, context: Context) -> Reply:
    """What was noticed today about the people whom the sender decides about."""
    if not context.person.roles & DECIDERS:
        return Reply("roll_call/not_for_you")
    if not context.setup.checkin.signals:
        return Reply("signals/off")
    sessions = [found for o in todays(context) if (found := noticed(o, context)) is not None]
    return Reply("signals/list" if sessions else "signals/none", {"sessions": sessions})


def todays(context: Context) -> list[str]:
    held = context.programme.occurrences
    return [o.occurrence_id for o in held if o.held_on == context.at.date()]


def noticed(occurrence_id: str, context: Context) -> dict[str, object] | None:
    """Names only of people about whom the sender decides; None where there is nothing to say."""
    kept = signals.of_occurrence(context.tx, occurrence_id)
    late = [(s.at, s.person_id) for s in kept if s.kind == "after_close"]
    strangers = dict.fromkeys(s.person_id for s in kept if s.kind == "anothers_cell")
    found: dict[str, object] = {
        "burst": names(burst_of(late), context),
        "cells": names(strangers, context),
        "devices": [
            n for n in (names(p, context) for p in device_codes.shared(context.tx, occurrence_id)) if n
        ],
    }
    session_id = next(o.session_id for o in context.programme.occurrences if o.occurrence_id == occurrence_id)
    session = next(s for s in context.programme.sessions if s.session_id == session_id)
    return found | {"items": session.items} if any(found.values()) else None


def names(person_ids: Iterable[str], context: Context) -> list[str]:
    """In the order of the roster; only people about whom the sender decides."""
    wanted = set(person_ids)
    people = context.snapshot.people_in(context.programme.programme_id)
    return [p.name for p in people if p.person_id in wanted and may_decide(p, context)]
