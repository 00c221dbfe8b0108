"""撤回 and its like: whatever of one's own is taken back is handed to who keeps it (D9)."""

from __future__ import annotations

from handlers import approval, broadcast, guarantee, leave, topic
from handlers.contacts import whom
from handlers.context import Context
from language.understood import Understood
from messages.envelope import Reply


def handle(understood: Understood, context: Context) -> Reply:
    """By what it names; a bare 撤回 of who may announce is about what was announced last."""
    target = str(understood.slots.get("target") or "")
    is_student = "student" in context.person.roles
    if target == "leave":
        return leave.withdraw(understood, context)
    if "number" in understood.slots:
        return approval.take_back(int(understood.slots["number"]), context)
    if target == "guarantee":
        return guarantee.drop(context)
    if target == "topic":
        return topic.give_up(context) if is_student else Reply("topic/not_for_you")
    if not target and (stopped := broadcast.withdraw(context)) is not None:
        return stopped
    if not target and is_student:
        return Reply("topic/withdraw_what", {"mine": topic.mine(context)})
    return Reply("topic/cannot_withdraw", {"target": target} | whom(context))
