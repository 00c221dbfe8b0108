"""签到: one word; the window, lateness and the proof decide, and the first time is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from handlers import schedule
from handlers.asking import ask
from handlers.context import Context
from handlers.links import screen_link
from language.understood import Understood
from messages.envelope import Reply
from programme import attendance
from programme.attendance import Opened, Refused, Taken, Window
from programme.codes import is_current
from programme.evidence import sources_of_session
from programme.rules import rule_named
from programme.schedule import Event, events_for, next_event
from programme.sessions import Source, start_at
from storage import audit, checkins, pending
from storage.checkins import Checkin
from storage.pending import Pending

TRIES = 3  # per person and session; later ones are not compared (design D20)
SCREEN_LIFE = timedelta(hours=6)


def handle(understood: Understood, context: Context) -> Reply:
    named = str(understood.slots.get("name") or context.person.name)
    if named != context.person.name:
        return Reply("checkin/for_another", {"name": named})
    meant = schedule.day_of(understood.span.start, context) if understood.span else None
    if meant not in (None, context.at.date()):
        return Reply("checkin/another_day", {"on": meant})
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
    return already(today, context) or refusal(verdict, context)


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
    proof = context.setup.checkin.proof
    if proof == "none":
        return record(taken, "none", context)
    if checkins.screen_opened_at(context.tx, occurrence_id) is None:
        return record(replace(taken, state="to_verify"), "none", context)
    found = checkins.find(context.tx, occurrence_id, context.person.person_id)
    if found and found.state not in checkins.WAITING:
        return Reply("checkin/already", {**shown(taken.event, context), **kept(found, context)})
    if not code:
        if checkins.code_tries(context.tx, occurrence_id, context.person.person_id) >= TRIES:
            return too_many(taken, context)
        ask(context, "checkin_code", {"occurrence_id": occurrence_id})
        return Reply(
            "checkin/ask_code", shown(taken.event, context) | {"rotate_s": context.setup.checkin.rotate_s}
        )
    return compare(taken, code, context)


def typed_code(understood: Understood, context: Context, asked: Pending) -> Reply | None:
    """Bare digits after 「请回复大屏上的6位数字」; anything else is not an answer to it."""
    code = "".join(understood.text.split())
    if not (code.isascii() and code.isdigit() and 4 <= len(code) <= 8):
        return None
    return handle(replace(understood, slots={"code": code}, span=None, is_sure=True), context)


def confirmed(understood: Understood, context: Context, asked: Pending) -> Reply | None:
    """确认 after 「要签到吗」, which is asked where the text was not surely a check-in (D9)."""
    if understood.intent != "confirm":
        return None
    pending.close(context.tx, context.inbound.channel, context.inbound.sender)
    return handle(replace(understood, slots={}, span=None, is_sure=True), context)


def compare(taken: Taken, code: str, context: Context) -> Reply:
    """Three tries are compared. Each is counted before it is looked at, so that tries sent at the
    same instant are counted too (D20, T5)."""
    occurrence_id = taken.event.occurrence.occurrence_id
    rules = context.setup.checkin
    tries = checkins.count_code_try(context.tx, occurrence_id, context.person.person_id, context.at)
    if tries > TRIES:
        return too_many(taken, context)
    if is_current(context.setup.signing_key, occurrence_id, code, context.moment, rules.rotate_s):
        return record(taken, "code", context)
    if tries == TRIES:
        return too_many(taken, context)
    ask(context, "checkin_code", {"occurrence_id": occurrence_id})
    values = shown(taken.event, context) | {"left": TRIES - tries, "rotate_s": rules.rotate_s}
    return Reply("checkin/wrong_code", values)


def too_many(taken: Taken, context: Context) -> Reply:
    """The time is kept as 到场(待核对) and a person decides; nobody is locked out (B10)."""
    stored = keep(replace(taken, state="to_verify"), "none", context)
    ask(context, "checkin_code", {"occurrence_id": taken.event.occurrence.occurrence_id})
    return Reply("checkin/too_many", shown(taken.event, context) | {**kept(stored, context)})


def record(taken: Taken, proof: str, context: Context) -> Reply:
    stored = keep(taken, proof, context)
    if proof != "none":
        pending.close(context.tx, context.inbound.channel, context.inbound.sender)
    if not stored.is_new and stored.state != "to_verify":
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


def open_screen(understood: Understood, context: Context) -> Reply:
    """开始签到 of a lead or the admin: opens today's check-in and gives the link of the screen."""
    person = context.person
    if not person.roles & {"admin", "lead"}:
        return Reply("checkin/only_organisers")
    today = held_on(context.at.date(), context)
    mine = [e for e in today if not e.is_cancelled and may_open(e, context)]
    if not mine:
        return Reply("checkin/nothing_to_open")
    event = closest(mine, context)
    if is_out_of_hours(event, context):
        ask(context, "open_checkin", {"occurrence_id": event.occurrence.occurrence_id})
        return Reply("checkin/open_sure", shown(event, context) | {"wait_min": minutes_to(event, context)})
    return open_for(event, context)


