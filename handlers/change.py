"""改 7/13 15:00 A301 · 取消 7/18 · 移 7/18 到 7/19 14:30 · 恢复 7/18: shown, confirmed, told once (R45)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from handlers.announcing import Changed, announce, audience_of, shown_change
from handlers.asking import ask
from handlers.context import Context
from language.change_details import ChangeDetails, read_change
from language.several_sessions import several_meant
from language.understood import Understood
from messages.envelope import Reply
from programme.changes import NotPossible, Wish, changed, following_occurrences, item_meant, same_day
from programme.schedule import events_for, next_event, squeeze
from programme.session_facts import facts_of_changes, moved_from, printed_day
from programme.sessions import Occurrence, Session, Status
from storage import audit, decided, leave, pending, programmes
from storage.pending import Pending

# Changed by somebody else so short a time ago that whoever changes it again should know (B59).
JUST_NOW_S = 600
SHOWN_AT_MOST = 8
GROUP_MEETING = re.compile(r"组会|小组(?:会|分享)")


@dataclass(frozen=True)
class Target:
    """What is changed: a session, or one group's own meeting (*occurrence*) as its lead may set it."""

    session: Session
    occurrence: Occurrence | None = None

    @property
    def group(self) -> str | None:
        return self.occurrence.group if self.occurrence else None


def handle(understood: Understood, context: Context) -> Reply:
    return propose(understood.text, None, None, context)


def cancel(understood: Understood, context: Context) -> Reply:
    return propose(understood.text, "cancelled", None, context)


def restore(understood: Understood, context: Context) -> Reply:
    return propose(understood.text, "tentative", None, context)


def propose(text: str, status: Status | None, reason: str | None, context: Context) -> Reply:
    """Shows what would change and asks; nothing is stored but the question."""
    details = read_change(text, context.at)
    if (several := several_at_once(text, details, status, context)) is not None:
        return several
    found = target_of(details, context, is_restoring=status == "tentative")
    if isinstance(found, Reply):
        return found
    wish = wish_of(details, found.session, status)
    if isinstance(wish, Reply):
        return wish
    after = changed(as_held(found), wish, context.at.replace(tzinfo=None))
    if isinstance(after, NotPossible):
        return not_possible(after.why, found, context)
    reason = reason or details.reason
    change = change_of(found, after, context)
    data = {
        "text": text,
        "status": status,
        "reason": reason,
        "at": context.at.isoformat(),
        "version": version_of(found),
        "session_id": found.session.session_id,
        "group": found.group,
    }
    ask(context, "change", data)
    values = {
        "change": shown_change(change),
        "reason": reason,
        "is_cancel": after.status == "cancelled",
        "concerned": len(audience_of([change], context)),
        "on_leave": len(on_leave_from(change, context)),
        "beside": list(same_day(context.programme, after)) if status != "cancelled" else [],
        "weekend": after.held_on if after.held_on != found.session.held_on and is_weekend(after) else None,
        "apart": apart_from(change, found, context),
        "before_you": changed_just_now(found, context),
    }
    return Reply("change/preview", values)


def confirmed(understood: Understood, context: Context, asked: Pending) -> Reply | None:
    """确认 carries the change out; 原因 … adds the reason to it and shows it once more."""
    text, data = str(asked.data["text"]), asked.data
    status: Status | None = data["status"]  # type: ignore[assignment]  # our own row
    if understood.intent != "confirm":
        reason = read_change(understood.text, context.at).reason
        return propose(text, status, reason, context) if reason else None
    found = named_target(data, context)
    if found is None:
        return Reply("guide/question_gone")
    if version_of(found) != data["version"]:
        return propose(text, status, reason_in(data), context)
    details = read_change(text, datetime.fromisoformat(str(data["at"])))
    wish = wish_of(details, found.session, status)
    if isinstance(wish, Reply):
        return wish
    after = changed(as_held(found), wish, context.at.replace(tzinfo=None))
    if isinstance(after, NotPossible):
        return not_possible(after.why, found, context)
    pending.close(context.tx, context.inbound.channel, context.inbound.sender)
    return carry_out(change_of(found, after, context), found, reason_in(data), context)


