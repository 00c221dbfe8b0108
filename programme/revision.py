"""A corrected notice over a programme that is already running (design D21); pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType

from programme.notice.changes import paired
from programme.programme import Programme, Question
from programme.sessions import Occurrence, Session, following, occurrences_for

SET_BY_HAND = ("start", "end", "place")


def revised(old: Programme, new: Programme) -> Programme:
    """*old* with what *new* says: every changed session at its next version, removed ones cancelled.

    Ids stay, so that check-ins keep their session. What was set since and the new notice leaves
    open is kept (an hour, a place, answered questions, settings).
    """
    pairs, added, removed = paired(old.sessions, new.sessions)
    changed = {before.session_id: changed_session(before, after) for before, after in pairs}
    changed |= {session.session_id: cancelled(session) for session in removed}
    fresh = renumbered(added, old.sessions)
    sessions = tuple(changed[session.session_id] for session in old.sessions)
    return replace(
        old,
        first_date=new.first_date,
        last_date=new.last_date,
        sessions=(*sessions, *fresh),
        occurrences=moved(old, changed, fresh),
        topics=new.topics,
        rules=new.rules,
        rewards=new.rewards,
        contacts=new.contacts,
        attachments=new.attachments,
        questions=tuple(still_answered(question, old.questions) for question in new.questions),
        lines=new.lines,
        settings=MappingProxyType({**new.settings, **old.settings}),
    )


def changed_session(before: Session, after: Session) -> Session:
    """*before* at its next version if *after* says anything else, unchanged otherwise."""
    kept = {
        name: getattr(before, name)
        for name in SET_BY_HAND
        if before.version > 1 and getattr(after, name) is None
    }
    if before.status == "confirmed" and after.status == "tentative":
        kept["status"] = "confirmed"
    same_place = replace(after, session_id=before.session_id, version=before.version, **kept)
    if same_place == before:
        return before
    return replace(same_place, version=before.version + 1)


def cancelled(session: Session) -> Session:
    if session.status == "cancelled":
        return session
    return replace(session, status="cancelled", version=session.version + 1)


def renumbered(added: Sequence[Session], known: Sequence[Session]) -> tuple[Session, ...]:
    """New sessions with ids that no known one has ever had."""
    numbers = [int(digits) for s in known if (digits := s.session_id.lstrip("S")).isdigit()]
    first = max(numbers, default=0) + 1
    return tuple(replace(s, session_id=f"S{n:02d}", version=1) for n, s in enumerate(added, first))


def moved(old: Programme, changed: dict[str, Session], fresh: Sequence[Session]) -> tuple[Occurrence, ...]:
    before = {session.session_id: session for session in old.sessions}
    followed = tuple(
        following(o, before[o.session_id], changed[o.session_id])
        if changed[o.session_id].version != before[o.session_id].version
        else o
        for o in old.occurrences
    )
    groups = list(dict.fromkeys(o.group for o in old.occurrences if o.group))
    return (*followed, *occurrences_for(old.programme_id, fresh, groups))


def still_answered(question: Question, known: Sequence[Question]) -> Question:
    """*question* with the answer that the same one was given before."""
    same = (
        q for q in known if (q.code, q.subject) == (question.code, question.subject) and q.state == "answered"
    )
    answered = next(same, None)
    if answered is None:
        return question
    return replace(
        question,
        state="answered",
        answer=answered.answer,
        answered_by=answered.answered_by,
        answered_at=answered.answered_at,
    )
