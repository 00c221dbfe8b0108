"""补签 手机没电: asked after the close, decided by the lead with one word; what strangers tried before (B01, B14)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from handlers import schedule
from handlers.approving import Decision, approvers_for, close
from handlers.checkin import held_on, judge, kept, opened, refusal, shown
from handlers.context import Context, StrangerContext
from handlers.marking import decide, subject
from handlers.presence import days_of
from language.dates import find_spans
from language.understood import Understood
from messages.envelope import Push, Reply
from programme import attendance
from programme.attendance import Opened, Taken, event_values
from programme.people import Person
from programme.presence import arrived, has_begun
from programme.schedule import Event, events_for
from storage import checkins, outbox, requests
from storage.requests import Request

KIND = "late_checkin"
LOOKS_BACK = timedelta(days=7)


def handle(understood: Understood, context: Context) -> Reply:
    """The sender was there and is not on record: whoever leads the group is asked."""
    named = days_of(understood)
    days = named or tuple(context.at.date() - timedelta(days=n) for n in range(LOOKS_BACK.days + 1))
    begun = [event for day in days for event in reversed(begun_events(day, context))]
    if not begun:
        return nothing_to_make_up(named, context)
    open_now = judge(held_on(context.at.date(), context), context)
    if isinstance(open_now, Taken) and open_now.event in begun[:1]:
        found = stored(open_now.event, context)
        if found is None:
            return Reply("late_checkin/still_open", shown(open_now.event, context))
    event = next((e for e in begun if stored(e, context) is None), begun[0])
    found = stored(event, context)
    if found is not None:
        return Reply("checkin/already", {**shown(event, context), **kept(found, context)})
    return ask_for(event, reason_in(understood, context), context)


def begun_events(day: object, context: Context) -> list[Event]:
    rules, zone = context.setup.checkin, context.setup.zone
    events = [e for e in events_of(context) if e.occurrence.held_on == day]
    return [c.event for c in opened(events, context) if has_begun(c, context.at, rules, zone)]


def events_of(context: Context) -> list[Event]:
    return [e for e in events_for(context.programme, context.person) if e.is_held and not e.is_cancelled]


def stored(event: Event, context: Context) -> checkins.Checkin | None:
    return checkins.find(context.tx, event.occurrence.occurrence_id, context.person.person_id)


def nothing_to_make_up(named: tuple[object, ...], context: Context) -> Reply:
    ahead = [e for e in events_of(context) if e.occurrence.held_on in named] if named else []
    if ahead:
        return Reply("late_checkin/not_yet", {"event": schedule.shown(ahead[0], context)})
    verdict = judge(held_on(context.at.date(), context), context)
    if isinstance(verdict, Taken) or verdict.why == "nothing_today":
        return Reply("late_checkin/nothing")
    return refusal(verdict, context)


def reason_in(understood: Understood, context: Context) -> str:
    """What was typed beside the day."""
    reason = str(understood.slots.get("reason") or "")
    for found in reversed(find_spans(reason, context.at)):
        reason = reason[: found.start] + reason[found.end :]
    return reason.strip(" ,，、。:：的")


def ask_for(event: Event, reason: str, context: Context) -> Reply:
    if not reason:
        return Reply("late_checkin/why", shown(event, context))
    approvers = approvers_for(context)
    if not approvers:
        return Reply("late_checkin/nobody_to_ask")
    if is_asked(context.person, event, context):
        names = [approver.name for approver in approvers]
        return Reply("late_checkin/waiting", shown(event, context) | {"approvers": names})
    ask_approvers(context.person, event, context.at, reason, [a.person_id for a in approvers], context)
    names = [approver.name for approver in approvers]
    return Reply("late_checkin/asked", shown(event, context) | {"approvers": names, "reason": reason})


def is_asked(person: Person, event: Event, context: Context | StrangerContext) -> bool:
    waiting = requests.open_about(context.tx, person.programme_id, person.person_id, KIND)
    return any(r.data.get("occurrence_id") == event.occurrence.occurrence_id for r in waiting)


def ask_approvers(
    person: Person,
    event: Event,
    at: datetime,
    reason: str,
    approvers: list[str],
    context: Context | StrangerContext,
) -> Request:
    """*at* is when the person says, or tried, to be there."""
    data = {"occurrence_id": event.occurrence.occurrence_id, "at": at.isoformat(), "reason": reason}
    asker = (context.inbound.channel, context.inbound.sender)
    request = requests.ask(
        context.tx, person.programme_id, KIND, asker, person.person_id, data, approvers, context.at
    )
    for approver in approvers:
        values = event_values(event) | {
            "name": person.name,
            "cohort": person.cohort,
            "reason": reason,
            "number": request.numbers[approver],
        }
        key = f"late_checkin:{request.request_id}:{approver}"
        push = Push(key, approver, "late_checkin/please_decide", values, context.at)
        outbox.enqueue(context.tx, person.programme_id, push, context.at)
    return request


def decide_request(decision: Decision, context: Context) -> Reply:
    """同意 3 / 驳回 3: the record says who decided, and the person hears it."""
    request = decision.request
    person = context.snapshot.person(str(request.person_id))
    event = event_of(request.data, person, context) if person else None
    if person is None or event is None:
        return Reply("guide/question_gone")
    if not close(decision, context):
        return Reply("approval/already_decided", {"number": decision.number})
    values = event_values(event) | {"name": person.name, "reason": decision.reason}
    before = subject(person, event, context)
    if not decision.is_approved:
        told = values | {"by": context.person.name}
        context.push(
            f"late_checkin_refused:{request.request_id}", person.person_id, "late_checkin/refused", told
        )
        return Reply("late_checkin/refused_by_you", values)
    if before.stored is not None and before.stored.counts:
        return Reply("late_checkin/there_already", values)
    at = datetime.fromisoformat(str(request.data["at"]))
    mark = arrived(person, event, at, context.setup.checkin, context.setup.zone)
    came_at = at if is_within_hours(event, at, context) else None
    decide(before, mark, str(request.data.get("reason") or "补签"), context, KIND, came_at)
    return Reply("late_checkin/approved", values | {"mark": mark})


def is_within_hours(event: Event, at: datetime, context: Context) -> bool:
    """Whether *at* is a moment of check-in, so that it says when somebody came."""
    window = attendance.window_of(opened([event], context)[0], context.setup.checkin, context.setup.zone)
    return window is not None and window.opens_at <= at <= window.closes_at


def event_of(data: Mapping[str, object], person: Person, context: Context) -> Event | None:
    wanted = data.get("occurrence_id")
    return next(
        (e for e in events_for(context.programme, person) if e.occurrence.occurrence_id == wanted), None
    )


def ask_for_attempts(person: Person, account: tuple[str, str], context: Context | StrangerContext) -> int:
    """What *account* tried before anybody knew whose it is, for whoever leads the group to credit (B01);
    how many sessions that concerns."""
    programme = context.snapshot.programme(person.programme_id)
    approvers = deciders_of(person, context)
    if programme is None or not approvers:
        return 0
    setup, asked = context.setup.of_programme(programme), 0
    for tried_at in checkins.attempts_of(context.tx, *account):
        at = tried_at.astimezone(setup.zone)
        today = [
            Opened(e, checkins.screen_opened_at(context.tx, e.occurrence.occurrence_id))
            for e in events_for(programme, person)
            if e.is_held and e.occurrence.held_on == at.date()
        ]
        verdict = attendance.judge(person, today, at, setup.checkin, setup.zone)
        if not isinstance(verdict, Taken) or is_asked(person, verdict.event, context):
            continue
        if checkins.find(context.tx, verdict.event.occurrence.occurrence_id, person.person_id) is not None:
            continue
        ask_approvers(person, verdict.event, at, f"绑定前 {at:%H:%M} 发过签到", approvers, context)
        asked += 1
    return asked


def deciders_of(person: Person, context: Context | StrangerContext) -> list[str]:
    everybody = context.snapshot.people_in(person.programme_id)
    leads = [p.person_id for p in everybody if "lead" in p.roles and p.group and p.group == person.group]
    return leads or [p.person_id for p in everybody if "admin" in p.roles]
