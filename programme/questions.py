"""What answers of the admin change in a programme, and how a question reads by now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from programme.notice.answers import Answered, NotUnderstood, apply_answer, concerned_by
from programme.notice.spoken import PERIOD_NAMES, spoken_day
from programme.programme import Programme, Question
from programme.session_facts import FIELDS, facts_of_changes, spoken
from programme.sessions import Occurrence, Session, following

Verdict = Answered | NotUnderstood
NAMES = {"place": "地点", "end": "结束时间"}
ASKS = {"place": "在哪里？", "end": "几点结束？"}
ONE_DAY = "只改其中一场就带上日期"


@dataclass(frozen=True)
class Outcome:
    """Several answers, each applied on top of the ones before it.

    *after* is the programme afterwards; *changed* and *moved* are its sessions and occurrences that
    are new, each at the version after the stored one; *settings* holds None for what is forgotten.
    """

    verdicts: tuple[tuple[int, str, Verdict], ...]
    after: Programme
    changed: tuple[Session, ...] = ()
    moved: tuple[Occurrence, ...] = ()
    settings: Mapping[str, str | None] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def understood(self) -> tuple[tuple[int, str, Answered], ...]:
        return tuple((n, text, v) for n, text, v in self.verdicts if isinstance(v, Answered))

    @property
    def only_puts_aside(self) -> bool:
        """Questions stay unknown as they were: nobody could hear a difference."""
        aside = all(verdict.question.is_put_aside for _, _, verdict in self.understood)
        return aside and not self.changed and not self.settings


def apply_all(programme: Programme, answers: Sequence[tuple[int, str]]) -> Outcome:
    """All of *answers* (number, text) in their order; one that is not understood changes nothing."""
    after = programme
    verdicts: list[tuple[int, str, Verdict]] = []
    settings: dict[str, str | None] = {}
    for number, text in answers:
        verdict = apply_answer(after, number, text)
        verdicts.append((number, text, verdict))
        if isinstance(verdict, Answered):
            after = replace(after, sessions=verdict.sessions, questions=verdict.questions)
            settings |= verdict.settings
            settings |= dict.fromkeys(verdict.dropped)
    changed = changed_sessions(programme.sessions, after.sessions)
    settings = {key: value for key, value in settings.items() if programme.settings.get(key) != value}
    settings |= facts_of_changes(programme, changed)
    moved = moved_occurrences(programme, changed)
    return Outcome(tuple(verdicts), after, changed, moved, MappingProxyType(settings))


def answered(programme: Programme, answer: Answered) -> Programme:
    """*programme* with *answer* in it, as an import stores it; its version is the storage's business."""
    moved = {o.occurrence_id: o for o in moved_occurrences(programme, answer.changed)}
    settings = {key: value for key, value in programme.settings.items() if key not in answer.dropped}
    return replace(
        programme,
        sessions=answer.sessions,
        questions=answer.questions,
        occurrences=tuple(moved.get(o.occurrence_id, o) for o in programme.occurrences),
        settings=MappingProxyType({**settings, **answer.settings}),
    )


def changed_sessions(before: Sequence[Session], after: Sequence[Session]) -> tuple[Session, ...]:
    """Those of *after* that say something else than *before*, one version on, however often changed."""
    known = {session.session_id: session for session in before}
    return tuple(
        replace(new, version=old.version + 1)
        for new in after
        if (old := known[new.session_id]) != replace(new, version=old.version)
    )


def moved_occurrences(programme: Programme, changed: Sequence[Session]) -> tuple[Occurrence, ...]:
    """The occurrences that follow the *changed* sessions, each at its next version."""
    before = {session.session_id: session for session in programme.sessions}
    after = {session.session_id: session for session in changed}
    moved = [
        (occurrence, following(occurrence, before[occurrence.session_id], after[occurrence.session_id]))
        for occurrence in programme.occurrences
        if occurrence.session_id in after
    ]
    return tuple(new for old, new in moved if new != old)


def text_now(programme: Programme, question: Question) -> str:
    """The text of *question* by the plan as it is now: what was settled one by one is counted off."""
    subject = question.subject.partition(":")[0]
    asked = concerned_by(question, programme.sessions)
    if question.code == "details_missing" and subject in NAMES:
        lacking = [s for s in asked if (s.place if subject == "place" else s.end) is None]
        held = [s for s in programme.sessions if s.status != "cancelled"]
        if not lacking:
            return f"通知没有写{NAMES[subject]}的{len(asked)}场，{ASKS[subject]}{ONE_DAY}"
        whole = "全部" if len(lacking) == len(held) else ""
        return f"{whole}{len(lacking)}场没有写{NAMES[subject]}。{ASKS[subject]}{ONE_DAY}"
    if question.code == "time_pending" and asked:
        waiting = [s for s in asked if s.start is None] or list(asked)
        days = "、".join(f"{spoken_day(s)}{PERIOD_NAMES.get(s.period or '', '')}" for s in waiting)
        return f"{days}没有写几点。几点开始？{ONE_DAY}"
    return question.text


def example_of(question: Question, programme: Programme) -> str:
    """An answer that *question* would take: of the kind that is asked for."""
    if question.options:
        return question.options[0]
    subject = question.subject.partition(":")[0]
    if subject == "start":
        first = next(iter(concerned_by(question, programme.sessions)), None)
        hours = {"morning": "9:00", "noon": "12:00", "evening": "19:00", "dawn": "6:00"}
        return hours.get(first.period or "", "14:30") if first else "14:30"
    return {"end": "16:30", "place": "A301", "asset": "7/5 发到群里", "date": "7/6", "line": "忽略"}.get(
        subject, "待定"
    )


def current_answer(programme: Programme, question: Question) -> str | None:
    """What holds now of what *question* asks: the answer given, or what was set of some of its sessions."""
    subject = question.subject.partition(":")[0]
    if question.is_put_aside or question.code not in ("details_missing", "time_pending"):
        return question.answer
    if subject not in FIELDS:
        return question.answer
    days: dict[str, list[str]] = {}
    for session in concerned_by(question, programme.sessions):
        value = spoken(getattr(session, subject))
        days.setdefault(value, []).append(spoken(session.held_on))
    lacking = days.pop("", [])
    if len(days) == 1 and not lacking:
        return next(iter(days))
    return "，".join(f"{value}（{_days(on)}）" for value, on in days.items()) or None


def _days(days: Sequence[str]) -> str:
    return "、".join(days) if len(days) <= 4 else f"{len(days)}场"
