"""import: a notice file becomes a programme, or a list of reasons and questions; never half of it."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from pathlib import Path

from documents.notice_reader import read_notice_file
from programme.holidays import Holidays, holiday_questions
from programme.notice.answers import NotUnderstood, apply_answer
from programme.notice.changes import Change, diff, shift
from programme.notice.marks import WEEKDAY_NAMES
from programme.notice.notice import Notice
from programme.notice.reading import parse
from programme.notice.result import to_programme
from programme.programme import Programme
from programme.questions import answered, example_of
from programme.revision import revised
from programme.sessions import Session
from storage import programmes
from storage.database import Database, Tx


class BadAnswers(Exception):
    """The file of answers cannot be used; the text is a Chinese line for whoever wrote it."""


class ChangedMeanwhile(Exception):
    """Somebody changed a session in chat while the corrected notice was being stored; nothing was."""


@dataclass(frozen=True)
class Stored:
    """What an import did: *is_new*, or the *changes* against what was there and whether they were made."""

    programme: Programme
    is_new: bool
    changes: tuple[Change, ...] = ()
    is_applied: bool = False


@dataclass(frozen=True)
class Answers:
    """What a file of answers says by question number; *problems* are entries that cannot be answers."""

    by_number: Mapping[int, str]
    problems: tuple[str, ...] = ()
    name: str = ""


NO_ANSWERS = Answers({})


def read_notice(path: Path, year: int | None) -> Notice:
    """The notice in *path*. Raises NoticeUnreadable with a Chinese reason."""
    return parse(read_notice_file(path, path.name), year)


def read_answers(path: Path) -> Answers:
    """Answers by question number: `2 = "14:00"` in TOML, under [answers] or at the top. Raises BadAnswers
    for what is no such file; single bad entries are told with those that fit no question."""
    try:
        data = tomllib.loads(path.read_text("utf-8-sig"))
    except OSError:
        raise BadAnswers(f"没有导入。{path.name}：读不到这个文件，请看路径对不对") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        place = re.search(r"line (\d+)", str(error))
        where = f"第 {place[1]} 行" if place else ""
        raise BadAnswers(
            f'没有导入。{path.name}：{where}不是 TOML，请写成 2 = "14:00" 这样，一行一个'
        ) from None
    table = data.get("answers", data)
    if not isinstance(table, dict):
        raise BadAnswers(f'没有导入。{path.name}：[answers] 下面请写成 2 = "14:00" 这样，一行一个')
    problems = {key: said for key, value in table.items() if (said := _entry_problem(key, value))}
    good = {int(key): spoken_value(value) for key, value in table.items() if key not in problems}
    return Answers(good, tuple(problems.values()), path.name)


def _entry_problem(key: str, value: object) -> str | None:
    if not (key.isascii() and key.isdigit()):
        return f"“{key}”：左边请写问题编号，例如 2"
    if isinstance(value, bool | dict | list):
        return f'问题 {key}：右边请写一个带引号的回答，例如 "14:00"'
    return None


def spoken_value(value: object) -> str:
    """A TOML value as it is said in chat: 14:00:00 → 14:00."""
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return str(value)


def all_of_them(name: str, problems: Sequence[str]) -> str:
    """Every problem of the file of answers in one refusal."""
    lines = "\n".join(f"· {problem}" for problem in problems)
    return f"没有导入，什么都没有改。请改好 {name} 的这 {len(problems)} 处再试：\n{lines}"


def shifted(notice: Notice, year: int) -> Notice:
    """The same plan in another year, by weekday. Raises BadAnswers when there is nothing to move."""
    try:
        return shift(notice, year)
    except ValueError:
        raise BadAnswers(_no_shift(notice)) from None


def _no_shift(notice: Notice) -> str:
    if notice.year is None:
        return "通知里没有印年份，不知道从哪一年挪。请再加 --year，例：--year 2024 --shift 2025"
    return "这份通知没有读到日期，不能挪到另一年"


def summary(notice: Notice, programme: Programme, *, is_dry_run: bool) -> dict[str, object]:
    """What `import` prints: how much was read, what was corrected, what is asked, what was noticed."""
    return {
        "title": programme.title,
        "year": programme.year,
        "sessions": len(programme.sessions),
        "items": sum(len(session.items) for session in programme.sessions),
        "topics": len(programme.topics),
        "rules": len(programme.rules),
        "rewards": len(programme.rewards),
        "fixed": [anomaly for anomaly in notice.anomalies if anomaly.done == "fixed"],
        "questions": [
            {
                "number": question.number,
                "text": question.text,
                "options": question.options,
                "example": example_of(question, programme),
            }
            for question in programme.questions
            if question.state == "open"
        ],
        "days": [_spoken(session) for session in sorted(programme.sessions, key=_order)],
        "free": [free.held_on for free in notice.free_days],
        "others": [anomaly for anomaly in notice.anomalies if anomaly.done in ("kept", "refused")],
        "is_year_printed": notice.year_is_printed,
        "is_dry_run": is_dry_run,
    }


def _order(session: Session) -> tuple[date, time]:
    return session.held_on, session.start or time.max


def _spoken(session: Session) -> str:
    """One line: the day, the hours or 时间待定, the place, every title with its speaker."""
    hours = "时间待定"
    if session.start is not None:
        hours = f"{session.start:%H:%M}" + (f"–{session.end:%H:%M}" if session.end is not None else "")
    told = [
        " ".join(part for part in (item.track, item.title and f"《{item.title}》", item.speaker) if part)
        for item in session.items
    ]
    day = f"{session.held_on:%m-%d} {WEEKDAY_NAMES[session.held_on.weekday()]}"
    return " · ".join((day, hours, session.place or "地点没写", "；".join(told) or "题目没写"))


def named_changes(stored: Stored) -> list[dict[str, object]]:
    """The changes with the session or title they are about, for the template."""
    sessions = {session.session_id: session for session in stored.programme.sessions}
    return [
        {
            "kind": change.kind,
            "noun": change.noun,
            "session": sessions.get(change.key) if change.noun == "session" else None,
            "key": change.key,
            "field": change.field,
            "old": change.old,
            "new": change.new,
        }
        for change in stored.changes
    ]


def programme_of(
    notice: Notice, answers: Mapping[int, str], holidays: Holidays | None = None, given: Answers | None = None
) -> Programme:
    """The programme with *answers* applied. Raises BadAnswers with all that do not fit their questions.

    *given* is the file they come from, with its other problems. *holidays* adds a question for each session on a day that is not what its weekday says.
    """
    programme = to_programme(notice, programme_id_of(notice))
    if holidays is not None:
        asked = holiday_questions(programme, holidays)
        programme = replace(programme, questions=(*programme.questions, *asked))
    problems = list(given.problems) if given is not None else []
    for number, text in sorted(answers.items()):
        verdict = apply_answer(programme, number, text)
        if isinstance(verdict, NotUnderstood):
            options = f"（{' / '.join(verdict.options)}）" if verdict.options else ""
            problems.append(f"问题 {number} 的回答“{text}”：{verdict.hint}{options}")
        else:
            programme = answered(programme, verdict)
    if problems:
        raise BadAnswers(all_of_them(given.name if given is not None else "回答", problems))
    return programme


def programme_id_of(notice: Notice) -> str:
    """The same for the same title and year, so that a corrected notice finds its programme (D21)."""
    digest = hashlib.sha256((notice.title or "").encode()).hexdigest()[:8]
    return f"{notice.year}-{digest}"


def store(database: Database, programme: Programme, at: datetime, *, is_confirmed: bool) -> Stored:
    """Save a new programme; of a known one show what differs, and change it only when *is_confirmed*."""

    def work(tx: Tx) -> Stored:
        known = programmes.load(tx, programme.programme_id)
        if known is None:
            programmes.save(tx, programme, at)
            return Stored(programme, is_new=True)
        changes = diff(known, programme)
        if not changes or not is_confirmed:
            return Stored(known, False, changes)
        if not programmes.revise(tx, known, revised(known, programme), at):
            raise ChangedMeanwhile
        return Stored(known, False, changes, is_applied=True)

    return database.write(work)


def next_step(database: Database, programme: Programme) -> str:
    """The command that gives a new programme its people; with several programmes it names this one."""
    there = database.read(programmes.ids)
    which = f" --programme {programme.programme_id}" if len(there) > 1 else ""
    return f"python bot.py roster 名单文件{which}"
