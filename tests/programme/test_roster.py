"""What a roster may say, and what stops its import."""

from __future__ import annotations

from collections.abc import Sequence
from time import process_time

import pytest

from programme.people import Person
from programme.roster import COLUMNS, Roster, RosterProblem, TableRow, normalised_cohort, read_people
from programme.roster_titles import SPOILED

HEADER = COLUMNS
ZHOU = ("周老师", "", "", "", "导师", "", "mentor01")
WANG = ("王小明", "2023001", "研0", "视频压缩组", "学生", "周老师", "stu001")


def table(*rows: Sequence[str], first: int = 1) -> tuple[TableRow, ...]:
    return tuple(TableRow(number, tuple(cells)) for number, cells in enumerate(rows, start=first))


def roster_of(*rows: Sequence[str]) -> Roster:
    found = read_people(table(*rows), "2023-07")
    assert isinstance(found, Roster), found
    return found


def problems_of(*rows: Sequence[str]) -> tuple[RosterProblem, ...]:
    found = read_people(table(*rows), "2023-07")
    assert isinstance(found, tuple), found
    return found


def person_of(cells: Sequence[str]) -> Person:
    return roster_of(HEADER, ZHOU, cells).people[1]


def with_cell(column: str, text: str) -> tuple[str, ...]:
    return tuple(text if title == column else cell for title, cell in zip(COLUMNS, WANG, strict=True))


def test_a_row_becomes_a_person_and_an_account() -> None:
    roster = roster_of(HEADER, ZHOU, WANG)

    wang = roster.people[1]
    assert (wang.name, wang.student_no, wang.cohort, wang.group, wang.roles, wang.mentor) == (
        "王小明",
        "2023001",
        "研0",
        "视频压缩组",
        frozenset({"student"}),
        "周老师",
    )
    assert roster.accounts[wang.person_id] == ("wecom", "stu001")
    assert roster.warnings == ()


def test_the_same_roster_gives_the_same_ids_and_another_programme_others() -> None:
    first, again = roster_of(HEADER, ZHOU, WANG), roster_of(HEADER, ZHOU, WANG)
    elsewhere = read_people(table(HEADER, ZHOU, WANG), "2024-07")

    assert [person.person_id for person in first.people] == [person.person_id for person in again.people]
    assert isinstance(elsewhere, Roster)
    assert not {p.person_id for p in first.people} & {p.person_id for p in elsewhere.people}


@pytest.mark.parametrize("separator", ["、", ",", "，", "/", " ", "；", " 、 "])
def test_several_roles_are_separated_as_people_write_them(separator: str) -> None:
    person = person_of(with_cell("角色", f"学生{separator}项目负责人"))

    assert person.roles == {"student", "lead"}


@pytest.mark.parametrize(
    ("printed", "cohort"),
    [
        ("研0", "研0"),
        ("研零", "研0"),
        ("研〇", "研0"),
        ("研 0", "研0"),
        ("研０", "研0"),
        ("研一", "研1"),
        ("研究生一年级", "研1"),
        ("研二", "研2"),
        ("博一", "博1"),
        ("博士二年级", "博2"),
        ("大三", "大三"),
        ("大 3", "大三"),
        ("2023级", "2023级"),
        ("交换生", "交换生"),
    ],
)
def test_cohorts_are_brought_to_one_spelling(printed: str, cohort: str) -> None:
    assert normalised_cohort(printed) == cohort


