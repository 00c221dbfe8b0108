"""After a stretch in which nothing ticked: what was missed, what was sent late, told to the admins once.

The mark of the last tick is kept beside the lease, so that one instance, whichever ticks next, finds a
gap exactly once. What was missed are rows: due in the gap and not settled when it ended. The report is
computed from them when they are settled, or after a bound.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from messages.envelope import Push
from programme.programme import Programme
from storage import gaps, outbox
from storage.database import Database, Tx
from storage.gaps import Gap, GapKind, Mark, Missed

log = logging.getLogger(__name__)

TEMPLATE = "operator/downtime"
# What has not been settled by then is reported as still on its way.
WAIT_AT_MOST = timedelta(minutes=10)
# A repeat would have the same words as something sent shortly before the gap.
REPEATS_WITHIN = timedelta(days=1)
SESSIONS_NAMED = 3


@dataclass(frozen=True)
class Uptime:
    """Seconds that a machine has been up, sleep included; *machine* "" when it cannot be told."""

    machine: str
    seconds: float


@dataclass(frozen=True)
class Figures:
    """What a gap did to one programme: announcements (条) and people (人)."""

    announcements: int = 0
    sessions: tuple[str, ...] = ()
    others: int = 0
    delivered: int = 0
    delivered_at: datetime | None = None
    useless: int = 0
    repeated: int = 0
    failed: int = 0
    unknown: int = 0
    open: int = 0


@dataclass
class CatchUp:
    """Watches the tick: *watch* in the transaction of the lease, *collect* after planning, *report*
    after sending. Without a gap each costs next to nothing.

    *programmes* lists those that run; *admins_of* (programme id) the person ids to be told. *uptime* is
    the machine's, so that a clock that was set is told from a process that stood still.
    """

    database: Database
    programmes: Callable[[], Sequence[Programme]]
    admins_of: Callable[[str], Sequence[str]]
    uptime: Callable[[], Uptime]
    after: timedelta
    _had_no_storage: bool = field(default=False, init=False)
    _open: tuple[Gap, ...] = field(default=(), init=False)

    def watch(self, tx: Tx, now: datetime) -> None:
        """Compare with the last tick and move the mark; only for the holder of the lease."""
        up = self.uptime()
        mark = Mark(now, up.machine, int(up.seconds))
        before = gaps.last_mark(tx)
        gap = gap_between(before, mark, self.after, had_no_storage=self._had_no_storage) if before else None
        if gap is not None:
            gaps.add(tx, gap)
        gaps.set_mark(tx, mark)

    def without_storage(self) -> None:
        """A tick could not reach the database: the next gap was not the process's fault."""
        self._had_no_storage = True

    def collect(self, _now: datetime) -> None:
        """Note what the gaps that are not reported yet have delayed. Raises StorageAway."""
        self._had_no_storage = False
        self._open = self.database.read(gaps.unreported)
        for gap in self._open:
            if gap.kind == "back":
                continue
            # What became due just before the gap may not have left any more.
            since = gap.began_at - self.after
            collect = partial(gaps.collect, gap_id=gap.gap_id, since=since, until=gap.ended_at)
            noted = self.database.write(collect)
            if noted:
                log.warning("gap kind=%s missed=%s", gap.kind, noted)

    def report(self, now: datetime) -> None:
        """Tell the admins of each gap whose rows are settled, or that is long over. Raises StorageAway."""
        for gap in self._open:
            is_long_over = abs(now - gap.ended_at) >= WAIT_AT_MOST
            still_open = self.database.read(partial(gaps.open_count, gap_id=gap.gap_id))
            if still_open and not is_long_over:
                continue
            self.database.write(Report(gap, tuple(self.programmes()), self.admins_of, now))
        self._open = ()


def gap_between(before: Mark, mark: Mark, after: timedelta, *, had_no_storage: bool = False) -> Gap | None:
    """The gap between two ticks; None when they follow each other within *after*.

    On one machine the clock is compared with the time that has really passed: the difference is a clock
    that was set, the rest a process that stood still. Between two machines only the clock is known.
    """
    by_clock = mark.at - before.at
    elapsed = elapsed_between(before, mark)
    kind: GapKind | None = None
    if elapsed is not None and abs(by_clock - elapsed) > after:
        kind = "forward" if by_clock > elapsed else "back"
    elif by_clock > after:
        kind = "storage" if had_no_storage else "down"
    elif by_clock < -after:
        kind = "back"
    if kind is None:
        return None
    elapsed_s = None if elapsed is None else int(elapsed.total_seconds())
    return Gap(f"{mark.at.isoformat()}/{before.at.isoformat()}", kind, before.at, mark.at, elapsed_s)


def elapsed_between(before: Mark, mark: Mark) -> timedelta | None:
    """How much time has really passed; None when the marks are of different or of unknown machines."""
    if not mark.machine or mark.machine != before.machine or mark.uptime_s < before.uptime_s:
        return None
    return timedelta(seconds=mark.uptime_s - before.uptime_s)


