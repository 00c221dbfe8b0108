"""评级: scales, the threshold, several raters, and who may rate."""

from __future__ import annotations

import pytest

from programme.people import Person, Role
from programme.ratings import Scale, may_rate, scale_of

DEFAULT = Scale(("优", "良", "中", "差"), "良")


def person(name: str, *roles: Role) -> Person:
    return Person(name, "p", name, None, None, None, frozenset(roles))


@pytest.mark.parametrize(
    ("said", "scale"),
    [
        ("", DEFAULT),
        ("优/良/中/差，良以上", DEFAULT),
        ("A/B/C，B以上", Scale(("A", "B", "C"), "B")),
        ("优/良/中/及格/不及格", Scale(("优", "良", "中", "及格", "不及格"), "良")),
        ("甲、乙、丙", Scale(("甲", "乙", "丙"), "甲")),
        ("百分制，80分以上", Scale((), "80")),
        ("由老师定", DEFAULT),
    ],
)
def test_the_setting_names_the_scale_and_its_threshold(said: str, scale: Scale) -> None:
    assert scale_of(said, DEFAULT) == scale


@pytest.mark.parametrize(
    ("grades", "result"),
    [
        ([], None),
        (["良"], "良"),
        (["优", "中"], "中"),
        (["优", "差", "良"], "良"),
        (["优", "优", "良", "差"], "良"),
    ],
)
def test_several_ratings_come_to_their_lower_middle(grades: list[str], result: str | None) -> None:
    assert DEFAULT.result(grades) == result


def test_marks_come_to_their_lower_middle_too() -> None:
    assert Scale((), "80").result(["95", "79", "100", "82.5"]) == "82.5"


@pytest.mark.parametrize(("grade", "reaches"), [("优", True), ("良", True), ("中", False), ("及格", False)])
def test_only_the_threshold_or_better_is_paid(grade: str, reaches: bool) -> None:
    """R36: notice L37 says 优良 and no scale."""
    assert DEFAULT.reaches(grade) is reaches


@pytest.mark.parametrize(("said", "grade"), [("良好", "良"), ("优秀", "优"), ("a", None), ("85", None)])
def test_a_grade_is_written_as_the_scale_writes_it(said: str, grade: str | None) -> None:
    assert DEFAULT.grade_of(said) == grade


def test_a_mark_above_a_hundred_is_none() -> None:
    assert Scale((), "80").grade_of("101") is None


@pytest.mark.parametrize(
    ("who", "named", "namesakes", "may"),
    [
        (person("周老师", "rater"), "", 1, True),
        (person("周老师", "mentor"), "王老师、周老师", 1, True),
        (person("周老师", "mentor"), "各组导师", 1, True),
        (person("李老师", "lead"), "各组导师", 1, False),
        (person("王小明", "student"), "王小明", 1, False),
        (person("周老师", "mentor"), "周老师", 2, False),
        (person("周老师", "mentor"), "", 1, False),
    ],
)
def test_raters_are_on_the_roster_or_named_by_the_admin(
    who: Person, named: str, namesakes: int, may: bool
) -> None:
    """B46"""
    assert may_rate(who, named, namesakes) is may
