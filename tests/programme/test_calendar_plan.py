"""What stands in whose calendar, under which lasting name."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest

from programme.calendar_plan import Deadline, Stamps, entries_for, events_of_groups, groups_of
from programme.people import Person, Role
from programme.programme import Programme, Rule
from programme.schedule import events_for

STORED_AT = datetime(2023, 6, 30, 1, 0, tzinfo=UTC)
LATER = datetime(2023, 7, 8, 1, 0, tzinfo=UTC)
STAMPS = Stamps(STORED_AT)
OWN = frozenset({"视频压缩组"})


def somebody(name: str, *roles: Role, group: str | None = None, mentor: str | None = None) -> Person:
    return Person(name, "july", name, None, "研1", group, frozenset(roles), mentor)


STUDENT = somebody("王小明", "student", group="视频压缩组", mentor="周老师")
OTHER = somebody("李四", "student", group="AI平台组", mentor="周老师")
STRANGER = somebody("郑一", "student", group="三维组", mentor="吴老师")
LEAD = somebody("李老师", "lead", group="视频压缩组")
MENTOR = somebody("周老师", "mentor")
ADMIN = somebody("张老师", "admin")
PEOPLE = (STUDENT, OTHER, STRANGER, LEAD, MENTOR, ADMIN)


@pytest.mark.parametrize(
    ("person", "groups"),
    [
        (STUDENT, {"视频压缩组"}),
        (LEAD, {"视频压缩组"}),
        (MENTOR, {"视频压缩组", "AI平台组"}),
        (ADMIN, set()),
        (somebody("周老师", "student"), set()),
    ],
)
def test_meetings_of_a_group_concern_its_members_its_lead_and_the_mentors_of_its_students(
    person: Person, groups: set[str]
) -> None:
    assert groups_of(person, PEOPLE) == groups


@pytest.mark.parametrize("group", ["视频压缩组", "AI平台组", None])
def test_a_calendar_shows_what_the_chat_shows(july: Programme, group: str | None) -> None:
    """R13: the calendar of somebody of one group is the plan that 本周 answers with."""
    person = somebody("王小明", "student", group=group)

    assert events_of_groups(july, frozenset({group} if group else ())) == events_for(july, person)


def test_a_mentor_of_two_groups_has_both_meetings(july: Programme) -> None:
    found = events_of_groups(july, frozenset({"视频压缩组", "AI平台组"}))

    monday = [event.occurrence.group for event in found if event.occurrence.held_on == date(2023, 7, 3)]
    assert sorted(str(group) for group in monday) == ["AI平台组", "视频压缩组"]
    assert len(found) == 12 + 4


def test_the_hour_that_a_group_set_for_itself_wins(july: Programme) -> None:
    """R13: group hours win over the table (notice L13)."""
    own = next(o for o in july.occurrences if o.session_id == "S01" and o.group == "视频压缩组")
    set_by_group = replace(own, start=time(10, 0), place="B2", version=2)
    changed = replace(july, occurrences=tuple(set_by_group if o is own else o for o in july.occurrences))

    entry = entries_for(changed, OWN, STAMPS)[0]

    assert (entry.on, entry.start, entry.sequence) == (date(2023, 7, 3), time(10, 0), 1)
    assert entries_for(changed, frozenset({"AI平台组"}), STAMPS)[0].start == time(14, 30)


def test_everybody_sees_a_common_session_under_one_name_and_each_group_its_own(july: Programme) -> None:
    first, second = entries_for(july, OWN, STAMPS), entries_for(july, frozenset({"AI平台组"}), STAMPS)

    common = {entry.uid for entry in first} & {entry.uid for entry in second}

    assert len(first) == len(second) == 12
    assert len(common) == 8
    assert len({entry.uid for entry in (*first, *second)}) == 16


def test_the_same_session_of_another_programme_has_another_name(july: Programme) -> None:
    other = replace(july, programme_id="august")

    names = {entry.uid for entry in entries_for(july, frozenset(), STAMPS)}

    assert names & {entry.uid for entry in entries_for(other, frozenset(), STAMPS)} == set()


def test_a_new_title_alone_makes_the_sequence_grow_and_sets_the_stamp(july: Programme) -> None:
    """R45: every change of a session reaches the calendar."""
    retitled = replace(july.sessions[1], version=2)
    changed = replace(july, sessions=(july.sessions[0], retitled, *july.sessions[2:]))

    before, after = (
        entries_for(july, OWN, STAMPS)[1],
        entries_for(changed, OWN, Stamps(STORED_AT, {"S02": LATER}))[1],
    )

    assert (before.uid, before.sequence, before.stamped_at) == (after.uid, 0, STORED_AT)
    assert (after.sequence, after.stamped_at) == (1, LATER)


def test_a_clock_that_went_back_does_not_date_a_change_before_the_plan(july: Programme) -> None:
    early = Stamps(STORED_AT, {"S02": datetime(2020, 1, 1, tzinfo=UTC)})

    assert entries_for(july, OWN, early)[1].stamped_at == STORED_AT


@pytest.mark.parametrize(
    ("value", "on", "hour"),
    [("2023-07-20", date(2023, 7, 20), None), ("2023-07-20T17:00", date(2023, 7, 20), time(17, 0))],
)
def test_a_printed_deadline_is_an_entry(july: Programme, value: str, on: date, hour: time | None) -> None:
    changed = replace(july, rules=(*july.rules, Rule("Q90", "registration_deadline", ("all",), value, None)))

    entry = entries_for(changed, OWN, STAMPS)[-1]

    assert (entry.on, entry.start, entry.subject) == (on, hour, Deadline("registration_deadline", None))


def test_a_deadline_that_the_notice_does_not_give_is_none(july: Programme) -> None:
    assert not any(isinstance(entry.subject, Deadline) for entry in entries_for(july, OWN, STAMPS))
