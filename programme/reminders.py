"""When a session is announced, to whom, and what the announcement is about; pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta, tzinfo
from typing import Literal
from zoneinfo import ZoneInfo

from programme.attendance import is_obliged
from programme.people import Person
from programme.personal import leads_of
from programme.programme import Programme
from programme.schedule import Event, as_printed
from programme.sessions import Item, Kind, Occurrence, start_at

Audience = Literal["obliged", "everyone", "speakers", "leads", "mentors", "admins"]

AT_A_CLOCK_TIME = re.compile(r"(0|-\d{1,2})d (\d{1,2}):(\d{2})")
BEFORE_THE_START = re.compile(r"-(\d{1,4})([mh])")

# An afternoon whose hour nobody knows may begin soon after noon: announced at 09:07, of use until 13:07.
UNTIMED_USEFUL = timedelta(hours=4)
UNTIMED = "untimed"
UNTIMED_TEMPLATE = "reminder/untimed"
PERSONAL_TEMPLATE = "reminder/personal"


class BadOffset(ValueError):
    """An offset of no known form ("-1d 20:07", "0d 08:07", "-27m", "-2h"); the text is its argument."""


@dataclass(frozen=True)
class DaysBefore:
    """A clock time on the day of the session or *days* before it."""

    days: int
    at: time


@dataclass(frozen=True)
class BeforeStart:
    """A stretch before the session begins; it has no moment while the hour is unknown."""

    ahead: timedelta


Offset = DaysBefore | BeforeStart


@dataclass(frozen=True)
class ReminderRule:
    """One `[[reminder]]`: which sessions, how long before, to whom, in which words.

    *name* becomes a part of the dedupe key: renaming a rule sends again. *weekdays* counts Monday
    as 0; empty *weekdays* or *kinds* mean every one. *useless_after_s* counts seconds from the start
    of the session, 0 being the start itself (R47), negative ones before it.
    """

    name: str
    weekdays: tuple[int, ...]
    kinds: tuple[Kind, ...]
    offset: Offset
    audience: Audience
    template: str
    useless_after_s: int = 0


# Every session of the notice is held on a Monday, Tuesday or Thursday (L13, L14). The defaults name
# no weekday, so that a session moved to a Wednesday is still announced.
DEFAULT_RULES = (
    ReminderRule("前一晚", (), (), DaysBefore(1, time(20, 7)), "obliged", "reminder/evening_before"),
    ReminderRule("开始前", (), (), BeforeStart(timedelta(minutes=27)), "obliged", "reminder/soon"),
    ReminderRule("主讲", (), (), DaysBefore(1, time(20, 7)), "speakers", "reminder/speaker"),
)


@dataclass(frozen=True)
class Reminder:
    """One announcement of one event: due at an aware moment, of no use after another.

    *lead_min*: only for those who want the last reminder that many minutes ahead. *gives_way*: not for
    anybody who has such a wish. *spares_speakers*: they are told at the same moment in words of their own.
    """

    kind: str
    event: Event
    audience: Audience
    template: str
    due_at: datetime
    useless_after: datetime
    lead_min: int | None = None
    gives_way: bool = False
    spares_speakers: bool = False


def parse_offset(text: str) -> DaysBefore | BeforeStart:
    """Raises BadOffset for any other form and for a clock time that does not exist."""
    if found := AT_A_CLOCK_TIME.fullmatch(text):
        days, hour, minute = (int(part) for part in found.groups())
        if hour > 23 or minute > 59:
            raise BadOffset(text)
        return DaysBefore(-days, time(hour, minute))
    if found := BEFORE_THE_START.fullmatch(text):
        amount = int(found[1])
        return BeforeStart(timedelta(minutes=amount) if found[2] == "m" else timedelta(hours=amount))
    raise BadOffset(text)


def due_moment(occurrence: Occurrence, rule: ReminderRule, zone: tzinfo, untimed_at: time) -> datetime | None:
    """The aware moment at which *rule* announces *occurrence*; None when it would be after the start.

    Without an hour there is nothing to count back from, and an hour is never invented: the
    announcement is made at *untimed_at* on the day itself. Source: notice L14, L19-L21 (R05, R06).
    """
    starts_at = start_at(occurrence, zone)
    if starts_at is None:
        return datetime.combine(occurrence.held_on, untimed_at, zone)
    if isinstance(rule.offset, BeforeStart):
        due_at = starts_at - rule.offset.ahead
    else:
        day = occurrence.held_on - timedelta(days=rule.offset.days)
        due_at = datetime.combine(day, rule.offset.at, zone)
    return due_at if due_at < starts_at else None


def is_meant(rule: ReminderRule, event: Event) -> bool:
    """Whether *rule* speaks of this session: its weekday, its kind, and somebody to speak to."""
    if rule.weekdays and event.occurrence.held_on.weekday() not in rule.weekdays:
        return False
    if rule.audience == "speakers" and not any(item.speaker for item in event.session.items):
        return False
    return not rule.kinds or event.session.kind in rule.kinds


def reminders_of(
    event: Event,
    rules: Sequence[ReminderRule],
    zone: tzinfo,
    untimed_at: time,
    leads: Iterable[timedelta] = (),
) -> tuple[Reminder, ...]:
    """Every announcement of *event*: one for each rule and for each of the *leads* that people want;
    while its hour is unknown only one for each audience."""
    if event.is_cancelled:
        return ()
    meant = [rule for rule in rules if is_meant(rule, event)]
    starts_at = start_at(event.occurrence, zone)
    if starts_at is None:
        first_of = {rule.audience: rule for rule in reversed(meant)}
        return tuple(
            untimed_reminder(event, rule, zone, untimed_at)
            for rule in meant
            if first_of[rule.audience] is rule
        )
    found = [timed_reminder(event, rule, starts_at, zone, untimed_at) for rule in meant]
    reminders = [reminder for reminder in found if reminder is not None]
    speaking_at = {reminder.due_at for reminder in reminders if reminder.audience == "speakers"}
    told = [
        replace(reminder, spares_speakers=True)
        if reminder.audience != "speakers" and reminder.due_at in speaking_at
        else reminder
        for reminder in reminders
    ]
    personal = [personal_reminder(event, lead, starts_at, zone) for lead in leads] if rules else []
    return (*told, *personal)


def timed_reminder(
    event: Event, rule: ReminderRule, starts_at: datetime, zone: tzinfo, untimed_at: time
) -> Reminder | None:
    """The announcement that *rule* makes of a session with an hour; None when it would be too late."""
    due_at = due_moment(event.occurrence, rule, zone, untimed_at)
    if due_at is None:
        return None
    limit = min(starts_at + timedelta(seconds=rule.useless_after_s), end_of_day(due_at, zone))
    gives_way = rule.audience == "obliged" and isinstance(rule.offset, BeforeStart)
    return Reminder(rule.name, event, rule.audience, rule.template, due_at, limit, gives_way=gives_way)


def personal_reminder(event: Event, lead: timedelta, starts_at: datetime, zone: tzinfo) -> Reminder:
    """In place of the rules that count back from the start, for those who want it *lead* ahead.

    The key names the distance: whoever asks for another one gets that one as well.
    """
    minutes = lead // timedelta(minutes=1)
    due_at = starts_at - lead
    limit = min(starts_at, end_of_day(due_at, zone))
    return Reminder(f"提前{minutes}", event, "obliged", PERSONAL_TEMPLATE, due_at, limit, lead_min=minutes)


def end_of_day(at: datetime, zone: tzinfo) -> datetime:
    """Midnight after *at*: what says 明天 is not to be read on the day itself."""
    return datetime.combine(at.astimezone(zone).date() + timedelta(days=1), time(0), zone)


def untimed_reminder(event: Event, rule: ReminderRule, zone: tzinfo, untimed_at: time) -> Reminder:
    """The one announcement of a session without an hour, in words that name none (R06).

    A speaker cannot begin to prepare on the morning of the talk: a rule for speakers with a clock
    time of its own keeps it.
    """
    if rule.audience == "speakers" and isinstance(rule.offset, DaysBefore):
        day = event.occurrence.held_on - timedelta(days=rule.offset.days)
        due_at = datetime.combine(day, rule.offset.at, zone)
        return Reminder(rule.name, event, rule.audience, rule.template, due_at, end_of_day(due_at, zone))
    due_at = datetime.combine(event.occurrence.held_on, untimed_at, zone)
    return Reminder(UNTIMED, event, rule.audience, UNTIMED_TEMPLATE, due_at, due_at + UNTIMED_USEFUL)


def events_of(programme: Programme) -> tuple[Event, ...]:
    """Each session once per occurrence, and as printed for those who have no occurrence of their own.

    Source: notice L13 (各项目组内部开会): a group meeting is one printed session, held per group.
    """
    events: list[Event] = []
    for session in programme.sessions:
        own = [found for found in programme.occurrences if found.session_id == session.session_id]
        if all(occurrence.group is not None for occurrence in own):
            own.append(as_printed(session))
        events.extend(Event(session, occurrence) for occurrence in own)
    return tuple(events)


def audience(
    reminder: Reminder,
    siblings: Collection[Event],
    people: Sequence[Person],
    checked_in: Collection[str],
    on_leave: Collection[str] = (),
    speakers: Collection[str] = (),
) -> tuple[Person, ...]:
    """Who hears of an event: those the rule means, not muted, not on leave, not already checked in.

    *checked_in*, *on_leave* and *speakers* hold person ids. *siblings* are the occurrences of the same
    session: whoever has a group with its own hours is told of those only. Source: notice L13
    (各项目组内部开会).
    """
    held_apart = {sibling.occurrence.group for sibling in siblings} - {None}
    group = reminder.event.occurrence.group
    return tuple(
        person
        for person in people
        if is_addressed(reminder, person, speakers)
        and not person.muted
        and is_at_their_distance(reminder, person)
        and person.person_id not in checked_in
        and person.person_id not in on_leave
        and (person.group == group if group is not None else person.group not in held_apart)
    )


def next_for(
    person: Person,
    programme: Programme,
    rules: Sequence[ReminderRule],
    untimed_at: time,
    after: datetime,
    excused: Collection[str] = (),
) -> Reminder | None:
    """The first reminder that *person* gets after *after* (aware) of an occurrence not in *excused*."""
    zone = ZoneInfo(programme.timezone)
    events = [event for event in events_of(programme) if event.occurrence.occurrence_id not in excused]
    found = [
        reminder
        for event in events
        for reminder in reminders_of(event, rules, zone, untimed_at, leads_of([person]))
        if reminder.due_at > after and audience(reminder, siblings_of(event, programme), [person], ())
    ]
    return min(found, key=lambda reminder: reminder.due_at, default=None)


def siblings_of(event: Event, programme: Programme) -> tuple[Event, ...]:
    """All occurrences of the same session, that one included."""
    return tuple(other for other in events_of(programme) if other.session == event.session)


def is_at_their_distance(reminder: Reminder, person: Person) -> bool:
    """Whether *reminder* comes when this person wants to be reminded."""
    if reminder.lead_min is not None:
        return person.lead_min == reminder.lead_min
    return person.lead_min is None or not reminder.gives_way


def is_addressed(reminder: Reminder, person: Person, speakers: Collection[str] = ()) -> bool:
    """Whether the rule means *person*; "obliged" includes who opted in or asked for reminders.

    Source: notice L9 (研0、研1 必须按时参加；研2 不做硬性要求).
    """
    if reminder.spares_speakers and person.person_id in speakers:
        return False
    match reminder.audience:
        case "everyone":
            return True
        case "obliged":
            return is_obliged(person, reminder.event) or person.asked_reminders
        case "speakers":
            return person.person_id in speakers
        case "leads":
            return "lead" in person.roles
        case "mentors":
            return "mentor" in person.roles
        case "admins":
            return "admin" in person.roles


def values_of(
    reminder: Reminder, zone: tzinfo, day_note: str | None = None, items: Sequence[Item] | None = None
) -> dict[str, object]:
    """What the words of a reminder need, the same for all its readers and fit for JSON.

    Nothing volatile is among them: a repeated request must be the same to the byte. An unknown
    hour, end, place, title or speaker is null. *days_ahead* counts from the due moment. *day_note*
    says what is odd about the day; *items* are one speaker's own. The occurrence and its version tell
    the sender whether the words still hold.
    """
    occurrence, session = reminder.event.occurrence, reminder.event.session
    return {
        "occurrence_id": occurrence.occurrence_id,
        "version": occurrence.version,
        "held_on": occurrence.held_on.isoformat(),
        "days_ahead": (occurrence.held_on - reminder.due_at.astimezone(zone).date()).days,
        "start": occurrence.start.strftime("%H:%M") if occurrence.start else None,
        "end": occurrence.end.strftime("%H:%M") if occurrence.end else None,
        "period": session.period,
        "kind": session.kind,
        "group": occurrence.group,
        "place": occurrence.place,
        "status": session.status,
        "day_note": day_note,
        "lead_min": reminder.lead_min,
        "slot": None,
        "items": [
            {"track": item.track, "title": item.title, "speaker": item.speaker}
            for item in (session.items if items is None else items)
        ],
    }
