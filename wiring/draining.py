"""From SIGTERM on the worker says that it is not ready, and serves a moment longer before it drains."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from types import FrameType

# So long a load balancer may look at /readyz and send its requests elsewhere.
NOTICE_S = 1.0
LOOK_AGAIN_S = 0.005

Handler = Callable[[int, FrameType | None], object]


class Draining:
    """Stands before the server's own SIGTERM handler.

    granian sets that handler after it has loaded the application and offers no hook, so a timer of
    the main thread looks until it is there. A worker whose supervisor died (it gets SIGTERM then,
    too) ends at once: its successor waits for the lock and the port.
    """

    def __init__(self, notice_s: float = NOTICE_S) -> None:
        self._notice_s = notice_s
        self._parent = os.getppid()
        self._is_draining = False
        self._drain: Handler | None = None

    @property
    def is_draining(self) -> bool:
        return self._is_draining

    def watch(self) -> None:
        """Call it in the main thread, before the server sets its handlers."""
        before = signal.getsignal(signal.SIGTERM)

        def look(_signal: int, _frame: FrameType | None) -> None:
            found = signal.getsignal(signal.SIGTERM)
            if found is before or not callable(found):
                return
            signal.setitimer(signal.ITIMER_REAL, 0)
            self._drain = found
            signal.signal(signal.SIGTERM, self._begin)

        signal.signal(signal.SIGALRM, look)
        signal.setitimer(signal.ITIMER_REAL, LOOK_AGAIN_S, LOOK_AGAIN_S)

    def _begin(self, number: int, frame: FrameType | None) -> None:
        if os.getppid() != self._parent:
            self._finish(number, frame)
        elif not self._is_draining:  # the supervisor and the group may both ask
            self._is_draining = True
            signal.signal(signal.SIGALRM, self._finish)
            signal.setitimer(signal.ITIMER_REAL, self._notice_s)

    def _finish(self, _signal: int, frame: FrameType | None) -> None:
        self._is_draining = True
        if self._drain is not None:
            self._drain(signal.SIGTERM, frame)
