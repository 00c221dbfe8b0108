"""Applying an admin's answer to an open question: 回复 2 14:00, 回复 3 7/6 15:00, 回复 4 A301."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from types import MappingProxyType
from typing import Literal

from programme.notice.dates import DateMention, make_date, scan_dates
from programme.notice.marks import cohorts, fold, large_number, strip_marks
from programme.notice.notice import Notice
from programme.notice.spoken import CONFIRM, DROP, IGNORE, PENDING
from programme.notice.times import TimeMention, period_of, scan_times
from programme.programme import STAYS_UNKNOWN, Programme, Question
from programme.sessions import Session

NotUnderstoodKind = Literal[
    "no_such_question",
    "already_answered",
    "no_time",
    "impossible_time",
    "contradicts_period",
    "end_before_start",
    "no_such_day",
    "empty",
    "too_long",
    "not_an_option",
    "only_ignore",
]
_HINTS: dict[NotUnderstoodKind, str] = {
    "no_such_question": "没有这个编号的问题",
    "already_answered": "年份定了以后不能在聊天里改，要改请改通知后重新导入",
    "no_time": "没有读到时间，例如 14:30 或 7/6 15:00",
    "impossible_time": "没有这样的时间",
    "contradicts_period": "和通知写的上午、下午对不上，请写成 15:00 这样",
    "end_before_start": "结束时间要晚于开始时间",
    "no_such_day": "这个问题里没有那一天的场次",
    "empty": "回答是空的",
    "too_long": "回答太长了",
    "not_an_option": "请从给出的选项里选一个，回复选项的序号也可以",
    "only_ignore": "这一行要改通知后重新导入；不用排就回复 忽略，要排就回复 待定",
}
MAX_ANSWER_CHARS = 60
# The answer of somebody who cannot say it yet. 没有 of a paper or a place is no name of one either.
UNKNOWN = re.compile(
    r"(?:目前|暂时|现在)?(?:都|还)?(?:没有?|无|暂无|不知道|不清楚|不确定|说不准|待定|未定|没定|没有定|待通知|等通知"
    r"|(?:以后|回头|晚点)?再(?:说|定)|先空着|先放着)(?:呢|吧|了|啊|哦)?[。.!]*"
)
# What is printed and only doubted stays as printed; what the notice lacks can be taken back.
_COUNTED_OFF = ("details_missing", "time_pending")  # one answer is for all that still lack it
_PRINTED = ("start_outlier", "weekday_mismatch")
NO_SETTINGS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Answered:
    """*sessions* and *questions*: all of them afterwards; *changed*: those with a new version (+1);
    *settings*: what to set, *dropped*: the keys to forget. *question* stays open while some of its
    sessions still wait."""

    question: Question
    sessions: tuple[Session, ...]
    questions: tuple[Question, ...]
    changed: tuple[Session, ...] = ()
    settings: Mapping[str, str] = field(default_factory=lambda: NO_SETTINGS)
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True)
class NotUnderstood:
    """Nothing changed. *hint* is Chinese and says what would be understood."""

    kind: NotUnderstoodKind
    hint: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Open:
    sessions: tuple[Session, ...]
    questions: tuple[Question, ...]
    question: Question
    year: int

    def named(self, names: str) -> tuple[Session, ...]:
        wanted = set(names.split(","))
        return tuple(s for s in self.sessions if s.session_id in wanted)


def apply_answer(programme: Programme, number: int, text: str) -> Answered | NotUnderstood:
    """The programme's question *number* answered with *text*; pure, nothing is stored."""
    return _answer(programme.sessions, programme.questions, programme.year, number, text)


def answer_notice(notice: Notice, number: int, text: str) -> Answered | NotUnderstood:
    """The same for a notice that is just being imported (--answers)."""
    return _answer(notice.sessions, notice.questions, notice.year or 0, number, text)


def _no(kind: NotUnderstoodKind, options: tuple[str, ...] = ()) -> NotUnderstood:
    return NotUnderstood(kind, _HINTS[kind], options)


