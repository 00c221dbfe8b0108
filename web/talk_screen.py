"""/t/<token>: the running order and the chair's timer, refreshed by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from flask import Blueprint, Response, abort, render_template

from handlers.talk_screen import RoomView, TalksView
from messages.render import day
from programme.talk_plan import TalkSlot

View = Callable[[str], "TalksView | Literal['expired', 'unknown']"]

LAST_MINUTE_S = 60


def talk_pages(view: View) -> Blueprint:
    """The page and the part of it that is fetched again every second."""
    pages = Blueprint("talk_screen", __name__)

    def shown(token: str) -> dict[str, object]:
        found = view(token)
        if found == "unknown":
            abort(403)
        if found == "expired":
            abort(410)
        return words(found)

    @pages.get("/t/<token>")
    def talks(token: str) -> str:
        return render_template("talks.html", **shown(token))

    @pages.get("/t/<token>/live")
    def live(token: str) -> Response:
        return Response(render_template("talks_live.html", **shown(token)), mimetype="text/html")

    return pages


def words(view: TalksView) -> dict[str, object]:
    """What the page prints of *view*."""
    return {
        "title": view.title,
        "when": day(view.on),
        "now": f"{view.now:%H:%M}",
        "rooms": [of_room(room, number, len(view.rooms)) for number, room in enumerate(view.rooms, 1)],
    }


def of_room(view: RoomView, number: int, count: int) -> dict[str, object]:
    where = view.standing
    names = {slot.number: name for slot, name in view.lines}
    left = f"{where.left_s // 60}:{where.left_s % 60:02}" if where.left_s < 6000 else None
    return {
        "room": view.room or (f"第{number}间教室" if count > 1 else ""),
        "phase": where.phase,
        "left": left,
        "is_last_minute": where.phase == "talk" and where.left_s <= LAST_MINUTE_S,
        "percent": round(where.share * 100),
        "current": named(where.current, names),
        "following": named(where.following, names),
        "lines": [
            {
                **named(slot, names),
                "is_current": slot == where.current,
                "is_past": is_past(slot, where.current, where.following),
            }
            for slot, _ in view.lines
        ],
    }


def is_past(slot: TalkSlot, current: TalkSlot | None, following: TalkSlot | None) -> bool:
    ahead = current or following
    return ahead is None or slot.position < ahead.position


def named(slot: TalkSlot | None, names: dict[int, str]) -> dict[str, object]:
    if slot is None:
        return {}
    return {
        "position": slot.position,
        "name": names[slot.number],
        "start": f"{slot.start:%H:%M}",
        "end": f"{slot.end:%H:%M}",
    }
