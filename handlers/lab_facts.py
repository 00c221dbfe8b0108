"""What the lab itself decided, as the templates say it."""

from __future__ import annotations

from handlers.context import Context
from handlers.names import name_of
from programme.sessions import Source


def lab_fact(source: Source, context: Context) -> dict[str, object]:
    """本组规定: what holds, who decided it when, and what the notice prints instead, if anything."""
    return {
        "what": source.phrase,
        "by": name_of(source.by, context),
        "at": source.at.astimezone(context.setup.zone) if source.at else None,
        "printed": source.printed,
    }
