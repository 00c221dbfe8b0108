"""A session changed by the people who run the programme: what becomes of it, what differs, whom it concerns; pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Literal

from programme.attendance import is_obliged
from programme.people import Person
from programme.programme import Programme
from programme.schedule import Event, as_printed, squeeze
from programme.sessions import Item, Occurrence, Period, Session, Status, following

Field = Literal["status", "day", "time", "end", "place", "speaker", "title", "talk"]


@dataclass(frozen=True)
class Wish:
    """What is to be new; None or False leaves it as it stands. *item* is the place (0-based) of the
    talk whose speaker or title changes, *drops_item* takes this talk out."""

    to_date: date | None = None
    start: time | None = None
    end: time | None = None
    period: Period | None = None
    shift_min: int | None = None
    shift_days: int | None = None
    is_time_open: bool = False
    place: str | None = None
    is_place_open: bool = False
    item: int = 0
    speaker: str | None = None
    title: str | None = None
    drops_item: bool = False
    status: Status | None = None


Refusal = Literal[
    "nothing_new", "end_before_start", "no_hour_to_shift", "cancelled", "not_cancelled", "past", "over"
]


@dataclass(frozen=True)
class NotPossible:
    why: Refusal


@dataclass(frozen=True)
class Difference:
    """One thing that differs; *old* and *new* are printable values, None for "not known"."""

    field: Field
    old: date | time | str | None
    new: date | time | str | None
    track: str | None = None


def changed(session: Session, wish: Wish, now: datetime) -> Session | NotPossible:
    """*session* at its next version as *wish* has it, or why it cannot be. *now* is the programme's time."""
    if wish.status is None and session.status == "cancelled":
        return NotPossible("cancelled")
    if wish.status == "tentative" and session.status != "cancelled":
        return NotPossible("not_cancelled")
    day, start = moved(session, wish)
    if wish.shift_min is not None and start is None:
        return NotPossible("no_hour_to_shift")
    end = wish.end or kept_end(session, start, wish)
    if start is not None and end is not None and end <= start:
        return NotPossible("end_before_start")
    after = replace(
        session,
        held_on=day,
        start=start,
        end=end,
        period=wish.period or (period_of(start) if start is not None else session.period),
        place=None if wish.is_place_open else wish.place or session.place,
        items=changed_items(session, wish),
        status=wish.status or session.status,
    )
    if after == session:
        return NotPossible("nothing_new")
    if is_too_late(session, after, now):
        return NotPossible("over" if wish.status is not None else "past")
    return replace(after, version=session.version + 1)


def moved(session: Session, wish: Wish) -> tuple[date, time | None]:
    """The day and start of *session* under *wish*; minutes may carry it over midnight."""
    day = wish.to_date or session.held_on + timedelta(days=wish.shift_days or 0)
    if wish.is_time_open:
        return day, None
    start = wish.start or session.start
    if wish.shift_min is None or start is None:
        return day, start
    at = datetime.combine(day, start) + timedelta(minutes=wish.shift_min)
    return at.date(), at.time()


def kept_end(session: Session, start: time | None, wish: Wish) -> time | None:
    """The end moves with the start, so that the session stays as long as it was; unknown stays unknown."""
    if session.end is None or session.start is None or start is None:
        return None if wish.is_time_open else session.end
    length = datetime.combine(session.held_on, session.end) - datetime.combine(session.held_on, session.start)
    end = datetime.combine(session.held_on, start) + length
    return end.time() if end.date() == session.held_on else None


def period_of(start: time) -> Period:
    if start.hour < 6:
        return "dawn"
    if start.hour < 12:
        return "morning"
    return "afternoon" if start.hour < 18 else "evening"


def changed_items(session: Session, wish: Wish) -> tuple[Item, ...]:
    if wish.drops_item:
        return tuple(item for place, item in enumerate(session.items) if place != wish.item)
    if wish.speaker is None and wish.title is None:
        return session.items
    return tuple(
        replace(item, speaker=wish.speaker or item.speaker, title=wish.title or item.title)
        if place == wish.item
        else item
        for place, item in enumerate(session.items)
    )


