"""Public holidays and 调休 (weekends worked in their stead): which days are not what their weekday says; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType
from typing import Literal

from programme.programme import Programme, Question
from programme.schedule import Event, as_printed
from programme.sessions import Session

DayKind = Literal["holiday", "makeup", "weekend"]

AS_PLANNED = "照常"
CHECKED = "已核对"
HOLIDAY_CODE, UNKNOWN_YEAR_CODE = "holiday_session", "holidays_unknown"
SATURDAY = 5
NOTHING: Mapping[date, str] = MappingProxyType({})


@dataclass(frozen=True)
class OddDay:
    """A day that is not what its weekday says; *name* is the holiday's, empty for a plain weekend."""

    on: date
    kind: DayKind
    name: str

    @property
    def words(self) -> str:
        """国庆节放假 · 国庆节调休上班 · 周末."""
        return {"holiday": f"{self.name}放假", "makeup": f"{self.name}调休上班", "weekend": "周末"}[self.kind]


@dataclass(frozen=True)
class Holidays:
    """What is known: *years* are complete, *off* and *makeup* name their days.

    In any other year only weekends and the days that are named count as free.
    """

    years: frozenset[int] = frozenset()
    off: Mapping[date, str] = field(default_factory=lambda: NOTHING)
    makeup: Mapping[date, str] = field(default_factory=lambda: NOTHING)

    def odd(self, day: date) -> OddDay | None:
        """Whether and why a session on *day* deserves a question; None for an ordinary day."""
        if name := self.makeup.get(day):
            return OddDay(day, "makeup", name)
        if name := self.off.get(day):
            return OddDay(day, "holiday", name)
        if day.year not in self.years and day.weekday() >= SATURDAY:
            return OddDay(day, "weekend", "")
        return None

    def note(self, day: date) -> str | None:
        """What the words of a reminder add about *day*; None for a day as any other."""
        odd = self.odd(day)
        return odd.words if odd is not None and odd.kind != "weekend" else None

    def with_days(self, named: Iterable[tuple[str, date, date, Iterable[date]]]) -> Holidays:
        """More days, as (name, first, last, days worked instead); they win over what was known, and a
        year of which they name a holiday counts as known."""
        off, makeup, years = dict(self.off), dict(self.makeup), set(self.years)
        for name, first, last, worked in named:
            days = [first + timedelta(days=ahead) for ahead in range((last - first).days + 1)]
            off.update(dict.fromkeys(days, name))
            makeup.update(dict.fromkeys(worked, name))
            years.update(day.year for day in days)
        for day in makeup:
            off.pop(day, None)
        return Holidays(frozenset(years), MappingProxyType(off), MappingProxyType(makeup))


def odd_events(programme: Programme, holidays: Holidays) -> tuple[tuple[Event, OddDay], ...]:
    """Every session, or group meeting moved on its own, that is held on an odd day; by day."""
    sessions = {session.session_id: session for session in programme.sessions}
    printed = [Event(session, as_printed(session)) for session in programme.sessions]
    moved = [
        Event(sessions[occurrence.session_id], occurrence)
        for occurrence in programme.occurrences
        if occurrence.held_on != sessions[occurrence.session_id].held_on
    ]
    found = [
        (event, odd)
        for event in (*printed, *moved)
        if not event.is_cancelled and (odd := holidays.odd(event.occurrence.held_on)) is not None
    ]
    return tuple(sorted(found, key=lambda pair: (pair[1].on, pair[0].occurrence.occurrence_id)))


def holiday_questions(programme: Programme, holidays: Holidays) -> tuple[Question, ...]:
    """What a notice leaves open about holidays, numbered after the questions that it has.

    One question for each session on an odd day, and one for all years of which nothing is known.
    """
    found: list[Question] = []
    number = max((question.number for question in programme.questions), default=0)
    days = [session.held_on for session in programme.sessions]
    unknown = sorted({day.year for day in days} - holidays.years)
    if unknown:
        number += 1
        found.append(_about_years(number, unknown, holidays))
    for event, odd in odd_events(programme, holidays):
        number += 1
        found.append(_about_session(number, event.session, odd))
    return tuple(found)


def subject_of(session_id: str, day: date) -> str:
    """The setting that keeps the admin's word about one session on one day."""
    return f"setting:holiday:{session_id}:{day.isoformat()}"


def is_asked(programme: Programme, event: Event) -> bool:
    """Whether a question of the import, open or answered, already speaks of this session on this day."""
    subject = subject_of(event.session.session_id, event.occurrence.held_on)
    return any(question.subject == subject for question in programme.questions)


def _about_years(number: int, years: list[int], holidays: Holidays) -> Question:
    said = "、".join(map(str, years))
    last = max(holidays.years, default=None)
    until = f"（放假数据到 {last} 年）" if last else ""
    text = (
        f"{said} 年的放假和调休我还不知道{until}，只按周末提醒您。"
        f"请核对有没有场次落在假期，再把假期写进设置的 [[holidays]]"
    )
    return Question(number, UNKNOWN_YEAR_CODE, text, f"setting:holidays_{said}", (CHECKED,), ())


def _about_session(number: int, session: Session, odd: OddDay) -> Question:
    day = f"{odd.on.month}月{odd.on.day}日（周{'一二三四五六日'[odd.on.weekday()]}）"
    text = f"{day}是{odd.words}，这天排了{title_of(session)}。照常吗？不照常请改期或取消"
    lines = (session.source.line,) if session.source.line is not None else ()
    return Question(number, HOLIDAY_CODE, text, subject_of(session.session_id, odd.on), (AS_PLANNED,), lines)


def title_of(session: Session) -> str:
    """《科研论文写作》, or the track where there is no title."""
    named = [f"《{item.title}》" if item.title else item.track or "" for item in session.items]
    return "、".join(name for name in named if name) or "一场活动"
