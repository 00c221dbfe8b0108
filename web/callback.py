"""The callback in front of Flask: a small WSGI middleware that answers the platforms' requests itself.

Flask's dispatch is the largest single cost of a callback, so only what is not a callback reaches it
(design D18). This is the one boundary for input: it says ok, refuse or ignore, never a 5xx.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from time import perf_counter
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from channels.channel import CallbackChannel, Decoded, Refused
from channels.envelope import MAX_BODY_BYTES, query_of
from messages.envelope import Answer, Inbound

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

T = TypeVar("T")
RETRY_AFTER_S: Final = 5
_XML = "application/xml; charset=utf-8"
_PLAIN = "text/plain; charset=utf-8"


class Log(Protocol):
    """Where the boundary writes a line a message."""

    def info(self, event: str, **values: object) -> object: ...

    def error(self, event: str, **values: object) -> object: ...


class Counts:
    """How many callbacks ended how, for /metrics: (channel, outcome) to a number. Safe in threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counted: dict[tuple[str, str], int] = {}

    def add(self, channel: str, outcome: str) -> int:
        with self._lock:
            counted = self._counted.get((channel, outcome), 0) + 1
            self._counted[channel, outcome] = counted
        return counted

    def read(self) -> Mapping[tuple[str, str], int]:
        with self._lock:
            return dict(self._counted)


