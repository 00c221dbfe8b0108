"""A notice with sessions on a holiday and on a worked Saturday, imported, asked about and answered."""

from __future__ import annotations

from pathlib import Path

import pytest

from operations.china_days import known_days
from operations.notice_import import programme_of, read_notice
from programme.notice.answers import Answered, NotUnderstood, apply_answer
from programme.programme import Programme, Question

NOTICE = """2026年10月安排
周次 | 周二 | 周四 | 周六
第一周（10.5-10.10） | 14:30 《A》 | 14:30 《B》 | 9:30 《C》
"""


@pytest.fixture
def programme(tmp_path: Path) -> Programme:
    path = tmp_path / "notice.txt"
    path.write_text(NOTICE, "utf-8")
    return programme_of(read_notice(path, 2026), {}, known_days())


def about_holidays(programme: Programme) -> list[Question]:
    return [question for question in programme.questions if question.code == "holiday_session"]


def test_both_are_numbered_questions_and_none_is_dropped(programme: Programme) -> None:
    assert [question.text for question in about_holidays(programme)] == [
        "10月6日（周二）是国庆节放假，这天排了《A》。照常吗？不照常请改期或取消",
        "10月10日（周六）是国庆节调休上班，这天排了《C》。照常吗？不照常请改期或取消",
    ]
    assert len(programme.sessions) == 3
    numbers = [question.number for question in programme.questions]
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize("text", ["照常", "1"])
def test_the_admin_says_as_planned(programme: Programme, text: str) -> None:
    asked = about_holidays(programme)[0]

    verdict = apply_answer(programme, asked.number, text)

    assert isinstance(verdict, Answered)
    assert (verdict.question.state, verdict.changed, dict(verdict.settings)) == (
        "answered",
        (),
        {"holiday:S01:2026-10-06": "照常"},
    )


def test_another_answer_is_asked_again(programme: Programme) -> None:
    asked = about_holidays(programme)[0]

    verdict = apply_answer(programme, asked.number, "改到操场")

    assert isinstance(verdict, NotUnderstood)


def test_the_same_notice_in_a_year_of_which_nothing_is_known(tmp_path: Path) -> None:
    path = tmp_path / "notice.txt"
    path.write_text(NOTICE.replace("2026", "2032"), "utf-8")

    asked = [question.code for question in programme_of(read_notice(path, 2032), {}, known_days()).questions]

    assert asked.count("holidays_unknown") == 1


def test_without_a_calendar_nothing_is_asked(tmp_path: Path) -> None:
    path = tmp_path / "notice.txt"
    path.write_text(NOTICE, "utf-8")

    assert about_holidays(programme_of(read_notice(path, 2026), {})) == []
