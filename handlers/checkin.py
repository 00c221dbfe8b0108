"""签到: one word; the window, lateness and the proof decide, and the first time is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time

from handlers import proof, schedule
from handlers.approving import approvers_for
from handlers.asking import ask
from handlers.context import Context
from language.understood import Understood
from messages.envelope import Reply
from programme import attendance
from programme.attendance import Opened, Refused, Taken, Window
from programme.evidence import sources_of_session
from programme.rules import rule_named
from programme.schedule import Event, events_for, next_event
from programme.sessions import Source
from storage import checkins, corrections, pending, signals
from storage.checkins import Checkin
from storage.pending import Pending
from storage.signals import Signal


def handle(understood: Understood, context: Context) -> Reply:
    named = str(understood.slots.get("name") or context.person.name)
    if named != context.person.name:
        return Reply("checkin/for_another", {"name": named})
    meant = schedule.day_of(understood.span.start, context) if understood.span else None
    if meant not in (None, context.at.date()):
        return Reply("checkin/another_day", {"on": meant, "today": context.at.date()})
    if not understood.is_sure:
        known = already(held_on(context.at.date(), context), context)
        if known is not None:
            return known
        ask(context, "checkin", {})
        return Reply("checkin/sure")
    code = str(understood.slots.get("code") or "")
    today = held_on(context.at.date(), context)
    verdict = judge(today, context)
    if isinstance(verdict, Taken):
        return take(verdict, code, context)
    note_after_close(verdict, context)
    return already(today, context) or refusal(verdict, context)


def note_after_close(verdict: Refused, context: Context) -> None:
    """Kept for whoever looks for bursts after the close, where the lab wants that (config [checkin])."""
    if context.setup.checkin.signals and verdict.why == "closed" and verdict.event is not None:
        signal = Signal(context.person.person_id, "after_close", context.at, "")
        occurrence_id = verdict.event.occurrence.occurrence_id
        signals.note(context.tx, context.programme.programme_id, occurrence_id, signal)


def held_on(day: date, context: Context) -> tuple[Event, ...]:
    """This person's events of *day* that somebody can check in to."""
    key = ("held_on", context.person.group, day)
    known: tuple[Event, ...] | None = context.programme.memo.get(key)
    if known is None:
        events = events_for(context.programme, context.person)
        known = tuple(e for e in events if e.is_held and e.occurrence.held_on == day)
        context.programme.memo[key] = known
    return known


def judge(today: Sequence[Event], context: Context) -> Taken | Refused:
    """The verdict by the printed hours; only where they refuse is it asked whether somebody opened it."""
    rules, zone = context.setup.checkin, context.setup.zone
    printed = [Opened(event, None) for event in today]
    verdict = attendance.judge(context.person, printed, context.at, rules, zone)
    if isinstance(verdict, Taken) or not today:
        return verdict
    return attendance.judge(context.person, opened(today, context), context.at, rules, zone)


def opened(today: Sequence[Event], context: Context) -> list[Opened]:
    """*today* with the moment at which their check-in was opened by command, if it was."""
    return [Opened(e, checkins.screen_opened_at(context.tx, e.occurrence.occurrence_id)) for e in today]


def already(today: Sequence[Event], context: Context) -> Reply | None:
    """What is on record for the session that is over: 签到 after the close repeats it, unchanged."""
    for event in reversed(today):
        window = attendance.window_of(Opened(event, None), context.setup.checkin, context.setup.zone)
        if window is not None and context.at < window.opens_at:
            continue
        found = checkins.find(context.tx, event.occurrence.occurrence_id, context.person.person_id)
        return Reply("checkin/already", {**shown(event, context), **kept(found, context)}) if found else None
    return None


def kept(found: Checkin, context: Context) -> dict[str, object]:
    """The stored row, and its time in the programme's zone, as people read it."""
    return {"checkin": found, "checked_in_at": found.at.astimezone(context.setup.zone)}


def refusal(verdict: Refused, context: Context) -> Reply:
    coming = next_event(events_for(context.programme, context.person), context.at)
    values: dict[str, object] = {
        "coming": schedule.shown(coming, context) if coming else None,
        "today": context.at.date(),
        "window": local_window(verdict.window, context),
        "rules": context.setup.checkin,
    }
    if verdict.event is None:
        return Reply(f"checkin/{verdict.why}", values)
    values |= shown(verdict.event, context)
    return Reply(
        f"checkin/{verdict.why}", values, sources_of_session(context.programme, verdict.event.session)
    )


