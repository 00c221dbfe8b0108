"""How the talks of the report days are laid out: what fits, who comes when by an open draw; pure."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from typing import Literal

from programme.people import Person
from programme.programme import Programme
from programme.sessions import Session

# Without a word of the notice or the lab; source of the two bounds: notice L32 (5-10 分钟).
LEAST_MIN, MOST_MIN = 5, 10
GAP_MIN = 3
BREAK_MIN = 10
MOST_ROOMS = 8
EARLIEST = time(8, 0)
EARLIER_BY_MIN = 5


@dataclass(frozen=True)
class Wanted:
    """What was asked for: a window of local hours on each of *days*, all else in minutes.

    *rooms* are names, or empty texts where only their number is known. *is_both*: each person speaks on
    every day; the default reading of the notice (L32, 全体) is once.
    """

    days: tuple[date, ...]
    start: time
    end: time
    talk_min: int
    gap_min: int = GAP_MIN
    break_min: int = BREAK_MIN
    rooms: tuple[str, ...] = ("",)
    is_both: bool = False

    @property
    def a_day(self) -> int:
        """How many talks fit into one day, over all rooms: whole steps of talk and gap beside the break."""
        window = minutes_of(self.end) - minutes_of(self.start) - self.break_min
        return max(window, 0) // (self.talk_min + self.gap_min) * len(self.rooms)

    @property
    def capacity(self) -> int:
        """How many people can speak as often as they must."""
        return self.a_day if self.is_both else self.a_day * len(self.days)


@dataclass(frozen=True)
class TalkSlot:
    """*number* is unique in a plan; *position* counts from 1 in its day and room. Local hours."""

    number: int
    held_on: date
    room: str
    position: int
    start: time
    end: time
    person_id: str


@dataclass(frozen=True)
class Option:
    """A way out: what changes, how many would fit then and how many would still not."""

    kind: Literal["shorter", "rooms", "earlier"]
    wanted: Wanted
    missing: int


def minutes_of(at: time) -> int:
    return at.hour * 60 + at.minute


def missing(wanted: Wanted, people: int) -> int:
    """How many of *people* do not fit."""
    return max(people - wanted.capacity, 0)


def options(wanted: Wanted, people: int, least_min: int = LEAST_MIN) -> tuple[Option, ...]:
    """Shorter talks, more rooms, an earlier start: each the smallest change that makes all fit; where none
    does, shorter talks as far as the notice allows (R31)."""
    return (
        *(Option("shorter", way, missing(way, people)) for way in shorter(wanted, people, least_min)),
        *(Option("rooms", way, 0) for way in more_rooms(wanted, people)),
        *(Option("earlier", way, 0) for way in earlier(wanted, people)),
    )


def shorter(wanted: Wanted, people: int, least_min: int) -> tuple[Wanted, ...]:
    ways = [replace(wanted, talk_min=m) for m in range(wanted.talk_min - 1, least_min - 1, -1)]
    return tuple([way for way in ways if not missing(way, people)][:1] or ways[-1:])


def more_rooms(wanted: Wanted, people: int) -> tuple[Wanted, ...]:
    numbers = range(len(wanted.rooms) + 1, MOST_ROOMS + 1)
    ways = (replace(wanted, rooms=(*wanted.rooms, *[""] * (n - len(wanted.rooms)))) for n in numbers)
    return tuple([way for way in ways if not missing(way, people)][:1])


def earlier(wanted: Wanted, people: int) -> tuple[Wanted, ...]:
    starts = range(minutes_of(wanted.start) - EARLIER_BY_MIN, minutes_of(EARLIEST) - 1, -EARLIER_BY_MIN)
    ways = (replace(wanted, start=time(*divmod(start, 60))) for start in starts)
    return tuple([way for way in ways if not missing(way, people)][:1])


def participants(programme: Programme, people: Sequence[Person]) -> tuple[Person, ...]:
    """Who speaks: the obliged of a report day and who joined, each once (R15, R30; notice L9, L32)."""
    days = report_sessions(programme)
    required = {cohort for session in days for cohort in session.required}
    optional = {cohort for session in days for cohort in session.optional}
    found = {
        person.person_id: person
        for person in people
        if "student" in person.roles
        and (person.cohort in required or (person.cohort in optional and person.opted_in))
    }
    return tuple(found.values())


def report_sessions(programme: Programme) -> tuple[Session, ...]:
    return tuple(s for s in programme.sessions if s.kind == "report_day" and s.status != "cancelled")


def drawn(people: Sequence[Person], seed: str) -> tuple[Person, ...]:
    """The order of the draw. Anybody can repeat it: sort by sha256 of "seed:学号" (R32)."""

    def place(person: Person) -> tuple[str, str]:
        mark = person.student_no or person.person_id
        return sha256(f"{seed}:{mark}".encode()).hexdigest(), person.person_id

    return tuple(sorted(people, key=place))


def laid_out(wanted: Wanted, people: Sequence[Person], seed: str) -> tuple[TalkSlot, ...]:
    """Everybody's slot. Days and rooms are filled evenly; the break comes in the middle.

    The caller has made sure that they fit (*missing* is 0).
    """
    order = drawn(people, seed)
    shares = [order] * len(wanted.days) if wanted.is_both else evenly(order, len(wanted.days))
    found: list[TalkSlot] = []
    for day, of_day in zip(wanted.days, shares, strict=True):
        for room, speakers in zip(wanted.rooms, evenly(of_day, len(wanted.rooms)), strict=True):
            found.extend(in_room(wanted, day, room, speakers, len(found) + 1))
    return tuple(found)


def in_room(
    wanted: Wanted, day: date, room: str, speakers: Sequence[Person], first: int
) -> tuple[TalkSlot, ...]:
    slots = []
    for place, person in enumerate(speakers):
        rested = wanted.break_min if len(speakers) > 1 and place >= (len(speakers) + 1) // 2 else 0
        start = minutes_of(wanted.start) + place * (wanted.talk_min + wanted.gap_min) + rested
        slots.append(
            TalkSlot(
                number=first + place,
                held_on=day,
                room=room,
                position=place + 1,
                start=time(*divmod(start, 60)),
                end=(
                    datetime.combine(day, time(*divmod(start, 60))) + timedelta(minutes=wanted.talk_min)
                ).time(),
                person_id=person.person_id,
            )
        )
    return tuple(slots)


def evenly(order: Sequence[Person], parts: int) -> list[tuple[Person, ...]]:
    """*order* cut into runs whose lengths differ by one at most, the longer ones first."""
    size, rest = divmod(len(order), parts)
    cuts = [part * size + min(part, rest) for part in range(parts + 1)]
    return [tuple(order[a:b]) for a, b in itertools.pairwise(cuts)]
