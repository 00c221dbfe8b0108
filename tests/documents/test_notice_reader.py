"""Notice files: encodings, docx and xlsx in their corners, and files that must be refused."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Callable, Sequence
from datetime import date
from datetime import time as clock
from typing import Any

import docx
import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from documents.notice_reader import NoticeUnreadable, read_notice_file
from programme.notice.page import Page, Paragraph
from programme.notice.reading import parse
from tests.fuzzing import examples

TEXT = "九月讲座安排\n9月5日（周二）下午2:30，李教授在A301讲《深度学习》。\n"


def _docx(build: Callable[[docx.document.Document], None]) -> bytes:
    document = docx.Document()
    build(document)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _xlsx(rows: Sequence[list[Any]], merged: Sequence[str] = ()) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    for area in merged:
        sheet.merge_cells(area)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _zip(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def _reason(data: bytes) -> str:
    with pytest.raises(NoticeUnreadable) as refused:
        read_notice_file(data, "x")
    return refused.value.reason


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode("utf-8"),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("gbk"),
        TEXT.encode("gb18030"),
        TEXT.encode("utf-16"),
        b"\xfe\xff" + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        TEXT.replace("\n", "\r\n").encode("gbk"),
        TEXT.replace("\n", "\r").encode("utf-8"),
    ],
)
def test_every_encoding_gives_the_same_session(data: bytes) -> None:
    notice = parse(read_notice_file(data, "x"), 2023)

    assert [
        (s.held_on, str(s.start), s.place, s.items[0].title, s.items[0].speaker) for s in notice.sessions
    ] == [(date(2023, 9, 5), "14:30:00", "A301", "深度学习", "李教授")]


def test_lines_of_two_encodings_are_both_read_and_told() -> None:
    first, second, _ = TEXT.split("\n")

    page = read_notice_file(first.encode("utf-8") + b"\n" + second.encode("gbk"), "x")

    assert ([f.code for f in page.findings], [p.text for p in page.paragraphs()]) == (
        ["mixed_encoding"],
        [first, second],
    )


def test_bytes_of_no_encoding_are_told_and_never_silently_replaced() -> None:
    page = read_notice_file((TEXT * 3).encode("utf-8") + b"\xe4\xff\xff\n", "x")

    assert [(f.code, f.lines, f.done) for f in page.findings] == [("mixed_encoding", (7,), "asked")]


def test_a_txt_table_is_rows_of_cells_with_their_lines() -> None:
    page = read_notice_file("周一\t周二\n3日\t4日\n".encode(), "x")

    tables = [
        [(row.line, [cell.text for cell in row.cells]) for row in table.rows] for table in page.tables()
    ]
    assert tables == [[(1, ["周一", "周二"]), (2, ["3日", "4日"])]]


def test_docx_lines_count_paragraphs_and_table_rows_in_order() -> None:
    def build(document: docx.document.Document) -> None:
        document.add_paragraph("标题")
        table = document.add_table(rows=2, cols=2)
        table.cell(1, 1).text = "格"
        document.add_paragraph("尾")

    page = read_notice_file(_docx(build), "x")

    lines = [
        block.line if isinstance(block, Paragraph) else [row.line for row in block.rows]
        for block in page.blocks
    ]
    assert lines == [1, [2, 3], 4]


def test_docx_automatic_numbers_are_part_of_the_text() -> None:
    def build(document: docx.document.Document) -> None:
        for text in ("甲", "乙"):
            document.add_paragraph(text, style="List Number")

    assert [p.text for p in read_notice_file(_docx(build), "x").paragraphs()] == ["1. 甲", "2. 乙"]


def test_docx_merged_cells_know_what_they_span_and_cover() -> None:
    def build(document: docx.document.Document) -> None:
        table = document.add_table(rows=2, cols=3)
        table.cell(0, 0).merge(table.cell(0, 1)).text = "横"
        table.cell(0, 2).merge(table.cell(1, 2)).text = "竖"

    table = next(read_notice_file(_docx(build), "x").tables())

    cells = [[(cell.text, cell.columns, cell.is_covered) for cell in row.cells] for row in table.rows]
    assert cells == [
        [("横", 2, False), ("横", 1, True), ("竖", 1, False)],
        [("", 1, False), ("", 1, False), ("竖", 1, True)],
    ]


def test_docx_struck_words_cancel_a_session() -> None:
    def build(document: docx.document.Document) -> None:
        document.add_paragraph("2023年十月安排")
        document.add_paragraph("10月10日（周二）14:00《A》")
        document.add_paragraph().add_run("10月17日（周二）14:00《B》").font.strike = True

    notice = parse(read_notice_file(_docx(build), "x"), None)

    assert (
        [s.held_on.day for s in notice.sessions],
        [a.code for a in notice.anomalies if a.lines == (3,)],
    ) == ([10], ["cancelled_row"])


def test_a_merged_docx_date_holds_for_the_rows_it_spans() -> None:
    def build(document: docx.document.Document) -> None:
        document.add_paragraph("2023年九月讲座")
        table = document.add_table(rows=3, cols=3)
        for row, texts in enumerate((("日期", "时间", "题目"), ("9月5日", "9:00", "A"), ("", "10:30", "B"))):
            for column, text in enumerate(texts):
                table.cell(row, column).text = text
        table.cell(1, 0).merge(table.cell(2, 0))

    notice = parse(read_notice_file(_docx(build), "x"), None)

    assert [(s.held_on.day, str(s.start)) for s in notice.sessions] == [(5, "09:00:00"), (5, "10:30:00")]


def test_a_merged_cell_with_two_dates_is_asked() -> None:
    def build(document: docx.document.Document) -> None:
        document.add_paragraph("2023年九月讲座")
        table = document.add_table(rows=2, cols=2)
        table.cell(0, 0).text, table.cell(0, 1).text = "周二", "周四"
        table.cell(1, 0).merge(table.cell(1, 1)).text = "5日、7日 下午2:30 《联合讲座》"

    notice = parse(read_notice_file(_docx(build), "x"), None)

    found = [(a.lines, a.done) for a in notice.anomalies if a.code == "merged_cell_two_dates"]
    assert (found, [s.held_on.day for s in notice.sessions]) == ([((3,), "asked")], [5, 7])


def test_xlsx_dates_numbers_and_hours_keep_their_meaning() -> None:
    data = _xlsx(
        [
            ["日期", "时间", "主题", "地点"],
            [date(2023, 7, 3), clock(14, 30), "A", 301],
            [45117, "14:00-16:00", "B", "102"],
            [20230722, "1400-1530", "C", None],
        ]
    )

    notice = parse(read_notice_file(data, "x"), 2023)

    assert [(s.held_on, str(s.start), s.place) for s in notice.sessions] == [
        (date(2023, 7, 3), "14:30:00", "301"),
        (date(2023, 7, 10), "14:00:00", "102"),
        (date(2023, 7, 22), "14:00:00", None),
    ]


def test_xlsx_numbers_read_as_days_are_told() -> None:
    notice = parse(read_notice_file(_xlsx([["日期", "主题"], [45117, "A"], [45118, "B"]]), "x"), 2023)

    assert [(a.lines, a.done) for a in notice.anomalies if a.code == "number_as_date"] == [
        ((2,), "fixed"),
        ((3,), "fixed"),
    ]


def test_an_xlsx_formula_is_not_computed_and_its_row_not_imported() -> None:
    data = _xlsx([["日期", "主题"], ["2023年7月3日", "A"], ["=DATE(2023,7,4)", "B"]])

    notice = parse(read_notice_file(data, "x"), None)

    assert (
        [s.held_on.day for s in notice.sessions],
        [a.cell for a in notice.anomalies if a.code == "formula"],
    ) == ([3], ["A3"])


def test_an_xlsx_merged_place_holds_for_its_rows() -> None:
    data = _xlsx(
        [["日期", "主题", "地点"], ["2023年7月3日", "A", "报告厅"], ["2023年7月4日", "B", None]], ["C2:C3"]
    )

    assert [s.place for s in parse(read_notice_file(data, "x"), None).sessions] == ["报告厅", "报告厅"]


def test_xlsx_lines_are_sheet_rows() -> None:
    page = read_notice_file(_xlsx([["标题"], [], ["日期", "主题"], ["7月3日", "A"]]), "x")

    lines = [
        block.line if isinstance(block, Paragraph) else [row.line for row in block.rows]
        for block in page.blocks
    ]
    assert lines == [1, [3, 4]]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "文件是空的，请看是不是选错了文件"),
        (b" \n\t \r\n", "文件是空的，请看是不是选错了文件"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100),
            "这是旧版 doc/xls 或加了密码的文件，请另存为 docx 或 xlsx",
        ),
        (b"%PDF-1.7 x", "这是 PDF，请用 docx、xlsx 或 txt"),
        (b"\x89PNG\r\n", "这是图片，请用 docx、xlsx 或 txt"),
        (b"PK\x03\x04broken", "文件损坏，打不开；请重新另存一份，或向发文件的人再要一份"),
        (bytes(range(256)) * 20, "不是文本文件"),
    ],
)
def test_what_is_no_notice_is_refused_with_its_reason(data: bytes, reason: str) -> None:
    assert _reason(data) == reason


def test_a_plain_archive_is_refused() -> None:
    assert _reason(_zip({"a.txt": b"x"})) == "这是压缩包，不是 docx 或 xlsx"


def test_a_bomb_is_refused_by_the_bytes_it_inflates_to() -> None:
    data = _zip({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<a>" + b" " * 30_000_000})

    assert _reason(data) == "文件的压缩比不正常，没有打开"


def test_too_many_parts_are_refused() -> None:
    parts = {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<a/>"} | {
        f"word/{n}.bin": b"x" for n in range(600)
    }

    assert _reason(_zip(parts)) == "文件里的部件超过500个，没有打开"


def test_an_entity_bomb_is_refused() -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'

    assert (
        _reason(_zip({"[Content_Types].xml": b"<Types/>", "word/document.xml": bomb}))
        == "文件的XML里有外部定义，没有打开"
    )


def test_a_million_merged_cells_are_refused() -> None:
    sheet = b'<worksheet><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells></worksheet>'
    data = _zip(
        {"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<a/>", "xl/worksheets/sheet1.xml": sheet}
    )

    assert _reason(data) == "表格里合并的单元格太多，没有打开"


def test_a_workbook_with_macros_is_refused() -> None:
    data = _zip({"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<a/>", "xl/vbaProject.bin": b"x"})

    assert _reason(data) == "文件带宏，请另存为不带宏的 docx 或 xlsx"


def _read_or_reason(data: bytes) -> Page | str:
    try:
        return read_notice_file(data, "x")
    except NoticeUnreadable as refused:
        return refused.reason


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xfe" + bytes(range(256)) * 4_000,
        ("7月3日 14:30《" * 100_000).encode("utf-8"),
        b"A" * 1_000_000,
        "周一\t周二\n".encode() * 60_000,
        ("每周一" * 30_000).encode("utf-8"),
    ],
)
def test_a_megabyte_of_garbage_ends_within_a_second_and_imports_nothing(data: bytes) -> None:
    begun = time.process_time()

    page = _read_or_reason(data)
    sessions = parse(page, 2023).sessions if isinstance(page, Page) else ()

    assert (sessions, time.process_time() - begun < 1.0) == ((), True)


@settings(max_examples=examples(30), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=400))
def test_no_bytes_make_the_reader_fail_otherwise(data: bytes) -> None:
    assert _read_or_reason(data)


@settings(max_examples=examples(20), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 5_000), st.binary(min_size=1, max_size=20))
def test_a_damaged_office_file_is_read_or_refused(position: int, noise: bytes) -> None:
    data = bytearray(_xlsx([["日期", "主题"], ["2023年7月3日", "A"]]))
    at = position % len(data)
    data[at : at + len(noise)] = noise

    page = _read_or_reason(bytes(data))

    assert page if isinstance(page, str) else parse(page, None).questions