@pytest.mark.parametrize(
    ("column", "printed", "attribute", "meant"),
    [
        ("姓名", " 王小明 ", "name", "王小明"),
        ("姓名", "王　明", "name", "王明"),
        ("姓名", "王\u200b小明", "name", "王小明"),
        ("姓名", "阿依古丽·买买提", "name", "阿依古丽·买买提"),
        ("姓名", "John  Smith", "name", "John Smith"),
        ("姓名", "O'Brien", "name", "O'Brien"),
        ("学号", "２０２３００１", "student_no", "2023001"),
        ("学号", "2023001.0", "student_no", "2023001"),
        ("学号", "'0023001", "student_no", "0023001"),
        ("学号", "2023 001", "student_no", "2023001"),
        ("学号", "S2023-01", "student_no", "S2023-01"),
        ("学号", "", "student_no", None),
        ("项目组", "AI 平台组", "group", "AI 平台组"),
        ("项目组", "视频\n压缩组", "group", "视频压缩组"),
    ],
)
def test_what_nobody_sees_or_means_is_taken_off(
    column: str, printed: str, attribute: str, meant: str | None
) -> None:
    assert getattr(person_of(with_cell(column, printed)), attribute) == meant


def test_columns_stand_in_any_order_and_others_are_ignored_and_named() -> None:
    roster = roster_of(
        ("电话", "企业微信帐号（userid）", "姓 名", "＊角色", "年级：", "", "备注"),
        ("138", "stu001", "王小明", "学生", "研一", "x", "y"),
    )

    assert roster.ignored_columns == ("电话", "备注")
    assert roster.people[0].cohort == "研1"
    assert list(roster.accounts.values()) == [("wecom", "stu001")]
    assert roster.warnings == ("没有「学号」这一列", "没有「项目组」这一列", "没有「导师」这一列")


def test_a_title_blank_rows_and_repeated_headers_are_not_people() -> None:
    blank = ("",) * 7
    roster = roster_of(
        ("暑期集训人员名单",), ("制表：张老师", "2023年6月"), blank, HEADER, ZHOU, blank, HEADER, WANG, blank
    )

    assert [person.name for person in roster.people] == ["周老师", "王小明"]


def test_rows_are_counted_as_the_file_counts_them() -> None:
    found = read_people(table(("名单",), ("",), HEADER, with_cell("角色", "助教"), first=3), "2023-07")

    assert found == (
        RosterProblem(
            6,
            "角色",
            "没有「助教」这个角色；可以写 学生、项目负责人、负责人、导师、主讲、讲者、评委、管理员",
        ),
    )


def test_a_row_without_a_role_is_a_students_when_it_has_a_cohort() -> None:
    assert person_of(with_cell("角色", "")).roles == {"student"}


@pytest.mark.parametrize(
    ("column", "text", "problem"),
    [
        ("姓名", "", ("姓名", "没有姓名")),
        ("姓名", "=HYPERLINK(1)", ("姓名", "第 1 个字符「=」（U+003D）不能在姓名里")),
        ("姓名", "王\ue000明", ("姓名", "第 2 个字符（U+E000）不能在姓名里")),
        ("姓名", "王" * 41, ("姓名", "超过 40 个字")),
        ("学号", "2.02E+10", ("学号", "学号被表格软件改成了科学记数法，请把这一列设为文本后重填")),
        ("学号", "2023001？", ("学号", "第 8 个字符「?」（U+003F）不行，学号只能有字母、数字和横线")),
        ("角色", "学升", ("角色", "没有「学升」这个角色，是不是 学生？")),
        ("年级", "", ("年级", "学生要写年级，例如 研1")),
        (
            "企业微信账号",
            "张三",
            (
                "企业微信账号",
                "第 1 个字符「张」（U+5F20）不行，账号只能有字母、数字和 _ - @ .，以字母或数字开头",
            ),
        ),
        (
            "企业微信账号",
            "li er",
            (
                "企业微信账号",
                "第 3 个字符是空格（U+0020）不行，账号只能有字母、数字和 _ - @ .，以字母或数字开头",
            ),
        ),
    ],
)
def test_a_bad_cell_stops_the_import_with_row_column_and_reason(
    column: str, text: str, problem: tuple[str, str]
) -> None:
    assert problems_of(HEADER, ZHOU, with_cell(column, text)) == (RosterProblem(3, *problem),)


