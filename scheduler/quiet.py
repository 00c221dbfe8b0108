"""When a reminder waits: the quiet hours, and the minutes at which the platform is crowded."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

A_MINUTE = timedelta(minutes=1)
# What nobody waits for at night. A change, an answer or a request of somebody goes at any hour.
WAITING_STEMS = frozenset({"reminder", "summary", "announcement"})


@dataclass(frozen=True)
class Quiet:
    """No reminder leaves from *start* to *end* (may span midnight) or in *avoid_minutes* of an hour.

    Source of the minutes: most apps push at :00 and :30, and are late then (message/send, 90236).
    """

    start: time
    end: time
    avoid_minutes: Collection[int]
    zone: tzinfo

    def held_until(self, template: str, useless_after: datetime | None, now: datetime) -> datetime | None:
        """Until when a row waits, None when it may go at *now*: also when waiting makes it useless."""
        if template.partition("/")[0] not in WAITING_STEMS:
            return None
        until = self.next_allowed(now)
        if until <= now or (useless_after is not None and useless_after <= until):
            return None
        return until

    def next_allowed(self, now: datetime) -> datetime:
        """The first moment from *now* on that is neither quiet nor crowded."""
        moment = now.astimezone(self.zone)
        if self._is_quiet(moment.time()):
            end = datetime.combine(moment.date(), self.end, self.zone)
            moment = end if end > moment else datetime.combine(moment.date() + A_DAY, self.end, self.zone)
        for _ in range(60):
            if moment.minute not in self.avoid_minutes:
                return moment
            moment = moment.replace(second=0, microsecond=0) + A_MINUTE
        return now  # every minute of the hour is to be avoided: then none is

    def _is_quiet(self, at: time) -> bool:
        if self.start <= self.end:
            return self.start <= at < self.end
        return at >= self.start or at < self.end


A_DAY = timedelta(days=1)
