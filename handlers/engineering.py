"""进度 … 60% by the student, 验收 王小明 通过 … by the lead of that student (R33, B37, B45)."""

from __future__ import annotations

from handlers.contacts import contact, leads_of, whom
from handlers.context import Context
from handlers.rating import student_meant
from language.understood import Understood
from messages.envelope import Reply
from programme.engineering import Acceptance, Progress, leads
from programme.ledger import kind_of
from programme.rewards import applies_to
from storage import audit, engineering


def progress(understood: Understood, context: Context) -> Reply:
    """Keeps the entry and says what the last one was."""
    if "student" not in context.person.roles:
        return Reply("engineering/only_students")
    task, percent = str(understood.slots.get("text") or ""), understood.slots.get("percent")
    if not task or not isinstance(percent, int):
        return Reply("engineering/how_to_report")
    programme_id, person_id = context.programme.programme_id, context.person.person_id
    before = engineering.of_person(context.tx, programme_id, person_id).last_of(task)
    engineering.add_progress(context.tx, programme_id, person_id, Progress(task, percent, context.at))
    heads = [p.name for p in leads_of(context.person.group, context)]
    values = {"task": task, "percent": percent, "before": before.percent if before else None}
    return Reply("engineering/progress", values | {"leads": heads})


def accept(understood: Understood, context: Context) -> Reply:
    """Only the lead of the student's own group; nobody accepts the own work."""
    if "lead" not in context.person.roles:
        return Reply("engineering/only_leads", whom(context))
    student = student_meant(understood, context)
    if isinstance(student, Reply):
        return student
    if not leads(context.person, student):
        return Reply("engineering/not_your_group", {"person": student})
    decided = Acceptance(
        understood.slots.get("decision") == "approve",
        str(understood.slots.get("reason") or ""),
        context.person.person_id,
        context.at,
    )
    programme_id = context.programme.programme_id
    before = engineering.of_person(context.tx, programme_id, student.person_id).acceptance
    engineering.accept(context.tx, programme_id, student.person_id, decided)
    audit.write(
        context.tx,
        programme_id,
        context.at,
        context.person.person_id,
        "accept_work",
        f"person:{student.person_id}",
        str(before.is_passed) if before else None,
        str(decided.is_passed),
        decided.reason or None,
    )
    housing = [r for r in context.programme.rewards if kind_of(r) == "housing" and applies_to(r, student)]
    values = {"person": student, "is_passed": decided.is_passed, "reason": decided.reason}
    sources = tuple(r.source for r in housing)
    return Reply("engineering/accepted", values | {"housing": housing, "contact": contact(context)}, sources)
