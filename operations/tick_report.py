"""tick: what one scheduler step did, from the queues before and after it."""

from __future__ import annotations

from storage.figures import Figures

ENDED = {"delivered": "sent", "failed": "failed", "useless": "useless", "unknown": "unknown"}


def ticked(before: Figures, after: Figures) -> dict[str, object]:
    """How many messages are new, how many left the queue and how, how many wait; how many tasks ran."""
    ended = {name: after.pushes.get(state, 0) - before.pushes.get(state, 0) for state, name in ENDED.items()}
    return {
        "planned": max(sum(after.pushes.values()) - sum(before.pushes.values()), 0),
        "waiting": after.pushes.get("waiting", 0) + after.pushes.get("in_call", 0),
        "tasks": max(after.tasks.get("done", 0) - before.tasks.get("done", 0), 0),
        **ended,
    }