def test_every_problem_is_told_at_once_in_the_order_of_the_rows() -> None:
    problems = problems_of(
        HEADER,
        ("", "1", "研0", "甲", "学生", "", "a1"),
        ("李四", "2", "研0", "甲", "学徒", "", "a2"),
        ("赵六", "3", "研0", "甲", "学生", "", "a3"),
        ("钱七", "3", "研0", "甲", "学生", "", "A3"),
    )

    assert [(problem.row, problem.column) for problem in problems] == [
        (2, "姓名"),
        (3, "角色"),
        (5, "企业微信账号"),
        (5, "学号"),
    ]


@pytest.mark.parametrize(
    ("second", "problem"),
    [
        (WANG, ("姓名", "和第 2 行完全一样，请删掉一行")),
        (("李四", "2023002", "研0", "甲", "学生", "", "STU001"), ("企业微信账号", "和第 2 行的账号相同")),
        (("李四", "2023001", "研0", "甲", "学生", "", ""), ("学号", "和第 2 行的学号相同")),
    ],
)
def test_a_person_or_an_account_twice_is_refused(second: Sequence[str], problem: tuple[str, str]) -> None:
    assert problems_of(HEADER, WANG, second)[0] == RosterProblem(3, *problem)


def test_two_people_of_one_name_are_two_when_their_numbers_tell_them_apart() -> None:
    roster = roster_of(HEADER, WANG, ("王小明", "2023099", "研1", "甲", "学生", "", "stu099"))

    assert len({person.person_id for person in roster.people}) == 2


def test_two_people_of_one_name_without_numbers_cannot_be_told_apart() -> None:
    problems = problems_of(HEADER, ZHOU, ("周老师", "", "", "", "导师", "", "mentor09"))

    assert problems == (RosterProblem(3, "姓名", "和第 2 行同名，两人都没有学号就分不清，请补上学号或工号"),)


def test_a_cell_too_many_is_a_comma_too_many() -> None:
    problems = problems_of(HEADER, (*WANG, "", "多"))

    assert problems == (RosterProblem(2, "第 8 列", "这一行比表头多出内容，请看是不是多了一个逗号"),)


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ((), "文件是空的"),
        (
            (("甲", "乙"),),
            f"前 20 行里没有表头，第 1 行是 甲、乙；请加一行标题：{'、'.join(COLUMNS)}",
        ),
        ((HEADER,), "表头下面没有人"),
        ((("姓名", "学号", "姓名"), ("王", "1", "李")), "表头里有两列是这个意思，请只留一列"),
    ],
)
def test_a_table_that_is_no_roster_says_so(rows: tuple[Sequence[str], ...], reason: str) -> None:
    assert problems_of(*rows)[0] == RosterProblem(1, "姓名", reason)


@pytest.mark.parametrize(
    ("column", "text", "warning"),
    [
        ("导师", "吴敬之", "第 3 行：导师「吴敬之」不在名单的导师里"),
        ("导师", "周老师、吴敬之", "第 3 行：写了几位导师，只记第一位"),
        (
            "年级",
            "2023级",
            "第 3 行：年级「2023级」看不出是研几，照原样保留；请写成 研0、研1、博1、大三 这样",
        ),
        ("项目组", "甲、乙", "第 3 行：写了几个项目组，当作一个组"),
        ("项目组", "", "第 3 行：学生没有项目组"),
    ],
)
def test_what_deserves_a_look_is_a_warning(column: str, text: str, warning: str) -> None:
    assert roster_of(HEADER, ZHOU, with_cell(column, text)).warnings == (warning,)


def test_a_warning_about_many_rows_is_one_line() -> None:
    rows = [("王小明", str(number), "研0", "", "学生", "", "") for number in range(100)]

    assert roster_of(HEADER, *rows).warnings == ("第 2、3、4、5、6 等 100 行：学生没有项目组",)


def test_fifty_thousand_people_are_read_in_seconds() -> None:
    rows = table(
        HEADER,
        *(("王小明", str(number), "研一", "甲", "学生", "", f"stu{number}") for number in range(50_000)),
    )
    before = process_time()

    found = read_people(rows, "2023-07")

    assert isinstance(found, Roster)
    assert len(found.people) == 50_000
    assert process_time() - before < 5


