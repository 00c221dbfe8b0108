"""An act that was not surely meant is asked back first (design D9); 确认 then does it as if it had been said plainly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from handlers import approval, guarantee, schedule, taking_back
from handlers.asking import ask
from handlers.context import Context, Handling, role_of
from language.understand import understand
from language.understood import Understood
from messages.envelope import Reply
from storage import pending
from storage.pending import Pending

ACTS: Mapping[str, Handling[Context]] = {
    "leave": Handling(guarantee.leave_or_online, "acts"),
    "approve": Handling(approval.handle, "acts", refreshes=True),
    "withdraw": Handling(taking_back.handle, "acts"),
}
"""What is asked back unless it was surely meant."""


def asked_back(label: str) -> Handling[Context]:
    """The act of *label*, done at once only where it is surely meant."""
    act = ACTS[label]

    def handle(understood: Understood, context: Context) -> Reply:
        if understood.is_sure:
            return act.handle(understood, context)
        words = {"text": context.inbound.text, "at": context.at.isoformat()}
        ask(context, "unsure", words)
        on = schedule.day_of(understood.span.start, context) if understood.span else None
        told = {name: understood.slots.get(name) for name in ("name", "decision", "mode")}
        return Reply("unsure/ask", {"act": understood.intent, "on": on, **told})

    return replace(act, handle=handle)


def confirmed(understood: Understood, context: Context, asked: Pending) -> Reply | None:
    """确认 after 你是要请假吗: the words of then, taken as sure."""
    if understood.intent != "confirm":
        return None
    pending.close(context.tx, context.inbound.channel, context.inbound.sender)
    at = datetime.fromisoformat(str(asked.data["at"]))
    role = role_of(context.person)
    said = understand(str(asked.data["text"]), at.replace(second=0, microsecond=0), role)
    act = ACTS.get(said.intent)
    return None if act is None else act.handle(replace(said, is_sure=True), context)
