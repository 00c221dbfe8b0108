"""The Flask application: secure headers, limits, and error pages that a student can read on a phone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from flask import Blueprint, Flask, Response, render_template
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from web.places import Places

MAX_PAGE_BODY_BYTES: Final = 1 << 20
MAX_FORM_BYTES: Final = 64 << 10
MAX_FORM_PARTS: Final = 50

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}

# Status: what happened, and what to do next.
SORRY: Final = {
    400: ("这个请求看不懂", "请回到聊天窗口，重新打开链接。"),
    403: ("没有权限打开这一页", "请回到聊天窗口，用自己的链接打开。"),
    404: ("没有这一页", "链接可能抄漏了，请回到聊天窗口重新打开。"),
    405: ("这一页不能这样打开", "请回到聊天窗口，重新打开链接。"),
    410: ("链接已经过期", "请回到聊天窗口，再要一个新的链接。"),
    413: ("内容太大", "请把文件或文字缩小后再试。"),
    429: ("操作太快了", "请过一分钟再试。"),
    500: ("程序出了点问题", "已经记下来了，请过一会儿再试。"),
    503: ("现在有点忙", "请过几秒钟再试。"),
}
_OTHERWISE = ("打不开这一页", "请回到聊天窗口，重新打开链接。")


def create_app(
    blueprints: Iterable[Blueprint] = (),
    *,
    secret_key: str | None = None,
    trusted_proxies: int = 0,
    places: Places | None = None,
) -> Flask:
    """The application with *blueprints*; the callback middleware is wrapped around its `wsgi_app`.

    *secret_key* signs sessions (none: there are no sessions). *trusted_proxies* is how many reverse
    proxies in front are to be believed about the client's address and scheme. *places* bounds how
    many requests are in pages at once (none: unbounded).
    """
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=secret_key,
        MAX_CONTENT_LENGTH=MAX_PAGE_BODY_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_FORM_BYTES,
        MAX_FORM_PARTS=MAX_FORM_PARTS,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=True,
    )
    if places is not None:
        places.guard(app)
    for blueprint in blueprints:
        app.register_blueprint(blueprint)
    app.after_request(_with_headers)
    app.register_error_handler(HTTPException, _sorry)
    if trusted_proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=trusted_proxies, x_proto=trusted_proxies, x_host=trusted_proxies
        )
    return app


def _with_headers(response: Response) -> Response:
    """The headers of every page; a page that needs other ones has set them itself."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if not response.headers.get("Cache-Control"):
        response.headers["Cache-Control"] = "no-store"
    return response


def _sorry(error: HTTPException) -> Response:
    """The Chinese page for *error*, with its own headers (Allow, Retry-After) kept.

    A defect of ours comes here too, as a 500: Flask has logged it with its trace by then.
    """
    status = error.code or 500
    title, advice = SORRY.get(status, _OTHERWISE)
    response = Response(
        render_template("sorry.html", title=title, advice=advice), status, mimetype="text/html"
    )
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            response.headers[name] = value
    return response
