"""What was set of a session in chat: kept as rows of 本组规定, so that 依据 can say who set it when.

A row "session:S03:start" holds what was set, a row "printed:S03:start" what the notice prints
instead ("" where it prints nothing).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time

from programme.programme import Programme
from programme.sessions import Session, Source

FIELDS = {"held_on": "日期", "start": "时间", "end": "结束", "place": "地点"}


def spoken(value: date | time | str | None) -> str:
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, date):
        return f"{value.month}/{value.day}"
    return value or ""


def facts_of_changes(programme: Programme, changed: Sequence[Session]) -> dict[str, str | None]:
    """The rows to write (None: to forget) once the sessions of *programme* have become *changed*."""
    before = {session.session_id: session for session in programme.sessions}
    rows: dict[str, str | None] = {}
    for session in changed:
        old = before[session.session_id]
        for name in FIELDS:
            was, now = spoken(getattr(old, name)), spoken(getattr(session, name))
            if was == now:
                continue
            key, printed = f"session:{session.session_id}:{name}", f"printed:{session.session_id}:{name}"
            original = programme.settings.get(printed, was)
            back = now == original
            rows[key] = None if back else now
            rows[printed] = None if back else original
    return {key: value for key, value in rows.items() if programme.settings.get(key) != value}


def moved_from(programme: Programme, day: date) -> tuple[Session, ...]:
    """The sessions that the notice prints on *day* and that were moved to another day in chat."""
    return tuple(
        s for s in programme.sessions if s.held_on != day and printed_day(programme, s) == spoken(day)
    )


def printed_day(programme: Programme, session: Session) -> str | None:
    """The day ("7/18") that the notice prints for a session that was moved; None for one that was not."""
    key = f"session:{session.session_id}:held_on"
    return (
        programme.settings.get(f"printed:{session.session_id}:held_on") if key in programme.settings else None
    )


def set_since(programme: Programme, session: Session) -> tuple[Source, ...]:
    """What somebody set of *session* in chat, as sources for 依据."""
    found = []
    for name, label in FIELDS.items():
        key = f"session:{session.session_id}:{name}"
        decided = programme.decided.get(key)
        if decided is None or programme.settings.get(key) != spoken(getattr(session, name)):
            continue
        day = f"{session.held_on.month}/{session.held_on.day} " if name != "place" else ""
        found.append(
            Source(
                None,
                f"{day}{label} {programme.settings[key]}",
                origin="lab",
                by=decided.by,
                at=decided.at,
                printed=programme.settings.get(f"printed:{session.session_id}:{name}", ""),
            )
        )
    return tuple(found)