class CallbackMiddleware:
    """Answers GET and POST of the callback paths in *routes*; everything else passes to *wsgi_app*.

    *respond* may raise one of *unavailable* (the database is away): 503 with Retry-After, and the
    platform delivers again. Whatever else it raises is logged with the message id and answered by
    *apologise*. *timer* gives seconds that only grow.
    """

    def __init__(
        self,
        wsgi_app: WSGIApplication,
        routes: Mapping[str, CallbackChannel],
        respond: Callable[[Inbound], Answer | None],
        *,
        log: Log,
        unavailable: tuple[type[Exception], ...],
        apologise: Callable[[Inbound], Answer],
        timer: Callable[[], float] = perf_counter,
        counts: Counts | None = None,
    ) -> None:
        self._app = wsgi_app
        self._routes = dict(routes)
        self._respond = respond
        self._log = log
        self._unavailable = unavailable
        self._apologise = apologise
        self._timer = timer
        self.counts = Counts() if counts is None else counts

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        channel = self._routes.get(environ["PATH_INFO"])
        if channel is None:
            return self._app(environ, start_response)
        method = environ["REQUEST_METHOD"]
        if method == "POST":
            return self._message(channel, environ, start_response)
        if method == "GET":
            return self._verification(channel, environ, start_response)
        start_response("405 Method Not Allowed", [("Allow", "GET, POST"), ("Content-Length", "0")])
        return ()

    def _verification(
        self, channel: CallbackChannel, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        echo, refused = self._read(channel, lambda: channel.verify(query_of(environ.get("QUERY_STRING", ""))))
        if refused or echo is None:
            return self._refuse(channel, refused, start_response)
        self.counts.add(channel.name, "verified")
        self._log.info("callback_verified", channel=channel.name)
        return _ok(echo.encode(), _PLAIN, start_response)

    def _message(
        self, channel: CallbackChannel, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        started = self._timer()
        decoded, refused = self._read(
            channel, lambda: channel.decode(query_of(environ.get("QUERY_STRING", "")), _body(environ))
        )
        if refused:
            return self._refuse(channel, refused, start_response)
        # A message from nobody (a customer-service event names no sender) has nobody to be answered.
        if decoded is None or not decoded.inbound.sender.strip():
            self.counts.add(channel.name, "ignored")
            return _ok(b"", _PLAIN, start_response)
        outcome, reply = self._reply(channel, decoded)
        self._record(channel, decoded.inbound, outcome, started)
        if reply is None:
            start_response(
                "503 Service Unavailable", [("Retry-After", str(RETRY_AFTER_S)), ("Content-Length", "0")]
            )
            return ()
        return _ok(reply, _XML, start_response)

    def _read(self, channel: CallbackChannel, reading: Callable[[], T]) -> tuple[T | None, str]:
        """What a request says and "", or None and why it is refused. A defect of ours in reading it is
        logged, and refused like the rest: with a 5xx anyone could find the input that breaks us, and
        the platform would repeat it."""
        try:
            return reading(), ""
        except Refused as refused:
            return None, str(refused) or "refused"
        except Exception as error:
            self._log.error("callback_unreadable", channel=channel.name, **_place(error))
            return None, "unreadable"

    def _reply(self, channel: CallbackChannel, decoded: Decoded) -> tuple[str, bytes | None]:
        """What became of the message, and the body to answer with; None says "deliver it again"."""
        attempts: tuple[tuple[str, Callable[[Inbound], Answer | None]], ...] = (
            ("answered", self._respond),
            ("failed", self._apologise),
        )
        for outcome, speak in attempts:
            try:
                answer = speak(decoded.inbound)
                if answer is None or not answer.text:
                    return "silent", b""
                return outcome, channel.encode(answer, decoded)
            except self._unavailable:
                return "unavailable", None
            except Exception as error:
                # The callback boundary: a fault of ours must become neither three deliveries of the
                # same message nor silence for the person.
                self._failed(channel, decoded, error)
        return "failed", b""

    def _failed(self, channel: CallbackChannel, decoded: Decoded, error: Exception) -> None:
        # The error's own text may quote the message, so it stays out.
        self._log.error(
            "callback_failed", channel=channel.name, message_id=decoded.inbound.message_id, **_place(error)
        )

    def _record(self, channel: CallbackChannel, inbound: Inbound, outcome: str, started: float) -> None:
        self.counts.add(channel.name, outcome)
        self._log.info(
            "callback",
            channel=channel.name,
            id=inbound.message_id,
            kind=(inbound.event or inbound.kind)[:40],
            outcome=outcome,
            ms=round((self._timer() - started) * 1000, 2),
        )

    def _refuse(
        self, channel: CallbackChannel, reason: str, start_response: StartResponse
    ) -> Iterable[bytes]:
        """403 and nothing else, the same for every reason: the answer must not be an oracle."""
        times = self.counts.add(channel.name, f"refused_{reason}")
        # Anyone can send rubbish; a line for each would let them fill the disk. Powers of two suffice.
        if times & (times - 1) == 0:
            self._log.info("callback_refused", channel=channel.name, reason=reason, times=times)
        start_response("403 Forbidden", [("Content-Length", "0")])
        return ()


def _body(environ: WSGIEnvironment) -> bytes:
    """The request's body, read only when its declared length is a plain number of at most 64 kB.

    Raises Refused; chunked bodies have no length to trust and no platform sends them.
    """
    declared = environ.get("CONTENT_LENGTH") or ""
    # int() would take " 7", "+7", "1_0" and other scripts' digits; fifteen digits bound its work.
    if not (declared.isascii() and declared.isdigit() and len(declared) <= 15):
        raise Refused("bad_length_header")
    if environ.get("HTTP_TRANSFER_ENCODING"):
        raise Refused("chunked_body")
    length = int(declared)
    if length > MAX_BODY_BYTES:
        raise Refused("large_body")
    try:
        body: bytes = environ["wsgi.input"].read(length)
    except OSError as error:  # the client went away in the middle
        raise Refused("short_body") from error
    if len(body) != length:
        raise Refused("short_body")
    return body


def _ok(body: bytes, content_type: str, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", content_type), ("Content-Length", str(len(body)))])
    return (body,)


def _place(error: Exception) -> dict[str, object]:
    """Where an error came from, without what it says: its class, file and line."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return {"error": type(error).__name__}
    code = trace.tb_frame.f_code
    return {"error": type(error).__name__, "file": code.co_filename, "line": trace.tb_lineno}
