"""What every numbered decision shares: who may decide, and closing the request once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from handlers.contacts import leads_of
from handlers.context import Context
from programme.people import Person
from storage import requests
from storage.requests import Request


@dataclass(frozen=True)
class Decision:
    """同意 3 or 驳回 3 理由: *number* is the approver's own number of the request."""

    request: Request
    is_approved: bool
    number: int
    reason: str | None = None


def put_to(
    approvers: Sequence[Person],
    kind: str,
    data: Mapping[str, object],
    template: str,
    values: Mapping[str, object],
    context: Context,
) -> Request:
    """The sender's request, with a number of its own for each of *approvers*, who are asked at once.

    *values* of the push *template* are the same for all but for the number to answer by.
    """
    request = requests.ask(
        context.tx,
        context.programme.programme_id,
        kind,
        (context.inbound.channel, context.inbound.sender),
        context.person.person_id,
        data,
        [approver.person_id for approver in approvers],
        context.at,
    )
    for person_id, number in request.numbers.items():
        key = f"{kind}:{request.request_id}:{person_id}"
        context.push(key, person_id, template, {**values, "number": number})
    return request


def close(decision: Decision, context: Context) -> bool:
    """Close the request with this decision; False when somebody was faster."""
    verdict: Literal["approved", "rejected"] = "approved" if decision.is_approved else "rejected"
    by = context.person.person_id
    return requests.decide(context.tx, decision.request.request_id, verdict, by, context.at)


def approvers_for(context: Context) -> tuple[Person, ...]:
    """The lead of the sender's group, else the admins; never the sender."""
    leads = tuple(p for p in leads_of(context.person.group, context) if p != context.person)
    return leads or admins_of(context)


def admins_of(context: Context) -> tuple[Person, ...]:
    """Everybody with the admin's rights by the roster, or by an account that [admins] names."""
    people = context.snapshot.people_in(context.programme.programme_id)
    return tuple(
        person
        for person in people
        if person.person_id != context.person.person_id
        and (
            "admin" in person.roles
            or any(
                a.account.lower() in context.setup.admins
                for a in context.snapshot.accounts_of(person.person_id)
            )
        )
    )
