"""Serves a WSGI application on a free loopback port, for tests and for the demonstration's tools."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from fakes.api import api_blueprint
from fakes.platform import FakeWeCom

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


class _Silent(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        """Nothing: the tests read the platform's own list of calls."""


@contextmanager
def serving(app: WSGIApplication, port: int = 0) -> Iterator[str]:
    """The base URL of *app* while it is served, several requests at a time; port 0 takes a free one."""
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=_Silent)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, name="fake-server")
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def platform_app(platform: FakeWeCom, pause: Callable[[float], None] = time.sleep) -> Flask:
    """The fake platform alone, as an application: point the gateway's api_base at where it is served."""
    app = Flask(__name__)
    app.register_blueprint(api_blueprint(platform, pause))
    return app
