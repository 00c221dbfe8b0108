"""待定 is no place: the question stays open."""

from __future__ import annotations

from pathlib import Path

from operations.notice_import import programme_of, read_notice
from programme.notice.answers import NotUnderstood, apply_answer

ROOT = Path(__file__).parents[3]


def test_an_answer_that_says_still_open_sets_no_place() -> None:
    programme = programme_of(read_notice(ROOT / "samples" / "notice.txt", 2023), {})

    answers = [apply_answer(programme, 4, text) for text in ("待定", "7/4 待通知")]

    assert [a.kind for a in answers if isinstance(a, NotUnderstood)] == ["still_open", "still_open"]