def is_too_late(before: Session, after: Session, now: datetime) -> bool:
    """Whether nobody can act on it any more: the day is over, or the new hour has struck.

    A room may change, and a session be called off, while people are already waiting for it.
    """
    if after.held_on != now.date():
        return after.held_on < now.date()
    is_moved = (before.held_on, before.start) != (after.held_on, after.start)
    return is_moved and after.start is not None and after.start <= now.time()


def differences(before: Session, after: Session) -> tuple[Difference, ...]:
    """What differs, in the order in which people ask: whether, when, where, who, what."""
    found: list[Difference] = []
    if before.status != after.status and "cancelled" in (before.status, after.status):
        found.append(Difference("status", before.status, after.status))
    for name, old, new in (
        ("day", before.held_on, after.held_on),
        ("time", before.start, after.start),
        ("end", before.end, after.end),
        ("place", before.place, after.place),
    ):
        if old != new:
            found.append(Difference(name, old, new))  # type: ignore[arg-type]
    if len(before.items) != len(after.items):
        gone = [item for item in before.items if item not in after.items]
        return (*found, *(Difference("talk", item.title or item.track, None, item.track) for item in gone))
    for old_item, new_item in zip(before.items, after.items, strict=True):
        if old_item.speaker != new_item.speaker:
            found.append(Difference("speaker", old_item.speaker, new_item.speaker, new_item.track))
        if old_item.title != new_item.title:
            found.append(Difference("title", old_item.title, new_item.title, new_item.track))
    return tuple(found)


def item_meant(session: Session, words: Sequence[str]) -> int | None:
    """The talk that *words* name by title or track; None when none or more than one fits."""
    wanted = [squeeze(word) for word in words if word]
    if not wanted:
        return 0 if len(session.items) == 1 else None
    fits = [
        place
        for place, item in enumerate(session.items)
        if any(
            word in squeeze(f"{item.track or ''} {item.title or ''} {item.speaker or ''}") for word in wanted
        )
    ]
    return fits[0] if len(fits) == 1 else None


def concerned(
    session: Session, occurrences: Collection[Occurrence], people: Sequence[Person]
) -> tuple[Person, ...]:
    """Who must hear of a change: who is obliged, opted in or asked for reminders, its speakers, and the
    lead of a group meeting.

    Muted people are among them: a change is told once, whatever reminders somebody switched off (B39).
    *occurrences* are those that changed; a group's meeting concerns that group. Source: notice L9, L13.
    """
    groups = {occurrence.group for occurrence in occurrences}
    speakers = {item.speaker for item in session.items if item.speaker}
    event = Event(session, as_printed(session))
    return tuple(
        person
        for person in people
        if person.name in speakers
        or (
            (None in groups or person.group in groups)
            and (
                is_obliged(person, event)
                or person.asked_reminders
                or ("lead" in person.roles and None not in groups)
            )
        )
    )


def following_occurrences(programme: Programme, before: Session, after: Session) -> tuple[Occurrence, ...]:
    """The occurrences that go with the change, each at its next version.

    One that its group has set apart stays where it is, but a cancelled session takes all along.
    """
    found: list[Occurrence] = []
    for occurrence in programme.occurrences:
        if occurrence.session_id != before.session_id:
            continue
        moved_along = following(occurrence, before, after)
        if moved_along == occurrence and before.status != after.status:
            moved_along = replace(occurrence, version=occurrence.version + 1)
        if moved_along != occurrence:
            found.append(moved_along)
    return tuple(found)


def same_day(programme: Programme, after: Session) -> tuple[Session, ...]:
    """Other sessions of that day that would be held at the same time, or at an hour nobody knows."""
    return tuple(
        other
        for other in programme.sessions
        if other.session_id != after.session_id
        and other.held_on == after.held_on
        and other.status != "cancelled"
        and overlaps(other, after)
    )


def overlaps(one: Session, other: Session) -> bool:
    if one.start is None or other.start is None:
        return one.period == other.period
    if one.end is None or other.end is None:
        return one.start == other.start
    return one.start < other.end and other.start < one.end
