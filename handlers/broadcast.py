"""发通知 …: shown with its readers, confirmed, sent after two minutes in which 撤回 stops it (D9)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime, timedelta

from handlers.asking import ask
from handlers.context import Context, Handle
from language.announcement import (
    Announcement,
    is_nudge,
    lacks_reader,
    named_readers,
    one_told,
    read_announcement,
)
from language.understand import understand
from language.understood import Understood
from messages.envelope import Reply
from programme.audience import Audience, allowed, select
from programme.naming import people_meant
from programme.people import Person
from storage import audit, outbox, pending, tasks
from storage.pending import Pending
from storage.tasks import Task

SENT_AFTER = timedelta(minutes=2)
# The platform cuts a text at 2,048 bytes (message/send, document 90236); the frame needs some of them.
LONGEST_BYTES = 1800
SHOWN = 20
# message/recall takes nothing back after a day (document 94867).
RECALLED_WITHIN = timedelta(hours=24)
LOOKED_THROUGH = 20


def handle(understood: Understood, context: Context) -> Reply:
    named = str(understood.slots.get("name") or "")
    if not context.person.roles & {"admin", "lead", "mentor"}:
        return Reply("broadcast/no_messenger" if named else "broadcast/not_for_you", {"name": named})
    said = read_announcement(understood.text)
    if named:
        return to_one(named, str(understood.slots["message"]), context)
    unknown = [group for group in said.groups if group not in groups_in(context)]
    if unknown:
        return Reply("broadcast/no_such_group", {"unknown": unknown, "groups": sorted(groups_in(context))})
    known = [] if said.is_everyone else names_in(context)
    names, message = one_told(understood.text, known)
    if not names:
        names, message = named_readers(said.message, known)
    wanted = replace(audience_of(said), names=names)
    if is_nudge(understood.text):
        return Reply("broadcast/no_nudge")
    if wanted == Audience() and not said.is_everyone and lacks_reader(understood.text):
        return Reply("broadcast/whom")
    return preview(message, wanted, context)


def to_one(said: str, message: str, context: Context) -> Reply:
    """通知李四：明天来: to that one person and never to everybody, whomever the name turns out to mean."""
    found = people_meant(said, context.snapshot.people_in(context.programme.programme_id))
    found = tuple(p for p in found if p.person_id != context.person.person_id)
    names = dict.fromkeys(p.name for p in found)
    if len(names) != 1:
        return Reply("broadcast/to_whom", {"name": said, "found": list(names)[:SHOWN]})
    return preview(as_typed(message, context), Audience(names=tuple(names)), context)


def as_typed(message: str, context: Context) -> str:
    """The words of *message* as they were typed: understanding brings letters to one form."""
    text = context.inbound.text
    mark = re.search(r"[:：,，]", text)
    return text[mark.end() :].strip() if mark else message


def preview(message: str, wanted: Audience, context: Context) -> Reply:
    """Who would read what; 确认 sends it."""
    audience = allowed(context.person, wanted)
    if audience is None:
        return Reply("broadcast/not_to_them", {"group": context.person.group})
    if not message:
        return Reply("broadcast/what_to_say")
    if (size := len(message.encode())) > LONGEST_BYTES:
        return Reply("broadcast/too_long", {"bytes": size, "limit": LONGEST_BYTES})
    readers = readers_of(audience, context)
    if not readers:
        is_narrowed = bool(wanted.names) and audience != wanted
        group = {"group": context.person.group}
        return Reply("broadcast/not_to_them", group) if is_narrowed else Reply("broadcast/nobody")
    ask(context, "broadcast", {"message": message, "audience": asdict(audience)})
    return Reply(
        "broadcast/preview",
        {
            "message": message,
            "audience": audience,
            "count": len(readers),
            "is_own": is_own(context),
            "is_change": tells_of_change(message, context),
        },
    )


def tells_of_change(message: str, context: Context) -> bool:
    """发通知 7/13 改到 16:00 only says so: reminders and calendars would keep the old hour."""
    heard = understand(message, context.at, "admin")
    return heard.intent in ("reschedule", "cancel") and "date" in heard.slots


def confirmed(understood: Understood, context: Context, asked: Pending) -> Reply | None:
    if understood.intent != "confirm":
        return None
    pending.close(context.tx, context.inbound.channel, context.inbound.sender)
    message, audience = str(asked.data["message"]), stored_audience(asked.data["audience"])
    at = context.at + SENT_AFTER
    data: dict[str, object] = {
        "template": "broadcast/told",
        "values": {"message": message, "from": context.person.name, "at": f"{context.at:%H:%M}"},
        "audience": asdict(audience),
        "not_to": [context.person.person_id],
        "by": context.person.person_id,
        "title": {"kind": "broadcast", "text": short(message)},
        "sent_at": at.isoformat(),
    }
    programme_id = context.programme.programme_id
    tasks.add(context.tx, programme_id, "expand", data, context.at, at)
    audit.write(
        context.tx,
        programme_id,
        context.at,
        context.person.person_id,
        "broadcast",
        "people",
        None,
        message,
        None,
    )
    return Reply("broadcast/waiting", {"count": len(readers_of(audience, context)), "at": at})


def withdraw(context: Context) -> Reply | None:
    """撤回 within the two minutes; None when the sender has announced nothing lately."""
    asked = pending.open_question(context.tx, context.inbound.channel, context.inbound.sender, context.moment)
    if asked is not None and asked.kind == "broadcast":
        pending.close(context.tx, context.inbound.channel, context.inbound.sender)
        return Reply("guide/cancelled", {"kind": asked.kind})
    mine = [task for task in announced(context) if task.data.get("by") == context.person.person_id]
    if not mine:
        return None if "student" in context.person.roles else Reply("broadcast/nothing_to_withdraw")
    text = title_of(mine[0]).get("text")
    if tasks.withdraw(context.tx, mine[0].task_id, context.at):
        return Reply("broadcast/withdrawn", {"text": text})
    if mine[0].state == "withdrawn":
        return Reply("broadcast/nothing_to_withdraw")
    return take_back(mine[0], text, context)


def stopped_before_leaving(context: Context) -> Reply | None:
    """取消 or 不发了 while the sender's last announcement still waits stops it as 撤回 does; None else."""
    mine = [task for task in announced(context) if task.data.get("by") == context.person.person_id]
    return withdraw(context) if mine and mine[0].state == "waiting" else None


