"""再确认: a lead asks those who checked in once more; they answer from the screen as it is now."""

from __future__ import annotations

from datetime import datetime, timedelta

from handlers import proof
from handlers.asking import ask
from handlers.checkin import held_on, shown
from handlers.context import Context
from handlers.marking import DECIDERS
from handlers.opening import may_open, screen_link_of
from language.understood import Understood
from messages.envelope import Reply
from programme.attendance import event_values
from programme.codes import is_current
from programme.grid import cell_of, is_in_cell
from programme.schedule import Event
from storage import audit, checkins, rechecks
from storage.pending import Pending
from storage.rechecks import Recheck

SHORTEST = 1
LONGEST = 60


def handle(understood: Understood, context: Context) -> Reply:
    """A lead's word begins one, a student's answers the one that is open."""
    if not context.person.roles & DECIDERS:
        return answer(context)
    minutes = int(understood.slots.get("minutes") or context.setup.checkin.recheck_min)
    if context.setup.checkin.recheck_min == 0:
        return Reply("recheck/off")
    if not SHORTEST <= minutes <= LONGEST:
        return Reply("recheck/how_long", {"most": LONGEST})
    for event in reversed([e for e in held_on(context.at.date(), context) if not e.is_cancelled]):
        there = present(event, context)
        if may_open(event, context) and there:
            return begin(event, there, minutes, context)
    return Reply("recheck/nobody_there")


def present(event: Event, context: Context) -> list[str]:
    """The people who have checked in and are not still to be verified."""
    rows = checkins.of_occurrence(context.tx, event.occurrence.occurrence_id)
    return [row.person_id for row in rows if row.counts]


def begin(event: Event, there: list[str], minutes: int, context: Context) -> Reply:
    occurrence_id, me = event.occurrence.occurrence_id, context.person.person_id
    programme_id, ends_at = context.programme.programme_id, context.at + timedelta(minutes=minutes)
    recheck = rechecks.begin(context.tx, programme_id, occurrence_id, me, context.at, ends_at)
    if recheck is None:
        return Reply("recheck/open_already", shown(event, context))
    values = event_values(event) | {"until": f"{ends_at:%H:%M}"}
    for person_id in there:
        context.push(f"recheck:{recheck.recheck_id}:{person_id}", person_id, "recheck/please", values)
    audit.write(
        context.tx, programme_id, context.at, me, "recheck", f"occurrence:{occurrence_id}", None, None, None
    )
    told = {"count": len(there), "ends_at": ends_at, "link": screen_link_of(event, context)}
    return Reply("recheck/begun", shown(event, context) | told)


def answer(context: Context) -> Reply:
    """再确认 of somebody who checked in: what to read from the screen now."""
    found = open_for(context)
    if found is None:
        return Reply("recheck/none_open")
    recheck, event = found
    if context.person.person_id in rechecks.answered(context.tx, recheck.recheck_id):
        return Reply("recheck/already", shown(event, context))
    if rechecks.tries_of(context.tx, recheck.recheck_id, context.person.person_id) >= proof.TRIES:
        return Reply("recheck/exhausted")
    return question(recheck, event, context, None)


def open_for(context: Context) -> tuple[Recheck, Event] | None:
    for event in reversed(held_on(context.at.date(), context)):
        recheck = rechecks.open_of(context.tx, event.occurrence.occurrence_id)
        stored = checkins.find(context.tx, event.occurrence.occurrence_id, context.person.person_id)
        if recheck and not event.is_cancelled and stored and stored.counts:
            return (recheck, event) if context.at <= recheck.ends_at else None
    return None


def question(recheck: Recheck, event: Event, context: Context, left: int | None) -> Reply:
    step = proof.current_step(context)
    ask(context, "recheck", {"recheck_id": recheck.recheck_id, "step": step})
    values: dict[str, object] = {"until": local(recheck.ends_at, context), "left": left, "cell": None}
    if context.setup.checkin.proof == "grid":
        key, person_id = context.setup.signing_key, context.person.person_id
        values["cell"] = cell_of(key, subject_of(recheck), person_id, step)
    return Reply("recheck/ask", proof.shown(event, context) | values)


def subject_of(recheck: Recheck) -> str:
    """What the cell is derived from: another one than at the check-in of the same moment."""
    return f"{recheck.occurrence_id}|{int(recheck.asked_at.timestamp())}"


def local(at: datetime, context: Context) -> datetime:
    return at.astimezone(context.setup.zone)


def typed(understood: Understood, context: Context, asked: Pending) -> Reply | None:
    """The number or the word after the question; anything else is no answer to it."""
    given = given_in(understood, context)
    if given is None:
        return None
    found = open_for(context)
    if found is None or found[0].recheck_id != asked.data["recheck_id"]:
        return Reply("recheck/none_open")
    recheck, event = found
    tries = rechecks.count_try(context.tx, recheck, context.person.person_id)
    if tries > proof.TRIES:
        return Reply("recheck/exhausted")
    if is_right(given, int(str(asked.data["step"])), recheck, context):
        rechecks.answer(context.tx, recheck.recheck_id, context.person.person_id, context.at)
        return Reply("recheck/right", shown(event, context))
    if tries == proof.TRIES:
        return Reply("recheck/exhausted")
    return question(recheck, event, context, proof.TRIES - tries)


def given_in(understood: Understood, context: Context) -> str | None:
    if context.setup.checkin.proof == "grid":
        return proof.word_in(understood)
    code = "".join(understood.text.split())
    return code if code.isascii() and code.isdigit() and len(code) == 6 else None


def is_right(given: str, asked_in: int, recheck: Recheck, context: Context) -> bool:
    rules, key = context.setup.checkin, context.setup.signing_key
    if rules.proof != "grid":
        return is_current(key, recheck.occurrence_id, given, context.moment, rules.rotate_s)
    cell = cell_of(key, subject_of(recheck), context.person.person_id, asked_in)
    return is_in_cell(key, recheck.occurrence_id, cell, given, proof.current_step(context))