def carry_out(change: Changed, found: Target, reason: str | None, context: Context) -> Reply:
    """Store, note and announce; the reply says how many hear of it."""
    if not store(change, found, context):
        return Reply("change/changed_meanwhile", {"session": shown_session(found)})
    record(context, change, reason)
    announce([change], reason, context)
    return Reply(
        "change/done", {"change": shown_change(change), "concerned": len(audience_of([change], context))}
    )


def reason_in(data: object) -> str | None:
    reason = data.get("reason") if isinstance(data, dict) else None
    return str(reason) if reason else None


def store(change: Changed, found: Target, context: Context) -> bool:
    """Write the new versions; False when somebody else was first."""
    programme_id = context.programme.programme_id
    if found.occurrence is None and not programmes.change_session(
        context.tx, programme_id, change.after, context.at
    ):
        return False
    if found.occurrence is None:
        keep_facts(change.after, context)
    return all(
        programmes.change_occurrence(context.tx, programme_id, o, context.at) for o in change.occurrences
    )


def keep_facts(after: Session, context: Context) -> None:
    """Who set what, for 依据 (R42)."""
    programme_id, by = context.programme.programme_id, context.person.person_id
    for key, value in facts_of_changes(context.programme, [after]).items():
        if value is None:
            decided.drop_setting(context.tx, programme_id, key)
        else:
            decided.set_setting(context.tx, programme_id, key, value, by, context.at)


def record(context: Context, change: Changed, reason: str | None) -> None:
    values = shown_change(change)
    audit.write(
        context.tx,
        context.programme.programme_id,
        context.at,
        context.person.person_id,
        "change_session",
        object_of(change.before.session_id, change.group),
        None,
        repr(values["differences"]),
        reason,
    )


def object_of(session_id: str, group: str | None) -> str:
    return f"session:{session_id}" + (f":{group}" if group else "")


def change_of(found: Target, after: Session, context: Context) -> Changed:
    if found.occurrence is None:
        moved = following_occurrences(context.programme, found.session, after)
        return Changed(found.session, after, moved)
    own = replace(
        found.occurrence,
        is_cancelled=after.status == "cancelled",
        held_on=after.held_on,
        start=after.start,
        end=after.end,
        place=after.place,
        version=found.occurrence.version + 1,
    )
    return Changed(as_held(found), after, (own,), found.occurrence.group)


def as_held(found: Target) -> Session:
    """The session with the day, hours and place at which this group holds it."""
    own = found.occurrence
    if own is None:
        return found.session
    return replace(
        found.session,
        held_on=own.held_on,
        start=own.start,
        end=own.end,
        place=own.place,
        version=own.version,
        status="cancelled" if own.is_cancelled else found.session.status,
    )


def version_of(found: Target) -> int:
    return found.occurrence.version if found.occurrence else found.session.version


def named_target(data: object, context: Context) -> Target | None:
    assert isinstance(data, dict)  # noqa: S101 - our own row
    session = next((s for s in context.programme.sessions if s.session_id == data["session_id"]), None)
    if session is None or data["group"] is None:
        return Target(session) if session else None
    own = own_occurrence(session, str(data["group"]), context)
    return Target(session, own) if own else None


def own_occurrence(session: Session, group: str, context: Context) -> Occurrence | None:
    return next(
        (
            occurrence
            for occurrence in context.programme.occurrences
            if occurrence.session_id == session.session_id and occurrence.group == group
        ),
        None,
    )