def _answer(
    sessions: tuple[Session, ...], questions: tuple[Question, ...], year: int, number: int, text: str
) -> Answered | NotUnderstood:
    question = next((item for item in questions if item.number == number), None)
    if question is None:
        return _no("no_such_question")
    if question.state == "answered" and question.subject == "year":
        return _no("already_answered")
    words = text.strip()
    if not words:
        return _no("empty")
    if len(words) > MAX_ANSWER_CHARS:
        return _no("too_long")
    asked = _Open(sessions, questions, question, year)
    subject, _, rest = question.subject.partition(":")
    if is_unknown(words) and subject != "year" and words not in question.options:
        return _put_aside(asked, subject, rest)
    if subject in ("start", "end", "place"):
        return _about_sessions(asked, subject, rest, words)
    if subject == "date":
        return _moved(asked, rest, words)
    if subject == "line":
        return _about_line(asked, words)
    if subject == "setting":
        return _setting(asked, rest, words)
    return _answered(asked, words, settings={question.subject: words})


def _about_line(asked: _Open, words: str) -> Answered | NotUnderstood:
    """A doubtful line: what was laid out of it stands or is dropped; what was not is left out."""
    placed = tuple(
        session
        for session in asked.sessions
        if session.source.line in asked.question.lines
        and session.status != "cancelled"
        and asked.question.code != "no_title"
    )
    if words in DROP and placed and DROP[0] in asked.question.options:
        dropped = (replace(s, status="cancelled", version=s.version + 1) for s in placed)
        return _answered(asked, words, tuple(dropped))
    if is_unknown(words):
        return _put_aside(asked, "line", "")
    if words in IGNORE or (words in CONFIRM and placed):
        return _answered(asked, words)
    return _no("not_an_option" if placed else "only_ignore", asked.question.options)


def is_unknown(words: str) -> bool:
    """Whether *words* say that nobody knows yet: 待定, 不知道, 没有."""
    return UNKNOWN.fullmatch(re.sub(r"\s", "", words)) is not None


def _put_aside(asked: _Open, subject: str, rest: str) -> Answered:
    """What is asked stays unknown, and what was said of it before is taken back."""
    changed: tuple[Session, ...] = ()
    if subject in ("start", "end", "place") and asked.question.code not in _PRINTED:
        name: Literal["start", "end", "place"] = subject  # type: ignore[assignment]
        changed = tuple(
            replace(without(name, session), version=session.version + 1)
            for session in concerned_by(asked.question, asked.sessions)
            if _has(name, session)
        )
    keys = {"setting": rest, "asset": asked.question.subject}
    dropped = (keys[subject],) if subject in keys else ()
    return _answered(asked, STAYS_UNKNOWN, changed, dropped=dropped)


def without(subject: Literal["start", "end", "place"], session: Session) -> Session:
    """*session* with that fact unknown again."""
    if subject == "start":
        return replace(session, start=None)
    return replace(session, end=None) if subject == "end" else replace(session, place=None)


def concerned_by(question: Question, sessions: tuple[Session, ...]) -> tuple[Session, ...]:
    """The sessions that *question* asks about, whether they were answered or not; none that is cancelled.

    A question about places or ends names none: it is about those of its lines.
    """
    subject, _, names = question.subject.partition(":")
    held = tuple(s for s in sessions if s.status != "cancelled")
    if names and subject in ("start", "end", "date"):
        wanted = set(names.split(","))
        return tuple(s for s in held if s.session_id in wanted)
    if subject not in ("start", "end", "place"):
        return ()
    return tuple(s for s in held if s.source.line in question.lines or not _has(subject, s))


def _answered(
    asked: _Open,
    words: str,
    changed: tuple[Session, ...] = (),
    settings: Mapping[str, str] = MappingProxyType({}),
    *,
    is_done: bool = True,
    dropped: tuple[str, ...] = (),
) -> Answered:
    question = replace(asked.question, state="answered" if is_done else "open", answer=words)
    by_id = {session.session_id: session for session in changed}
    return Answered(
        question=question,
        sessions=tuple(by_id.get(session.session_id, session) for session in asked.sessions),
        questions=tuple(question if item.number == question.number else item for item in asked.questions),
        changed=changed,
        settings=settings,
        dropped=dropped,
    )


