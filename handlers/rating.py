"""评 王小明 良: who may rate, the confirmation before it is stored (design D9), and a change with its reason."""

from __future__ import annotations

import re

from handlers import people
from handlers.asking import ask
from handlers.contacts import everybody, whom
from handlers.context import Context
from language.understood import Understood
from messages.envelope import Reply
from programme.naming import people_meant
from programme.people import Person
from programme.ratings import Scale, may_rate, scale_of
from storage import audit, pending, ratings
from storage.pending import Pending

REASON = re.compile(r"^(?:原因|理由|因为)[\s:：,，]*(.{1,200})$", re.DOTALL)


def scale(context: Context) -> Scale:
    """The lab's own 评级 over [ratings] of the configuration."""
    defaults = context.setup.lab_defaults
    grades = tuple(g for g in defaults.get("ratings.scale", "").split("/") if g)
    default = Scale(grades or ("优", "良", "中", "差"), defaults.get("ratings.threshold") or "良")
    return scale_of(context.programme.settings.get("rating_scale", ""), default)


def is_rater(context: Context) -> bool:
    namesakes = sum(p.name == context.person.name for p in everybody(context))
    return may_rate(context.person, context.programme.settings.get("raters", ""), namesakes)


def handle(understood: Understood, context: Context) -> Reply:
    """Shows what would be stored; only 确认, or the reason of a change, stores it."""
    if not is_rater(context):
        return Reply("rating/only_raters", whom(context))
    student = student_meant(understood, context)
    if isinstance(student, Reply):
        return student
    if student.person_id == context.person.person_id:
        return Reply("rating/not_oneself")
    declared, said = scale(context), str(understood.slots.get("grade") or "")
    grade = declared.grade_of(said)
    if grade is None:
        return Reply("rating/not_on_scale", {"person": student, "said": said, "scale": declared.spoken()})
    given = ratings.ratings_of(context.tx, context.programme.programme_id, student.person_id)
    before = given.get(context.person.person_id)
    if before == grade:
        return Reply("rating/same", {"person": student, "grade": grade})
    ask(context, "rating", {"person_id": student.person_id, "grade": grade, "before": before})
    values = {"person": student, "grade": grade, "before": before, "scale": declared.spoken()}
    return Reply("rating/confirm", values)


def student_meant(understood: Understood, context: Context) -> Person | Reply:
    """The one student that the message names, or the answer that asks which."""
    said, last4 = str(understood.slots.get("name") or ""), understood.slots.get("last4")
    found = [
        p
        for p in people_meant(said, everybody(context), str(last4) if last4 else None)
        if "student" in p.roles
    ]
    if len(found) == 1:
        return found[0]
    if found:
        return people.which(said, found)
    return Reply("people/nobody", {"name": said, "group": context.person.group, "is_lead": False})


def confirmed(understood: Understood, context: Context, asked: Pending) -> Reply | None:
    """确认 for a first rating; for a change the awaited form is 原因 …."""
    before = asked.data.get("before")
    reason = REASON.match(understood.text.strip())
    if before is not None and understood.intent == "confirm":
        return Reply("rating/reason_needed", {"grade": asked.data["grade"]})
    if understood.intent != "confirm" and (before is None or reason is None):
        return None
    pending.close(context.tx, context.inbound.channel, context.inbound.sender)
    student = context.snapshot.person(str(asked.data["person_id"]))
    grade = scale(context).grade_of(str(asked.data["grade"]))
    if student is None or grade is None or not is_rater(context):
        return Reply("guide/question_gone")
    return store(student, grade, reason[1].strip() if reason else None, context)


def store(student: Person, grade: str, reason: str | None, context: Context) -> Reply:
    programme_id, rater = context.programme.programme_id, context.person.person_id
    before = ratings.ratings_of(context.tx, programme_id, student.person_id).get(rater)
    ratings.rate(context.tx, programme_id, student.person_id, rater, grade, context.at)
    audit.write(
        context.tx,
        programme_id,
        context.at,
        rater,
        "rate",
        f"person:{student.person_id}",
        before,
        grade,
        reason,
    )
    declared = scale(context)
    given = ratings.ratings_of(context.tx, programme_id, student.person_id)
    values = {"person": student, "grade": grade, "scale": declared.spoken(), "count": len(given)}
    return Reply("rating/stored", values | {"result": declared.result(tuple(given.values()))})