@pytest.mark.parametrize(
    "label", ["合计 3 人", "总 计", "小计：3", "共 3 人", "备注：名单以教务为准", "制表人：赵老师"]
)
@pytest.mark.parametrize("column", [0, 1])
def test_sums_and_remarks_below_the_people_are_nobody_and_are_named(label: str, column: int) -> None:
    footer = ("",) * column + (label,)

    roster = roster_of(("序号", *HEADER), ("1", *ZHOU), footer)

    assert len(roster.people) == 1
    assert roster.warnings == (f"第 3 行“{' '.join(label.split())}”不是人，没有读".replace("：", ":"),)


def test_a_person_with_a_number_is_never_taken_for_a_sum() -> None:
    assert roster_of(HEADER, ("合计", "2023001", "研0", "甲", "学生", "", "")).people[0].name == "合计"


@pytest.mark.parametrize(
    ("printed", "roles"),
    [
        ("学生/组长", {"student", "lead"}),
        ("学生、管理员", {"student", "admin"}),
        ("导师兼管理员", {"mentor", "admin"}),
        ("导师（兼管理员）", {"mentor", "admin"}),
        ("学生（兼任组长）", {"student", "lead"}),
        ("兼职导师", {"mentor"}),
        ("学生和评委", {"student", "rater"}),
        ("Student", {"student"}),
        ("Mentor, Admin", {"mentor", "admin"}),
        ("Team Lead", {"lead"}),
        ("導師", {"mentor"}),
    ],
)
def test_roles_are_read_as_offices_combine_them(printed: str, roles: set[str]) -> None:
    assert person_of(with_cell("角色", printed)).roles == roles


def test_traditional_titles_and_values_mean_the_same_and_names_stay() -> None:
    header = ("姓名", "學號", "年級", "專案組", "角色", "導師", "企業微信帳號")

    roster = roster_of(header, ("王曉明", "2023001", "研究生一年級", "視訊組", "學生", "", "stu001"))

    person = roster.people[0]
    assert (person.name, person.student_no, person.cohort, person.roles) == (
        "王曉明",
        "2023001",
        "研1",
        frozenset({"student"}),
    )
    assert list(roster.accounts.values()) == [("wecom", "stu001")]


def test_a_number_without_the_zeros_of_the_others_is_pointed_out() -> None:
    rows = [
        (f"学生{at}", number, "研0", "甲", "学生", "", "")
        for at, number in enumerate(("0023001", "0023002", "23003"))
    ]

    assert roster_of(HEADER, *rows).warnings == (
        "第 4 行：学号比别人的短，可能丢了开头的 0；请把学号一列设为文本后核对",
    )


def test_two_lines_of_titles_are_one_header() -> None:
    above = ("姓名", "学号", "项目信息", "", "联系方式", "")
    below = ("姓名", "", "项目组", "角色", "企业微信账号", "电话")

    roster = roster_of(above, below, ("周老师", "", "甲", "导师", "t01", "138"))

    assert [(person.name, person.group, person.roles) for person in roster.people] == [
        ("周老师", "甲", frozenset({"mentor"}))
    ]
    assert roster.ignored_columns == ("电话",)


def test_a_first_row_that_speaks_of_mentors_is_a_person_and_no_header() -> None:
    assert [person.name for person in roster_of(HEADER, ZHOU).people] == ["周老师"]


def test_a_spoiled_cell_is_a_problem_only_where_it_is_read() -> None:
    header = ("姓名", "角色", "备注")

    harmless = roster_of(header, ("周老师", "导师", SPOILED + "是公式，请改成写好的文字"))
    problems = problems_of(header, (SPOILED + "是公式，请改成写好的文字", "导师", ""))

    assert len(harmless.people) == 1
    assert problems == (RosterProblem(2, "姓名", "是公式，请改成写好的文字"),)
