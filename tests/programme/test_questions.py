"""What an answer of the admin moves besides the session itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

from programme.notice.answers import Answered, apply_answer
from programme.programme import Programme
from programme.questions import answered, moved_occurrences


def answer(programme: Programme, subject: str, text: str) -> Answered:
    number = next(q.number for q in programme.questions if q.subject.startswith(subject))
    verdict = apply_answer(programme, number, text)
    assert isinstance(verdict, Answered), verdict
    return verdict


def test_every_group_follows_the_hour_of_its_meeting(july: Programme) -> None:
    """R13: notice L13, L20."""
    verdict = answer(july, "start:S04", "14:30")

    moved = moved_occurrences(july, verdict.changed)

    assert [(o.session_id, o.group, o.start, o.version) for o in moved] == [
        ("S04", "视频压缩组", time(14, 30), 2),
        ("S04", "AI平台组", time(14, 30), 2),
    ]


def test_a_place_moves_every_occurrence_once(july: Programme) -> None:
    moved = moved_occurrences(july, answer(july, "place", "A301").changed)

    assert {o.occurrence_id for o in moved} == {o.occurrence_id for o in july.occurrences}
    assert {(o.place, o.version) for o in moved} == {("A301", 2)}


def test_a_group_that_meets_elsewhere_does_not_move(july: Programme) -> None:
    own = next(o for o in july.occurrences if o.group == "AI平台组")
    programme = replace(
        july,
        occurrences=tuple(replace(o, place="B101") if o == own else o for o in july.occurrences),
    )

    moved = moved_occurrences(programme, answer(programme, "place", "A301").changed)

    assert own.occurrence_id not in {o.occurrence_id for o in moved}
    assert len(moved) == len(july.occurrences) - 1


def test_an_answer_that_changes_no_session_moves_nothing(july: Programme) -> None:
    verdict = answer(july, "setting:", "1")

    assert moved_occurrences(july, verdict.changed) == ()
    assert answered(july, verdict).occurrences == july.occurrences


def test_a_programme_with_the_answer_in_it_asks_no_more(july: Programme) -> None:
    """R05: 6, 13 and 20 July have their hour only from now on."""
    verdict = answer(july, "start:S03", "15:00")

    result = answered(july, verdict)
    starts = {o.held_on.day: o.start for o in result.occurrences if o.held_on.weekday() == 3}

    assert starts == {6: time(15, 0), 13: time(15, 0), 20: time(15, 0), 27: time(14, 30)}
    assert next(q for q in result.questions if q.number == verdict.question.number).state == "answered"
    assert result.version == july.version
