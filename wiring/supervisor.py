"""The supervisor of a server: granian and one worker. It loads nothing of the application itself."""

from __future__ import annotations

import errno
import socket
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


@dataclass(frozen=True)
class Launch:
    """What the worker process is told; picklable, because the supervisor spawns it."""

    config: Path
    host: str
    port: int
    demo: Demo | None = None


@dataclass(frozen=True)
class Demo:
    start: datetime
    speed: float
    data: Path


class PortTaken(Exception):
    """Something else listens there; the port is the argument."""


class AddressNotHere(Exception):
    """No address of this machine; the host is the argument."""


class PortForbidden(Exception):
    """This user may not listen there (ports below 1024); the port is the argument."""


def refuse_taken_port(host: str, port: int) -> None:
    """Raises PortTaken, AddressNotHere or PortForbidden. granian binds with SO_REUSEPORT: two servers would
    share the port silently."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (socket.gaierror, UnicodeError):  # no address at all
            raise AddressNotHere(host) from None
        except PermissionError:
            raise PortForbidden(port) from None
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortTaken(port) from None
            raise AddressNotHere(host) from None


def serve_until_stopped(launch: Launch, threads: int) -> None:
    """granian: a supervisor and one worker, because the one writer and the ticker live in it."""
    refuse_taken_port(launch.host, launch.port)
    server = Server(
        "wiring.server:worker",
        launch.host,
        launch.port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=threads,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
        log_level=LogLevels.error,
    )
    server.serve(target_loader=partial(load_worker, launch), wrap_loader=False)


def load_worker(launch: Launch) -> WSGIApplication:
    """Called in the worker process: only there is the application loaded."""
    from wiring.server import worker

    return worker(launch)
