"""/c/<token>: where a camera outside the chat leads; it says what to reply in the chat."""

from __future__ import annotations

import secrets
from typing import Final, Protocol

from flask import Blueprint, Response, abort, render_template, request

from handlers.arrival import Arrival
from messages.render import titles

COOKIE: Final = "qiyue_device"
COOKIE_AGE_S: Final = 24 * 3600


class Arrives(Protocol):
    @property
    def keeps_devices(self) -> bool: ...

    def arrive(self, token: str, device: str | None) -> Arrival: ...


def arrival_pages(arrivals: Arrives) -> Blueprint:
    pages = Blueprint("arrival", __name__)

    @pages.get("/c/<token>")
    def arrive(token: str) -> Response:
        if request.method == "HEAD":
            return Response(mimetype="text/html")  # somebody's preview needs no number
        device = request.cookies.get(COOKIE)
        is_new = arrivals.keeps_devices and not device
        if is_new:
            device = secrets.token_hex(16)
        found = arrivals.arrive(token, device)
        if found.outcome == "unknown":
            abort(403)
        page = render_template(
            "arrival.html", outcome=found.outcome, title=titles(found.items), code=found.code
        )
        response = Response(page, 410 if found.outcome == "old" else 200, mimetype="text/html")
        if is_new and device:
            response.set_cookie(
                COOKIE, device, max_age=COOKIE_AGE_S, httponly=True, samesite="Lax", secure=request.is_secure
            )
        return response

    return pages
