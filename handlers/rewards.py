"""Money questions: 预计, the clause with its line, what is missing, who confirms (R39)."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.context import Context
from handlers.rules import contact, lab_fact
from language.subjects import money_subject
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
    everything = claims(context.programme.rewards, context.person)
    named = REWARDS_OF.get(money_subject(understood.text) or "", ())
    found = [claim for claim in everything if claim.reward.name in named] or everything
    decided = decided_about([claim.reward.name for claim in found], context)
    values: dict[str, object] = {
        "claims": [
            {"reward": c.reward, "applies": c.applies, "quote": quote(context.programme, c.reward.source)}
            for c in found
        ],
        "cohort": context.person.cohort,
        "contact": contact(context),
        "lab": [lab_fact(fact, context) for fact in decided],
    }
    sources = (*decided, *(c.reward.source for c in found))
    return Reply("rewards/claims" if found else "rewards/none", values, sources)


def decided_about(names: Sequence[str], context: Context) -> tuple[Source, ...]:
    """What the lab decided about the clauses of these *names*."""
    keys = dict.fromkeys(key for name in names for key in DECIDED_OF.get(name, ()))
    facts = (fact_of(context.programme, key) for key in keys)
    return tuple(fact for fact in facts if fact is not None)
