"""What a roster says: rows of a table become people and accounts, or every problem at once."""

from __future__ import annotations

import difflib
import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from programme.notice.marks import canonical_cohort
from programme.people import ROLE_NAMES, Person, Role
from programme.roster_titles import (
    ACCOUNT,
    COHORT,
    COLUMNS,
    GROUP,
    MENTOR,
    NAME,
    NUMBER,
    ROLE,
    SIMPLIFIED,
    SPOILED,
    Header,
    RosterProblem,
    TableRow,
    find_header,
    header_problems,
    is_header,
    no_header,
)

__all__ = ["COLUMNS", "Roster", "RosterProblem", "TableRow", "normalised_cohort", "read_people"]

MOST_PEOPLE = 60_000
STUDENT_WITHOUT_COHORT = "学生要写年级，例如 研1"
CHANNEL = "wecom"
MOST_ZEROS_LOST = 3

_LONGEST = {NAME: 40, NUMBER: 32, COHORT: 20, GROUP: 40, ROLE: 60, MENTOR: 60, ACCOUNT: 64}
# Other words for a role; no Chinese one gives the rights of an administrator but 管理员 itself.
_ROLE_SPELLINGS: Mapping[str, str] = {
    other: role
    for role, others in {
        "学生": "student 同学 学员 组员 成员 研究生 硕士生 博士生 硕士 博士 本科生 硕士研究生 博士研究生 在读研究生",
        "项目负责人": "lead leader teamlead teamleader grouplead groupleader 组长 项目组长 课题负责人 组负责人",
        "导师": "mentor advisor supervisor teacher professor 兼职导师 教师 老师 指导教师 指导老师 研究生导师",
        "主讲": "speaker lecturer 主讲人 主讲老师 主讲教师 报告人",
        "评委": "rater reviewer judge 评审 评委老师 评审老师",
        "管理员": "admin administrator",
    }.items()
    for other in others.split()
}
_SEPARATORS = re.compile(r"[、，,/;；|\s()+&和与及]+|(?<=[^\W_])兼(?:任|做|有)?")
_ALSO = re.compile(r"^兼(?!职)(?:任|做|有)?")
# What stands below the people: sums and the remarks of whoever made the table.
_NOBODY = re.compile(
    r"(?:合计|总计|小计|共计|总人数|人数合计|汇总)[::]?(?:共?\d+[人名位]?)?|共\d+[人名位]"
    r"|(?:备注|注|说明|填表说明|制表|制表人|填表人|审核|审核人|填表日期|制表日期|日期)[::].*"
)
_SEVERAL = re.compile(r"[、，,;；]")
_SPACE = re.compile(r"\s+")
_BETWEEN_HANZI = re.compile(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])")
_YEARS = {"零": "0", "〇": "0", "一": "1", "二": "2", "两": "2", "三": "3", "四": "4", "五": "5", "六": "6"}
_YEAR = re.compile(
    r"(研|博|大|硕|本)(?:究生|士研究生|士生|士|学|科生|科)?([零〇一二两三四五六]|[0-9])(?:年级)?"
)


_OF_A_NAME = re.compile(r"[\w ·•‧・.'()-]")
_AROUND_A_NAME = re.compile(r"[^\W\d_](?:.*[\w)])?")
_OF_A_NUMBER = re.compile(r"[\w./-]")
_OF_AN_ACCOUNT = re.compile(r"[A-Za-z0-9_.@-]")
_BEFORE_AN_ACCOUNT = re.compile(r"[A-Za-z0-9].*")


@dataclass(frozen=True)
class Roster:
    """A roster without a problem. *accounts* maps person_id to (channel, account)."""

    people: tuple[Person, ...]
    accounts: Mapping[str, tuple[str, str]]
    ignored_columns: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class _Entry:
    row: int
    person: Person
    account: str
    mentors: tuple[str, ...]


