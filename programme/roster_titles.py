"""The titles of a roster's columns: which line they stand on, and what each of them means."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

NAME, NUMBER, COHORT, GROUP, ROLE, MENTOR, ACCOUNT = COLUMNS = (
    "姓名",
    "学号",
    "年级",
    "项目组",
    "角色",
    "导师",
    "企业微信账号",
)
HEADER_WITHIN_ROWS = 20
MOST_TITLES_SHOWN = 12

# What offices and WeCom's own export print instead, without spaces, in small letters.
_OTHER_TITLES: Mapping[str, str] = {
    NAME: "名字 学生姓名 人员姓名 成员姓名 真实姓名 中文姓名 中文名 学员姓名 参加人 参会人 name fullname studentname",
    NUMBER: "学籍号 学生学号 学员号 工号 学工号 教工号 职工号 教师工号 人员编号 学号/工号 工号/学号 学号或工号 学号工号 "
    "studentid studentno studentnumber",
    COHORT: "年级别 所在年级 学生年级 年级层次 研究生年级 就读年级 grade cohort year",
    GROUP: "组 组别 组名 小组 分组 所在组 所属组 课题组 研究组 项目小组 所在小组 所在项目组 所属项目组 项目组名称 "
    "项目组别 所属课题组 所在课题组 group team projectgroup project",
    ROLE: "身份 职务 角色身份 人员身份 人员类别 人员类型 role",
    MENTOR: "导师姓名 指导教师 指导老师 指导导师 指导教师姓名 指导老师姓名 责任导师 带教老师 校内导师 研究生导师 mentor "
    "advisor adviser supervisor",
    ACCOUNT: "企业微信帐号 企业微信账户 企业微信 企业微信id 企业微信userid 企微账号 企微帐号 企微 企微id 企微userid "
    "wecomid wecomuserid wecomaccount account accountid userid 用户id 成员账号 成员帐号 账号 帐号",
}
_MEANING: Mapping[str, str] = MappingProxyType(
    {title: title for title in COLUMNS}
    | {other: title for title, others in _OTHER_TITLES.items() for other in others.split()}
)
# Traditional characters of titles, roles and cohorts; names stay as they are written.
SIMPLIFIED = str.maketrans(
    "學號級項組導師業帳賬戶員負責講評審課題稱專務類別屬碩參與領隊輔聯繫電話備註單長報總計數兼職請審",
    "学号级项组导师业账账户员负责讲评审课题称专务类别属硕参与领队辅联系电话备注单长报总计数兼职请审",
)
# A cell whose value the file does not hold reliably: this mark, then the Chinese reason.
SPOILED = "\0"
_REMARK = re.compile(r"\(.*\)$")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True)
class TableRow:
    """One row as the file holds it; *number* is the row (csv: the line) people see in their program."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class RosterProblem:
    """Why the roster is refused: *row* as people count it, the *column* by its title, a Chinese reason."""

    row: int
    column: str
    reason: str


@dataclass(frozen=True)
class Header:
    """*places* maps each known title to its columns: one, or 学号 and 工号 side by side. *printed* are
    all titles as they stand there; *ignored* those that mean nothing here, *repeated* known ones that
    cannot be told apart."""

    row: int
    width: int
    places: Mapping[str, tuple[int, ...]]
    ignored: tuple[str, ...]
    printed: tuple[str, ...]
    repeated: tuple[str, ...]


def bare_title(cell: str) -> str:
    """＊角色, 年级：, 企业微信帐号（userid） → 角色, 年级, 企业微信帐号."""
    visible = "".join(c for c in unicodedata.normalize("NFKC", cell) if unicodedata.category(c) != "Cf")
    return _REMARK.sub("", _SPACE.sub("", visible).strip("*:")).translate(SIMPLIFIED)


def meaning_of(cell: str) -> str | None:
    """The column that a title means; None for one that means nothing here."""
    return _MEANING.get(bare_title(cell).casefold())


def is_name_title(cell: str) -> bool:
    return meaning_of(cell) == NAME


def find_header(rows: Sequence[TableRow]) -> Header | None:
    """The first line with a title for names and another known one; else the first with a title for
    names (where a form's heading says 姓名 as well, the real line has more). A second line of titles under
    it (项目信息 over 项目组 and 角色) belongs to it."""
    found = [(row, [meaning_of(cell) for cell in row.cells]) for row in rows[:HEADER_WITHIN_ROWS]]
    named = [(row, meanings) for row, meanings in found if NAME in meanings]
    rich = [(row, meanings) for row, meanings in named if len({*meanings} - {None}) > 1]
    for row, _ in [*rich, *named]:
        whole = _with_second_line(row, next((other for other in rows if other.number > row.number), None))
        return _header(whole, [meaning_of(cell) for cell in whole.cells])
    return None


