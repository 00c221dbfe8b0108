"""Questions about requirements: the notice's words, 本组规定, or honestly 通知没有写."""

from __future__ import annotations

from handlers.context import Context
from handlers.names import name_of
from language.subjects import rule_subject
from language.understood import Understood
from messages.envelope import Reply
from programme.attendance import may_come, must_come
from programme.evidence import quote
from programme.policy import facts_about, needs_guarantee, windows_fact
from programme.rules import rules_about
from programme.sessions import Source


def handle(understood: Understood, context: Context) -> Reply:
    subject = rule_subject(understood.text)
    if subject is None:
        return overview(context)
    rules = rules_about(context.programme, subject)
    sources = tuple(rule.source for rule in rules if rule.source and rule.source.phrase)
    values: dict[str, object] = {
        "rules": {rule.rule: rule for rule in rules},
        "quotes": [quote(context.programme, source) for source in sources],
        "checkin": context.setup.checkin,
        "cohort": context.person.cohort,
        "is_obliged": must_come(context.programme, context.person),
        "is_optional": may_come(context.programme, context.person),
        "opted_in": context.person.opted_in,
        "contact": contact(context),
        "missing": [a.name for a in context.programme.attachments if not a.present],
        "report_days": [s.held_on for s in context.programme.sessions if s.kind == "report_day"],
    }
    decided = facts_about(context.programme, subject)
    if decided:
        values |= {
            "lab": [lab_fact(fact, context) for fact in decided],
            "subject": subject,
            "needs_guarantee": needs_guarantee(context.programme, context.person, context.setup.lab_defaults),
        }
        return Reply("rules/lab", values, (*decided, *sources))
    if subject == "late":
        sources = (windows_fact(context.setup.checkin),)
    return Reply(f"rules/{subject}", values, sources)


def lab_fact(source: Source, context: Context) -> dict[str, object]:
    """本组规定: what holds, who decided it when, and what the notice prints instead, if anything."""
    return {
        "what": source.phrase,
        "by": name_of(source.by, context),
        "at": source.at.astimezone(context.setup.zone) if source.at else None,
        "printed": source.printed,
    }


def overview(context: Context) -> Reply:
    """要求 without a subject: who must come and what is handed in, in the notice's words."""
    subjects = ("attendance", "report_type", "online", "engineering")
    rules = [rule for subject in subjects for rule in rules_about(context.programme, subject) if rule.source]
    sources = tuple(rule.source for rule in rules if rule.source and rule.source.phrase)
    return Reply("rules/overview", {"quotes": [quote(context.programme, s) for s in sources]}, sources)


def contact(context: Context) -> str:
    """Whom to ask: the contact that the notice names, else the admin of the roster."""
    if context.programme.contacts:
        return context.programme.contacts[0].name
    admins = [
        p.name for p in context.snapshot.people_in(context.programme.programme_id) if "admin" in p.roles
    ]
    return admins[0] if admins else "管理员"
