"""One server under test: `python -m bench.serve echo|product`, the same granian settings for both."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=["echo", "product"])
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--ahead-s", type=float, default=0.0)
    given = parser.parse_args()
    server = Server(
        "bench.serve:main",
        "127.0.0.1",
        given.port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=given.threads,
        log_level=LogLevels.warning,
    )
    loader = echo if given.kind == "echo" else partial(product, given.folder, given.ahead_s)
    server.serve(target_loader=loader, wrap_loader=False)


def echo() -> WSGIApplication:
    # Each side loads only itself: the echo must not carry the product's modules in memory.
    from bench.echo import create_app
    from bench.scene import IDENTITY

    return create_app(IDENTITY.token, IDENTITY.aes_key, IDENTITY.corp_id)


def product(folder: Path, ahead_s: float) -> WSGIApplication:
    from bench.product import application

    return application(folder, ahead_s)


if __name__ == "__main__":
    main()
