"""How fast one account may write: above 20 messages a minute it is answered once a minute."""

from __future__ import annotations

from collections import OrderedDict, deque
from datetime import datetime, timedelta
from threading import Lock
from typing import Literal

A_MINUTE = timedelta(minutes=1)
MESSAGES_A_MINUTE = 20
ACCOUNTS_KEPT = 20_000


class Pace:
    """A moving window in memory: right for one instance, and losing it harms nobody."""

    def __init__(self, limit: int = MESSAGES_A_MINUTE) -> None:
        self._limit = limit
        self._times: OrderedDict[tuple[str, str], deque[datetime]] = OrderedDict()
        self._warned_at: dict[tuple[str, str], datetime] = {}
        self._lock = Lock()

    def of(self, channel: str, account: str, moment: datetime) -> Literal["fine", "warn", "silent"]:
        key = (channel, account)
        with self._lock:
            times = self._times.setdefault(key, deque(maxlen=self._limit + 1))
            self._times.move_to_end(key)
            times.append(moment)
            while times and moment - times[0] > A_MINUTE:
                times.popleft()
            self._forget_oldest()
            if len(times) <= self._limit:
                return "fine"
            last = self._warned_at.get(key)
            if last is not None and moment - last <= A_MINUTE:
                return "silent"
            self._warned_at[key] = moment
            return "warn"

    def _forget_oldest(self) -> None:
        while len(self._times) > ACCOUNTS_KEPT:
            key, _ = self._times.popitem(last=False)
            self._warned_at.pop(key, None)
