"""待定, 不知道, 没有: what is asked stays unknown, and the question is put aside until somebody knows."""

from __future__ import annotations

from pathlib import Path

import pytest

from operations.notice_import import programme_of, read_notice
from programme.notice.answers import Answered, apply_answer
from programme.programme import STAYS_UNKNOWN, Programme
from programme.questions import answered

ROOT = Path(__file__).parents[3]
WORDS = ("待定", "不知道", "没有", "无", "还没定", "暂时没有", "以后再说", "待通知。", "不清楚")


@pytest.fixture(scope="module")
def programme() -> Programme:
    return programme_of(read_notice(ROOT / "samples" / "notice.txt", 2023), {})


def given(programme: Programme, number: int, text: str) -> Answered:
    verdict = apply_answer(programme, number, text)
    assert isinstance(verdict, Answered)
    return verdict


@pytest.mark.parametrize("number", range(2, 15))
@pytest.mark.parametrize("text", WORDS)
def test_any_question_may_be_put_aside_and_nothing_changes(
    programme: Programme, number: int, text: str
) -> None:
    verdict = given(programme, number, text)

    assert (verdict.question.state, verdict.question.answer) == ("answered", STAYS_UNKNOWN)
    assert verdict.question.is_put_aside
    assert (verdict.changed, dict(verdict.settings)) == ((), {})


def test_a_place_that_was_set_is_taken_back(programme: Programme) -> None:
    with_places = answered(programme, given(programme, 4, "A301"))

    verdict = given(with_places, 4, "待定")

    assert {s.place for s in verdict.sessions} == {None}
    assert len(verdict.changed) == 12


def test_the_place_of_one_day_is_taken_back_and_the_question_is_open_again(programme: Programme) -> None:
    with_places = answered(programme, given(programme, 4, "A301"))

    verdict = given(with_places, 4, "7/4 待通知")

    assert [s.session_id for s in verdict.changed] == ["S02"]
    assert verdict.question.state == "open"


def test_a_printed_hour_that_is_doubted_stays_as_printed(programme: Programme) -> None:
    """Notice L20: 14:00 is printed; not knowing better takes nothing away."""
    assert given(programme, 2, "不知道").changed == ()


def test_an_answer_may_be_given_again(programme: Programme) -> None:
    first = answered(programme, given(programme, 4, "A301"))

    second = given(first, 4, "B202")

    assert {s.place for s in second.sessions} == {"B202"}
    assert second.question.answer == "B202"


def test_a_rule_that_was_settled_may_be_settled_otherwise(programme: Programme) -> None:
    first = answered(programme, given(programme, 8, "1"))

    assert dict(given(first, 8, "2").settings) == {"report_once": "每天都报"}
