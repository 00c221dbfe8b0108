"""Who may vouch for whom, and what an online check-in counts for (notice L36)."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from programme.attendance import Taken
from programme.guarantees import Guarantor, guarantors_of, named_guarantor, online
from programme.people import Person, Role
from programme.programme import Programme
from programme.schedule import events_for

ZONE = ZoneInfo("Asia/Shanghai")


def person(name: str, *roles: Role, group: str | None = None, mentor: str | None = None) -> Person:
    return Person(name, "july", name, None, None, group, frozenset(roles), mentor)


STUDENT = person("王小明", "student", group="视频压缩组", mentor="周老师")
LEAD = person("李老师", "lead", group="视频压缩组")
OTHER_LEAD = person("何沐阳", "lead", group="AI平台组")
MENTOR = person("周老师", "mentor")
OTHER_MENTOR = person("徐南乔", "mentor")
PEOPLE = (OTHER_LEAD, OTHER_MENTOR, MENTOR, LEAD, STUDENT)


def test_the_lead_of_the_group_and_the_mentor_may_vouch_and_nobody_else() -> None:
    """R17."""
    assert guarantors_of(STUDENT, PEOPLE) == (
        Guarantor("李老师", "lead", LEAD),
        Guarantor("周老师", "mentor", MENTOR),
    )


def test_a_mentor_whom_the_roster_only_names_is_known_but_is_nobody_yet() -> None:
    """B21."""
    assert guarantors_of(STUDENT, (LEAD, STUDENT))[1] == Guarantor("周老师", "mentor", None)


def test_nobody_vouches_for_themselves() -> None:
    leading = person("陈卓然", "student", "lead", group="三维重建组", mentor="陈卓然")

    assert [g.person for g in guarantors_of(leading, (leading,))] == [None]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("李老师", "李老师"),
        ("李", "李老师"),
        ("导师", "周老师"),
        ("负责人", "李老师"),
        ("何沐阳", None),
        ("家中有事", None),
        ("", None),
    ],
)
def test_a_name_with_or_without_its_title_or_a_role_says_who_is_meant(said: str, meant: str | None) -> None:
    found = named_guarantor(said, guarantors_of(STUDENT, PEOPLE))

    assert (found.name if found else None) == meant


def test_two_of_one_name_are_not_guessed_between() -> None:
    first, second = person("李老师", "lead", group="视频压缩组"), LEAD
    guarantors = (Guarantor("李老师", "lead", first), Guarantor("李老师", "lead", second))

    assert named_guarantor("李老师", guarantors) is None


@pytest.mark.parametrize(
    ("state", "needs", "has", "then"),
    [
        ("present", True, False, "online_pending"),
        ("late", True, False, "online_pending"),
        ("present", True, True, "present"),
        ("late", True, True, "late"),
        ("present", False, False, "present"),
        ("voluntary", True, False, "voluntary"),
    ],
)
def test_without_a_guarantee_that_is_needed_nobody_is_present_online(
    july: Programme, state: str, needs: bool, has: bool, then: str
) -> None:
    """R16, R18."""
    event = events_for(july, None)[0]
    taken = Taken(event, state, 12)  # type: ignore[arg-type]  # each of the states

    assert online(taken, needs_guarantee=needs, has_guarantee=has) == Taken(event, then, 12)  # type: ignore[arg-type]
