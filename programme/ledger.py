"""补贴: what each clause of the notice comes to for one person: 预计, 待确认, 已确认 (R35–R40).

Nothing here promises money: a row is 已确认 only by the admin's own record, and clauses without an
amount (另行计算, 完成良好) never get one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from programme.people import Person
from programme.programme import Reward
from programme.rewards import applies_to

State = Literal["expected", "pending", "confirmed"]
Kind = Literal["research", "housing", "writing"]


@dataclass(frozen=True)
class Handed:
    """What somebody handed in and did of the report's clause (notice L37)."""

    is_report_accepted: bool = False
    has_slides: bool = False
    has_talked: bool = False


@dataclass(frozen=True)
class Writing:
    """A patent or paper that somebody recorded."""

    writing_id: str
    kind: Literal["patent", "paper"]
    title: str


@dataclass(frozen=True)
class Facts:
    """What is on record of one person. *rating* is the result and *is_rating_enough* its judgement."""

    handed: Handed
    rating: str | None = None
    is_rating_enough: bool = False
    is_engineering_accepted: bool = False
    writings: tuple[Writing, ...] = ()


@dataclass(frozen=True)
class Payment:
    """The admin's confirmation of one row, at the sum of that moment."""

    amount_yuan: int
    by: str


@dataclass(frozen=True)
class Entry:
    """One row. *amount_yuan* None: not known before the admin says (months of housing unset).

    *object_id* tells several rows of one clause apart: the writing's id, else "".
    """

    reward: Reward
    kind: Kind
    object_id: str
    state: State
    amount_yuan: int | None
    evidence: tuple[str, ...]
    missing: tuple[str, ...]
    confirmed_by: str | None = None


def kind_of(reward: Reward) -> Kind | None:
    """What a clause pays for, by its own words; None for one that yields no sum (R38, R40)."""
    words = reward.condition + reward.source.phrase
    if reward.amount is None or not (reward.currency or "元").startswith("元"):
        return None
    if "住房" in words or "工程" in words:
        return "housing"
    if "专利" in words or "论文" in reward.condition:
        return "writing"
    return "research" if "评级" in words or "报告" in words else None


def ledger(
    rewards: Sequence[Reward],
    person: Person,
    facts: Facts,
    months: int | None,
    payments: Mapping[tuple[str, str], Payment],
) -> tuple[Entry, ...]:
    """The rows of one person. *months*: of housing, 本组规定; None while nobody decided.

    *payments* by (reward id, object id). A clause for other cohorts gives no row (住房: 研0, L38).
    """
    if "student" not in person.roles:
        return ()
    found: list[Entry] = []
    for reward in rewards:
        kind = kind_of(reward)
        if kind is not None and applies_to(reward, person):
            found += _entries(reward, kind, facts, months)
    return tuple(
        _confirmed(entry, payments.get((entry.reward.reward_id, entry.object_id))) for entry in found
    )


def _entries(reward: Reward, kind: Kind, facts: Facts, months: int | None) -> list[Entry]:
    if kind == "research":
        return [_entry(reward, kind, "", reward.amount, *_research(facts))]
    if kind == "housing":
        count = months if "月" in (reward.unit or "") else 1
        amount = reward.amount * count if reward.amount is not None and count is not None else None
        return [_entry(reward, kind, "", amount, *_housing(facts, count))]
    if not facts.writings:
        return [_entry(reward, kind, "", reward.amount, (), ("专利或论文的登记",))]
    names = {"patent": "专利", "paper": "论文"}
    return [
        _entry(reward, kind, w.writing_id, reward.amount, (f"{names[w.kind]}《{w.title}》",), ())
        for w in facts.writings
    ]


def _entry(
    reward: Reward,
    kind: Kind,
    object_id: str,
    amount: int | None,
    evidence: tuple[str, ...],
    missing: tuple[str, ...],
) -> Entry:
    return Entry(reward, kind, object_id, "expected" if missing else "pending", amount, evidence, missing)


def _research(facts: Facts) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Evidence and what is missing of the report's clause (notice L37)."""
    handed = facts.handed
    steps = (
        (handed.is_report_accepted, "报告已通过", "报告"),
        (handed.has_slides, "PPT 已交", "PPT"),
        (handed.has_talked, "已汇报", "汇报"),
    )
    evidence = [done for is_done, done, _ in steps if is_done]
    missing = [todo for is_done, _, todo in steps if not is_done]
    if facts.rating is None:
        missing.append("评级（还没有公布）")
    elif facts.is_rating_enough:
        evidence.append(f"评级 {facts.rating}")
    else:
        missing.append(f"评级要达到要求（现在是{facts.rating}）")
    return tuple(evidence), tuple(missing)


def _housing(facts: Facts, months: int | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    evidence: list[str] = []
    missing: list[str] = []
    if facts.is_engineering_accepted:
        evidence.append("工程验收通过")
    else:
        missing.append("工程验收")
    if months is None:
        missing.append("补贴月数（没有定）")
    else:
        evidence.append(f"{months}个月")
    return tuple(evidence), tuple(missing)


def _confirmed(entry: Entry, payment: Payment | None) -> Entry:
    if payment is None:
        return entry
    return Entry(
        entry.reward,
        entry.kind,
        entry.object_id,
        "confirmed",
        payment.amount_yuan,
        entry.evidence,
        entry.missing,
        payment.by,
    )
