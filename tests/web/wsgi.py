"""A WSGI request made by hand, so that a test decides about every byte and header of it."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


@dataclass(frozen=True)
class Response:
    status: int
    headers: dict[str, str]
    body: bytes


class Input(io.BytesIO):
    """A body that knows how much of it was taken."""

    def taken(self) -> int:
        return self.tell()


def request(
    app: WSGIApplication,
    method: str = "POST",
    path: str = "/wecom/callback",
    query: str = "",
    body: bytes | Input = b"",
    **environ: Any,
) -> Response:
    """The response of *app*. CONTENT_LENGTH is right unless *environ* says otherwise (None: absent)."""
    stream = body if isinstance(body, io.BytesIO) else Input(body)
    sent: list[tuple[str, list[tuple[str, str]]]] = []
    variables: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "CONTENT_LENGTH": str(len(stream.getvalue())),
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": stream,
        "wsgi.errors": io.StringIO(),
        **environ,
    }
    given = {name: value for name, value in variables.items() if value is not None}

    def start_response(status: str, headers: list[tuple[str, str]], _error: object = None) -> Any:
        sent.append((status, headers))

    parts: Iterable[bytes] = app(given, start_response)
    content = b"".join(parts)
    close = getattr(parts, "close", None)
    if close is not None:
        close()
    ((status, headers),) = sent
    return Response(int(status.split()[0]), dict(headers), content)
