"""Roster files as people save them, and those that are refused."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Any

import openpyxl
import pytest

from documents.container import Unreadable
from documents.roster_reader import read_table
from programme.roster import Roster, RosterProblem, TableRow, read_people

SAMPLE = Path(__file__).parents[2] / "samples" / "roster.csv"
TEXT = "姓名,学号\r\n王小明,2023001\r\n"
ROWS = (TableRow(1, ("姓名", "学号")), TableRow(2, ("王小明", "2023001")))


def saved(tmp_path: Path, data: bytes, name: str = "名单.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


def book(tmp_path: Path, fill: Callable[[Any], None]) -> Path:
    workbook = openpyxl.Workbook()
    fill(workbook.active)
    path = tmp_path / "名单.xlsx"
    workbook.save(path)
    return path


def reason_of(path: Path) -> str:
    with pytest.raises(Unreadable) as caught:
        read_table(path)
    return str(caught.value)


def test_the_sample_roster_is_read_whole() -> None:
    roster = read_people(read_table(SAMPLE), "2023-07")

    assert isinstance(roster, Roster)
    assert (len(roster.people), len(roster.accounts), roster.warnings) == (57, 57, ())
    assert roster.people[0].roles == {"admin"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_csv_is_read_in_the_encodings_people_save(tmp_path: Path, encoding: str) -> None:
    assert read_table(saved(tmp_path, TEXT.encode(encoding))) == ROWS


@pytest.mark.parametrize("encoding", ["gb18030", "big5"])
def test_traditional_characters_are_read_in_both_encodings_of_them(tmp_path: Path, encoding: str) -> None:
    text = "姓名,學號,年級,角色\n王曉明,2023001,碩士研究生一年級,學生/組長\n合計,,1 人,\n"

    roster = read_people(read_table(saved(tmp_path, text.encode(encoding))), "2023-07")

    assert isinstance(roster, Roster), roster
    assert [(person.name, person.roles) for person in roster.people] == [
        ("王曉明", frozenset({"student", "lead"}))
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "，"])
def test_a_csv_is_read_with_the_separators_people_save(tmp_path: Path, delimiter: str) -> None:
    assert read_table(saved(tmp_path, TEXT.replace(",", delimiter).encode())) == ROWS


def test_quoted_separators_and_line_breaks_stay_in_their_cell(tmp_path: Path) -> None:
    path = saved(tmp_path, '姓名,角色\n王小明,"学生,主讲"\n"李\n四",学生\n赵六,学生\n'.encode())

    assert read_table(path)[1:] == (
        TableRow(2, ("王小明", "学生,主讲")),
        TableRow(3, ("李\n四", "学生")),
        TableRow(4, ("赵六", "学生")),
    )


def test_blank_rows_are_left_out_and_still_counted(tmp_path: Path) -> None:
    path = saved(tmp_path, "名单\n\n姓名,学号\n,\n王小明,1\n,,\n\n".encode())

    assert [row.number for row in read_table(path)] == [1, 3, 5]


def test_numbers_in_a_workbook_are_read_as_they_were_typed(tmp_path: Path) -> None:
    def fill(sheet: Any) -> None:
        sheet.append(["姓名", "学号", "备注"])
        sheet.append(["王小明", 2023001, 1.5])
        sheet.append(["李四", 2023002.0, True])
        sheet.append(["赵六", 42, None])
        sheet["B4"].number_format = "00000000"

    assert [row.cells for row in read_table(book(tmp_path, fill))[1:]] == [
        ("王小明", "2023001", "1.5"),
        ("李四", "2023002", "TRUE"),
        ("赵六", "00000042"),
    ]


def test_a_cell_merged_downwards_counts_for_every_row_it_covers(tmp_path: Path) -> None:
    def fill(sheet: Any) -> None:
        sheet.append(["人员名单"])
        sheet.merge_cells("A1:C1")
        sheet.append(["姓名", "项目组", "年级"])
        sheet.append(["王小明", "视频压缩组", "研0"])
        sheet.append(["李四", None, "研1"])
        sheet.append(["赵六", None, "研1"])
        sheet.merge_cells("B3:B5")

    assert [row.cells for row in read_table(book(tmp_path, fill))] == [
        ("人员名单",),
        ("姓名", "项目组", "年级"),
        ("王小明", "视频压缩组", "研0"),
        ("李四", "视频压缩组", "研1"),
        ("赵六", "视频压缩组", "研1"),
    ]


def test_the_sheet_that_looks_like_a_roster_is_taken_and_hidden_ones_are_not(tmp_path: Path) -> None:
    workbook: Any = openpyxl.Workbook()
    workbook.active.append(["说明"])
    workbook.create_sheet("人员").append(["姓名", "学号"])
    workbook.create_sheet("旧").append(["姓名", "旧学号"])
    workbook["旧"].sheet_state = "hidden"
    workbook.save(tmp_path / "名单.xlsx")

    assert read_table(tmp_path / "名单.xlsx") == (TableRow(1, ("姓名", "学号")),)


def test_two_sheets_that_look_like_rosters_are_asked_about(tmp_path: Path) -> None:
    workbook: Any = openpyxl.Workbook()
    workbook.active.title = "甲"
    workbook.active.append(["姓名"])
    workbook.create_sheet("乙").append(["姓名"])
    workbook.save(tmp_path / "名单.xlsx")

    assert reason_of(tmp_path / "名单.xlsx") == "有 2 张工作表都像名单（甲、乙），请只留一张"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("=1+1", "是公式，请改成写好的文字"),
        ("#N/A", "是错误值 #N/A，请改成写好的文字"),
        (2023000000000001, "数字超过 15 位，表格软件已改掉末尾几位；请把这一列设为文本后重填"),
    ],
)
def test_a_cell_whose_value_cannot_be_trusted_is_named(tmp_path: Path, value: object, reason: str) -> None:
    def fill(sheet: Any) -> None:
        sheet.append(["姓名", "学号", "年级"])
        sheet.append(["王小明", value, "研0"])
        sheet.append([None, "2", "研0"])

    assert read_people(read_table(book(tmp_path, fill)), "2023-07") == (
        RosterProblem(2, "学号", reason),
        RosterProblem(3, "姓名", "没有姓名"),
    )


def test_a_formula_on_another_sheet_or_in_a_sum_harms_nobody(tmp_path: Path) -> None:
    def fill(sheet: Any) -> None:
        sheet.append(["姓名", "年级", "人数"])
        sheet.append(["王小明", "研0", 1])
        sheet.append(["合计", None, "=SUM(C2:C2)"])
        sheet.parent.create_sheet("统计").append(["研0", "=COUNTA(A1)"])

    roster = read_people(read_table(book(tmp_path, fill)), "2023-07")

    assert isinstance(roster, Roster)
    assert [person.name for person in roster.people] == ["王小明"]


def test_a_form_of_an_office_is_read(tmp_path: Path) -> None:
    """A heading over merged cells, a blank row and column, two merged lines of titles, a cell for a group."""

    def fill(sheet: Any) -> None:
        sheet["B2"] = "2023 年暑期学习名单"
        sheet.merge_cells("B2:E2")
        for place, text in {
            "B4": "姓名",
            "C4": "项目信息",
            "E4": "年级",
            "C5": "项目组",
            "D5": "角色",
        }.items():
            sheet[place] = text
        for merged in ("B4:B5", "C4:D4", "E4:E5", "C6:C7"):
            sheet.merge_cells(merged)
        people = {
            "B6": "王一",
            "C6": "甲",
            "D6": "学生/组长",
            "E6": "研一",
            "B7": "李二",
            "D7": "学生",
            "E7": "研零",
        }
        for place, text in people.items():
            sheet[place] = text

    roster = read_people(read_table(book(tmp_path, fill)), "2023-07")

    assert isinstance(roster, Roster), roster
    assert [(p.name, p.group, p.cohort) for p in roster.people] == [
        ("王一", "甲", "研1"),
        ("李二", "甲", "研0"),
    ]


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("名单.pdf", b"%PDF-1.7", "只收 .csv 或 .xlsx 文件；旧的 .xls 请另存为 .xlsx"),
        ("名单.xls", OLE, "只收 .csv 或 .xlsx 文件；旧的 .xls 请另存为 .xlsx"),
        ("名单.xlsx", OLE, "文件加了密码，或是旧的 .xls 格式；请去掉密码，另存为 .xlsx"),
        ("名单.xlsx", TEXT.encode(), "扩展名是 .xlsx，内容却不是；请另存为 .xlsx，是文本就把扩展名改成 .csv"),
        ("名单.xlsx", b"", "文件是空的，请看是不是选错了文件"),
        ("名单.csv", b"PK\x03\x04rest", "内容不是表格文本，扩展名和内容不一致"),
        ("名单.csv", b"\xff\xff\xfe\x81\x20", "认不出文字编码，请另存为 UTF-8 的 CSV"),
        ("名单.csv", '姓名,学号\n"王小明,1\n'.encode(), "第 2 行附近的引号没有成对，或一格太长"),
        ("名单.csv", ("姓名" + "," * 60).encode(), "第 1 行超过 60 列"),
        ("名单.csv", "王\n".encode() * 60_001, "超过 60000 行"),
        ("名单.csv", b"x" * (20 * 1024 * 1024 + 1), "文件超过 20 MB"),
    ],
)
def test_a_file_of_another_kind_is_refused_with_the_reason(
    tmp_path: Path, name: str, data: bytes, reason: str
) -> None:
    assert reason_of(saved(tmp_path, data, name)) == reason


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()

    assert reason_of(tmp_path / "nowhere.csv") == "没有这个文件，请看路径对不对"
    assert reason_of(tmp_path / "folder.csv") == "这不是一个文件，请写文件的路径"


def repacked(tmp_path: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """A good workbook whose parts *change* has spoiled."""
    path = book(tmp_path, lambda sheet: sheet.append(["姓名", "学号"]))
    with zipfile.ZipFile(path) as container:
        parts = {name: container.read(name) for name in container.namelist()}
    change(parts)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as container:
        for name, data in parts.items():
            container.writestr(name, data)
    return path


SHEET = "xl/worksheets/sheet1.xml"
DAMAGED = "文件损坏，打不开；请重新另存一份，或向发文件的人再要一份"


def inflate(parts: dict[str, bytes]) -> None:
    parts["xl/media/big.bin"] = b"\0" * (110 * 1024 * 1024)


def overflow_ratio(parts: dict[str, bytes]) -> None:
    parts[SHEET] = parts[SHEET] + b" " * (20 * 1024 * 1024)


def crowd(parts: dict[str, bytes]) -> None:
    parts.update({f"xl/media/{number}": b"" for number in range(2_001)})


def escape(parts: dict[str, bytes]) -> None:
    parts["../evil"] = b""


def declare_entities(parts: dict[str, bytes]) -> None:
    parts[SHEET] = b'<!DOCTYPE a [<!ENTITY b "c">]>' + parts[SHEET].partition(b"?>")[2]


def merge_everything(parts: dict[str, bytes]) -> None:
    merged = b'<mergeCells><mergeCell ref="A1:A1048576"/></mergeCells></worksheet>'
    parts[SHEET] = parts[SHEET].replace(b"</worksheet>", merged)


def cut(parts: dict[str, bytes]) -> None:
    parts[SHEET] = parts[SHEET][:-60]


def lose_the_sheet(parts: dict[str, bytes]) -> None:
    del parts[SHEET]


def become_a_document(parts: dict[str, bytes]) -> None:
    parts["word/document.xml"] = parts.pop("xl/workbook.xml")


def point_nowhere(parts: dict[str, bytes]) -> None:
    parts[SHEET] = parts[SHEET].replace(
        b"</sheetData>", b'<row r="9"><c r="A9" t="s"><v>999</v></c></row></sheetData>'
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (inflate, "文件的压缩比不正常，没有打开"),
        (overflow_ratio, "文件的压缩比不正常，没有打开"),
        (crowd, "文件里的部件超过500个，没有打开"),
        (escape, "文件的部件路径不正常，没有打开"),
        (declare_entities, "文件的XML里有外部定义，没有打开"),
        (merge_everything, "表格里合并的单元格太多，没有打开"),
        (cut, DAMAGED),
        (lose_the_sheet, DAMAGED),
        (become_a_document, "扩展名和内容不一致"),
        (point_nowhere, DAMAGED),
    ],
)
def test_a_hostile_or_damaged_workbook_is_refused(
    tmp_path: Path, change: Callable[[dict[str, bytes]], None], reason: str
) -> None:
    assert reason_of(repacked(tmp_path, change)) == reason


def test_element_names_may_carry_a_prefix(tmp_path: Path) -> None:
    def prefix(parts: dict[str, bytes]) -> None:
        space = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        parts[SHEET] = (
            b'<x:worksheet xmlns:x="' + space + b'"><x:sheetData><x:row r="2"><x:c r="B2" t="inlineStr">'
            b"<x:is><x:r><x:t>\xe5\xa7\x93</x:t></x:r><x:r><x:t>\xe5\x90\x8d</x:t></x:r>"
            b"<x:rPh><x:t>xing</x:t></x:rPh></x:is></x:c></x:row></x:sheetData></x:worksheet>"
        )

    assert read_table(repacked(tmp_path, prefix)) == (TableRow(2, ("", "姓名")),)


def shared_texts(*items: str) -> bytes:
    return f"<sst>{''.join(f'<si>{item}</si>' for item in items)}</sst>".encode()


def test_shared_texts_are_read_without_their_reading_aids(tmp_path: Path) -> None:
    def fill(parts: dict[str, bytes]) -> None:
        parts["xl/sharedStrings.xml"] = shared_texts(
            "<t>姓名</t>", "<r><t>王</t></r><r><t>小明</t></r><rPh><t>wang</t></rPh>", "<t>两_x000A_行</t>"
        )
        parts[SHEET] = (
            b'<worksheet><sheetData><row><c t="s"><v>0</v></c></row>'
            b'<row><c t="s"><v>1</v></c><c t="s"><v>2</v></c></row></sheetData></worksheet>'
        )

    assert read_table(repacked(tmp_path, fill)) == (
        TableRow(1, ("姓名",)),
        TableRow(2, ("王小明", "两\n行")),
    )


def test_fifty_thousand_rows_of_a_workbook_are_read_in_seconds(tmp_path: Path) -> None:
    def fill(parts: dict[str, bytes]) -> None:
        parts["xl/sharedStrings.xml"] = shared_texts(*(f"<t>stu{number}</t>" for number in range(50_000)))
        rows = "".join(
            f'<row r="{r}"><c r="A{r}" t="s"><v>{r - 1}</v></c><c r="B{r}"><v>{r}</v></c></row>'
            for r in range(1, 50_001)
        )
        parts[SHEET] = f"<worksheet><sheetData>{rows}</sheetData></worksheet>".encode()

    path = repacked(tmp_path, fill)
    before = process_time()

    rows = read_table(path)

    assert (len(rows), rows[-1].cells) == (50_000, ("stu49999", "50000"))
    assert process_time() - before < 5


def office_book(tmp_path: Path, *, number: object, form: str = "General") -> Path:
    """A merged title, an empty row, other titles, one person, and empty rows with borders below."""

    def fill(sheet: Any) -> None:
        sheet.append(["2023 年暑期集中学习人员名单"])
        sheet.merge_cells("A1:D1")
        sheet.append([])
        sheet.append(["学生姓名", "学籍号", "所在年级", "UserID"])
        sheet.append(["王\u3000明", number, "研一", "stu001"])
        sheet["B4"].number_format = form
        for row in range(5, 60):
            sheet.cell(row, 1).value = "" if row % 2 else "  "

    return book(tmp_path, fill)


@pytest.mark.parametrize(
    ("number", "form", "read"),
    [
        (2023001, "General", "2023001"),
        (2023001.0, "General", "2023001"),
        (2023001.0, "0.0", "2023001"),
        (202310001234567, "0", "202310001234567"),
        ("0023001", "@", "0023001"),
        ("'0023001", "@", "0023001"),
    ],
)
def test_a_workbook_of_an_office_is_read_with_its_numbers(
    tmp_path: Path, number: object, form: str, read: str
) -> None:
    roster = read_people(read_table(office_book(tmp_path, number=number, form=form)), "2023-07")

    assert isinstance(roster, Roster), roster
    assert [(p.name, p.student_no, p.cohort) for p in roster.people] == [("王明", read, "研1")]


@pytest.mark.parametrize("encoding", ["gbk", "utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "，"])
def test_a_text_of_an_office_is_read_in_each_encoding_and_with_each_separator(
    tmp_path: Path, encoding: str, delimiter: str
) -> None:
    lines = [
        ["集中学习名单（张三，李四；2023）"],
        ["名字", "工号", "身份", "年级"],
        ["王小明", "0017", "学生", "研0"],
        ["", "", "", ""],
    ]
    text = "\r\n".join(delimiter.join(cells) for cells in lines)
    if delimiter in lines[0][0]:
        text = text.replace(lines[0][0], "集中学习名单")

    roster = read_people(read_table(saved(tmp_path, text.encode(encoding))), "2023-07")

    assert isinstance(roster, Roster), roster
    assert [(p.name, p.student_no, p.cohort) for p in roster.people] == [("王小明", "0017", "研0")]