def read_people(rows: Sequence[TableRow], programme_id: str) -> Roster | tuple[RosterProblem, ...]:
    """The people in *rows*, or every problem of the table; never a part of it (design D13).

    A title above the header, blank rows and repeated headers are skipped; full-width characters,
    spaces in names and Chinese year numbers are read as what they mean (张　三, 研一 → 研1).
    """
    header = find_header(rows)
    if header is None:
        return (no_header(rows),)
    problems = header_problems(header)
    if problems:
        return tuple(problems)
    entries: list[_Entry] = []
    nobody: list[str] = []
    for row in rows:
        if row.number <= header.row or not any(map(str.strip, row.cells)) or is_header(row, header):
            continue
        if label := _label_of_nobody(row, header):
            nobody.append(f"第 {row.number} 行“{label}”不是人，没有读")
            continue
        cells = _cells(row, header)
        found = [*_shape_problems(row, header), *_cell_problems(row.number, cells)]
        problems += found
        if not found:
            entries.append(_entry(row.number, cells, programme_id))
    problems = [*_one_for_a_missing_cohort(problems, header), *_duplicates(entries)]
    if not problems and not entries:
        problems.append(RosterProblem(header.row, NAME, "表头下面没有人"))
    if len(entries) > MOST_PEOPLE:
        problems.append(RosterProblem(entries[-1].row, NAME, f"超过 {MOST_PEOPLE} 人，请分成几个项目导入"))
    if problems:
        return tuple(sorted(problems, key=lambda problem: problem.row))
    return Roster(
        tuple(entry.person for entry in entries),
        MappingProxyType({e.person.person_id: (CHANNEL, e.account) for e in entries if e.account}),
        header.ignored,
        (*nobody, *_warnings(entries, header)),
    )


def _label_of_nobody(row: TableRow, header: Header) -> str | None:
    """What a row says that is about the table and not about a person (合计 3 人); such a row has no number."""
    if _first_filled(row, header.places.get(NUMBER, ())) not in ("", _first_of_all(row)):
        return None
    candidates = (_first_of_all(row), _first_filled(row, header.places[NAME]))
    return next(
        (text[:20] for text in candidates if _NOBODY.fullmatch(_SPACE.sub("", text).translate(SIMPLIFIED))),
        None,
    )


def _first_of_all(row: TableRow) -> str:
    return _first_filled(row, range(len(row.cells)))


def _one_for_a_missing_cohort(problems: list[RosterProblem], header: Header) -> list[RosterProblem]:
    """Without the column every student lacks it: one line says it, not one for each of them."""
    if COHORT in header.places:
        return problems
    others = [problem for problem in problems if problem.reason != STUDENT_WITHOUT_COHORT]
    if len(others) == len(problems):
        return problems
    found = "、".join(header.printed)
    reason = f"没有这一列，学生要写年级；只看到 {found}，请加一列 年级，例如 研1"
    return [RosterProblem(header.row, COHORT, reason), *others]


@lru_cache(256)
def normalised_cohort(text: str) -> str:
    """研零, 研 0, 研０, 研究生一年级, 大3 → 研0, 研0, 研0, 研1, 大三: spelled as a notice's cohorts are, or
    an obliged student would be taken for nobody; anything else stays as it is written."""
    compact = _SPACE.sub("", unicodedata.normalize("NFKC", text)).translate(SIMPLIFIED)
    year = _YEAR.fullmatch(compact)
    return canonical_cohort(f"{year[1]}{_YEARS.get(year[2], year[2])}") if year else compact


@lru_cache(4096)
def _clean(text: str) -> str:
    """*text* without what nobody sees or means: full-width forms, format characters, outer spaces."""
    if (text.isalnum() and text.isascii()) or text.startswith(SPOILED):
        return text
    visible = "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")
    return _SPACE.sub(" ", visible).strip()


def _cells(row: TableRow, header: Header) -> dict[str, str]:
    cells = {title: _first_filled(row, columns) for title, columns in header.places.items()}
    for title in (NAME, GROUP, MENTOR):
        if " " in cells.get(title, "") and not cells[title].startswith(SPOILED):
            cells[title] = _BETWEEN_HANZI.sub("", cells[title])
    if (number := cells.get(NUMBER)) and not number.startswith(SPOILED):
        cells[NUMBER] = _SPACE.sub("", number).removeprefix("'")
        if re.fullmatch(r"\d+\.0+", cells[NUMBER]):
            cells[NUMBER] = cells[NUMBER].partition(".")[0]
    return {title: cells.get(title, "") for title in COLUMNS}


def _first_filled(row: TableRow, columns: Sequence[int]) -> str:
    texts = (_clean(row.cells[at]) for at in columns if at < len(row.cells))
    return next((text for text in texts if text), "")


def _shape_problems(row: TableRow, header: Header) -> Iterable[RosterProblem]:
    extra = [cell for cell in row.cells[header.width :] if cell.strip()]
    if extra:
        yield RosterProblem(
            row.number, f"第 {header.width + 1} 列", "这一行比表头多出内容，请看是不是多了一个逗号"
        )


