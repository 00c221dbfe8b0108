"""Who somebody is by name, for the answers that say who decided what."""

from __future__ import annotations

from handlers.context import Context, StrangerContext


def name_of(person_id: str | None, context: Context | StrangerContext) -> str | None:
    """The name on the roster; 管理员 for somebody who has left it; None for nobody."""
    if person_id is None:
        return None
    person = context.snapshot.person(person_id)
    return person.name if person else "管理员"
