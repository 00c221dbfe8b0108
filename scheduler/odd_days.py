"""Tells the admins of a session that came to lie on a holiday or a worked weekend after the import."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from messages.envelope import Push
from programme.holidays import Holidays, is_asked, odd_events
from programme.programme import Programme
from storage import outbox
from storage.database import Database, Tx

TEMPLATE = "operator/odd_day"


@dataclass
class OddDays:
    """A step of the tick: each version of a programme is looked at once by each process, and each admin
    is told of a session on a day once. What the import asks as a numbered question is not told again."""

    database: Database
    programmes: Callable[[], Sequence[Programme]]
    admins_of: Callable[[str], Sequence[str]]
    holidays: Holidays
    _seen: dict[str, int] = field(default_factory=dict, init=False)

    def __call__(self, now: datetime) -> int:
        """How many messages were queued. Raises StorageAway."""
        queued = 0
        for programme in self.programmes():
            if self._seen.get(programme.programme_id) == programme.version:
                continue
            pushes = self._pushes(programme, now)
            if pushes:
                queued += self.database.write(Store(programme.programme_id, pushes, now))
            self._seen[programme.programme_id] = programme.version
        return queued

    def _pushes(self, programme: Programme, now: datetime) -> list[Push]:
        zone = ZoneInfo(programme.timezone)
        today = now.astimezone(zone).date()
        found = []
        for event, odd in odd_events(programme, self.holidays):
            if odd.on < today or is_asked(programme, event):
                continue
            values: dict[str, object] = {
                "held_on": odd.on.isoformat(),
                "day": odd.words,
                "group": event.occurrence.group,
                "items": [
                    {"track": item.track, "title": item.title, "speaker": item.speaker}
                    for item in event.session.items
                ],
            }
            is_over = datetime.combine(odd.on + timedelta(days=1), time(0), zone)
            stem = f"odd:{event.occurrence.occurrence_id}:{odd.on.isoformat()}"
            found += [
                Push(f"{stem}:{programme.programme_id}:{admin}", admin, TEMPLATE, values, now, is_over)
                for admin in self.admins_of(programme.programme_id)
            ]
        return found


@dataclass(frozen=True)
class Store:
    """The unit of work that queues the messages of one programme."""

    programme_id: str
    pushes: Sequence[Push]
    now: datetime

    def __call__(self, tx: Tx) -> int:
        return outbox.enqueue_all(tx, self.programme_id, self.pushes, self.now)
