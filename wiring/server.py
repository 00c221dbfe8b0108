"""The worker process of a server: the application, its ticker, and an orderly end."""

from __future__ import annotations

import ctypes
import gc
import logging
import os
import signal
import time
from collections.abc import Callable
from functools import partial
from multiprocessing.util import Finalize
from typing import TYPE_CHECKING

from channels.channel import CallbackChannel
from config import load, signing_key
from handlers.respond import Clocks
from scheduler.clock import Tick, Ticker
from storage.database import DamagedDatabase, StorageAway
from storage.sqlite import hold_single_writer
from wiring.application import Application, assemble, push_channels, real_time, web, wecom_callback
from wiring.draining import Draining
from wiring.handing_in import examining
from wiring.log import start_log
from wiring.scheduling import beat, instance_name, scheduling
from wiring.supervisor import Launch

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


START_AGAIN_S = 1.0

log = logging.getLogger(__name__)


def worker(launch: Launch) -> WSGIApplication:
    """The WSGI application inside the worker process."""
    die_with_parent()
    if launch.demo is None:
        return real_worker(launch)
    # Loaded only here: a real deployment never imports the fake platform.
    from wiring.demo import demo_worker

    return demo_worker(launch.port, launch.demo)


def die_with_parent() -> None:
    """A killed supervisor must not leave a worker serving (tried: kill −9 does; design D18)."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None, use_errno=True).prctl(pr_set_pdeathsig, signal.SIGTERM, 0, 0, 0)


def real_worker(launch: Launch) -> WSGIApplication:
    settings = load(launch.config, os.environ)
    lines = start_log(settings)
    keys = signing_key(settings, os.environ)
    key = keys.current.get_secret_value().encode()
    previous = keys.previous.get_secret_value().encode() if keys.previous else None
    writer = hold_single_writer(settings.data_dir) if settings.sqlite_path else None
    app = patiently(partial(assemble, settings, key, Clocks(real_time, real_time), previous_key=previous))
    callbacks: dict[str, CallbackChannel] = {}
    if settings.wecom.enabled:
        callbacks["/wecom/callback"] = wecom_callback(settings, real_time)
    tick, _ = scheduling(
        app, push_channels(app), settings.programme.gap_after, instance_name(settings, launch.port)
    )
    work = examining(app, instance_name(settings, launch.port))
    ticker = Ticker(beat(app, tick), real_time, app.setup.zone, work=work)
    if writer is not None:
        app.closed.append(writer.release)
    app.closed.append(lines.flush)
    draining = Draining()
    draining.watch()
    begin(app, ticker, tick)
    return web(app, callbacks, ticker, lines, is_draining=lambda: draining.is_draining)


def patiently(start: Callable[[], Application], pause: Callable[[float], None] = time.sleep) -> Application:
    """What *start* gives, tried again each second while the database is away: a worker that ended would be
    started again by its supervisor at once, with a trace each time. Raises DamagedDatabase."""
    while True:
        try:
            return start()
        except DamagedDatabase:
            raise
        except StorageAway:
            log.warning("start_waits_for_storage")
        pause(START_AGAIN_S)


def settle() -> None:
    """The programme and everybody in it live as long as the process: the collector need not look at
    them again, and what a message leaves behind is freed by counting."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def begin(app: Application, ticker: Ticker, tick: Tick) -> None:
    """Start ticking; at the end stop the ticker, let another instance tick, close the writer (D18)."""
    app.closing += [ticker.stop, tick.release]
    ticker.start()
    settle()
    Finalize(None, app.close, exitpriority=100)
