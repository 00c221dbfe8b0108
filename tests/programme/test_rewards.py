"""Money: which clause can concern whom, and which never pays (notice L11, L37–L39, L45)."""

from __future__ import annotations

import pytest

from programme.people import Person
from programme.programme import Programme
from programme.rewards import claims

CLAUSES = ["research_report_subsidy", "housing_subsidy", "writing_fee", "acceptance_publication_reward"]


def student(cohort: str | None) -> Person:
    return Person("p", "july", "某某", "1", cohort, None, frozenset({"student"}))


@pytest.mark.parametrize(
    ("cohort", "applies"),
    [
        ("研0", [True, True, True, True]),
        ("研1", [True, False, True, True]),
        ("研2", [True, False, True, True]),
        (None, [True, False, True, True]),
    ],
)
def test_housing_is_for_the_first_cohort_only(
    july: Programme, cohort: str | None, applies: list[bool]
) -> None:
    """R37: 团队基于研 0 同学以住房补助 (L38)."""
    found = claims(july.rewards, student(cohort))

    assert [claim.reward.name for claim in found] == CLAUSES
    assert [claim.applies for claim in found] == applies


def test_doing_well_alone_never_pays(july: Programme) -> None:
    """R40: 完成良好的进行奖励 (L11) is on record and is no claim."""
    known = {reward.name: reward for reward in july.rewards}
    silent = set(known) - {claim.reward.name for claim in claims(july.rewards, student("研0"))}

    assert len(silent) == 1
    assert [known[name].source.line for name in silent] == [11]
    assert [(known[name].amount, known[name].unit) for name in silent] == [(None, None)]


def test_funding_of_projects_is_no_reward(july: Programme) -> None:
    """R41: L45 is background."""
    assert [reward.source.line for reward in july.rewards] == [11, 37, 38, 39, 39]


def test_a_notice_without_money_promises_none() -> None:
    assert claims((), student("研0")) == ()
