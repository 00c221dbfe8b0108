"""import: a notice file becomes a programme, or a list of reasons and questions; never half of it."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
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


def read_notice(path: Path, year: int | None) -> Notice:
    """The notice in *path*. Raises NoticeUnreadable with a Chinese reason."""
    return parse(read_notice_file(path, path.name), year)


def read_answers(path: Path) -> Mapping[int, str]:
    """Answers by question number: `2 = "14:00"` in TOML, under [answers] or at the top. Raises BadAnswers."""
    try:
        data = tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise BadAnswers(f"{path.name}：读不到这个文件（{error.strerror}）") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise BadAnswers(f'{path.name}：不是 TOML，请写成 2 = "14:00" 这样，一行一个') from None
    table = data.get("answers", data)
    if not isinstance(table, dict) or not all(key.isdigit() for key in table):
        raise BadAnswers(f'{path.name}：请写成 2 = "14:00" 这样，左边是问题编号') from None
    return {int(key): str(value) for key, value in table.items()}


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


def programme_of(notice: Notice, answers: Mapping[int, str], holidays: Holidays | None = None) -> Programme:
    """The programme with *answers* applied. Raises BadAnswers for one that does not fit its question.

    *holidays* adds a question for each session on a day that is not what its weekday says.
    """
    programme = to_programme(notice, programme_id_of(notice))
    if holidays is not None:
        asked = holiday_questions(programme, holidays)
        programme = replace(programme, questions=(*programme.questions, *asked))
    for number, text in sorted(answers.items()):
        verdict = apply_answer(programme, number, text)
        if isinstance(verdict, NotUnderstood):
            raise BadAnswers(f"问题 {number} 的回答“{text}”：{verdict.hint}")
        programme = answered(programme, verdict)
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
