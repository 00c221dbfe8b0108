"""The sample notice with one misprint each: what is reported, what is still imported, and what is not."""

from __future__ import annotations

import pytest

from documents.notice_reader import read_notice_file
from programme.notice.notice import Notice
from programme.notice.reading import parse
from tests.programme.notice.conftest import ROOT

LECTURE = "18 日 下午 14:30 《科研论文写作》"
BELOW = "★学习要求："


def _with(old: str, new: str, year: int | None = 2023) -> Notice:
    text = (ROOT / "samples" / "notice.txt").read_text(encoding="utf-8")
    assert old in text
    return parse(read_notice_file(text.replace(old, new, 1).encode("utf-8"), "通知.txt"), year)


def _found(notice: Notice, code: str) -> list[tuple[tuple[int, ...], str]]:
    return [(a.lines, a.done) for a in notice.anomalies if a.code == code]


@pytest.mark.parametrize(
    ("old", "new", "code", "found", "sessions"),
    [
        ("11 日 下午 14:30", "11 日 上午 14:30", "contradictory_time", ((20,), "asked"), 12),
        ("18 日 下午 14:30", "32 日 下午 14:30", "impossible_date", ((21,), "asked"), 11),
        ("4 日 下午 14:30", "11 日 下午 14:30", "duplicate_date", ((19, 20), "asked"), 12),
        ("18 日 下午 14:30", "18 日 下午 25:30", "impossible_time", ((21,), "asked"), 12),
        ("18 日 下午 14:30", "18 日 下午 14:30-13:30", "end_before_start", ((21,), "asked"), 12),
        ("《科研申请》", f"《{'科' * 3000}》", "oversize_cell", ((20,), "asked"), 11),
        ("\t21 日", "", "missing_cells", ((21,), "asked"), 12),
        ("\t21 日", "\t21 日\t22 日 下午 14:30 加场", "extra_cell", ((21,), "asked"), 12),
        (LECTURE, '=HYPERLINK("http://x","18日")', "formula_text", ((21,), "asked"), 11),
        ("《科研申请》", "<b>《科研申请》</b><script>alert(1)</script>", "html_markup", ((20,), "fixed"), 12),
        ("七月集中学习安排", "1023年七月集中学习安排", "implausible_year", ((3, 16, 19), "asked"), 12),
        ("20 页以上", "20000 页以上", "implausible_number", ((32,), "asked"), 12),
        ("5-10 分钟", "5-1000 分钟", "implausible_number", ((32,), "asked"), 12),
        ("800 元/月", "8000000 元/月", "implausible_number", ((38,), "asked"), 12),
        (LECTURE, f"{LECTURE}（取消）", "cancelled_row", ((21,), "kept"), 11),
        (LECTURE, "18 日 停课", "suspended_date", ((21,), "kept"), 11),
        (BELOW, f"如遇台风则顺延。\n{BELOW}", "ambiguous_exception", ((24,), "asked"), 12),
        (BELOW, f"报名截止：7月1日 18:00。\n{BELOW}", "registration_deadline", ((24,), "kept"), 12),
        (
            BELOW,
            f"7月25日下午3:30《科研学习成果汇报》。\n{BELOW}",
            "contradictory_time",
            ((22, 24), "asked"),
            12,
        ),
        (LECTURE, "下午 14:30 《科研论文写作》", "rule_unclear", ((21,), "asked"), 11),
        ("18 日 下午 14:30", "18 日、19 日 下午 14:30", "merged_cell_two_dates", ((21,), "asked"), 12),
    ],
)
def test_a_misprint_is_reported_with_its_line(
    old: str, new: str, code: str, found: tuple[tuple[int, ...], str], sessions: int
) -> None:
    notice = _with(old, new)

    assert (found in _found(notice, code), len(notice.sessions)) == (True, sessions)


def test_hours_of_an_extra_cell_are_lent_to_no_other() -> None:
    notice = _with("\t21 日", "\t21 日\t22 日 下午 14:30 加场")

    assert [s.held_on.day for s in notice.sessions if s.start is None] == [6, 13, 20]


def test_a_suspended_session_of_the_table_moves_to_its_make_up_day() -> None:
    notice = _with(BELOW, f"注：7月18日停课一次，7月22日（周六）补课。\n{BELOW}")

    assert [(s.held_on.day, s.kind) for s in notice.sessions if s.source.line == 24] == [(22, "lecture")]


def test_the_text_adds_the_place_that_the_table_lacks() -> None:
    notice = _with(BELOW, f"7月25日下午2:30《科研学习成果汇报》在A201举行。\n{BELOW}")

    assert [(s.held_on.day, s.place) for s in notice.sessions if s.place] == [(25, "A201")]


def test_a_deadline_that_is_printed_is_kept_as_a_rule() -> None:
    notice = _with("（20 页以上）", "（20 页以上，7月24日前提交）")

    assert [rule.value for rule in notice.rules if rule.rule == "report_deadline"] == ["2023-07-24"]


def test_a_printed_year_needs_no_other() -> None:
    notice = _with("七月集中学习安排", "2023年七月集中学习安排", None)

    assert (len(notice.sessions), notice.questions[0].state) == (12, "answered")
