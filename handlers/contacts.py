"""Whom to ask: the contact of the notice, one's lead, one's mentor, or who else is named."""

from __future__ import annotations

from handlers.context import Context
from language.understood import Understood
from messages.envelope import Reply
from programme.evidence import quote
from programme.people import Person
from programme.rules import rule_named


def contact(context: Context) -> str:
    """Whom to ask: the contact that the notice names, else the admin of the roster."""
    if context.programme.contacts:
        return context.programme.contacts[0].name
    admins = [p.name for p in everybody(context) if "admin" in p.roles]
    return admins[0] if admins else "管理员"


def whom(context: Context) -> dict[str, object]:
    """The values with which templates say whom to ask; who would be sent to themselves is told so."""
    named = contact(context)
    return {"contact": named, "is_contact": named == context.person.name}


def nearest(context: Context) -> str:
    """The lead of one's group for a student, else the notice's contact."""
    leads = leads_of(context.person.group, context) if "student" in context.person.roles else ()
    return leads[0].name if leads else contact(context)


def leads_of(group: str | None, context: Context) -> tuple[Person, ...]:
    return tuple(p for p in everybody(context) if "lead" in p.roles and group and p.group == group)


def everybody(context: Context) -> tuple[Person, ...]:
    return tuple(context.snapshot.people_in(context.programme.programme_id))


def handle(understood: Understood, context: Context) -> Reply:
    """怎么联系张老师: what the notice says of it, and what it does not."""
    asked = str(understood.slots.get("name") or "")
    person = named_person(asked, context)
    rule = rule_named(context.programme, "engineering_contact")
    is_of_notice = person is None or person.name == contact(context)
    source = rule.source if rule and rule.source and is_of_notice else None
    known = next((c for c in context.programme.contacts if person and c.name == person.name), None)
    values = whom(context) | {
        "asked": asked,
        "person": person,
        "account": known.account if known else None,
        "channel": known.channel if known else None,
        "quote": quote(context.programme, source) if source else None,
        "nearest": nearest(context),
        "is_me": person is not None and person.person_id == context.person.person_id,
    }
    return Reply("contact/how", values, (source,) if source else ())


def named_person(asked: str, context: Context) -> Person | None:
    """Who is meant by a name, or by 导师, 负责人, 管理员 as seen from the sender."""
    me = context.person
    if asked in ("导师",):
        return next((p for p in everybody(context) if p.name == me.mentor), None)
    if asked in ("负责人", "组长", "项目负责人"):
        return next(iter(leads_of(me.group, context)), None)
    named = contact(context) if asked in ("", "老师", "管理员", "你们") else asked
    return next((p for p in everybody(context) if p.name == named), None)
