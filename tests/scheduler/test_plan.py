"""The whole of July, planned and compared with a table computed in another, simpler way."""

from __future__ import annotations

import os
import time as clock
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from messages.envelope import Push
from programme.people import Person
from programme.reminders import DEFAULT_RULES, parse_offset
from scheduler.plan import next_event, plan
from tests.scheduler.july import UNTIMED_AT, ZONE, read_people, read_programme, shanghai

# What the notice prints (L19-L22), written down once more by hand: day → hour, "" for none.
MONDAYS = {3: "14:30", 10: "14:00", 17: "14:30", 24: "14:30"}
OTHER_DAYS = {4: "14:30", 6: "", 11: "14:30", 13: "", 18: "14:30", 20: "", 25: "14:30", 27: "14:30"}
SOON = {"14:30": "14:03", "14:00": "13:33"}

Line = tuple[str, str, str, str | None]


def oracle(people: Sequence[Person], there: dict[int, set[str]], cancelled: set[int]) -> list[Line]:
    """Person by person and day by day: (account, when, session day, hour as told)."""
    lines: list[Line] = []
    for person in people:
        wants = person.cohort in ("研0", "研1") or (person.cohort == "研2" and person.opted_in)
        if not wants or person.muted:
            continue
        for day, hour in (MONDAYS | OTHER_DAYS).items():
            if day in cancelled or person.person_id in there.get(day, set()):
                continue
            held_on = f"2023-07-{day:02}"
            if hour == "":
                lines.append((person.person_id, f"{held_on} 09:07", held_on, None))
            else:
                lines.append((person.person_id, f"2023-07-{day - 1:02} 20:07", held_on, hour))
                lines.append((person.person_id, f"{held_on} {SOON[hour]}", held_on, hour))
    return sorted(lines, key=str)


def line_of(push: Push) -> Line:
    start = push.values["start"]
    return (
        push.person_id,
        push.due_at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M"),
        str(push.values["held_on"]),
        None if start is None else str(start),
    )


def some_people() -> list[Person]:
    """The roster, with a 研2 who joined and a 研0 who wants no reminders."""
    return [
        replace(
            person,
            opted_in=person.person_id == "stu006",
            muted=person.person_id == "stu001",
        )
        for person in read_people()
    ]


