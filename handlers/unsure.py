"""An act that was not surely meant is asked back first (design D9); 确认 then does it as if it had been said plainly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from handlers import approval, leave, schedule, topic
from handlers.asking import ask
from handlers.context import Context, Handle, Handling
from language.understand import understand
from language.understood import SpeakerRole, Understood
from messages.envelope import Reply
from storage import pending
from storage.pending import Pending

_ACTS: Mapping[str, Handle] = {
    "leave": leave.handle,
    "approve": approval.handle,
    "withdraw": topic.withdraw,
}


def asked_back(act: Handling[Context]) -> Handling[Context]:
    """*act*, which acts at once only on what is surely meant."""

    def handle(understood: Understood, context: Context) -> Reply:
        if understood.is_sure:
            return act.handle(understood, context)
        words = {"text": context.inbound.text, "at": context.at.isoformat()}
        ask(context, "unsure", words)
        on = schedule.day_of(understood.span.start, context) if understood.span else None
        told = {name: understood.slots.get(name) for name in ("name", "decision")}
        return Reply("unsure/ask", {"act": understood.intent, "on": on, **told})

    return replace(act, handle=handle)


def confirmed(understood: Understood, context: Context, asked: Pending) -> Reply | None:
    """确认 after 你是要请假吗: the words of then, taken as sure."""
    if understood.intent != "confirm":
        return None
    pending.close(context.tx, context.inbound.channel, context.inbound.sender)
    at = datetime.fromisoformat(str(asked.data["at"]))
    said = understand(str(asked.data["text"]), at.replace(second=0, microsecond=0), _role(context))
    act = _ACTS.get(said.intent)
    return None if act is None else act(replace(said, is_sure=True), context)


def _role(context: Context) -> SpeakerRole:
    roles = context.person.roles
    return "admin" if "admin" in roles else "mentor" if roles & {"lead", "mentor"} else "student"