def _about_sessions(asked: _Open, subject: str, names: str, words: str) -> Answered | NotUnderstood:
    concerned = concerned_by(asked.question, asked.sessions)
    if asked.question.code in _COUNTED_OFF and asked.question.state == "open":
        concerned = tuple(s for s in concerned if not _has(subject, s))
    if words in CONFIRM:
        return (
            _answered(asked, words)
            if all(s.start is not None for s in concerned) and names
            else _no("no_time")
        )
    changed: dict[str, Session] = {}
    parts = [part for part in re.split(r"[，,；;]", words) if part.strip()]
    dated = [part for part in parts if _leading_day(part, asked)[0] is not None]
    for part in parts if len(dated) == len(parts) else [words]:
        day, value = _leading_day(part, asked)
        targets = tuple(s for s in concerned if day is None or s.held_on == day)
        if day is not None and not targets and not names:
            targets = tuple(s for s in asked.sessions if s.held_on == day)
        if not targets:
            return _no("no_such_day")
        for session in targets:
            new = _with_value(subject, session, value)
            if isinstance(new, NotUnderstood):
                return new
            if new != session:
                changed[session.session_id] = replace(new, version=session.version + 1)
    everything = concerned_by(asked.question, asked.sessions)
    done = all(_has(subject, changed.get(s.session_id, s)) for s in everything)
    return _answered(asked, words, tuple(s for s in changed.values() if s != _find(asked, s)), is_done=done)


def _find(asked: _Open, session: Session) -> Session | None:
    return next((s for s in asked.sessions if s.session_id == session.session_id), None)


def _has(subject: str, session: Session) -> bool:
    return {"start": session.start, "end": session.end, "place": session.place}[subject] is not None


def _leading_day(part: str, asked: _Open) -> tuple[date | None, str]:
    """The day an answer begins with (7/6 15:00, 7月6日 …, S03 …), and the rest."""
    folded = fold(part)
    named = re.match(r"\s*(S\d{2,3})\s*[:,]?\s*", folded, re.IGNORECASE)
    if named is not None:
        session = next((s for s in asked.sessions if s.session_id == named[1].upper()), None)
        return (session.held_on if session else None), part[named.end() :]
    mentions = scan_dates(folded, bare_dates=True)
    if not mentions or mentions[0].start > len(folded) - len(folded.lstrip()):
        return None, part
    first = mentions[0]
    day = _date_of(first, asked)
    return day if day is not None else date.min, strip_marks(part[first.end :])


def _date_of(mention: DateMention, asked: _Open) -> date | None:
    if mention.month is None:
        return next((s.held_on for s in asked.sessions if s.held_on.day == mention.day), None)
    years = dict.fromkeys(
        [mention.year] if mention.year else [asked.year, *(s.held_on.year for s in asked.sessions)]
    )
    days = [make_date(year, mention.month, mention.day) for year in years if year is not None]
    held = {s.held_on for s in asked.sessions}
    return next((day for day in days if day in held), days[0] if days else None)


def _with_value(subject: str, session: Session, value: str) -> Session | NotUnderstood:
    if (is_unknown(value) or PENDING.fullmatch(value.strip())) and subject in ("start", "end", "place"):
        name: Literal["start", "end", "place"] = subject  # type: ignore[assignment]
        return without(name, session)
    if subject == "place":
        place = strip_marks(re.sub(r"^(?:地点|在|教室)\s*[:：]?\s*", "", value))
        return replace(session, place=place) if place else _no("empty")
    if subject == "end":
        return _with_end(session, value)
    return _with_start(session, value)