def _cell_problems(row: int, cells: Mapping[str, str]) -> Iterable[RosterProblem]:
    spoiled = {title: text for title, text in cells.items() if text.startswith(SPOILED)}
    for title, text in spoiled.items():
        yield RosterProblem(row, title, text.removeprefix(SPOILED))
    sound = {title: "" if title in spoiled else text for title, text in cells.items()}
    for title, text in sound.items():
        if len(text) > _LONGEST[title]:
            yield RosterProblem(row, title, f"超过 {_LONGEST[title]} 个字")
    if not cells[NAME]:
        yield RosterProblem(row, NAME, "没有姓名")
    elif strange := _stranger(sound[NAME], _OF_A_NAME, _AROUND_A_NAME):
        yield RosterProblem(row, NAME, f"{strange}不能在姓名里")
    if re.fullmatch(r"\d(\.\d+)?[eE]\+?\d+", sound[NUMBER]):
        yield RosterProblem(row, NUMBER, "学号被表格软件改成了科学记数法，请把这一列设为文本后重填")
    elif strange := _stranger(sound[NUMBER], _OF_A_NUMBER):
        yield RosterProblem(row, NUMBER, f"{strange}不行，学号只能有字母、数字和横线")
    if strange := _stranger(sound[ACCOUNT], _OF_AN_ACCOUNT, _BEFORE_AN_ACCOUNT):
        yield RosterProblem(row, ACCOUNT, f"{strange}不行，账号只能有字母、数字和 _ - @ .，以字母或数字开头")
    if ROLE not in spoiled and COHORT not in spoiled:
        yield from _role_problems(row, sound)


def _role_problems(row: int, cells: Mapping[str, str]) -> Iterable[RosterProblem]:
    roles = _role_words(cells)
    for word in roles:
        if word not in ROLE_NAMES:
            yield RosterProblem(row, ROLE, f"没有「{word}」这个角色{_nearest(word)}")
    if not roles:
        yield RosterProblem(row, ROLE, "没有写角色，也没有写年级")
    elif "学生" in roles and not cells[COHORT]:
        yield RosterProblem(row, COHORT, STUDENT_WITHOUT_COHORT)


def _stranger(text: str, inside: re.Pattern[str], ends: re.Pattern[str] | None = None) -> str:
    """The first character that may not stand there, with its place: 第 2 个字符“$”（U+0024）; else nothing."""
    places = [at for at, character in enumerate(text) if not inside.fullmatch(character)]
    if text and ends is not None and not ends.fullmatch(text):
        places.append(0 if not ends.match(text[0]) else len(text) - 1)
    if not places:
        return ""
    at = min(places)
    name = "是空格" if text[at].isspace() else f"「{text[at]}」" if text[at].isprintable() else ""
    return f"第 {at + 1} 个字符{name}（U+{ord(text[at]):04X}）"


def _nearest(word: str) -> str:
    near = difflib.get_close_matches(word, ROLE_NAMES, n=1, cutoff=0.5)
    return f"，是不是 {near[0]}？" if near else f"；可以写 {'、'.join(ROLE_NAMES)}"


def _role_words(cells: Mapping[str, str]) -> tuple[str, ...]:
    """The printed roles; a row without one that has a cohort is a student's."""
    printed = cells[ROLE].translate(SIMPLIFIED).casefold()
    whole = _SPACE.sub("", printed)
    split = [whole] if whole in _ROLE_SPELLINGS else _SEPARATORS.split(printed)
    parts = (_ALSO.sub("", word) for word in split)
    words = tuple(dict.fromkeys(_ROLE_SPELLINGS.get(word, word) for word in parts if word))
    return words or (("学生",) if cells[COHORT] else ())


def _entry(row: int, cells: Mapping[str, str], programme_id: str) -> _Entry:
    mentors = tuple(name for name in re.split(r"[、，,/;；|]", cells[MENTOR]) if name)
    roles: frozenset[Role] = frozenset(ROLE_NAMES[word] for word in _role_words(cells))
    person = Person(
        person_id=_person_id(programme_id, cells[NUMBER], cells[NAME]),
        programme_id=programme_id,
        name=cells[NAME],
        student_no=cells[NUMBER] or None,
        cohort=normalised_cohort(cells[COHORT]) or None,
        group=cells[GROUP] or None,
        roles=roles,
        mentor=mentors[0].strip() if mentors else None,
    )
    return _Entry(row, person, cells[ACCOUNT], mentors)