@dataclass(frozen=True)
class Report:
    """The unit of work that closes a gap and queues what its admins are told, once in all instances."""

    gap: Gap
    programmes: Sequence[Programme]
    admins_of: Callable[[str], Sequence[str]]
    now: datetime

    def __call__(self, tx: Tx) -> None:
        if not gaps.close(tx, self.gap.gap_id, self.now):
            return
        missed = gaps.missed(tx, self.gap.gap_id)
        repeated = gaps.repeats(tx, self.gap.gap_id, self.gap.began_at - REPEATS_WITHIN)
        for programme in self.programmes:
            programme_id = programme.programme_id
            own = [one for one in missed if one.programme_id == programme_id]
            if own or concerns(self.gap, programme):
                figures = figures_of(own, repeated.get(programme_id, 0))
                outbox.enqueue_all(tx, programme_id, self._pushes(programme, figures), self.now)

    def _pushes(self, programme: Programme, figures: Figures) -> list[Push]:
        values = values_of(self.gap, figures, ZoneInfo(programme.timezone))
        stem = f"gap:{self.gap.gap_id}:{programme.programme_id}"
        return [
            Push(f"{stem}:{admin}", admin, TEMPLATE, values, due_at=self.now)
            for admin in self.admins_of(programme.programme_id)
        ]


def concerns(gap: Gap, programme: Programme) -> bool:
    """Whether admins want to hear of a gap in which nothing was missed: only while the programme runs."""
    zone = ZoneInfo(programme.timezone)
    first, last = gap.began_at.astimezone(zone).date(), gap.ended_at.astimezone(zone).date()
    return programme.first_date - timedelta(days=1) <= last and first <= programme.last_date


def figures_of(missed: Sequence[Missed], repeated: int) -> Figures:
    """The missed rows of one programme, counted. What was withdrawn meanwhile was not missed."""
    live = [one for one in missed if not (one.state == "useless" and one.reason != "late")]
    announcements = by_stem(one for one in live if one.template.startswith("reminder/"))
    others = by_stem(one for one in live if not one.template.startswith("reminder/"))
    sent_at = [one.settled_at for one in live if one.state == "delivered" and one.settled_at is not None]
    named = dict.fromkeys(session_of(rows[0]) for rows in announcements.values())
    return Figures(
        announcements=len(announcements),
        sessions=tuple(name for name in named if name),
        others=len(others),
        delivered=people(live, "delivered"),
        delivered_at=max(sent_at, default=None),
        useless=sum(is_dropped(rows) for rows in (*announcements.values(), *others.values())),
        repeated=repeated,
        failed=people(live, "failed"),
        unknown=people(live, "unknown"),
        open=people(live, "waiting", "in_call"),
    )


def by_stem(missed: Iterable[Missed]) -> dict[str, list[Missed]]:
    """The rows of one announcement together: their keys differ in the person only."""
    found: dict[str, list[Missed]] = {}
    for one in missed:
        found.setdefault(one.dedupe_key.removesuffix(one.person_id), []).append(one)
    return found


def people(missed: Sequence[Missed], *states: str) -> int:
    return len({one.person_id for one in missed if one.state in states})


def is_dropped(rows: Sequence[Missed]) -> bool:
    """Whether an announcement came too late for everybody."""
    return all(one.state == "useless" for one in rows)


def session_of(one: Missed) -> str:
    """7/4 14:30, or the day alone; "" for what is not about a session."""
    held_on, start = one.values.get("held_on"), one.values.get("start")
    if not isinstance(held_on, str):
        return ""
    month, day = held_on.split("-")[1:]
    return f"{int(month)}/{int(day)}" + (f" {start}" if isinstance(start, str) else "")


def values_of(gap: Gap, figures: Figures, zone: ZoneInfo) -> Mapping[str, object]:
    """What the template needs, fit for JSON; times in the programme's zone."""
    began, ended = gap.began_at.astimezone(zone), gap.ended_at.astimezone(zone)
    sent = figures.delivered_at.astimezone(zone) if figures.delivered_at else None
    return {
        "kind": gap.kind,
        "began": clock_words(began, None),
        "ended": clock_words(ended, began),
        "elapsed_min": None if gap.elapsed_s is None else gap.elapsed_s // 60,
        "announcements": figures.announcements,
        "sessions": list(figures.sessions[:SESSIONS_NAMED]),
        "more_sessions": len(figures.sessions) > SESSIONS_NAMED,
        "others": figures.others,
        "delivered": figures.delivered,
        "delivered_at": clock_words(sent, ended) if sent else None,
        "useless": figures.useless,
        "repeated": figures.repeated,
        "failed": figures.failed,
        "unknown": figures.unknown,
        "open": figures.open,
    }


def clock_words(at: datetime, beside: datetime | None) -> str:
    """13:52, with its day when it is not the day of *beside*; without one the day is left to the reader."""
    if beside is None or at.date() == beside.date():
        return f"{at:%H:%M}"
    return f"{at.month}/{at.day} {at:%H:%M}"
