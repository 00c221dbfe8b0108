"""Speakers: 我的分享, 时间 15:00 and 来不了. What they wish is decided by the admin, then told to all (B48, B49)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date, time

from handlers.announcing import Changed, announce, audience_of, shown_change
from handlers.approving import Decision, admins_of, close, put_to
from handlers.change import Target, record, store
from handlers.context import Context
from handlers.schedule import shown
from language.understood import Understood
from messages.envelope import Reply
from programme.changes import NotPossible, Wish, changed, following_occurrences
from programme.schedule import Event, events_for
from programme.sessions import Session


def own_talks(context: Context, days: Collection[date] = ()) -> list[tuple[Event, int]]:
    """The talks of the sender that lie ahead, with their place among the items; on *days* if named."""
    return [
        (event, place)
        for event in events_for(context.programme, context.person)
        for place, item in enumerate(event.session.items)
        if item.speaker == context.person.name
        and not event.is_cancelled
        and event.occurrence.held_on >= context.at.date()
        and (not days or event.occurrence.held_on in days)
    ]


def mine(understood: Understood, context: Context) -> Reply:
    """我的分享: the own talks that lie ahead, and what is still open about them."""
    talks = own_talks(context)
    if not talks:
        days = [s.held_on for s in context.programme.sessions if s.kind == "report_day"]
        return Reply("speaker/none", {"person": context.person, "report_days": days})
    shown_talks = [
        {"event": shown(event, context), "item": event.session.items[place]} for event, place in talks
    ]
    return Reply("speaker/mine", {"talks": shown_talks})


def propose_time(understood: Understood, context: Context) -> Reply:
    """时间 15:00 of a speaker: the admin is asked; nobody else is told before (B48)."""
    talks = own_talks(context)
    if "admin" in context.person.roles and not talks:
        return Reply("change/which_day")
    if not talks:
        return Reply("speaker/not_a_speaker")
    event, _ = talks[0]
    at = time.fromisoformat(str(understood.slots["time"]))
    after = changed(event.session, Wish(start=at), context.at.replace(tzinfo=None))
    if isinstance(after, NotPossible):
        return Reply("speaker/not_possible", {"why": after.why, "event": shown(event, context)})
    return ask_admins("opening_time", event, {"time": f"{at:%H:%M}"}, context)


def cannot_come(understood: Understood, days: Collection[date], context: Context) -> Reply:
    """来不了 of a speaker: the admin is told and decides; the other talk goes on (B49)."""
    event, place = own_talks(context, days)[0]
    reason = str(understood.slots.get("reason") or "")
    return ask_admins("talk_off", event, {"item": place, "reason": reason}, context)


def ask_admins(kind: str, event: Event, wish: dict[str, object], context: Context) -> Reply:
    admins = admins_of(context)
    if not admins:
        return Reply("speaker/nobody_to_ask")
    data = {"session_id": event.session.session_id, "version": event.session.version, **wish}
    change = change_of(event.session, kind, data, context)
    values = {
        "name": context.person.name,
        "kind": kind,
        "change": shown_change(change) if change else None,
        "reason": wish.get("reason"),
    }
    put_to(admins, kind, data, "speaker/please_decide", values, context)
    left = tuple(item for place, item in enumerate(event.session.items) if place != wish.get("item"))
    return Reply(
        f"speaker/asked_{kind}",
        {"event": shown(event, context), "admin": admins[0].name, "left": left, "time": wish.get("time")},
    )


def change_of(session: Session, kind: str, data: object, context: Context) -> Changed | None:
    """The change that was wished, on the session as it stands now; None when it makes no sense any more."""
    assert isinstance(data, dict)  # noqa: S101 - our own row
    if kind == "opening_time":
        wish = Wish(start=time.fromisoformat(str(data["time"])))
    elif len(session.items) > 1:
        wish = Wish(item=int(data["item"]), drops_item=True)
    else:
        wish = Wish(status="cancelled")
    after = changed(session, wish, context.at.replace(tzinfo=None))
    if isinstance(after, NotPossible):
        return None
    return Changed(session, after, following_occurrences(context.programme, session, after))


def decide(decision: Decision, context: Context) -> Reply:
    """同意 4: the wish is carried out and told like any change; 驳回 4: the speaker hears of it."""
    request, data = decision.request, dict(decision.request.data)
    session = next((s for s in context.programme.sessions if s.session_id == data.get("session_id")), None)
    if session is None or not close(decision, context):
        return Reply("approval/already_decided", {"number": decision.number})
    asker = str(request.person_id)
    if not decision.is_approved:
        values = {"by": context.person.name, "kind": request.kind, "reason": decision.reason}
        context.push(f"speaker_refused:{request.request_id}", asker, "speaker/refused", values)
        person = context.snapshot.person(asker)
        return Reply("speaker/refused_by_you", {"name": person.name if person else ""})
    change = None
    if session.version == data.get("version"):
        change = change_of(session, request.kind, data, context)
    if change is None or not store(change, Target(session), context):
        return Reply("speaker/changed_meanwhile", {"session": replace(session)})
    reason = str(data.get("reason") or "") or None
    record(context, change, reason)
    announce([change], reason, context)
    count = len(audience_of([change], context))
    return Reply("change/done", {"change": shown_change(change), "concerned": count})
