"""How many messages one member got in the last minute: the platform drops the excess silently."""

from __future__ import annotations

from collections import Counter, deque
from datetime import datetime, timedelta

# Per member and app 30 a minute, the rest vanishes with errcode 0 (message/send, document 90236).
A_MINUTE = timedelta(minutes=1)
PER_MINUTE = 30


class Pacing:
    """Counts in memory: only the process that holds the lease sends, and a restart takes longer than
    the count is worth. Not thread-safe; one relay owns one."""

    def __init__(self, per_minute: int = PER_MINUTE) -> None:
        self._per_minute = per_minute
        self._sent: deque[tuple[datetime, str, str]] = deque()
        self._counts: Counter[tuple[str, str]] = Counter()

    def take(self, channel: str, account: str, now: datetime) -> bool:
        """Count one message at *now* (aware); False, and nothing counted, when the minute is full."""
        self._forget(now)
        if self._counts[channel, account] >= self._per_minute:
            return False
        self._counts[channel, account] += 1
        self._sent.append((now, channel, account))
        return True

    def _forget(self, now: datetime) -> None:
        # The distance, not the age: after a clock was set back nothing may stay for hours.
        while self._sent and abs(now - self._sent[0][0]) >= A_MINUTE:
            _at, channel, account = self._sent.popleft()
            self._counts[channel, account] -= 1
            if not self._counts[channel, account]:
                del self._counts[channel, account]
