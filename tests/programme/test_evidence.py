"""The words, their section and their line behind a fact (R42)."""

from __future__ import annotations

import pytest

from programme.evidence import quote, section_of, sources_of_session
from programme.programme import Programme
from programme.sessions import Session, Source


def session(programme: Programme, session_id: str) -> Session:
    return next(s for s in programme.sessions if s.session_id == session_id)


@pytest.mark.parametrize(
    ("line", "section"),
    [
        (3, "七月集中学习安排"),
        (9, "学习形式"),
        (14, "学习形式"),
        (20, "七月学习安排"),
        (32, "学习要求"),
        (39, "奖励设置"),
        (45, "科研学习选题范围推荐"),
        (None, None),
    ],
)
def test_a_line_belongs_to_the_heading_above_it(
    july: Programme, line: int | None, section: str | None
) -> None:
    assert section_of(july.lines, line) == section


def test_a_session_with_an_hour_rests_on_its_cell(july: Programme) -> None:
    assert sources_of_session(july, session(july, "S04")) == (session(july, "S04").source,)


def test_a_session_without_an_hour_rests_also_on_the_line_that_names_the_afternoon(july: Programme) -> None:
    """R05, B08: L14 and L20."""
    assert [source.line for source in sources_of_session(july, session(july, "S06"))] == [14, 20]


def test_every_session_and_rule_quotes_words_that_stand_in_its_line(july: Programme) -> None:
    """R42: nothing is quoted that is not printed there."""
    sources = (
        [s.source for s in july.sessions]
        + [r.source for r in july.rules if r.source]
        + [r.source for r in july.rewards]
    )
    squeezed = {number: "".join(text.split()) for number, text in july.lines.items()}

    wrong = [s for s in sources if s.line and "".join(s.phrase.split()) not in squeezed[s.line]]

    assert wrong == []
    assert len([s for s in sources if s.line]) > 30


def test_a_quote_says_where_it_stands(july: Programme) -> None:
    found = quote(july, Source(32, "20 页以上"))

    assert (found.phrase, found.line, found.section) == ("20 页以上", 32, "学习要求")


def test_a_short_line_with_a_comma_or_a_number_is_no_heading() -> None:
    lines = {1: "标题", 2: "", 3: "3 日，周一", 4: "", 5: "正文正文正文正文正文正文正文正文正文正文"}

    assert section_of(lines, 5) == "标题"


def test_a_numbered_heading_is_the_section_of_the_lines_below_it() -> None:
    lines = {
        1: "十月培训通知",
        2: "",
        3: "一、时间安排",
        4: "10月12日 14:00 《A》",
        5: "二、参加要求",
        6: "研一必须参加。",
        7: "（一）奖励",
        8: "每人100元。",
        9: "三、10月19日 14:00 《B》",
    }

    assert [section_of(lines, line) for line in (4, 6, 8, 9)] == [
        "一、时间安排",
        "二、参加要求",
        "（一）奖励",
        "（一）奖励",
    ]
