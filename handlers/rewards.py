"""Money questions: 预计, the clause with its line, what is missing, who confirms (R39)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from handlers.contacts import whom
from handlers.context import Context
from handlers.lab_facts import lab_fact
from handlers.money import standing
from handlers.rules import cohorts_of
from language.cohorts import cohorts_in
from language.subjects import amounts_named, asks_for_payment, asks_penalty, asks_share, money_subject
from language.understood import Understood
from messages.envelope import Reply
from programme.evidence import quote
from programme.policy import fact_of
from programme.rewards import claims
from programme.sessions import Source

# What a question is about → the clauses that answer it: a paper is paid when written and when accepted.
REWARDS_OF: dict[str, tuple[str, ...]] = {
    "housing_subsidy": ("housing_subsidy",),
    "research_report_subsidy": ("research_report_subsidy",),
    "writing": ("writing_fee", "acceptance_publication_reward"),
}


# What a lab may decide about a clause → the keys of programme/policy.py.
DECIDED_OF = {
    "writing_fee": ("writing_fee_unit",),
    "research_report_subsidy": ("rating_scale", "raters"),
}


def handle(understood: Understood, context: Context) -> Reply:
    if asks_penalty(understood.text):
        return Reply("rules/penalty", whom(context))
    if asks_share(understood.text):
        return share(context)
    asked = cohorts_in(understood.text, cohorts_of(context))
    cohort = asked[0] if len(asked) == 1 else context.person.cohort
    everything = claims(context.programme.rewards, replace(context.person, cohort=cohort))
    named = REWARDS_OF.get(money_subject(understood.text) or "", ())
    sums = amounts_named(understood.text)
    found = [claim for claim in everything if claim.reward.name in named]
    found = found or [claim for claim in everything if claim.reward.amount in sums]
    is_payment = asks_for_payment(understood.text)
    if is_payment and not found:
        return Reply("rewards/payment", whom(context))
    found = found or list(everything)
    decided = decided_about([claim.reward.name for claim in found], context)
    is_own = cohort == context.person.cohort
    rows = standing(context) if is_own and "student" in context.person.roles else {}
    values = whom(context) | {
        "claims": [
            {
                "reward": c.reward,
                "applies": c.applies,
                "quote": quote(context.programme, c.reward.source),
                "row": rows.get(c.reward.reward_id),
            }
            for c in found
        ],
        "is_payment": is_payment,
        "cohort": cohort,
        "is_own": is_own,
        "lab": [lab_fact(fact, context) for fact in decided],
    }
    sources = (*decided, *(c.reward.source for c in found))
    return Reply("rewards/claims" if found else "rewards/none", values, sources)


def share(context: Context) -> Reply:
    """每份400是什么意思: the notice does not say what one 份 is; the lab's own rule does, once decided."""
    named = [r for r in context.programme.rewards if (r.unit or "").startswith("每")]
    decided = decided_about([reward.name for reward in named], context)
    values = whom(context) | {
        "clauses": [quote(context.programme, reward.source) for reward in named],
        "lab": [lab_fact(fact, context) for fact in decided],
    }
    return Reply("rewards/share", values, (*decided, *(reward.source for reward in named)))


def decided_about(names: Sequence[str], context: Context) -> tuple[Source, ...]:
    """What the lab decided about the clauses of these *names*."""
    keys = dict.fromkeys(key for name in names for key in DECIDED_OF.get(name, ()))
    facts = (fact_of(context.programme, key) for key in keys)
    return tuple(fact for fact in facts if fact is not None)
