"""What an admin may answer to the numbered questions: every one has a choice or an example, and no number is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from documents.notice_reader import read_notice_file
from programme.notice.answers import Answered, NotUnderstood, apply_answer
from programme.notice.notice import Notice
from programme.notice.reading import parse
from programme.notice.result import to_programme
from programme.programme import Programme
from tests.programme.notice.conftest import Parse

KINDS = Path(__file__).parents[2] / "fixtures" / "notice" / "kinds"
DOUBTFUL = "安排\n11月5日（周二）14:00 A101 《论文写作》 主讲：钟工\n报名费每人 30 元。\n"


def _of(name: str) -> Notice:
    head, year, *_ = (KINDS / f"{name}.expected.txt").read_text(encoding="utf-8").splitlines()
    return parse(read_notice_file(KINDS / head.removeprefix("file ")), int(year.removeprefix("year ")))


@pytest.mark.parametrize("name", sorted(path.name.split(".")[0] for path in KINDS.glob("*.expected.txt")))
def test_numbers_run_from_one_and_no_question_has_a_single_choice(name: str) -> None:
    questions = _of(name).questions

    assert [question.number for question in questions] == list(range(1, len(questions) + 1))
    assert [q.text for q in questions if len(q.options) == 1 and q.subject != "year"] == []


def _duplicate(read: Parse) -> tuple[Programme, int]:
    """Two different sessions at the same hour of one day, about which line 2 is asked."""
    notice = read("安排\n11月5日 14:00 《论文写作》\n11月5日 14:00 《专利检索》\n", 2024)
    asked = next(question for question in notice.questions if question.code == "duplicate_date")
    return to_programme(notice, "november"), asked.number


def test_what_was_laid_out_with_a_doubt_may_be_confirmed(read: Parse) -> None:
    programme, number = _duplicate(read)

    result = apply_answer(programme, number, "对")

    assert isinstance(result, Answered)
    assert (result.question.state, result.changed) == ("answered", ())


def test_what_was_laid_out_with_a_doubt_may_be_dropped(read: Parse) -> None:
    programme, number = _duplicate(read)

    result = apply_answer(programme, number, "不排")

    assert isinstance(result, Answered)
    assert {(s.session_id, s.status, s.version) for s in result.changed} == {
        ("S01", "cancelled", 2),
        ("S02", "cancelled", 2),
    }


def test_a_line_that_gave_no_session_is_left_out_or_put_aside(read: Parse) -> None:
    notice = read(DOUBTFUL, 2024)
    asked = next(question for question in notice.questions if question.subject == "line:3")
    programme = to_programme(notice, "november")

    assert asked.options == ("忽略", "待定")
    assert isinstance(apply_answer(programme, asked.number, "忽略"), Answered)
    assert isinstance(apply_answer(programme, asked.number, "待定"), Answered)
    assert isinstance(apply_answer(programme, asked.number, "好的呀"), NotUnderstood)


def test_a_series_without_an_end_is_asked_with_an_example_of_what_to_write(read: Parse) -> None:
    notice = read("实验室周例会通知\n\n自2024年9月4日起，每周三下午2:30召开组会。每月最后一周停会。\n", 2024)

    asked = [question for question in notice.questions if question.subject == "line:3"]
    assert notice.refused == ("没有读到任何场次，没有导入",)
    assert "例：至12月25日，或共16次" in asked[0].text
    assert "每月最后一周停会" in asked[1].text