def _with_second_line(first: TableRow, second: TableRow | None) -> TableRow:
    """Both lines as one when *second* is a line of titles: it names something new where *first* says
    nothing known, and says nothing else but what *first* says."""
    if second is None:
        return first
    width = max(len(first.cells), len(second.cells))
    pairs = [(_cell(first, at), _cell(second, at)) for at in range(width)]
    known = [(meaning_of(above), meaning_of(below)) for above, below in pairs]
    if not any(below and not above for above, below in known):
        return first
    if any(
        below.strip() and above and meaning_of(below) != above
        for (above, _), (_, below) in zip(known, pairs, strict=True)
    ):
        return first
    return TableRow(second.number, tuple(below if below.strip() else above for above, below in pairs))


def _cell(row: TableRow, at: int) -> str:
    return row.cells[at] if at < len(row.cells) else ""


def _header(row: TableRow, meanings: Sequence[str | None]) -> Header:
    titles = [bare_title(cell) for cell in row.cells]
    width = max(at for at, title in enumerate(titles) if title) + 1
    places = {title: _places(title, titles, meanings) for title in COLUMNS if title in meanings}
    used = {at for columns in places.values() for at in columns}
    printed = tuple(dict.fromkeys(title for title in titles if title))
    ignored = (title for at, title in enumerate(titles[:width]) if title and at not in used)
    repeated = (
        title
        for title, columns in places.items()
        if len(columns) > (len({titles[at] for at in columns}) if title == NUMBER else 1)
    )
    return Header(
        row.number,
        width,
        MappingProxyType(places),
        tuple(dict.fromkeys(ignored)),
        printed,
        tuple(repeated),
    )


def _places(title: str, titles: Sequence[str], meanings: Sequence[str | None]) -> tuple[int, ...]:
    """The columns of *title*; the title itself wins over its other names, save that students have a
    学号 where teachers have a 工号."""
    all_of_it = tuple(at for at, meaning in enumerate(meanings) if meaning == title)
    exact = tuple(at for at in all_of_it if titles[at] == title)
    if title == NUMBER:
        return tuple(sorted(all_of_it, key=lambda at: at not in exact))
    return exact or all_of_it


def is_header(row: TableRow, header: Header) -> bool:
    """A header printed again, as at the top of each page."""
    cells = row.cells
    return all(
        at < len(cells) and meaning_of(cells[at]) == title
        for title, columns in header.places.items()
        for at in columns
    )


def no_header(rows: Sequence[TableRow]) -> RosterProblem:
    """What is missing, and what was found instead."""
    if not rows:
        return RosterProblem(1, NAME, "文件是空的")
    nearest = max(rows[:HEADER_WITHIN_ROWS], key=lambda row: len({*map(meaning_of, row.cells)} - {None}))
    found = _shown([bare_title(cell) for cell in nearest.cells if cell.strip()])
    if any(map(meaning_of, nearest.cells)):
        return RosterProblem(
            nearest.number, NAME, f"没有这一列，只看到 {found}；请把写姓名的那一列的标题改成 姓名"
        )
    return RosterProblem(
        rows[0].number,
        NAME,
        f"前 {HEADER_WITHIN_ROWS} 行里没有表头，第 {nearest.number} 行是 {found}；"
        f"请加一行标题：{'、'.join(COLUMNS)}",
    )


def header_problems(header: Header) -> list[RosterProblem]:
    """Columns that cannot be told apart, and columns that every row would need."""
    problems = [
        RosterProblem(header.row, title, "表头里有两列是这个意思，请只留一列") for title in header.repeated
    ]
    if ROLE not in header.places and COHORT not in header.places:
        found = _shown(header.printed)
        problems.append(
            RosterProblem(header.row, ROLE, f"没有「角色」也没有「年级」这一列，只看到 {found}；请至少加一列")
        )
    return problems


def _shown(titles: Sequence[str]) -> str:
    shown = "、".join(title[:12] for title in titles[:MOST_TITLES_SHOWN])
    return shown if len(titles) <= MOST_TITLES_SHOWN else f"{shown} 等 {len(titles)} 列"
