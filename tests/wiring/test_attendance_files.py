"""What is asked for is made where it can be; else the next best, with the reason."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from programme.attendance_grid import Cell, Column, Grid, GridRow
from programme.people import Person
from scheduler.drawing import Sheet
from wiring.attendance_files import make_attendance_file


def sheet_of(people: int, *, is_csv: bool = False) -> Sheet:
    rows = tuple(
        GridRow(
            Person(f"p{n}", "p", f"同学{n}", None, "研0", "组", frozenset({"student"})), (Cell("present"),)
        )
        for n in range(people)
    )
    grid = Grid((Column(date(2023, 7, 4), "科研论文写作"),), rows)
    return Sheet(grid, (), "考勤", "考勤-组-0704", is_csv, datetime(2023, 7, 4, tzinfo=UTC))


@pytest.mark.parametrize(
    ("people", "is_picture", "is_csv", "made"),
    [
        (9, True, False, ("image", "考勤-组-0704.png", "")),
        (9, False, False, ("file", "考勤-组-0704.xlsx", "")),
        (9, False, True, ("file", "考勤-组-0704.csv", "")),
        (61, True, False, ("file", "考勤-组-0704.xlsx", "people")),
        (1001, False, False, ("file", "考勤-组-0704.csv", "long")),
        (1001, True, False, ("file", "考勤-组-0704.csv", "people")),
    ],
)
def test_a_list_gets_the_form_that_it_can_be_read_in(
    people: int, is_picture: bool, is_csv: bool, made: tuple[str, str, str]
) -> None:
    found = make_attendance_file(sheet_of(people, is_csv=is_csv), is_picture)

    assert (found.kind, found.name, found.note) == made