def target_of(details: ChangeDetails, context: Context, *, is_restoring: bool) -> Target | Reply:
    """The session that is meant, if the sender may change it; else what to answer."""
    is_admin = "admin" in context.person.roles
    if not is_admin and "lead" not in context.person.roles:
        return Reply("change/not_for_you")
    candidates = targets(context, is_admin=is_admin)
    if details.on is not None:
        that_day = [t for t in candidates if as_held(t).held_on == details.on]
    elif details.about:
        that_day = named(candidates, details.about)
    else:
        return Reply("change/which_day")
    if not that_day:
        return no_such(details, context, is_admin=is_admin)
    live = [t for t in that_day if (as_held(t).status == "cancelled") == is_restoring]
    fits = narrowed(live or that_day, details)
    if len(fits) != 1:
        return Reply("change/which", {"sessions": [shown_session(t) for t in that_day]})
    if fits[0].group is not None and fits[0].session.status == "cancelled":
        return not_possible("called_off", fits[0], context)
    return fits[0]


def several_at_once(
    text: str, details: ChangeDetails, status: Status | None, context: Context
) -> Reply | None:
    """周一都改到15:00: which sessions that would be, and that each is asked for alone; None where it is one.

    Never only the first of them: the others would be taken for changed.
    """
    meant = several_meant(text, context.at)
    if meant is None or not context.person.roles & {"admin", "lead"}:
        return None
    is_restoring = status == "tentative"
    held = [(t, as_held(t)) for t in targets(context, is_admin="admin" in context.person.roles)]
    found = [
        (target, session)
        for target, session in held
        if (session.status == "cancelled") == is_restoring and meant.holds(session.held_on, context.at.date())
    ]
    if GROUP_MEETING.search(text):
        found = [pair for pair in found if pair[1].kind == "group_meeting"] or found
    if not found or (len(found) == 1 and len(meant.days) < 2):
        return None
    days = {session.held_on for _, session in found}
    values = {
        "act": {"cancelled": "取消", "tentative": "恢复"}.get(status or "", "改"),
        "sessions": [shown_session(target) for target, _ in found[:SHOWN_AT_MOST]],
        "count": len(found),
        "free": [day for day in meant.days if day not in days],
        "start": details.start,
        "place": details.place if details.start is None else None,
        "shift_min": details.shift_min,
    }
    return Reply("change/several", values)


def not_possible(why: str, found: Target, context: Context) -> Reply:
    """Why nothing changes; of a session that was moved, where it came from and how to move it back."""
    came_from = printed_day(context.programme, found.session) if found.occurrence is None else None
    values = {"why": why, "session": shown_session(found), "came_from": came_from}
    return Reply("change/not_possible", values)


def targets(context: Context, *, is_admin: bool) -> list[Target]:
    """All sessions for an admin; for a lead the meetings of the own group (notice L13)."""
    if is_admin:
        return [Target(session) for session in context.programme.sessions]
    return [
        Target(event.session, event.occurrence)
        for event in events_for(context.programme, context.person)
        if event.occurrence.group is not None and event.occurrence.group == context.person.group
    ]


def no_such(details: ChangeDetails, context: Context, *, is_admin: bool) -> Reply:
    if not is_admin and any(s.held_on == details.on for s in context.programme.sessions):
        return Reply("change/not_yours", {"on": details.on})
    moved = moved_from(context.programme, details.on) if is_admin and details.on else ()
    if moved:
        went = [shown_session(Target(session)) for session in moved]
        return Reply("change/moved_away", {"on": details.on, "went": went})
    coming = next_event(events_for(context.programme, context.person), context.at)
    return Reply(
        "change/no_session",
        {
            "on": details.on,
            "about": details.about,
            "coming": shown_session(Target(coming.session)) if coming else None,
        },
    )


def named(candidates: Sequence[Target], words: str) -> list[Target]:
    wanted = squeeze(words)
    return [t for t in candidates if wanted in squeeze(" ".join(titles_of(t.session)))]


