"""How many requests may be in pages at once, so that callbacks always find a free thread (design D18)."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Final

from flask import Flask, g, request
from werkzeug.exceptions import ServiceUnavailable

UPLOADS_AT_ONCE: Final = 8
PAGES_AT_ONCE: Final = 16
RETRY_AFTER_S: Final = 3
UPLOADS: Final = "/u/"
SENDING: Final = ("POST", "PUT")
# What an operator looks at when everything is full, and files that cost nothing.
FREE: Final = ("/healthz", "/readyz", "/metrics", "/static/")


class Places:
    """What is sent to /u/… and all other pages, each with their own number of places; who finds none gets
    503. The upload page itself and its questions are pages: they open while eight others upload.

    A place is held from the first byte of the request until its answer is built, slow bodies
    included: twenty slow uploads on 16 threads once held a callback for 3 s. *free* are the
    beginnings of paths that need no place.
    """

    def __init__(
        self, uploads: int = UPLOADS_AT_ONCE, pages: int = PAGES_AT_ONCE, free: Sequence[str] = FREE
    ) -> None:
        self._uploads = threading.BoundedSemaphore(uploads)
        self._pages = threading.BoundedSemaphore(pages)
        self._free = tuple(free)
        self._refused = 0

    @property
    def refused(self) -> int:
        """How many requests found no place; a metric."""
        return self._refused

    def guard(self, app: Flask) -> None:
        app.before_request(self._take)
        app.teardown_request(self._give_back)

    def _take(self) -> None:
        if request.path.startswith(self._free):
            return
        is_upload = request.method in SENDING and request.path.startswith(UPLOADS)
        places = self._uploads if is_upload else self._pages
        if not places.acquire(blocking=False):
            self._refused += 1
            raise ServiceUnavailable(retry_after=RETRY_AFTER_S)
        g.place = places

    def _give_back(self, _error: BaseException | None) -> None:
        places = g.pop("place", None)
        if places is not None:
            places.release()
