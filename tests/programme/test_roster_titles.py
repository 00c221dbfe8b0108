"""Other offices' titles: what they mean, what is ignored, and what is missing."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from programme.roster import COLUMNS, Roster, RosterProblem, TableRow, read_people
from programme.roster_titles import meaning_of


def read(*rows: Sequence[str]) -> Roster | tuple[RosterProblem, ...]:
    return read_people(
        [TableRow(number, tuple(cells)) for number, cells in enumerate(rows, start=1)], "2023-07"
    )


def roster_of(*rows: Sequence[str]) -> Roster:
    found = read(*rows)
    assert isinstance(found, Roster), found
    return found


@pytest.mark.parametrize(
    ("meaning", "printed"),
    [
        ("姓名", "学生姓名 名字 人员姓名 成员姓名 姓　名 姓名* ＊姓名 姓名： 姓名(必填) Name"),
        ("学号", "学籍号 工号 学工号 学号/工号 学号／工号 学号（工号）"),
        ("年级", "所在年级 学生年级 年级(研0-研2)"),
        ("项目组", "组别 小组 课题组 所在项目组 项目组名称"),
        ("角色", "身份 职务 人员类别"),
        ("导师", "指导教师 指导老师 导师姓名"),
        ("企业微信账号", "UserID userid UserId 企业微信帐号 企业微信ID 企微账号 帐号 企业微信账号（userid）"),
    ],
)
def test_the_titles_of_other_offices_mean_the_known_columns(meaning: str, printed: str) -> None:
    assert {title: meaning_of(title) for title in printed.split(" ")} == dict.fromkeys(
        printed.split(" "), meaning
    )


@pytest.mark.parametrize(
    "title", ["电话", "手机号", "微信号", "邮箱", "序号", "性别", "备注", "民族", "项目", ""]
)
def test_what_is_no_column_of_ours_means_nothing(title: str) -> None:
    assert meaning_of(title) is None


def test_a_roster_with_other_titles_is_read_and_the_rest_is_named() -> None:
    roster = roster_of(
        ("序号", "学生姓名", "学籍号", "所在年级", "课题组", "身份", "指导教师", "UserID", "手机号"),
        ("1", "王小明", "0023001", "研一", "视频组", "研究生", "周老师", "stu001", "138"),
        ("2", "周老师", "", "", "", "教师、管理员", "", "t01", "139"),
    )

    wang, zhou = roster.people
    assert (wang.name, wang.student_no, wang.cohort, wang.group, wang.roles, wang.mentor) == (
        "王小明",
        "0023001",
        "研1",
        "视频组",
        frozenset({"student"}),
        "周老师",
    )
    assert zhou.roles == {"mentor", "admin"}
    assert list(roster.accounts.values()) == [("wecom", "stu001"), ("wecom", "t01")]
    assert (roster.ignored_columns, roster.warnings) == (("序号", "手机号"), ())


def test_students_numbers_and_teachers_numbers_may_stand_in_two_columns() -> None:
    roster = roster_of(
        ("姓名", "工号", "学号", "年级", "角色"),
        ("王小明", "", "2023001", "研0", "学生"),
        ("周老师", "T07", "", "", "导师"),
        ("李博士", "T08", "2020008", "博三", "学生"),
    )

    assert [person.student_no for person in roster.people] == ["2023001", "T07", "2020008"]


def test_the_known_title_wins_over_another_name_of_it() -> None:
    roster = roster_of(("姓名", "年级", "导师", "指导老师"), ("王小明", "研0", "周老师", "吴老师"))

    assert roster.people[0].mentor == "周老师"
    assert roster.ignored_columns == ("指导老师",)


def test_two_other_names_of_one_column_are_asked_about() -> None:
    assert read(("姓名", "年级", "组别", "小组"), ("王小明", "研0", "甲", "乙")) == (
        RosterProblem(1, "项目组", "表头里有两列是这个意思，请只留一列"),
    )


def test_a_missing_column_of_names_is_named_with_what_was_found() -> None:
    assert read(("人员名单", ""), ("人员", "学号", "年级"), ("王小明", "1", "研0")) == (
        RosterProblem(2, "姓名", "没有这一列，只看到 人员、学号、年级；请把写姓名的那一列的标题改成 姓名"),
    )


def test_a_table_without_titles_is_told_which_to_write() -> None:
    assert read(("王小明", "1", "研0")) == (
        RosterProblem(
            1,
            "姓名",
            f"前 20 行里没有表头，第 1 行是 王小明、1、研0；请加一行标题：{'、'.join(COLUMNS)}",
        ),
    )


def test_without_role_and_cohort_one_line_says_what_is_missing() -> None:
    assert read(("姓名", "电话"), ("王小明", "138"), ("李四", "139")) == (
        RosterProblem(1, "角色", "没有「角色」也没有「年级」这一列，只看到 姓名、电话；请至少加一列"),
    )


def test_without_cohorts_one_line_says_it_for_all_students() -> None:
    assert read(("姓名", "角色"), ("王小明", "学生"), ("李四", "学生"), ("周老师", "导师")) == (
        RosterProblem(1, "年级", "没有这一列，学生要写年级；只看到 姓名、角色，请加一列 年级，例如 研1"),
    )


@pytest.mark.parametrize(
    ("printed", "roles"),
    [
        ("学生、项目负责人", {"student", "lead"}),
        ("学生/组长", {"student", "lead"}),
        ("导师，评委", {"mentor", "rater"}),
        ("硕士生", {"student"}),
        ("指导教师；主讲人", {"mentor", "speaker"}),
    ],
)
def test_roles_in_other_words(printed: str, roles: set[str]) -> None:
    assert roster_of(("姓名", "年级", "身份"), ("王小明", "研0", printed)).people[0].roles == roles


def test_no_other_word_makes_an_administrator() -> None:
    assert isinstance(read(("姓名", "身份"), ("王小明", "管理")), tuple)