def local_window(window: Window | None, context: Context) -> Window | None:
    if window is None:
        return None
    zone = context.setup.zone
    return Window(window.opens_at.astimezone(zone), window.closes_at.astimezone(zone))


def take(taken: Taken, code: str, context: Context) -> Reply:
    occurrence_id = taken.event.occurrence.occurrence_id
    if is_decided(taken, context):
        return Reply("checkin/decided", shown(taken.event, context))
    if context.setup.checkin.proof == "none":
        return record(taken, "none", context)
    if not is_opened(taken.event, context):
        return record(replace(taken, state="to_verify"), "none", context)
    found = checkins.find(context.tx, occurrence_id, context.person.person_id)
    if found and found.counts:
        return Reply("checkin/already", {**shown(taken.event, context), **kept(found, context)})
    if code and context.setup.checkin.proof in ("code", "qr"):
        return compare(taken, code, context)
    if proof.is_exhausted(taken.event, context):
        return too_many(taken, context)
    return proof.question(taken.event, context)


def is_decided(taken: Taken, context: Context) -> bool:
    """Whether a person has said that this one was not there: a check-in does not overrule that."""
    occurrence_id = taken.event.occurrence.occurrence_id
    decided = corrections.latest(context.tx, occurrence_id, context.person.person_id)
    return decided is not None and decided.new in ("absent", "not_there")


def proven(taken: Taken, how: str, context: Context) -> Reply:
    """A proof that needs no comparing: it counts unless a person has to decide by now."""
    if is_decided(taken, context):
        return Reply("checkin/decided", shown(taken.event, context))
    if proof.is_exhausted(taken.event, context):
        return too_many(taken, context)
    return record(taken, how, context)


def is_opened(event: Event, context: Context) -> bool:
    """Whether somebody opened the screen of this session on its day (D20)."""
    opened_at = checkins.screen_opened_at(context.tx, event.occurrence.occurrence_id)
    zone = context.setup.zone
    return opened_at is not None and opened_at.astimezone(zone).date() == event.occurrence.held_on


def typed_code(understood: Understood, context: Context, asked: Pending) -> Reply | None:
    """Bare digits after 「请回复大屏上的6位数字」; anything else is not an answer to it."""
    code = "".join(understood.text.split())
    if not (code.isascii() and code.isdigit() and 4 <= len(code) <= 8):
        return None
    return handle(replace(understood, slots={"code": code}, span=None, is_sure=True), context)


def typed_word(understood: Understood, context: Context, asked: Pending) -> Reply | None:
    """Two characters after 「请回复第3行第2列的两个字」, whatever stands around them."""
    word = proof.word_in(understood)
    if word is None and not proof.is_nearly_word(understood):
        return None
    today = held_on(context.at.date(), context)
    verdict = judge(today, context)
    if not isinstance(verdict, Taken):
        return already(today, context) or refusal(verdict, context)
    if verdict.event.occurrence.occurrence_id != asked.data["occurrence_id"]:
        return take(verdict, "", context)  # the session it was asked for is over, moved or called off
    found = checkins.find(context.tx, verdict.event.occurrence.occurrence_id, context.person.person_id)
    if found and found.counts:
        return Reply("checkin/already", {**shown(verdict.event, context), **kept(found, context)})
    asked_in = int(str(asked.data["step"]))
    if word is None:
        return proof.two_characters(verdict.event, asked_in, context)
    compared = proof.compare_word(word, asked_in, verdict.event, context)
    return compared_as(compared, "grid", verdict, context, asked_in)


def confirmed(understood: Understood, context: Context, asked: Pending) -> Reply | None:
    """确认 after 「要签到吗」, which is asked where the text was not surely a check-in (D9)."""
    if understood.intent != "confirm":
        return None
    pending.close(context.tx, context.inbound.channel, context.inbound.sender)
    return handle(replace(understood, slots={}, span=None, is_sure=True), context)


def compare(taken: Taken, code: str, context: Context) -> Reply:
    compared = proof.compare_code(code, taken.event, context)
    return compared_as(compared, context.setup.checkin.proof, taken, context)


def compared_as(
    compared: proof.Compared, how: str, taken: Taken, context: Context, asked_in: int | None = None
) -> Reply:
    if compared == "right":
        return record(taken, how, context)
    if compared == "last_wrong":
        warn(taken.event, context)
    if compared in ("last_wrong", "exhausted"):
        return too_many(taken, context)
    return proof.asked_again(taken.event, context, asked_in)


