"""The stretch of days a notice speaks of, which tells the year of a day printed without one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from programme.notice.dates import DateMention, make_date

# A day is put into the year beside the notice's own only when that brings it so much nearer, in days.
_CLEARLY_NEARER = 60


@dataclass(frozen=True)
class Season:
    """*year*: the year of the first printed day. *first*, *last*: the days already placed, when there are any."""

    year: int
    first: date | None = None
    last: date | None = None

    def day(self, mention: DateMention) -> date | None:
        """The day of *mention*: 1月1日 beside sessions of December and January is the later year's."""
        if mention.month is None:
            return None
        if mention.year is not None:
            return make_date(mention.year, mention.month, mention.day)
        own = make_date(self.year, mention.month, mention.day)
        if self.first is None or self.last is None:
            return own
        others = (make_date(self.year + turn, mention.month, mention.day) for turn in (1, -1))
        near = min((day for day in others if day is not None), key=self._gap, default=None)
        if near is None or (own is not None and self._gap(near) + self._margin(near) >= self._gap(own)):
            return own
        return near

    def days(self, mention: DateMention) -> tuple[date, ...]:
        """Every day of a printed range, or the one day; empty when there is no such day."""
        first = self.day(mention)
        if first is None or mention.until is None:
            return (first,) if first is not None else ()
        until = replace(mention.until, month=mention.until.month or mention.month)
        last = make_date(until.year or first.year, until.month or first.month, until.day)
        if last is not None and last < first and until.year is None:
            last = make_date(first.year + 1, last.month, last.day)
        if last is None or not 0 <= (last - first).days <= 60:
            return (first,)
        return tuple(date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1))

    def with_days(self, days: Iterable[date]) -> Season:
        """The season widened to hold *days*."""
        all_days = [*days, *(day for day in (self.first, self.last) if day is not None)]
        return replace(self, first=min(all_days), last=max(all_days)) if all_days else self

    def _gap(self, day: date) -> int:
        if self.first is None or self.last is None:
            return 0
        return max((self.first - day).days, (day - self.last).days, 0)

    def _margin(self, day: date) -> int:
        """Inside the season nothing is nearer; outside it a neighbour year must win clearly."""
        return _CLEARLY_NEARER if self._gap(day) else 0
