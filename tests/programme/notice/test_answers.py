"""The admin's answers to open questions: 回复 2 14:00 and what may go wrong with them."""

from __future__ import annotations

import pytest

from programme.notice.answers import Answered, NotUnderstood, apply_answer
from programme.notice.notice import Notice
from programme.notice.reading import parse
from programme.notice.result import to_programme
from programme.programme import Programme


@pytest.fixture(scope="module")
def programme(notice: Notice) -> Programme:
    return to_programme(notice, "july")


def _answered(programme: Programme, number: int, text: str) -> Answered:
    result = apply_answer(programme, number, text)
    assert isinstance(result, Answered), result
    return result


def _kind(programme: Programme, number: int, text: str) -> str:
    result = apply_answer(programme, number, text)
    assert isinstance(result, NotUnderstood), result
    return result.kind


def test_the_printed_hour_confirmed_changes_no_session(programme: Programme) -> None:
    result = _answered(programme, 2, "对")

    assert (result.question.state, result.changed) == ("answered", ())


def test_another_hour_for_the_outlier_raises_its_version(programme: Programme) -> None:
    result = _answered(programme, 2, "14:30")

    assert [(s.session_id, str(s.start), s.version) for s in result.changed] == [("S04", "14:30:00", 2)]


def test_one_hour_answers_for_all_pending_sessions(programme: Programme) -> None:
    result = _answered(programme, 3, "15:00")

    assert ([(s.held_on.day, str(s.start)) for s in result.changed], result.question.state) == (
        [(6, "15:00:00"), (13, "15:00:00"), (20, "15:00:00")],
        "answered",
    )


@pytest.mark.parametrize("text", ["7/6 15:00", "7月6日 15:00", "7.6 下午3点", "S03 15:00", "6号 下午三点"])
def test_a_day_before_the_hour_answers_for_that_day_and_leaves_the_question_open(
    programme: Programme, text: str
) -> None:
    result = _answered(programme, 3, text)

    assert ([(s.held_on.day, str(s.start)) for s in result.changed], result.question.state) == (
        [(6, "15:00:00")],
        "open",
    )


def test_an_hour_without_noon_is_read_in_the_printed_afternoon(programme: Programme) -> None:
    assert {str(s.start) for s in _answered(programme, 3, "3点半").changed} == {"15:30:00"}


def test_the_admin_may_say_another_part_of_the_day_outright(programme: Programme) -> None:
    assert {str(s.start) for s in _answered(programme, 3, "上午9:00").changed} == {"09:00:00"}


def test_a_span_of_hours_sets_the_end_as_well(programme: Programme) -> None:
    changed = _answered(programme, 3, "15:00-17:00").changed

    assert {(str(s.start), str(s.end)) for s in changed} == {("15:00:00", "17:00:00")}


def test_a_place_is_set_for_all_that_lack_one(programme: Programme) -> None:
    result = _answered(programme, 4, "A301")

    assert ({s.place for s in result.sessions}, len(result.changed), result.question.state) == (
        {"A301"},
        12,
        "answered",
    )


def test_an_end_is_set_for_all_that_lack_one(programme: Programme) -> None:
    assert {str(s.end) for s in _answered(programme, 5, "16:30").changed} == {"16:30:00"}


def test_a_paper_is_noted_as_a_setting(programme: Programme) -> None:
    assert dict(_answered(programme, 6, "张老师下周发群里").settings) == {
        "asset:科研报告格式要求": "张老师下周发群里"
    }


@pytest.mark.parametrize(
    ("text", "value"), [("1", "每人一次"), ("2", "每天都报"), ("每人一次", "每人一次"), ("每天", "每天都报")]
)
def test_an_unclear_rule_is_settled_by_option_or_number(programme: Programme, text: str, value: str) -> None:
    assert dict(_answered(programme, 8, text).settings) == {"report_once": value}


def test_cohorts_may_be_named_freely(programme: Programme) -> None:
    assert dict(_answered(programme, 14, "研 0、研1、研二").settings) == {
        "online_guarantee_cohorts": "研0、研1、研2"
    }


@pytest.mark.parametrize(
    ("number", "text", "kind"),
    [
        (99, "15:00", "no_such_question"),
        (1, "2023", "already_answered"),
        (3, "25:00", "impossible_time"),
        (3, "9:00", "contradicts_period"),
        (3, "看情况", "no_time"),
        (3, "对", "no_time"),
        (3, "7/5 15:00", "no_such_day"),
        (3, "16:00-15:00", "end_before_start"),
        (5, "13:00", "end_before_start"),
        (4, "  ", "empty"),
        (4, "A" * 61, "too_long"),
        (8, "随便", "not_an_option"),
    ],
)
def test_an_answer_that_cannot_be_used_changes_nothing(
    programme: Programme, number: int, text: str, kind: str
) -> None:
    assert _kind(programme, number, text) == kind


def test_answers_given_with_the_import_are_applied(notice: Notice) -> None:
    from documents.notice_reader import read_notice_file
    from tests.programme.notice.conftest import ROOT

    answered = parse(
        read_notice_file(ROOT / "samples" / "notice.txt"), None, {"1": "2023", "2": "14:30", "place": "A301"}
    )

    monday = answered.sessions[3]
    assert (answered.year, str(monday.start), monday.place, answered.questions[1].state) == (
        2023,
        "14:30:00",
        "A301",
        "answered",
    )


def test_an_unusable_answer_refuses_the_import() -> None:
    from documents.notice_reader import read_notice_file
    from tests.programme.notice.conftest import ROOT

    answered = parse(read_notice_file(ROOT / "samples" / "notice.txt"), 2023, {"3": "25:00"})

    assert answered.refused == ("问题3的回答“25:00”用不上：没有这样的时间",)
