"""How a sealed callback reaches the bot: over HTTP, or by calling its WSGI application."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlencode, urlsplit

from werkzeug.test import EnvironBuilder, run_wsgi_app

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

MAX_REPLY_BYTES = 1 << 20


class NoAnswer(Exception):
    """The bot did not answer: *timed_out*, or refused or dropped the connection."""

    def __init__(self, reason: str, *, timed_out: bool) -> None:
        super().__init__(reason)
        self.timed_out = timed_out


@dataclass(frozen=True)
class HttpAnswer:
    status: int
    headers: Mapping[str, str]
    body: bytes


class Transport(Protocol):
    def send(self, method: str, query: Mapping[str, str], body: bytes | None, timeout_s: float) -> HttpAnswer:
        """One request to the callback URL; *timeout_s* bounds the whole of it. Raises NoAnswer."""


class HttpTransport:
    """Calls a real server, one connection a request, as the platform's front ends do."""

    def __init__(self, callback_url: str, seconds: Callable[[], float] = time.monotonic) -> None:
        parts = urlsplit(callback_url)
        if parts.scheme != "http" or not parts.hostname:
            raise ValueError(f"the fake platform calls plain http only, not {callback_url!r}")
        self._host = parts.hostname
        self._port = parts.port or 80
        self._path = parts.path or "/"
        self._seconds = seconds

    def send(self, method: str, query: Mapping[str, str], body: bytes | None, timeout_s: float) -> HttpAnswer:
        until = self._seconds() + timeout_s
        connection = http.client.HTTPConnection(self._host, self._port, timeout=timeout_s)
        try:
            connection.request(
                method,
                f"{self._path}?{urlencode(query)}",
                body=body,
                headers={"Content-Type": "text/xml"} if body is not None else {},
            )
            return self._read(connection, until)
        except TimeoutError as error:
            raise NoAnswer(f"no answer in {timeout_s:g} s", timed_out=True) from error
        except (OSError, http.client.HTTPException) as error:
            raise NoAnswer(f"connection lost: {type(error).__name__}", timed_out=False) from error
        finally:
            connection.close()

    def _read(self, connection: http.client.HTTPConnection, until: float) -> HttpAnswer:
        socket = connection.sock
        socket.settimeout(max(until - self._seconds(), 0.001))
        response = connection.getresponse()
        body = b""
        # A bot that drips must not hold us longer than the whole time allowed.
        while chunk := response.read1(65536):
            body += chunk
            if self._seconds() > until:
                raise TimeoutError
            if len(body) > MAX_REPLY_BYTES:
                raise NoAnswer("the answer is larger than 1 MB", timed_out=False)
            socket.settimeout(max(until - self._seconds(), 0.001))
        return HttpAnswer(response.status, dict(response.getheaders()), body)


class WsgiTransport:
    """Calls the bot's WSGI application in this process.

    The call runs in a thread of its own, so the time limit holds although nothing can be cut;
    a call that is too late goes on behind our back, as it does behind the platform's.
    """

    def __init__(self, app: WSGIApplication, path: str = "/wecom/callback") -> None:
        self._app = app
        self._path = path

    def send(self, method: str, query: Mapping[str, str], body: bytes | None, timeout_s: float) -> HttpAnswer:
        builder = EnvironBuilder(
            path=self._path,
            method=method,
            query_string=dict(query),
            data=body,
            content_type="text/xml" if body is not None else None,
        )
        call = _Call(self._app, builder.get_environ())
        builder.close()
        return call.answer_within(timeout_s)


class _Call:
    def __init__(self, app: WSGIApplication, environ: dict[str, Any]) -> None:
        self._app = app
        self._environ = environ
        self._answer: HttpAnswer | None = None
        self._error: BaseException | None = None

    def answer_within(self, timeout_s: float) -> HttpAnswer:
        thread = threading.Thread(target=self._run, daemon=True, name="fake-wecom-call")
        thread.start()
        thread.join(timeout_s)
        if self._error is not None:
            raise NoAnswer(f"the application raised {self._error!r}", timed_out=False) from self._error
        if self._answer is None:
            raise NoAnswer(f"no answer in {timeout_s:g} s", timed_out=True)
        return self._answer

    def _run(self) -> None:
        try:
            pieces, status, headers = run_wsgi_app(self._app, self._environ, buffered=True)
            self._answer = HttpAnswer(int(status.split()[0]), dict(headers), b"".join(pieces))
        except Exception as error:  # whatever the application lets out is a lost connection to the platform
            self._error = error
