"""Money as the notice words it: what applies to somebody, and what is still missing. Never a promise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from programme.people import Person
from programme.programme import Reward


@dataclass(frozen=True)
class Claim:
    """One clause and whether it can concern a person at all (housing is 研0 only, notice L38)."""

    reward: Reward
    applies: bool


def claims(rewards: Sequence[Reward], person: Person | None) -> tuple[Claim, ...]:
    """The clauses that name an amount or say how one is found; 完成良好 alone never pays (R40)."""
    return tuple(
        Claim(reward, applies_to(reward, person))
        for reward in rewards
        if reward.amount is not None or reward.unit is not None
    )


def applies_to(reward: Reward, person: Person | None) -> bool:
    if person is None or not set(reward.applies_to) - {"participants", "all"}:
        return True
    return person.cohort in reward.applies_to