@pytest.fixture(params=["UTC", "America/New_York", "Asia/Shanghai"])
def zone_of_host(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    before = os.environ.get("TZ")
    monkeypatch.setenv("TZ", request.param)
    clock.tzset()
    yield request.param
    if before is None:
        monkeypatch.delenv("TZ")
    else:
        monkeypatch.setenv("TZ", before)
    clock.tzset()


@pytest.mark.usefixtures("zone_of_host")
def test_july_is_announced_as_the_notice_prints_it() -> None:
    """R03-R06, R15, R44: eight empty cells, 10 July at 14:00, three Thursdays without an hour."""
    people = some_people()
    cancelled = {18}
    programme = read_programme()
    programme = replace(
        programme,
        sessions=tuple(
            replace(session, status="cancelled") if session.held_on.day in cancelled else session
            for session in programme.sessions
        ),
    )
    there = {"p2023-S02": {"stu002"}}

    told: list[Line] = []
    now = shanghai(1)
    while now < shanghai(31):
        since, now = now, now + timedelta(minutes=17)
        pushes = plan(programme, people, DEFAULT_RULES, there, since, now, untimed_at=UNTIMED_AT)
        told += [line_of(push) for push in pushes]

    assert sorted(told, key=str) == oracle(people, {4: {"stu002"}}, cancelled)


def test_the_whole_month_at_once_is_the_same_as_step_by_step() -> None:
    people = some_people()

    pushes = plan(
        read_programme(), people, DEFAULT_RULES, {}, shanghai(1), shanghai(31), untimed_at=UNTIMED_AT
    )

    assert sorted((line_of(push) for push in pushes), key=str) == oracle(people, {}, set())


@pytest.mark.parametrize("text", ["-3d 23:59", "-3d 00:01", "-71h", "-1h", "-14h", "0d 00:01"])
def test_any_offset_is_due_once_step_by_step(text: str) -> None:
    rules = [replace(DEFAULT_RULES[0], offset=parse_offset(text))]
    person = [person for person in read_people() if person.person_id == "stu002"]

    steps: list[Push] = []
    now = shanghai(1).replace(month=6, day=25)
    while now < shanghai(31):
        since, now = now, now + timedelta(minutes=59)
        steps += plan(read_programme(), person, rules, {}, since, now, untimed_at=UNTIMED_AT)

    assert len(steps) == len({push.dedupe_key for push in steps}) == 12


def test_no_two_pushes_of_july_have_one_key() -> None:
    pushes = plan(
        read_programme(), some_people(), DEFAULT_RULES, {}, shanghai(1), shanghai(31), untimed_at=UNTIMED_AT
    )

    keys = [push.dedupe_key for push in pushes]

    assert len(set(keys)) == len(keys)


def test_the_key_names_kind_occurrence_version_and_person() -> None:
    pushes = plan(
        read_programme(),
        [person for person in read_people() if person.person_id == "stu001"],
        DEFAULT_RULES,
        {},
        shanghai(3, 20, 6),
        shanghai(3, 20, 7),
        untimed_at=UNTIMED_AT,
    )

    assert [(push.dedupe_key, push.template, push.useless_after) for push in pushes] == [
        ("前一晚:p2023-S02:v1:stu001", "reminder/evening_before", shanghai(4))
    ]


def test_a_moment_belongs_to_the_step_that_ends_with_it() -> None:
    people, due_at = read_people(), shanghai(3, 20, 7)

    before = plan(
        read_programme(),
        people,
        DEFAULT_RULES,
        {},
        due_at - timedelta(seconds=1),
        due_at,
        untimed_at=UNTIMED_AT,
    )
    after = plan(
        read_programme(),
        people,
        DEFAULT_RULES,
        {},
        due_at,
        due_at + timedelta(seconds=1),
        untimed_at=UNTIMED_AT,
    )

    assert (len(before), len(after)) == (42, 0)


def test_the_text_of_an_announcement_is_the_same_for_everybody() -> None:
    pushes = plan(
        read_programme(),
        read_people(),
        DEFAULT_RULES,
        {},
        shanghai(3, 20, 6),
        shanghai(3, 20, 7),
        untimed_at=UNTIMED_AT,
    )

    assert len({repr(push.values) for push in pushes}) == 1


def moments(after: datetime, how_many: int) -> list[datetime]:
    found = []
    for _ in range(how_many):
        following = next_event(
            read_programme(),
            DEFAULT_RULES,
            after,
            untimed_at=UNTIMED_AT,
            opens_before=timedelta(minutes=15),
        )
        assert following is not None
        found.append(following)
        after = following
    return found


def test_the_clock_jumps_from_event_to_event() -> None:
    """Evening before, soon, check-in opens, session begins; a Thursday without an hour: its morning."""
    assert moments(shanghai(4, 9), 6) == [
        shanghai(4, 14, 3),
        shanghai(4, 14, 15),
        shanghai(4, 14, 30),
        shanghai(6, 9, 7),
        shanghai(9, 20, 7),
        shanghai(10, 13, 33),
    ]


def test_after_the_last_session_nothing_comes() -> None:
    following = next_event(
        read_programme(),
        DEFAULT_RULES,
        shanghai(27, 14, 30),
        untimed_at=UNTIMED_AT,
        opens_before=timedelta(minutes=15),
    )

    assert following is None


def test_a_group_that_meets_at_another_hour_is_told_of_that_hour_only() -> None:
    """R13: each group may set its own day and hours."""
    programme = read_programme()
    own = "p2023-S01-视频压缩组"
    programme = replace(
        programme,
        occurrences=tuple(
            replace(o, held_on=date(2023, 7, 5), start=time(16, 0)) if o.occurrence_id == own else o
            for o in programme.occurrences
        ),
    )
    member = [person for person in read_people() if person.person_id == "stu001"]

    pushes = plan(programme, member, DEFAULT_RULES, {}, shanghai(1), shanghai(6, 0), untimed_at=UNTIMED_AT)

    assert [line_of(push) for push in pushes if push.values["kind"] == "group_meeting"] == [
        ("stu001", "2023-07-04 20:07", "2023-07-05", "16:00"),
        ("stu001", "2023-07-05 15:33", "2023-07-05", "16:00"),
    ]
