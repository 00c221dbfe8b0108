"""What counts as handed in: the notice's 20 pages, what is only a draft, and what is still owed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from programme.programme import Programme
from programme.submissions import (
    PARTS,
    Finding,
    Verdict,
    clean_name,
    judge,
    kind_named,
    missing_parts,
    page_rule,
    report_kinds,
)

KINDS = ("相关领域研究进展报告", "具体技术的报告")
REPORT, SLIDES = PARTS["report"], PARTS["slides"]


@pytest.mark.parametrize(
    ("pages", "state", "outcome"),
    [
        (12, "draft", "too_short"),
        (19, "draft", "too_short"),
        (20, "submitted", "enough"),
        (100, "submitted", "enough"),
    ],
)
def test_twenty_pages_pass_and_nineteen_do_not(pages: int, state: str, outcome: str) -> None:
    """R20, notice L32: 20 页以上, read inclusively."""
    verdict = judge(REPORT, Finding("pdf", pages), 20)

    assert (verdict.state, verdict.outcome, verdict.pages, verdict.needed) == (state, outcome, pages, 20)


@pytest.mark.parametrize("says", [None, 1, 34])
def test_a_word_file_never_passes_by_what_it_says_of_itself(says: int | None) -> None:
    """R21, design D12: a 34-page file declared 1."""
    assert judge(REPORT, Finding("docx", says), 20) == Verdict("draft", "uncounted", says, 20)


def test_a_file_of_another_type_is_kept_as_a_draft() -> None:
    """R21: slides handed in as the report."""
    assert judge(REPORT, Finding("pptx", 30), 20) == Verdict("draft", "wrong_type", 30, 20)
    assert judge(SLIDES, Finding("docx", 30), 20) == Verdict("draft", "wrong_type", 30, None)


@pytest.mark.parametrize("kind", ["pptx", "pdf"])
def test_slides_need_no_number_of_pages(kind: str) -> None:
    """R43: the notice names none for the slides."""
    assert judge(SLIDES, Finding(kind, 3), 20) == Verdict("submitted", "enough", 3, None)  # type: ignore[arg-type]


def test_slides_that_are_all_hidden_are_a_draft() -> None:
    assert judge(SLIDES, Finding("pptx", 5, hidden=5), 20).state == "draft"


def test_what_may_not_be_opened_is_refused_with_its_reason() -> None:
    verdict = judge(REPORT, Finding("pdf", refused="文件加了密码"), 20)

    assert verdict == Verdict("refused", "refused", reason="文件加了密码")


def test_complete_is_report_slides_and_talk() -> None:
    """R23, notice L32 and L37."""
    assert missing_parts((), has_talk=False) == ("报告", "PPT", "汇报时段")
    assert missing_parts(("report",), has_talk=False) == ("PPT", "汇报时段")
    assert missing_parts(("report", "slides", "paper"), has_talk=True) == ()


def test_the_page_rule_is_the_notices_own_with_its_line_until_the_lab_decides(july: Programme) -> None:
    """R20, notice L32; R19: a lab's own number is 本组规定."""
    printed = page_rule(july, {"min_pages": "15"})
    decided = page_rule(replace(july, settings={"min_pages": "12"}), {"min_pages": "15"})

    assert (printed.pages, printed.source and printed.source.line) == (20, 32)
    assert (decided.pages, decided.source) == (12, None)


def test_the_notice_names_two_kinds_of_report(july: Programme) -> None:
    """R22, notice L32."""
    assert report_kinds(july) == KINDS


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("交研究进展报告", KINDS[0]),
        ("提交具体技术报告", KINDS[1]),
        ("补交技术报告", KINDS[1]),
        ("交报告", None),
        ("交一个报告", None),
    ],
)
def test_a_kind_is_known_by_its_words(text: str, kind: str | None) -> None:
    """R22."""
    assert kind_named(KINDS, text) == kind


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("报告v1.pdf", "报告v1.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\报告.pdf", "报告.pdf"),
        ("报告\u202efdp.exe", "报告fdp.exe"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie x.pdf"),
        ("\x00.pdf", "未命名.pdf"),
        ("", "未命名"),
        ("..", "未命名"),
        ("长" * 4000 + ".pdf", "长" * 76 + ".pdf"),
    ],
)
def test_a_files_name_is_data_only(given: str, shown: str) -> None:
    assert clean_name(given) == shown
