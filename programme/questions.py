"""What an answer of the admin changes in a programme."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from programme.notice.answers import Answered
from programme.programme import Programme
from programme.sessions import Occurrence, following


def moved_occurrences(programme: Programme, answer: Answered) -> tuple[Occurrence, ...]:
    """The occurrences that follow the sessions which *answer* changed, each at its next version."""
    before = {session.session_id: session for session in programme.sessions}
    after = {session.session_id: session for session in answer.changed}
    moved = [
        (occurrence, following(occurrence, before[occurrence.session_id], after[occurrence.session_id]))
        for occurrence in programme.occurrences
        if occurrence.session_id in after
    ]
    return tuple(new for old, new in moved if new != old)


def answered(programme: Programme, answer: Answered) -> Programme:
    """*programme* with *answer* in it; its version is the storage's business."""
    moved = {occurrence.occurrence_id: occurrence for occurrence in moved_occurrences(programme, answer)}
    return replace(
        programme,
        sessions=answer.sessions,
        questions=answer.questions,
        occurrences=tuple(moved.get(o.occurrence_id, o) for o in programme.occurrences),
        settings=MappingProxyType({**programme.settings, **answer.settings}),
    )
