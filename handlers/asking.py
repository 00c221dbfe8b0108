"""The one open question of an account: asked here, answered through handlers.ANSWERS."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from handlers.context import Context, StrangerContext
from storage import pending

QUESTION_LIFE = timedelta(minutes=10)  # design D9


def ask(context: Context | StrangerContext, kind: str, data: Mapping[str, object]) -> None:
    """Open the question; an older one of this account is replaced."""
    context.asked.at = context.moment
    pending.ask(
        context.tx,
        context.inbound.channel,
        context.inbound.sender,
        kind,
        data,
        context.moment,
        context.moment + QUESTION_LIFE,
    )