def _with_start(session: Session, value: str) -> Session | NotUnderstood:
    mention = _time_in(value, session)
    if isinstance(mention, NotUnderstood):
        return mention
    begin, end = mention.begin, mention.end or session.end
    if begin is None:
        return _no("no_time")
    if session.period is not None and not mention.period_is_printed and not _agrees(begin, session):
        return _no("contradicts_period")
    if end is not None and end <= begin:
        return _no("end_before_start")
    return replace(session, start=begin, end=end, period=session.period or period_of(begin.hour))


def _agrees(begin: time, session: Session) -> bool:
    period = period_of(begin.hour)
    near = {
        "noon": ("noon", "afternoon", "morning"),
        "afternoon": ("noon", "afternoon"),
        "evening": ("evening", "afternoon"),
    }
    allowed = near.get(session.period or "", (session.period,))
    return session.start is not None or period in allowed


def _with_end(session: Session, value: str) -> Session | NotUnderstood:
    lasting = re.fullmatch(
        r"\s*(?:时长)?\s*(\d{1,3}|[一二两三四五六七八九十]{1,3})\s*个?\s*(半)?\s*(小时|分钟)\s*", fold(value)
    )
    if lasting is not None and session.start is not None:
        minutes = (large_number(lasting[1]) or 0) * (60 if lasting[3] == "小时" else 1) + (
            30 if lasting[2] else 0
        )
        at = datetime.combine(session.held_on, session.start) + timedelta(minutes=minutes)
        return (
            replace(session, end=at.time())
            if minutes and at.date() == session.held_on
            else _no("impossible_time")
        )
    mention = _time_in(value, session)
    if isinstance(mention, NotUnderstood):
        return mention
    end = mention.end or mention.begin
    if end is None:
        return _no("no_time")
    if session.start is not None and end <= session.start:
        return _no("end_before_start")
    return replace(session, end=end)


def _time_in(value: str, session: Session) -> TimeMention | NotUnderstood:
    folded = fold(value)
    times = scan_times(folded, compact=True)
    if times and times[0].is_ambiguous:
        times = scan_times(folded, default=session.period)
    if not times and re.fullmatch(r"\s*\d{1,2}\s*", folded):
        times = scan_times(f"{folded.strip()}点", default=session.period)
    if len(times) != 1:
        return _no("no_time")
    if times[0].problem == "end_before_start":
        return _no("end_before_start")
    if times[0].problem in ("impossible_time", "contradictory_time"):
        return _no("impossible_time")
    return times[0]


def _moved(asked: _Open, name: str, words: str) -> Answered | NotUnderstood:
    """Which day a session is held on: its printed day confirmed, or another day of the programme's years."""
    session = next(iter(asked.named(name)), None)
    if session is None:
        return _no("no_such_day")
    if words in CONFIRM:
        return _answered(asked, words)
    mentions = scan_dates(fold(words), bare_dates=True)
    first = mentions[0] if len(mentions) == 1 else None
    day = (
        make_date(first.year or session.held_on.year, first.month or session.held_on.month, first.day)
        if first is not None
        else None
    )
    if day is None:
        return _no("no_such_day")
    if day == session.held_on:
        return _answered(asked, words)
    return _answered(asked, words, (replace(session, held_on=day, version=session.version + 1),))


def _setting(asked: _Open, key: str, words: str) -> Answered | NotUnderstood:
    options = asked.question.options
    chosen = option_of(options, words)
    if chosen is None and key.endswith("_cohorts"):
        names, _ = cohorts(words)
        chosen = "、".join(names) or None
    if chosen is None and options:
        return _no("not_an_option", options)
    value = chosen or words
    return _answered(asked, value, settings={key: value})


def option_of(options: tuple[str, ...], words: str) -> str | None:
    """The option that *words* name: by its number, in full, or by a part that only it has."""
    if words.isdecimal() and 1 <= int(words) <= len(options):
        return options[int(words) - 1]
    folded = re.sub(r"\s", "", fold(words))
    same = [option for option in options if re.sub(r"\s", "", fold(option)) == folded]
    near = [option for option in options if len(folded) >= 2 and folded in re.sub(r"\s", "", fold(option))]
    if same:
        return same[0]
    return near[0] if len(near) == 1 else None
