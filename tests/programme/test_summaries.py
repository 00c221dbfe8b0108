"""Who was there: judged from what is stored, for those who may be seen (B54, R15, R16)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from programme.attendance import CheckinRules, Presence
from programme.attendance_grid import Cell, grid, told_columns, word
from programme.oversight import Oversight, oversight_of
from programme.people import Person, Role
from programme.programme import Programme
from programme.schedule import Event
from programme.summaries import (
    Checked,
    Facts,
    Standing,
    alike,
    events_by_session,
    expected_at,
    merged,
    summarise,
    tally,
    told,
    told_week,
)

ZONE = ZoneInfo("Asia/Shanghai")
RULES = CheckinRules()
DURING = datetime(2023, 7, 4, 14, 40, tzinfo=ZONE)
AFTER = datetime(2023, 7, 4, 15, 5, tzinfo=ZONE)


def student(name: str, cohort: str = "研0", group: str = "视频压缩组", mentor: str = "周老师") -> Person:
    return Person(name, "july", name, None, cohort, group, frozenset({"student"}), mentor)


A, B, C, D = student("甲"), student("乙", "研1"), student("丙"), student("丁")
GUEST = student("戊", "研2")


def events_on(programme: Programme, day: int) -> tuple[Event, ...]:
    return next(es for s, es in events_by_session(programme) if s.held_on == date(2023, 7, day))


def checked(state: Presence, late_min: int = 0, *, is_online: bool = False) -> Checked:
    return Checked(state, late_min, is_online, DURING)


def facts_at(event: Event, found: dict[Person, Checked], away: tuple[Person, ...] = ()) -> Facts:
    occurrence_id = event.occurrence.occurrence_id
    return Facts(
        {(occurrence_id, person.person_id): one for person, one in found.items()},
        frozenset((occurrence_id, person.person_id) for person in away),
    )


def names(people: object) -> list[str]:
    return [seen.person.name for seen in people]  # type: ignore[attr-defined]


def test_each_one_stands_where_the_record_puts_them(july: Programme) -> None:
    """R16: 线上-待担保 is no attendance."""
    events = events_on(july, 4)
    late, pending = checked("late", 17), checked("online_pending", is_online=True)
    facts = facts_at(events[0], {A: checked("present"), B: late, C: pending}, (D,))

    found = summarise(events, (A, B, C, D, student("己")), facts, AFTER, RULES, ZONE)

    assert {s: names(found.having(s)) for s in found.counts if found.counts[s]} == {
        "present": ["甲"],
        "late": ["乙"],
        "online_pending": ["丙"],
        "leave": ["丁"],
        "absent": ["己"],
    }


def test_who_came_in_spite_of_leave_was_there(july: Programme) -> None:
    events = events_on(july, 4)

    found = summarise(events, (A,), facts_at(events[0], {A: checked("present")}, (A,)), AFTER, RULES, ZONE)

    assert names(found.having("present")) == ["甲"]


def test_volunteers_are_told_apart_and_never_absent(july: Programme) -> None:
    """R15."""
    events = events_on(july, 4)
    facts = facts_at(events[0], {GUEST: checked("voluntary")})

    found = summarise(events, (A, GUEST, student("庚", "研2")), facts, AFTER, RULES, ZONE)

    assert names(found.obliged) == ["甲"]
    assert [person.name for person in found.voluntary] == ["戊"]


@pytest.mark.parametrize(
    ("joined", "is_counted"),
    [
        (datetime(2023, 7, 3, 9, tzinfo=ZONE), True),
        (datetime(2023, 7, 4, 9, tzinfo=ZONE), True),
        (datetime(2023, 7, 4, 15, tzinfo=ZONE), False),
        (datetime(2023, 7, 10, 9, tzinfo=ZONE), False),
    ],
)
def test_who_joined_is_counted_from_then_on(july: Programme, joined: datetime, is_counted: bool) -> None:
    """R15."""
    joiner = replace(GUEST, opted_in=True, opted_in_at=joined)

    found = summarise(events_on(july, 4), (joiner,), Facts(), AFTER, RULES, ZONE)

    assert names(found.having("absent")) == (["戊"] if is_counted else [])


def test_while_check_in_is_open_nobody_is_called_absent_for_good(july: Programme) -> None:
    events = events_on(july, 4)

    ends = [summarise(events, (A,), Facts(), at, RULES, ZONE).closes_at for at in (DURING, AFTER)]

    assert ends == [datetime(2023, 7, 4, 15, 0, tzinfo=ZONE), None]


def test_a_session_without_an_hour_that_nobody_opened_blames_nobody(july: Programme) -> None:
    events = events_on(july, 6)
    at = datetime(2023, 7, 6, 18, 0, tzinfo=ZONE)

    unopened = summarise(events, (A,), Facts(), at, RULES, ZONE)
    opened_at = at - timedelta(hours=2)
    opened = Facts(opened={events[0].occurrence.occurrence_id: opened_at})

    assert (unopened.is_taken, summarise(events, (A,), opened, at, RULES, ZONE).is_taken) == (False, True)


def test_a_group_whose_own_meeting_is_later_is_not_missed_yet(july: Programme) -> None:
    """R13."""
    first = events_on(july, 3)
    later = tuple(
        replace(e, occurrence=replace(e.occurrence, start=time(16, 0)))
        if e.occurrence.group == "AI平台组"
        else e
        for e in first
    )
    other = student("辛", group="AI平台组")

    found = summarise(later, (A, other), Facts(), datetime(2023, 7, 3, 15, 5, tzinfo=ZONE), RULES, ZONE)

    assert (names(found.having("absent")), found.later) == (["甲"], ("AI平台组",))


def test_names_are_cut_and_counted(july: Programme) -> None:
    many = [student(f"学生{n}") for n in range(40)]

    values = told(summarise(events_on(july, 4), many, Facts(), AFTER, RULES, ZONE), most=3)

    assert values["counts"] == {
        "present": 0,
        "late": 0,
        "leave": 0,
        "online_pending": 0,
        "to_verify": 0,
        "absent": 40,
    }
    assert values["names"] == {
        "leave": [],
        "online_pending": [],
        "to_verify": [],
        "absent": ["学生0", "学生1", "学生2"],
    }


def test_a_week_adds_its_sessions_up(july: Programme) -> None:
    """B43."""
    lecture, meeting = events_on(july, 4), events_on(july, 3)
    of_lecture = facts_at(lecture[0], {A: checked("late", 17), B: checked("present")})
    week = [
        summarise(meeting, (A, B), Facts(), AFTER, RULES, ZONE),
        summarise(lecture, (A, B), of_lecture, AFTER, RULES, ZONE),
        summarise(events_on(july, 6), (A, B), Facts(), AFTER + timedelta(days=3), RULES, ZONE),
    ]

    values = told_week(week, 2)

    assert (values["expected"], values["arrived"]) == (4, 2)
    assert values["names"] == {
        "late": [{"name": "甲", "on": "2023-07-04", "min": 17}],
        "leave": [],
        "online_pending": [],
        "to_verify": [],
    }
    assert values["absent"] == [{"name": "甲", "times": 1}, {"name": "乙", "times": 1}]


def test_numbers_of_a_month_say_the_same_as_names(july: Programme) -> None:
    events = events_on(july, 4)
    people = (A, B, C, D, GUEST)
    facts = facts_at(
        events[0], {A: checked("present"), B: checked("late", 9), GUEST: checked("voluntary")}, (C,)
    )
    named = summarise(events, people, facts, AFTER, RULES, ZONE)

    expected = expected_at(events[0], alike(people), ZONE)
    counted = tally(events[0], expected, {"present": 1, "late": 1, "voluntary": 1, "leave": 1}, is_taken=True)

    assert (counted.expected, counted.counts) == (len(named.obliged), named.counts)


def test_the_meetings_of_two_groups_are_one_line(july: Programme) -> None:
    events = events_on(july, 3)
    both = [tally(e, 5, {"present": 3}, is_taken=True) for e in events]

    line = merged(both)

    assert (line.expected, line.counts["present"], line.counts["absent"]) == (10, 6, 4)


@pytest.mark.parametrize(
    ("roles", "seen"),
    [
        ({"admin"}, ["甲", "辛", "壬"]),
        ({"lead"}, ["甲"]),
        ({"mentor"}, ["壬"]),
        ({"lead", "mentor"}, ["甲", "壬"]),
        ({"student"}, None),
        ({"speaker", "rater"}, None),
    ],
)
def test_one_sees_ones_own_people_only(roles: set[Role], seen: list[str] | None) -> None:
    """B47."""
    viewer = Person("v", "july", "徐南乔", None, None, "视频压缩组", frozenset(roles))
    people = (A, student("辛", group="AI平台组"), student("壬", group="AI平台组", mentor="徐南乔"))

    oversight = oversight_of(viewer)

    assert (None if oversight is None else [p.name for p in oversight.among(people)]) == seen


def test_a_lead_without_a_group_sees_nobody() -> None:
    viewer = Person("v", "july", "李老师", None, None, None, frozenset({"lead"}))

    assert oversight_of(viewer) is None
    assert Oversight().among((A, B)) == ()


def test_the_grid_has_a_word_for_every_cell(july: Programme) -> None:
    sessions = [events_on(july, day) for day in (3, 4, 6)]
    lecture = sessions[1][0]
    facts = facts_at(
        lecture,
        {
            A: checked("late", 17, is_online=True),
            B: checked("online_pending", is_online=True),
            GUEST: checked("voluntary"),
        },
        (C,),
    )

    made = grid(sessions, (A, B, C, D, GUEST), facts, datetime(2023, 7, 6, 18, tzinfo=ZONE), RULES, ZONE)

    assert [[word(cell) for cell in row.cells] for row in made.rows] == [
        ["缺", "线上迟17", "未签"],
        ["缺", "待担保", "未签"],
        ["缺", "假", "未签"],
        ["缺", "缺", "未签"],
        ["", "自愿", ""],
    ]
    assert [(row.attended, row.expected) for row in made.rows] == [(1, 2), (0, 2), (0, 2), (0, 2), (0, 0)]


def test_what_has_not_begun_is_no_column(july: Programme) -> None:
    made = grid([events_on(july, d) for d in (3, 4)], (A,), Facts(), DURING - timedelta(days=1), RULES, ZONE)

    assert [column.held_on.day for column in made.columns] == [3]
    assert made.rows[0].cells == (Cell("absent"),)


def test_the_grid_is_told_in_numbers_too(july: Programme) -> None:
    sessions = [events_on(july, day) for day in (4, 6)]
    facts = facts_at(sessions[0][0], {A: checked("present")})

    told_in = told_columns(grid(sessions, (A, B), facts, AFTER + timedelta(days=3), RULES, ZONE))

    lines = told_in["lines"]
    assert isinstance(lines, list)
    assert [(line["expected"], line["arrived"], line["is_taken"]) for line in lines] == [
        (2, 1, True),
        (0, 0, False),
    ]


def test_standings_are_words_of_the_grid() -> None:
    kinds: tuple[Standing, ...] = ("present", "leave", "absent")

    assert [word(Cell(kind)) for kind in kinds] == ["到", "假", "缺"]
