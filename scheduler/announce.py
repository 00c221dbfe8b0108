"""What group robots say in their chats: each session's announcements once, and changes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from functools import partial
from zoneinfo import ZoneInfo

from messages.envelope import Announcement
from programme.holidays import Holidays
from programme.programme import Programme
from programme.reminders import Reminder, ReminderRule, siblings_of, values_of
from scheduler.plan import NO_HOLIDAYS, due_reminders, is_stored, since_mark, stem_of
from scheduler.recheck import OUTDATED, is_current
from storage import outbox, schedule, waiting
from storage.database import Database, Tx

TEMPLATE = "announcement/session"
# A reminder for speakers, leads or mentors is no business of the chat.
FOR_ALL = frozenset({"obliged", "everyone"})
# The chat of the admins hears alarms only.
ADMINS_CHAT = "管理员"


@dataclass(frozen=True)
class Robot:
    """A group robot by its name, and the project groups in its chat; none means everybody."""

    name: str
    groups: Collection[str] = ()


def robots_for(robots: Sequence[Robot], group: str | None) -> tuple[Robot, ...]:
    """Whose chats something concerns: that of *group*, or of everybody (None).

    Without a chat for everybody each group hears in its own what concerns all.
    """
    chats = [robot for robot in robots if ADMINS_CHAT not in robot.groups]
    if group is not None:
        return tuple(robot for robot in chats if group in robot.groups)
    common = tuple(robot for robot in chats if not robot.groups)
    return common or tuple(chats)


def announcements_of(
    programme: Programme, reminder: Reminder, robots: Sequence[Robot], day_note: str | None = None
) -> tuple[Announcement, ...]:
    """One for each chat that *reminder* concerns; the key names chat, occurrence, version and kind.

    A session printed once and held per group is announced to each group, and as printed to the chat
    of everybody.
    """
    if reminder.audience not in FOR_ALL:
        return ()
    group = reminder.event.occurrence.group
    chosen = robots_for(robots, group)
    if group is None:
        held_apart = {sibling.occurrence.group for sibling in siblings_of(reminder.event, programme)}
        chosen = tuple(robot for robot in chosen if not held_apart.intersection(robot.groups))
    values = values_of(reminder, ZoneInfo(programme.timezone), day_note)
    return tuple(
        Announcement(
            f"group:{robot.name}:{stem_of(reminder)}",
            robot.name,
            TEMPLATE,
            values,
            reminder.due_at,
            reminder.useless_after,
        )
        for robot in chosen
    )


@dataclass(frozen=True)
class Announcing:
    """The tick's step before planning, whose mark says since when: what is due is said once per chat."""

    database: Database
    programmes: Callable[[], Sequence[Programme]]
    robots: Sequence[Robot]
    rules: Sequence[ReminderRule]
    untimed_at: time
    holidays: Holidays = NO_HOLIDAYS

    def __call__(self, now: datetime) -> int:
        """How many announcements are new. Raises StorageAway."""
        if not self.robots:
            return 0
        return sum(self._announce(programme, now) for programme in self.programmes())

    def _announce(self, programme: Programme, now: datetime) -> int:
        programme_id = programme.programme_id
        mark, held = self.database.read(
            lambda tx: (
                schedule.planned_until(tx, programme_id),
                outbox.waiting_announcements(tx, programme_id),
            )
        )
        since = since_mark(mark, now)
        announcements = [
            announcement
            for reminder in due_reminders(programme, self.rules, self.untimed_at, since, now)
            if reminder.useless_after > now
            for announcement in announcements_of(
                programme,
                reminder,
                self.robots,
                self.holidays.note(reminder.event.occurrence.held_on),
            )
        ]
        stale = [row.dedupe_key for row in held if not is_current(row, programme)]
        if not announcements and not stale:
            return 0
        return self.database.write(
            partial(store, programme=programme, announcements=announcements, stale=stale, now=now)
        )


def store(
    tx: Tx,
    programme: Programme,
    announcements: Sequence[Announcement],
    stale: Sequence[str],
    now: datetime,
) -> int:
    """Memory that is behind the database announces nothing: the next tick does."""
    if not is_stored(tx, programme):
        return 0
    waiting.withdraw(tx, stale, OUTDATED, now)
    return outbox.announce(tx, programme.programme_id, announcements, now)


def changes_for(
    robots: Sequence[Robot],
    groups: Collection[str | None],
    key: str,
    template: str,
    values: Mapping[str, object],
    at: datetime,
    useless_after: datetime | None = None,
) -> tuple[Announcement, ...]:
    """A change said at once in every chat of *groups* (None: everybody), once in each; it calls all in it."""
    names = dict.fromkeys(robot.name for group in groups for robot in robots_for(robots, group))
    return tuple(
        Announcement(f"group:{name}:{key}", name, template, values, at, useless_after, calls_everybody=True)
        for name in names
    )
