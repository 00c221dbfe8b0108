"""What is understood but carried out by a person for now."""

from __future__ import annotations

from handlers.contacts import nearest
from handlers.context import Context, Handle
from language.understood import Understood
from messages.envelope import Reply


def not_here(what: str) -> Handle:
    """A wish that is understood but that this version does not carry out: nothing is recorded, and
    whom to ask instead is named."""

    def handle(understood: Understood, context: Context) -> Reply:
        named = nearest(context)
        values = {
            "what": what,
            "mode": understood.slots.get("mode"),
            "contact": named,
            "is_contact": named == context.person.name,
        }
        return Reply("guide/not_here", values)

    return handle
