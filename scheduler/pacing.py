"""How many messages one member got lately, and how many calls one channel made."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

# Per member and app 30 a minute and 1,000 an hour, the rest vanishes with errcode 0 (message/send,
# document 90236).
A_MINUTE = timedelta(minutes=1)
AN_HOUR = timedelta(hours=1)
PER_MINUTE = 30
PER_HOUR = 1000
# The platform counts when a request arrives, we when it leaves: up to ten seconds lie between the two
# (the transport's limits), and one that was slow must not fall into the next minute's thirty.
SLACK = timedelta(seconds=10)
MINUTE = A_MINUTE + SLACK
HOUR = AN_HOUR + SLACK


class Pacing:
    """Counts in memory what left in the last hour. Not thread-safe; one relay owns one.

    A start takes two seconds, which is less than the count is worth: the relay tells it what the
    process before it had sent.
    """

    def __init__(self, per_minute: int = PER_MINUTE, per_hour: int = PER_HOUR) -> None:
        self._per_minute = per_minute
        self._per_hour = per_hour
        self._sent: dict[tuple[str, str], deque[datetime]] = {}
        self._tidied_at: datetime | None = None

    def take(self, channel: str, account: str, now: datetime) -> bool:
        """Count one message at *now* (aware); False, and nothing counted, when the minute is full."""
        if self.free_at(channel, account, now) > now:
            return False
        self.count(channel, account, now)
        return True

    def count(self, channel: str, account: str, at: datetime) -> None:
        """Count one message that left at *at*, whatever the limits say."""
        self._sent.setdefault((channel, account), deque()).append(at)

    def free_at(self, channel: str, account: str, now: datetime) -> datetime:
        """From when on the member may get another message; *now* or earlier: at once."""
        self._tidy(now)
        sent = self._sent.get((channel, account))
        if not sent:
            return now
        # The distance, not the age: after a clock was set back nothing may stay for hours.
        while sent and abs(now - sent[0]) >= HOUR:
            sent.popleft()
        in_minute = [at for at in list(sent)[-self._per_minute :] if abs(now - at) < MINUTE]
        moments = [now]
        if len(in_minute) >= self._per_minute:
            moments.append(in_minute[0] + MINUTE)
        if len(sent) >= self._per_hour:
            moments.append(sent[-self._per_hour] + HOUR)
        return max(moments)

    def _tidy(self, now: datetime) -> None:
        """Forget those who got nothing for an hour, once a minute."""
        if self._tidied_at is not None and abs(now - self._tidied_at) < A_MINUTE:
            return
        self._tidied_at = now
        for key in [key for key, sent in self._sent.items() if not sent or abs(now - sent[-1]) >= HOUR]:
            del self._sent[key]


class CallPace:
    """How many calls of one channel may leave now; *limit* a minute, None for no limit."""

    def __init__(self, limit: int | None) -> None:
        self._limit = limit
        self._left: deque[datetime] = deque()

    def allowance(self, now: datetime, most: int) -> int:
        """How many of *most* calls may leave at *now*."""
        if self._limit is None:
            return most
        while self._left and abs(now - self._left[0]) >= A_MINUTE:
            self._left.popleft()
        return max(0, min(most, self._limit - len(self._left)))

    def count(self, calls: int, now: datetime) -> None:
        if self._limit is not None:
            self._left.extend([now] * calls)