def titles_of(session: Session) -> list[str]:
    return [part for item in session.items for part in (item.track, item.title, item.speaker) if part]


def narrowed(found: Sequence[Target], details: ChangeDetails) -> list[Target]:
    """Of several sessions of one day: those that begin at the named hour or hold the named talk."""
    if len(found) > 1 and details.from_start is not None:
        found = [t for t in found if as_held(t).start == details.from_start]
    if len(found) > 1 and (words := details.about or details.left_over):
        found = named(found, words) or found
    return list(found)


def wish_of(details: ChangeDetails, session: Session, status: Status | None) -> Wish | Reply:
    """What is to be new; a reply where the text leaves it open or was not understood."""
    if status is not None:
        return wish_of_status(details, session, status)
    place = item_meant(session, [w for w in (details.about, details.left_over) if w])
    if details.left_over and (place is None or not names_talk(details.left_over, session)):
        return Reply("change/left_over", {"words": details.left_over})
    if details.is_empty:
        return Reply("change/what_is_new", {"session_now": shown_session(Target(session))})
    if place is None and (details.speaker or details.title):
        return Reply("change/which_talk", {"items": session.items})
    return Wish(
        to_date=details.to_date,
        start=details.start,
        end=details.end,
        period=details.part,
        shift_min=details.shift_min,
        shift_days=details.shift_days,
        is_time_open=details.is_time_open,
        place=details.place,
        is_place_open=details.is_place_open,
        item=place or 0,
        speaker=details.speaker,
        title=details.title,
    )


def wish_of_status(details: ChangeDetails, session: Session, status: Status) -> Wish | Reply:
    """取消 7/20 的大模型 calls one talk off; a second day or a strange word is said back, never swallowed."""
    if details.to_date is not None or details.start is not None:
        return Reply("change/one_at_a_time")
    if not details.left_over:
        return Wish(status=status)
    place = item_meant(session, [details.left_over])
    if status == "cancelled" and place is not None and len(session.items) > 1:
        return Wish(item=place, drops_item=True)
    if place is not None:
        return Wish(status=status)
    return Reply("change/left_over_of_cancel", {"words": details.left_over})


def names_talk(words: str, session: Session) -> bool:
    return squeeze(words) in squeeze(" ".join(titles_of(session)))


def on_leave_from(change: Changed, context: Context) -> set[str]:
    return {p for o in change.occurrences for p in leave.on_leave(context.tx, o.occurrence_id)}


def is_weekend(session: Session) -> bool:
    return session.held_on.weekday() >= 5


def apart_from(change: Changed, found: Target, context: Context) -> list[dict[str, object]]:
    """Groups that hold the meeting at a time or place of their own: the change passes them by."""
    if found.occurrence is not None:
        return []
    moved = {o.occurrence_id for o in change.occurrences}
    return [
        {"group": o.group, "on": o.held_on, "start": o.start, "place": o.place}
        for o in context.programme.occurrences
        if o.session_id == change.after.session_id and o.occurrence_id not in moved
    ]


def changed_just_now(found: Target, context: Context) -> dict[str, object] | None:
    """Who else changed the same session within ten minutes (B59); None when nobody did."""
    last = audit.last_of(
        context.tx, context.programme.programme_id, object_of(found.session.session_id, found.group)
    )
    if last is None or last.actor_person_id in (None, context.person.person_id):
        return None
    ago_s = (context.at - last.at).total_seconds()
    if not 0 <= ago_s <= JUST_NOW_S:
        return None
    by = context.snapshot.person(str(last.actor_person_id))
    return {"name": by.name if by else "另一位管理员", "minutes": int(ago_s // 60)}


def shown_session(found: Target) -> dict[str, object]:
    held = as_held(found)
    return {
        "on": held.held_on,
        "start": held.start,
        "end": held.end,
        "period": held.period,
        "place": held.place,
        "items": held.items,
        "status": held.status,
        "group": found.group,
    }
