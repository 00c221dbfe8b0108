"""Reminders at a distance of one's own, and for people who need not come."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from programme.people import Person
from programme.personal import Distance, distance, leads_of
from programme.reminders import DEFAULT_RULES, Reminder, ReminderRule, audience, parse_offset, reminders_of
from programme.schedule import Event
from programme.sessions import Item, Occurrence, Session, Source

ZONE = ZoneInfo("Asia/Shanghai")
UNTIMED_AT = time(9, 7)
EVERY = timedelta(minutes=60)

LECTURE = Session(
    "S02", date(2023, 7, 4), time(14, 30), None, "afternoon", "lecture", "everyone", (Item(None, "写作"),), None,
    ("研0", "研1"), ("研2",), "tentative", 1, Source(19, "4 日"),
)  # fmt: skip


def event(session: Session = LECTURE) -> Event:
    return Event(session, Occurrence("o1", "S02", None, session.held_on, session.start, None, None, 1))


def person(name: str, cohort: str | None = "研0", **wishes: object) -> Person:
    return replace(Person(name, "p", name, None, cohort, None, frozenset({"student"})), **wishes)  # type: ignore[arg-type]


def shanghai(day: int, hour: int, minute: int) -> datetime:
    return datetime(2023, 7, day, hour, minute, tzinfo=ZONE)


def told(people: list[Person], of: Event | None = None) -> list[tuple[str, datetime]]:
    """Who hears when, over all announcements, in order of time."""
    found = reminders_of(of or event(), DEFAULT_RULES, ZONE, UNTIMED_AT, leads_of(people))
    heard = [(hearer.name, r.due_at) for r in found for hearer in audience(r, (), people, ())]
    return sorted(heard, key=lambda line: (line[1], line[0]))


@pytest.mark.parametrize(
    ("minutes", "verdict"),
    [(0, "too_near"), (4, "too_near"), (5, "fine"), (1440, "fine"), (1441, "too_far"), (-3, "too_near")],
)
def test_a_distance_lies_between_five_minutes_and_a_day(minutes: int, verdict: Distance) -> None:
    assert distance(minutes) == verdict


def test_a_distance_of_ones_own_replaces_the_last_reminder_only() -> None:
    assert told([person("早", lead_min=60), person("常")]) == [
        ("常", shanghai(3, 20, 7)),
        ("早", shanghai(3, 20, 7)),
        ("早", shanghai(4, 13, 30)),
        ("常", shanghai(4, 14, 3)),
    ]


def test_a_day_ahead_is_on_the_day_before() -> None:
    assert told([person("早", lead_min=1440)]) == [("早", shanghai(3, 14, 30)), ("早", shanghai(3, 20, 7))]


def test_without_an_hour_there_is_nothing_to_count_back_from() -> None:
    untimed = event(replace(LECTURE, start=None))

    assert told([person("早", lead_min=60)], untimed) == [("早", shanghai(4, 9, 7))]


def test_of_several_rules_that_count_back_one_wish_replaces_all() -> None:
    rules = [*DEFAULT_RULES, ReminderRule("两小时", (), (), parse_offset("-2h"), "obliged", "reminder/soon")]
    people = [person("早", lead_min=60)]

    found = reminders_of(event(), rules, ZONE, UNTIMED_AT, leads_of(people))

    assert [r.kind for r in found if audience(r, (), people, ())] == ["前一晚", "提前60"]


def test_a_deployment_without_reminders_has_none_at_any_distance() -> None:
    assert reminders_of(event(), [], ZONE, UNTIMED_AT, [EVERY]) == ()


def test_who_asked_is_reminded_without_having_to_come() -> None:
    """Notice L9: 研2 不做硬性要求; reminders are theirs for the asking, without 加入."""
    people = [person("研二", "研2"), person("研二问过", "研2", asked_reminders=True), person("导师", None)]

    assert [name for name, _ in told(people)] == ["研二问过", "研二问过"]


def test_who_asked_and_then_muted_is_not_reminded() -> None:
    assert told([person("研二", "研2", asked_reminders=True, muted=True)]) == []


def speaking(start: time | None, *speakers: str | None) -> Event:
    items = tuple(Item("前沿研究分享", f"第{n}讲", name) for n, name in enumerate(speakers, 1))
    return event(replace(LECTURE, start=start, items=items))


def to_speakers(of: Event) -> list[Reminder]:
    return [r for r in reminders_of(of, DEFAULT_RULES, ZONE, UNTIMED_AT) if r.audience == "speakers"]


def test_a_speaker_is_told_the_evening_before_also_while_the_hour_is_unknown() -> None:
    found = [to_speakers(speaking(start, "周老师")) for start in (time(14, 30), None)]

    assert [[(r.template, r.due_at) for r in each] for each in found] == [
        [("reminder/speaker", shanghai(3, 20, 7))]
    ] * 2


def test_a_session_without_a_speaker_reminds_none() -> None:
    assert to_speakers(speaking(time(14, 30), None)) == []


def test_a_student_who_speaks_hears_once_the_evening_before_and_is_told_to_check_in() -> None:
    people = [person("甲"), person("乙")]
    of = speaking(time(14, 30), "甲")

    found = reminders_of(of, DEFAULT_RULES, ZONE, UNTIMED_AT)

    heard = [(r.template, [p.name for p in audience(r, (), people, (), (), {"甲"})]) for r in found]
    assert heard == [
        ("reminder/evening_before", ["乙"]),
        ("reminder/soon", ["甲", "乙"]),
        ("reminder/speaker", ["甲"]),
    ]
