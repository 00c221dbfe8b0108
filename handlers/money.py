"""What the money clauses come to for the sender so far: evidence, and what is missing (R36–R39)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from handlers.context import Context
from handlers.rating import scale
from handlers.submission import sent
from programme.ledger import Entry, Facts, Handed, ledger
from storage import engineering, payments, ratings, talks


def standing(context: Context) -> Mapping[str, Entry]:
    """The first row of each clause, by the clause's id; the clauses that pay by piece have several."""
    programme, person, tx = context.programme, context.person, context.tx
    entries = ledger(
        programme.rewards,
        person,
        facts_of(context),
        None,
        payments.payments_of(tx, programme.programme_id, person.person_id),
    )
    return {entry.reward.reward_id: entry for entry in reversed(entries)}


def facts_of(context: Context) -> Facts:
    tx, programme_id, person_id = context.tx, context.programme.programme_id, context.person.person_id
    grades = scale(context)
    result = grades.result(tuple(ratings.ratings_of(tx, programme_id, person_id).values()))
    shown = result if ratings.is_released(tx, programme_id) else None  # nobody learns it before the others
    done = {one.part for one in sent(context) if one.state == "submitted"}
    return Facts(
        handed=Handed("report" in done, "slides" in done, has_talked(context)),
        rating=shown,
        is_rating_enough=shown is not None and grades.reaches(shown),
        is_engineering_accepted=engineering.of_person(tx, programme_id, person_id).is_accepted,
        writings=payments.writings_of(tx, programme_id, person_id),
    )


def has_talked(context: Context) -> bool:
    """Whether the sender's slot is over; nobody notes who really spoke."""
    plan = talks.current(context.tx, context.programme.programme_id)
    zone = context.setup.zone
    return plan is not None and any(
        datetime.combine(slot.held_on, slot.end, zone) <= context.at
        for slot in plan.slots
        if slot.person_id == context.person.person_id
    )
