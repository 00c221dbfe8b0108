"""选题 自拟 《…》: a topic of one's own, which counts once a mentor, the lead or an admin agrees (R27)."""

from __future__ import annotations

from handlers import topic
from handlers.approving import Decision, approvers_for, close, put_to
from handlers.contacts import everybody
from handlers.context import Context
from language.understood import Understood
from messages.envelope import Reply
from programme.people import Person
from programme.policy import fact_of
from programme.topics import find, nearest
from storage import audit, own_topics, pending, requests, topics

LONGEST = 60
ONLY_DIRECTIONS = "只能在方向内选"


def handle(understood: Understood, context: Context) -> Reply:
    """Put a title forward; what was chosen before stays until somebody agrees."""
    if "student" not in context.person.roles:
        return Reply("topic/not_for_you")
    forbidden = fact_of(context.programme, "own_topic")
    if forbidden is not None and context.programme.settings.get("own_topic") == ONLY_DIRECTIONS:
        return Reply("topic/own_forbidden", {}, (forbidden,))
    title = str(understood.slots.get("topic") or "").strip(" 《》")
    if not 2 <= len(title) <= LONGEST:
        return Reply("topic/own_which", {"longest": LONGEST, "is_long": len(title) > LONGEST})
    listed = [one for one in find(context.programme.topics, title) if one.title == title]
    if listed:
        return topic.propose(listed[0], context)
    before = own_topics.of_person(context.tx, context.programme.programme_id, context.person.person_id)
    if before is not None and before.title == title:
        return Reply("topic/own_already", {"title": title, "state": before.state})
    return put_forward(title, before, context)


def put_forward(title: str, before: own_topics.OwnTopic | None, context: Context) -> Reply:
    programme_id, person = context.programme.programme_id, context.person
    approvers = deciders(context)
    if not approvers:
        return Reply("topic/own_nobody", {})
    if before is not None and before.state == "asked":
        requests.withdraw(context.tx, before.request_id, context.at)
    asker = (context.inbound.channel, context.inbound.sender)
    near = nearest(context.programme.topics, title, 1)
    values = {
        "name": person.name,
        "cohort": person.cohort,
        "title": title,
        "near": [one.title for one in near],
    }
    request = put_to(approvers, "own_topic", {"title": title}, "topic/own_please_decide", values, context)
    own_topics.ask(context.tx, programme_id, person.person_id, title, request.request_id, context.at)
    pending.close(context.tx, *asker)
    note(context, "ask_own_topic", person.person_id, title)
    said = {
        "title": title,
        "approvers": [a.name for a in approvers],
        "near": near,
        "mine": topic.mine(context),
    }
    return Reply("topic/own_asked", said)


def deciders(context: Context) -> tuple[Person, ...]:
    """The lead of one's group and one's mentor, as far as they can be reached; else the admins."""
    mentor = [
        person
        for person in everybody(context)
        if "mentor" in person.roles
        and person.name == context.person.mentor
        and person.person_id != context.person.person_id
        and context.snapshot.accounts_of(person.person_id)
    ]
    return tuple({p.person_id: p for p in (*approvers_for(context), *mentor)}.values())


def decide(decision: Decision, context: Context) -> Reply:
    """同意 3 / 驳回 3: an approved topic takes the place of what was chosen before."""
    if not close(decision, context):
        return Reply("approval/already_decided", {"number": decision.number})
    request, person_id = decision.request, str(decision.request.person_id)
    title = str(request.data.get("title") or "")
    state = "approved" if decision.is_approved else "rejected"
    by = context.person.person_id
    is_current = own_topics.decide(context.tx, request.request_id, state, by, context.at)  # type: ignore[arg-type]
    if is_current and decision.is_approved:
        topics.withdraw(context.tx, context.programme.programme_id, person_id, context.at)
    person = context.snapshot.person(person_id)
    values = {
        "title": title,
        "by": context.person.name,
        "is_approved": decision.is_approved,
        "reason": decision.reason,
    }
    if is_current:
        context.push(f"own_topic_decided:{request.request_id}", person_id, "topic/own_decided", values)
        note(context, f"{state}_own_topic", person_id, title, decision.reason)
    said = values | {"name": person.name if person else "（已不在名单）", "is_current": is_current}
    return Reply("topic/own_decided_by_you", said)


def note(context: Context, action: str, person_id: str, title: str, reason: str | None = None) -> None:
    audit.write(
        context.tx,
        context.programme.programme_id,
        context.at,
        context.person.person_id,
        action,
        f"person:{person_id}",
        None,
        title,
        reason,
    )