def open_confirmed(understood: Understood, context: Context, asked: Pending) -> Reply | None:
    """确认 after 「还有5小时才开始，现在就开放签到？」."""
    if understood.intent != "confirm":
        return None
    pending.close(context.tx, context.inbound.channel, context.inbound.sender)
    today = held_on(context.at.date(), context)
    event = next((e for e in today if e.occurrence.occurrence_id == asked.data["occurrence_id"]), None)
    if event is None or event.is_cancelled or not may_open(event, context):
        return Reply("checkin/nothing_to_open")
    return open_for(event, context)


def is_out_of_hours(event: Event, context: Context) -> bool:
    """Whether opening now would call everybody outside the printed window. It has an hour, and nobody
    has opened it yet: then the screen's link is all that is asked for."""
    window = attendance.window_of(Opened(event, None), context.setup.checkin, context.setup.zone)
    if window is None or window.opens_at <= context.at <= window.closes_at:
        return False
    return checkins.screen_opened_at(context.tx, event.occurrence.occurrence_id) is None


def minutes_to(event: Event, context: Context) -> int:
    """Whole minutes until the start; negative after it."""
    starts_at = start_at(event.occurrence, context.setup.zone)
    return round((starts_at - context.at).total_seconds() / 60) if starts_at else 0


def open_for(event: Event, context: Context) -> Reply:
    person, occurrence_id = context.person, event.occurrence.occurrence_id
    is_new = checkins.open_screen(
        context.tx, context.programme.programme_id, occurrence_id, person.person_id, context.at
    )
    if is_new:
        tell_opened(event, context)
        audit.write(
            context.tx,
            context.programme.programme_id,
            context.at,
            person.person_id,
            "open_checkin",
            f"occurrence:{occurrence_id}",
            None,
            None,
            None,
        )
    link = screen_link(
        context.setup.public_url, context.setup.signing_key, occurrence_id, context.moment + SCREEN_LIFE
    )
    values = shown(event, context) | {"link": link, "is_new": is_new, "rules": context.setup.checkin}
    return Reply("checkin/opened", values)


def may_open(event: Event, context: Context) -> bool:
    """A lead opens the meeting of the own group and the sessions of everybody."""
    return event.occurrence.group in (None, context.person.group)


def closest(events: Sequence[Event], context: Context) -> Event:
    def distance(event: Event) -> float:
        window = attendance.window_of(Opened(event, None), context.setup.checkin, context.setup.zone)
        return abs((window.opens_at - context.at).total_seconds()) if window else 0.0

    return min(events, key=distance)


def tell_opened(event: Event, context: Context) -> None:
    """Opening the screen tells the audience, each once (design D20), but nobody who is done."""
    group = event.occurrence.group
    rows = checkins.of_occurrence(context.tx, event.occurrence.occurrence_id)
    done = {row.person_id for row in rows if row.state != "to_verify"}
    for person in context.snapshot.people_in(context.programme.programme_id):
        if not attendance.is_obliged(person, event) or (group is not None and person.group != group):
            continue
        if person.person_id in done:
            continue
        key = f"checkin_open:{event.occurrence.occurrence_id}:v{event.occurrence.version}:{person.person_id}"
        context.push(key, person.person_id, "checkin/open_now", push_values(event, context))


def push_values(event: Event, context: Context) -> dict[str, object]:
    """JSON values of a push: the same for everybody, so that one call carries them all."""
    title = " · ".join(
        f"《{item.title}》" if item.title else (item.track or "") for item in event.session.items
    )
    return {"title": title, "needs_code": context.setup.checkin.proof != "none"}
