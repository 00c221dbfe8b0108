"""/calendar/<token>.ics: the plan for calendar programs, which ask for it again every hour."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Final, Literal

from flask import Blueprint, Response, abort, request

Feed = Callable[[str], "bytes | Literal['unknown', 'expired', 'away']"]
RETRY_AFTER_S: Final = 60


def calendar_pages(feed: Feed) -> Blueprint:
    """One file a person, the same bytes until something changes; then a 304 costs both sides nothing."""
    pages = Blueprint("calendar", __name__)

    @pages.get("/calendar/<token>.ics")
    def calendar(token: str) -> Response:
        found = feed(token)
        if found == "unknown":
            abort(403)
        if found == "expired":
            abort(410)
        if found == "away":
            # An empty calendar would make every phone drop what it knows; this makes it ask again.
            abort(Response("现在有点忙，请过一会儿再试。", 503, {"Retry-After": str(RETRY_AFTER_S)}))
        return answer(found)

    return pages


def answer(body: bytes) -> Response:
    response = Response(body, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = 'inline; filename="qiyue.ics"'
    response.headers["Cache-Control"] = "private, no-cache"
    response.set_etag(hashlib.sha256(body).hexdigest()[:32])
    response.make_conditional(request)
    return response
