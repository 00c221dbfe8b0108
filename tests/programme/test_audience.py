"""Whom an announcement reaches, and who may write to whom."""

from __future__ import annotations

import pytest

from programme.audience import Audience, allowed, select
from programme.people import Person, Role


def person(name: str, role: Role, cohort: str | None = None, group: str | None = None) -> Person:
    return Person(name, "p", name, None, cohort, group, frozenset({role}), mentor="周老师")


MING = person("王小明", "student", "研0", "视频压缩组")
QIAN = person("钱七", "student", "研1", "AI平台组")
LI = person("李老师", "lead", None, "视频压缩组")
ZHOU = person("周老师", "mentor")
ZHANG = person("张老师", "admin")
ALL = (MING, QIAN, LI, ZHOU, ZHANG)


@pytest.mark.parametrize(
    ("audience", "readers"),
    [
        (Audience(), (MING, QIAN, LI)),
        (Audience(cohorts=("研1",)), (QIAN,)),
        (Audience(groups=("视频压缩组",)), (MING, LI)),
        (Audience(cohorts=("研1",), groups=("视频压缩组",)), ()),
        (Audience(roles=("mentor",)), (ZHOU,)),
        (Audience(roles=("lead", "mentor")), (LI, ZHOU)),
    ],
)
def test_everything_that_is_named_must_fit(audience: Audience, readers: tuple[Person, ...]) -> None:
    assert select(ALL, audience) == readers


@pytest.mark.parametrize(
    ("sender", "wanted", "granted"),
    [
        (ZHANG, Audience(roles=("mentor",)), Audience(roles=("mentor",))),
        (LI, Audience(), Audience(groups=("视频压缩组",))),
        (LI, Audience(groups=("AI平台组",)), None),
        (LI, Audience(roles=("mentor",)), None),
        (ZHOU, Audience(roles=("student",)), Audience(mentor="周老师")),
        (ZHOU, Audience(roles=("lead",)), None),
        (MING, Audience(), None),
    ],
)
def test_a_lead_writes_to_the_own_group_and_a_mentor_to_the_own_students(
    sender: Person, wanted: Audience, granted: Audience | None
) -> None:
    assert allowed(sender, wanted) == granted
