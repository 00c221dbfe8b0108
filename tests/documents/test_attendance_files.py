"""The grid of attendance as a picture and as a table: readable, and nothing in it is ever run."""

from __future__ import annotations

import io
import struct
import time
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from documents.attendance_picture import NoChineseFont, attendance_picture
from documents.attendance_table import attendance_csv, attendance_xlsx
from programme.attendance_grid import Cell, Change, Column, Grid, GridRow
from programme.people import Person

AT = datetime(2023, 7, 19, 9, 0, tzinfo=UTC)
TITLE = "七月集中学习安排 考勤 · 视频压缩组"


def person(name: str) -> Person:
    return Person(name, "p", name, "2023001", "研0", "视频压缩组", frozenset({"student"}), "周老师")


def grid_of(*names: str) -> Grid:
    cells = (Cell("late", 17), Cell("present", is_online=True), Cell("leave"), Cell("absent"))
    columns = tuple(Column(date(2023, 7, day), "科研论文写作") for day in (3, 4, 10, 11))
    return Grid(columns, tuple(GridRow(person(name), cells) for name in names))


def size_of(png: bytes) -> tuple[int, int]:
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", png[16:24])
    return int(width), int(height)


def test_a_picture_grows_with_the_list() -> None:
    one, three = (size_of(attendance_picture(grid_of(*names), TITLE, AT)) for names in ("甲", "甲乙丙"))

    assert one[0] == three[0]
    assert one[1] < three[1]


def test_the_characters_of_a_name_are_in_the_picture() -> None:
    """A font without Chinese would draw the same empty box for each."""
    assert attendance_picture(grid_of("王"), TITLE, AT) != attendance_picture(grid_of("李"), TITLE, AT)


@pytest.mark.parametrize("name", ['#panic("x")', "$x$", "*a* _b_ `c`", "]", "\\", '"', "@all <b>", "= 标题"])
def test_what_people_wrote_is_drawn_and_not_run(name: str) -> None:
    width, _ = size_of(attendance_picture(grid_of(name), TITLE, AT))

    assert width > 300


def test_a_group_is_drawn_quickly() -> None:
    """0.3 s on a quiet machine for fifty people; the bound is wide for a busy one."""
    lab = grid_of(*(f"同学{n}" for n in range(50)))
    attendance_picture(grid_of("甲"), TITLE, AT)

    started = time.perf_counter()
    attendance_picture(lab, TITLE, AT)

    assert time.perf_counter() - started < 3.0


def test_without_the_font_there_is_no_picture_rather_than_an_empty_one(tmp_path: Path) -> None:
    with pytest.raises(NoChineseFont):
        attendance_picture(grid_of("甲"), TITLE, AT, tmp_path / "missing.otf")


CHANGE = Change("甲", "07-04 科研论文写作", "guarantee", "granted", "李老师", AT, "=家中有事")


def test_the_table_holds_a_line_a_person_and_a_line_a_change() -> None:
    """R17: who vouched is in the file."""
    book = load_workbook(io.BytesIO(attendance_xlsx(grid_of("甲"), [CHANGE])))

    people, changes = ([[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in book)

    assert people[1] == [
        "甲", "2023001", "研0", "视频压缩组", "周老师", "迟17", "线上到", "假", "缺",
        4, 2, 1, 1, 0, 0, 1, 0.5, 0.667,
    ]  # fmt: skip
    assert changes[1] == [
        "甲",
        "07-04 科研论文写作",
        "线上担保：同意",
        "李老师",
        "2023-07-19 09:00",
        "=家中有事",
    ]


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1"])
def test_no_cell_of_the_table_is_a_formula(name: str) -> None:
    book = load_workbook(io.BytesIO(attendance_xlsx(grid_of(name), [CHANGE])))

    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}

    assert "f" not in kinds


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "＝1"])
def test_no_cell_of_the_csv_is_a_formula(name: str) -> None:
    lines = attendance_csv(grid_of(name)).decode("utf-8-sig").splitlines()

    assert lines[1].split(",")[0] == f"'{name}"


def test_somebody_who_was_expected_nowhere_has_no_rate() -> None:
    grid = Grid((Column(date(2023, 7, 3), "小组分享"),), (GridRow(person("甲"), (Cell("voluntary"),)),))

    line = attendance_csv(grid).decode("utf-8-sig").splitlines()[1]

    assert line == "甲,2023001,研0,视频压缩组,周老师,自愿,0,0,0,0,0,0,0,,"
