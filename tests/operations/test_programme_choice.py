"""Which programme the operator means."""

from __future__ import annotations

from datetime import date

import pytest

from operations.programme_choice import named
from programme.programme import Programme


def programme(programme_id: str, title: str, year: int) -> Programme:
    first = date(year, 7, 1)
    nothing = ((),) * 8
    return Programme(programme_id, 1, title, year, "Asia/Shanghai", first, first, *nothing)


SUMMER, NEXT_SUMMER, SUMMER_SCHOOL = (
    programme("2023-aa", "七月集中学习", 2023),
    programme("2024-bb", "七月集中学习", 2024),
    programme("2024-cc", "七月集中学习（外校）", 2024),
)
ALL = (SUMMER, NEXT_SUMMER, SUMMER_SCHOOL)


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("2023-aa", [SUMMER]),
        ("2023", [SUMMER]),
        ("七月集中学习", [SUMMER, NEXT_SUMMER]),
        ("外校", [SUMMER_SCHOOL]),
        ("2024", [NEXT_SUMMER, SUMMER_SCHOOL]),
        ("八月", []),
        ("", []),
    ],
)
def test_a_programme_is_meant_by_id_title_year_or_a_part_of_its_title(
    asked: str, meant: list[Programme]
) -> None:
    assert named(ALL, asked) == meant
