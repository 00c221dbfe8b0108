"""A calendar as the file that calendar programs subscribe to (RFC 5545, RFC 7986)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from icalendar import STATUS, TRANSP, Calendar, vDuration, vText
from icalendar import Event as Entry

from messages.envelope import Reply
from programme.calendar_plan import CalendarEntry, Deadline, uid_of
from programme.evidence import quote, sources_of_session
from programme.programme import Programme
from programme.schedule import Event
from programme.sessions import Source

Render = Callable[[Reply], str]

PRODUCT = "-//Qiyue//Qiyue 7//ZH-CN"
ASKS_AGAIN_AFTER = timedelta(hours=1)
DAY = timedelta(days=1)
MARGIN = timedelta(days=366)  # a clock change shortly before the first day still governs it

LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
UNPRINTABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f]")
STATUSES = {"tentative": STATUS.TENTATIVE, "confirmed": STATUS.CONFIRMED, "cancelled": STATUS.CANCELLED}


def calendar_file(programme: Programme, entries: Sequence[CalendarEntry], render: Render) -> bytes:
    """The same bytes for the same programme and entries: nothing in it comes from the clock.

    Hours are given in the programme's own zone with its rules, so that a phone abroad shows them right.
    """
    zone = ZoneInfo(programme.timezone)
    calendar = Calendar.new(prodid=PRODUCT, uid=uid_of(programme, "calendar"))
    title = vText(line(programme.title))  # as a plain string the library writes its commas unescaped
    calendar.add("NAME", title)
    calendar.add("X-WR-CALNAME", title)
    calendar.add("REFRESH-INTERVAL", ASKS_AGAIN_AFTER, parameters={"VALUE": "DURATION"})
    calendar["X-PUBLISHED-TTL"] = vDuration(ASKS_AGAIN_AFTER)  # add() would write a plain timedelta
    calendar.add("X-WR-TIMEZONE", programme.timezone)
    for entry in entries:
        calendar.add_component(component(programme, entry, zone, render))
    days = [entry.on for entry in entries] or [programme.first_date]
    calendar.add_missing_timezones(min(days) - MARGIN, max(days) + MARGIN)
    written: bytes = calendar.to_ical()
    return written


def component(programme: Programme, entry: CalendarEntry, zone: ZoneInfo, render: Render) -> Entry:
    values = words(programme, entry)
    status = status_of(entry)
    stamp = entry.stamped_at.astimezone(UTC).replace(microsecond=0)
    made = Entry.new(
        uid=entry.uid,
        sequence=entry.sequence,
        stamp=stamp,
        last_modified=stamp,
        status=STATUSES[status],
        transparency=TRANSP.TRANSPARENT if is_free(entry) else TRANSP.OPAQUE,
        summary=line(render(Reply("calendar/title", values))),
        description=text(render(Reply("calendar/description", values))),
        location=line(str(values["place"])) if values["place"] else None,
    )
    put_time(made, entry, zone)
    return made


def put_time(made: Entry, entry: CalendarEntry, zone: ZoneInfo) -> None:
    """No end is made up. The notice rarely prints one; the event then ends as it starts, which is what
    RFC 5545 §3.6.1 reads into a missing end. It is written out as a duration of nothing because
    Exchange takes no event without DTEND or DURATION (its note to RFC 5545 in MS-STANXICAL), and an end equal to the
    start is not allowed (§3.8.2.2). Google and Apple show such an event with its hour alone.
    """
    if is_whole_day(entry):
        made.add("DTSTART", entry.on)
        made.add("DTEND", entry.on + DAY)
        return
    assert entry.start is not None  # noqa: S101 - is_whole_day
    made.add("DTSTART", datetime.combine(entry.on, entry.start, zone))
    if entry.end is not None and entry.end > entry.start:
        made.add("DTEND", datetime.combine(entry.on, entry.end, zone))
    else:
        made.add("DURATION", timedelta(0))


def is_whole_day(entry: CalendarEntry) -> bool:
    return entry.start is None or isinstance(entry.subject, Deadline)


def is_free(entry: CalendarEntry) -> bool:
    """Whether the entry leaves its day free for others: nobody is busy all day for an unknown hour."""
    return is_whole_day(entry) or status_of(entry) == "cancelled"


def status_of(entry: CalendarEntry) -> Literal["tentative", "confirmed", "cancelled"]:
    if isinstance(entry.subject, Deadline):
        return "confirmed"
    if entry.subject.is_cancelled:  # the whole session, or this group's meeting by its lead
        return "cancelled"
    status = entry.subject.session.status
    return "tentative" if status == "confirmed" and entry.start is None else status


def words(programme: Programme, entry: CalendarEntry) -> dict[str, object]:
    """What the templates of a title and a description need."""
    subject = entry.subject
    common = {"on": entry.on, "start": entry.start, "end": entry.end}
    if isinstance(subject, Deadline):
        sources = (subject.source,) if subject.source else ()
        return common | {"deadline": subject.name, "place": None, "quotes": quotes(programme, sources)}
    session = subject.session
    return common | {
        "deadline": None,
        "items": session.items,
        "kind": session.kind,
        "period": session.period,
        "place": subject.occurrence.place,
        "status": "cancelled" if subject.is_cancelled else session.status,
        "group": subject.occurrence.group,
        "is_changed": entry.sequence > 0,
        "is_for_all_groups": is_for_all_groups(subject),
        "quotes": quotes(programme, sources_of_session(programme, session)),
    }


def is_for_all_groups(event: Event) -> bool:
    """A group's meeting as the table prints it, for somebody of no group."""
    return event.session.scope == "own_project_group" and not event.is_held


def quotes(programme: Programme, sources: Sequence[Source]) -> list[object]:
    return [quote(programme, source) for source in sources]


def text(value: str) -> str:
    """*value* with what RFC 5545 allows in a text: line ends of one kind, no control characters."""
    encodable = value.encode("utf-8", "replace").decode()  # half of a pair, as a broken client sends it
    return UNPRINTABLE.sub("", LINE_ENDS.sub("\n", encodable))


def line(value: str) -> str:
    return " ".join(text(value).split())