# 别发了 can also be said of one's own reminders; with these words it is.
OF_REMINDERS = re.compile(r"提醒|推送|提前|课前|烦|吵")


def stopping(act: Handle) -> Handle:
    """*act*, unless a waiting announcement of the sender is what is to be taken back."""

    def handle(understood: Understood, context: Context) -> Reply:
        is_of_another = understood.slots.get("target") or "number" in understood.slots
        is_off = understood.slots.get("action", "off") == "off"
        asked = pending.open_question(
            context.tx, context.inbound.channel, context.inbound.sender, context.moment
        )
        if is_of_another or not is_off or asked is not None or OF_REMINDERS.search(understood.text):
            return act(understood, context)
        return stopped_before_leaving(context) or act(understood, context)

    return handle


def take_back(told: Task, text: object, context: Context) -> Reply:
    """What was sent already is taken back from the phones, within the day in which the platform can."""
    programme_id = context.programme.programme_id
    known = tasks.newest(context.tx, programme_id, "recall", LOOKED_THROUGH)
    if any(task.data.get("task_id") == told.task_id for task in known):
        return Reply("broadcast/already_recalled", {"text": text})
    if context.at - datetime.fromisoformat(str(told.data["sent_at"])) > RECALLED_WITHIN:
        return Reply("broadcast/already_sent", {"text": text})
    data = {"task_id": told.task_id, "by": context.person.person_id}
    tasks.add(context.tx, programme_id, "recall", data, context.at)
    return Reply("broadcast/recalling", {"text": text})


def announced(context: Context) -> list[Task]:
    """Announcements of this programme, the newest first."""
    newest = tasks.newest(context.tx, context.programme.programme_id, "expand", LOOKED_THROUGH)
    return [task for task in newest if title_of(task).get("kind") == "broadcast"]


def delivery(understood: Understood, context: Context) -> Reply:
    """送达情况: what became of the last three announcements and changes."""
    if "admin" not in context.person.roles:
        return Reply("broadcast/delivery_not_for_you")
    programme_id = context.programme.programme_id
    shown = []
    for task in tasks.newest(context.tx, programme_id, "expand", LOOKED_THROUGH):
        if task.state == "withdrawn" or title_of(task).get("kind") is None:
            continue
        rows = outbox.delivery_of(context.tx, programme_id, f"told:{task.task_id}:")
        missed = [row for row in rows if row.state not in ("delivered", "waiting", "in_call")]
        shown.append(
            {
                "title": task.data["title"],
                "is_waiting": task.state == "waiting",
                "delivered": sum(row.state == "delivered" for row in rows),
                "on_their_way": sum(row.state in ("waiting", "in_call") for row in rows),
                "missed": [
                    {"name": name_of(row.person_id, context), "state": row.state, "reason": row.reason}
                    for row in missed[:SHOWN]
                ],
                "missed_count": len(missed),
            }
        )
        if len(shown) == 3:
            break
    return Reply("broadcast/delivery", {"told": shown})


def name_of(person_id: str, context: Context) -> str | None:
    person = context.snapshot.person(person_id)
    return person.name if person else None


def audience_of(said: Announcement) -> Audience:
    return Audience(said.cohorts, said.groups, said.roles)


def stored_audience(data: object) -> Audience:
    assert isinstance(data, Mapping)  # noqa: S101 - our own row
    return Audience(
        tuple(data["cohorts"]),
        tuple(data["groups"]),
        tuple(data["roles"]),
        data["mentor"],
        tuple(data["names"]),
    )


def readers_of(audience: Audience, context: Context) -> tuple[Person, ...]:
    everybody = context.snapshot.people_in(context.programme.programme_id)
    return tuple(p for p in select(everybody, audience) if p.person_id != context.person.person_id)


def names_in(context: Context) -> list[str]:
    return [p.name for p in context.snapshot.people_in(context.programme.programme_id)]


def groups_in(context: Context) -> set[str]:
    return {p.group for p in context.snapshot.people_in(context.programme.programme_id) if p.group}


def is_own(context: Context) -> bool:
    return "admin" not in context.person.roles


def title_of(task: Task) -> Mapping[str, object]:
    title = task.data.get("title")
    return title if isinstance(title, Mapping) else {}


def short(message: str) -> str:
    line = " ".join(message.split())
    return line if len(line) <= 20 else line[:20] + "…"
