"""补贴: every clause of the sample notice, what is missing, and the sums against a table made by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from operations import notice_import
from programme.ledger import Entry, Facts, Handed, Payment, State, Writing, kind_of, ledger
from programme.people import Person

SAMPLE = Path(__file__).parents[2] / "samples" / "notice.txt"


REWARDS = notice_import.programme_of(notice_import.read_notice(SAMPLE, 2023), {}).rewards
DONE = Handed(True, True, True)
NOTHING = Facts(Handed())
ALL_DONE = Facts(
    DONE, "良", True, True, (Writing("w1", "patent", "一种编码方法"), Writing("w2", "paper", "综述"))
)


def total_yuan(entries: tuple[Entry, ...], state: State) -> int:
    return sum(entry.amount_yuan or 0 for entry in entries if entry.state == state)


def student(cohort: str) -> Person:
    return Person("s", "p", "王小明", "2023001", cohort, "视频压缩组", frozenset({"student"}))


def test_only_three_clauses_of_the_notice_yield_a_sum() -> None:
    """R35 R40: 完成良好 (L11), W04 and 资助 (L45) never do."""
    found = {r.reward_id: (kind_of(r), r.source.line) for r in REWARDS}

    assert found == {
        "W00": (None, 11),
        "W01": ("research", 37),
        "W02": ("housing", 38),
        "W03": ("writing", 39),
        "W04": (None, 39),
    }


# By hand: 400 for the report, 800 a month for 研0 only, 400 for each of two writings (L37–L39).
@pytest.mark.parametrize(
    ("cohort", "months", "yuan"),
    [("研0", 1, 2000), ("研0", 2, 2800), ("研1", 2, 1200), ("研2", 2, 1200)],
)
def test_all_done_waits_for_the_admin_with_the_sum_of_the_hand_made_table(
    cohort: str, months: int, yuan: int
) -> None:
    """R36 R37 R38"""
    entries = ledger(REWARDS, student(cohort), ALL_DONE, months, {})

    assert total_yuan(entries, "pending") == yuan
    assert total_yuan(entries, "confirmed") == 0


@pytest.mark.parametrize("cohort", ["研1", "研2"])
def test_housing_is_never_for_another_cohort(cohort: str) -> None:
    """R37: notice L38 names 研0."""
    entries = ledger(REWARDS, student(cohort), ALL_DONE, 1, {})

    assert [e.kind for e in entries if e.kind == "housing"] == []


def test_with_nothing_on_record_each_row_says_what_is_missing() -> None:
    """R39"""
    entries = ledger(REWARDS, student("研0"), NOTHING, None, {})

    assert [(e.kind, e.state, e.amount_yuan, e.missing) for e in entries] == [
        ("research", "expected", 400, ("报告", "PPT", "汇报", "评级（还没有公布）")),
        ("housing", "expected", None, ("工程验收", "补贴月数（没有定）")),
        ("writing", "expected", 400, ("专利或论文的登记",)),
    ]


@pytest.mark.parametrize(
    ("facts", "missing"),
    [
        (replace(ALL_DONE, handed=replace(DONE, is_report_accepted=False)), ("报告",)),
        (replace(ALL_DONE, handed=replace(DONE, has_slides=False)), ("PPT",)),
        (replace(ALL_DONE, handed=replace(DONE, has_talked=False)), ("汇报",)),
        (replace(ALL_DONE, rating="中", is_rating_enough=False), ("评级要达到要求（现在是中）",)),
    ],
)
def test_one_missing_proof_keeps_the_report_expected(facts: Facts, missing: tuple[str, ...]) -> None:
    research = ledger(REWARDS, student("研1"), facts, None, {})[0]

    assert (research.state, research.missing) == ("expected", missing)


def test_a_confirmed_row_keeps_the_sum_of_its_confirmation() -> None:
    payments = {("W02", ""): Payment(1600, "张老师")}

    housing = ledger(REWARDS, student("研0"), ALL_DONE, 1, payments)[1]

    assert (housing.state, housing.amount_yuan, housing.confirmed_by) == ("confirmed", 1600, "张老师")


def test_who_is_no_student_is_paid_nothing() -> None:
    mentor = replace(student("研0"), roles=frozenset({"mentor"}))

    assert ledger(REWARDS, mentor, ALL_DONE, 1, {}) == ()