def warn(event: Event, context: Context) -> None:
    """Whoever decides hears once a session that somebody ran out of tries; the others are on a list."""
    for lead in approvers_for(context):
        key = f"tries:{event.occurrence.occurrence_id}:v{event.occurrence.version}:{lead.person_id}"
        values = {"name": context.person.name} | attendance.event_values(event)
        context.push(key, lead.person_id, "checkin/tries_warning", values)


def too_many(taken: Taken, context: Context) -> Reply:
    """A person decides now; the time of the last try that was compared is kept (B10)."""
    stored = keep(replace(taken, state="to_verify"), "none", context)
    proof.wait_for_answer(taken.event, context)
    values = shown(taken.event, context) | {**kept(stored, context), "proof": context.setup.checkin.proof}
    return Reply("checkin/too_many", values)


def record(taken: Taken, proof: str, context: Context) -> Reply:
    stored = keep(taken, proof, context)
    if proof != "none":
        pending.close(context.tx, context.inbound.channel, context.inbound.sender)
    if not stored.is_new and stored.counts:
        return Reply("checkin/already", {**shown(taken.event, context), **kept(stored, context)})
    values = shown(taken.event, context) | {
        **kept(stored, context),
        "tally": tally(context),
        "rules": context.setup.checkin,
        "name": context.person.name,
    }
    sources = duty_sources(context)
    if stored.state == "to_verify":
        return Reply("checkin/to_verify", values, sources)
    return Reply(f"checkin/{stored.state}", values, sources)


def duty_sources(context: Context) -> tuple[Source, ...]:
    """The words that oblige (notice L9), for 依据 after a check-in."""
    known: tuple[Source, ...] | None = context.programme.memo.get(("duty",))
    if known is None:
        duty = rule_named(context.programme, "attendance_required")
        known = context.programme.memo[("duty",)] = (duty.source,) if duty and duty.source else ()
    return known


def keep(taken: Taken, proof: str, context: Context) -> Checkin:
    """Store the first time; a better proof later settles a row that waited for a person."""
    return checkins.record(
        context.tx,
        context.programme.programme_id,
        taken.event.occurrence.occurrence_id,
        context.person.person_id,
        context.at,
        taken.state,
        taken.late_min,
        proof,
        context.inbound.message_id,
    )


def tally(context: Context) -> dict[str, int]:
    """How many of this month's sessions up to now the person attended (B09: 本月 2/2).

    For somebody who joined (加入) only those since then count, and those attended on that very day.
    """
    month = (context.at.year, context.at.month)
    attended = checkins.attended(context.tx, context.programme.programme_id, context.person.person_id)
    joined_at = joining(context)
    begun = {
        occurrence_id
        for opens_at, occurrence_id in openings(context)
        if opens_at <= context.at and (opens_at.year, opens_at.month) == month
        if joined_at is None
        or opens_at >= joined_at
        or (opens_at.date() == joined_at.date() and occurrence_id in attended)
    }
    return {"attended": len(attended & begun), "held": len(begun)}


def joining(context: Context) -> datetime | None:
    """Since when somebody whom nothing obliges is counted; None for everybody else."""
    person = context.person
    if person.opted_in_at is None or attendance.must_come(context.programme, person):
        return None
    return person.opted_in_at.astimezone(context.setup.zone)


def openings(context: Context) -> tuple[tuple[datetime, str], ...]:
    """When check-in opens for each session of this person; one without an hour counts from its morning."""
    key = ("openings", context.person.group)
    known: tuple[tuple[datetime, str], ...] | None = context.programme.memo.get(key)
    if known is None:
        events = [
            e for e in events_for(context.programme, context.person) if e.is_held and not e.is_cancelled
        ]
        known = tuple((opening(event, context), event.occurrence.occurrence_id) for event in events)
        context.programme.memo[key] = known
    return known


def opening(event: Event, context: Context) -> datetime:
    window = attendance.window_of(Opened(event, None), context.setup.checkin, context.setup.zone)
    if window is not None:
        return window.opens_at
    return datetime.combine(event.occurrence.held_on, time(0), context.setup.zone)


def shown(event: Event, context: Context) -> dict[str, object]:
    return {"event": schedule.shown(event, context)}
