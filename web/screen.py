"""/s/<token>: the check-in screen on the projector, refreshed by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from flask import Blueprint, Response, abort, render_template
from markupsafe import Markup

from handlers.screen import ScreenView
from messages.render import day, hm, period, titles

View = Callable[[str], "ScreenView | Literal['expired', 'unknown']"]


def screen_pages(view: View, qr_svg: Callable[[str], str] = lambda _text: "") -> Blueprint:
    """The page and the part of it that is fetched again every second. *qr_svg* draws a QR code."""
    pages = Blueprint("screen", __name__)

    def shown(token: str) -> ScreenView:
        found = view(token)
        if found == "unknown":
            abort(403)
        if found == "expired":
            abort(410)
        return found

    @pages.get("/s/<token>")
    def screen(token: str) -> str:
        return render_template("screen.html", token=token, **words(shown(token), qr_svg))

    @pages.get("/s/<token>/live")
    def live(token: str) -> Response:
        page = render_template("screen_live.html", **words(shown(token), qr_svg))
        return Response(page, mimetype="text/html")

    return pages


def words(view: ScreenView, qr_svg: Callable[[str], str]) -> dict[str, object]:
    """What the page prints of *view*."""
    start = view.start.strftime("%H:%M") if view.start else f"{period(view.period)}（具体时间待定）"
    return {
        "title": titles(view.items),
        "when": f"{day(view.held_on)}{start}",
        "group": view.group,
        "place": view.place,
        "code": view.code,
        "grid": view.grid,
        "qr": Markup(qr_svg(view.qr)) if view.qr else None,  # noqa: S704 - drawn by us from our own link
        "state": view.state,
        "until": hm(view.until) if view.until else None,
        "changes_in_s": view.changes_in_s,
        "rotate_s": view.rotate_s,
        "good_for_s": view.changes_in_s + view.rotate_s,
        "arrived": view.arrived,
        "expected": view.expected,
    }