def _person_id(programme_id: str, number: str, name: str) -> str:
    """The same person gets the same id from the same roster; it tells nobody the number or the name."""
    key = "\n".join((programme_id, "number" if number else "name", number or name))
    return hashlib.sha256(key.encode()).hexdigest()[:16]


def _duplicates(entries: Sequence[_Entry]) -> list[RosterProblem]:
    problems: list[RosterProblem] = []
    seen: dict[tuple[str, str], int] = {}
    same: dict[tuple[object, ...], int] = {}
    for entry in entries:
        person = entry.person
        keys = [(ACCOUNT, entry.account.casefold())] if entry.account else []
        if (twin := same.setdefault(_all_of(entry), entry.row)) != entry.row:
            problems.append(RosterProblem(entry.row, NAME, f"和第 {twin} 行完全一样，请删掉一行"))
            continue
        keys.append((NUMBER, person.student_no.casefold()) if person.student_no else (NAME, person.name))
        for column, value in keys:
            first = seen.setdefault((column, value), entry.row)
            if first != entry.row:
                problems.append(RosterProblem(entry.row, column, _TWICE[column].format(first)))
    return problems


def _all_of(entry: _Entry) -> tuple[object, ...]:
    """What two rows for one person have in common; without number and account they may be two people."""
    person = entry.person
    told_apart = person.student_no or entry.account
    return (person, entry.account, entry.mentors) if told_apart else (entry.row,)


_TWICE = {
    NUMBER: "和第 {} 行的学号相同",
    ACCOUNT: "和第 {} 行的账号相同",
    NAME: "和第 {} 行同名，两人都没有学号就分不清，请补上学号或工号",
}


def _warnings(entries: Sequence[_Entry], header: Header) -> Iterable[str]:
    """What is taken as it is but deserves a look, one line a kind."""
    for title in COLUMNS:
        if title not in header.places:
            yield f"没有「{title}」这一列"
    mentors = Counter(entry.person.name for entry in entries if "mentor" in entry.person.roles)
    named = [entry for entry in entries if entry.person.mentor]
    students = [entry for entry in entries if "student" in entry.person.roles]
    strange: dict[str, list[int]] = {}
    for entry in named:
        if not mentors[entry.person.mentor or ""]:
            strange.setdefault(entry.person.mentor or "", []).append(entry.row)
    for name, rows in strange.items():
        yield f"{_places(rows)}：导师「{name}」不在名单的导师里"
    unknown: dict[str, list[int]] = {}
    for entry in students:
        if not _YEAR.fullmatch(entry.person.cohort or ""):
            unknown.setdefault(entry.person.cohort or "", []).append(entry.row)
    for cohort, rows in unknown.items():
        yield f"{_places(rows)}：年级「{cohort}」看不出是研几，照原样保留；请写成 研0、研1、博1、大三 这样"
    for name, count in mentors.items():
        if count > 1 and any(entry.person.mentor == name for entry in named):
            yield f"有 {count} 位导师都叫「{name}」，学生的导师是哪一位分不清"
    checks = (
        ([e.row for e in named if len(e.mentors) > 1], "写了几位导师，只记第一位"),
        ([e.row for e in entries if _SEVERAL.search(e.person.group or "")], "写了几个项目组，当作一个组"),
        (_short_numbers(students), "学号比别人的短，可能丢了开头的 0；请把学号一列设为文本后核对"),
        ([e.row for e in students if not e.person.group and GROUP in header.places], "学生没有项目组"),
        ([e.row for e in entries if "lead" in e.person.roles and not e.person.group], "项目负责人没有项目组"),
    )
    for rows, text in checks:
        if rows:
            yield f"{_places(rows)}：{text}"


def _short_numbers(students: Sequence[_Entry]) -> list[int]:
    """Rows whose number is shorter than the others, which begin with 0: a table program that takes
    0023001 for a number drops the zeros."""
    numbers = [(entry.row, entry.person.student_no or "") for entry in students]
    digits = [(row, number) for row, number in numbers if number.isdigit()]
    padded = {len(number) for _, number in digits if number.startswith("0")}
    if len(padded) != 1:
        return []
    width = padded.pop()
    return [row for row, number in digits if width - MOST_ZEROS_LOST <= len(number) < width]


def _places(rows: Sequence[int]) -> str:
    shown = "、".join(map(str, rows[:5]))
    return f"第 {shown} 行" if len(rows) <= 5 else f"第 {shown} 等 {len(rows)} 行"
