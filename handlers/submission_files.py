"""王小明的报告: what a student handed in, with links, for whoever may see it (design D13)."""

from __future__ import annotations

from handlers.contacts import everybody
from handlers.context import Context
from handlers.submission import link_to, status
from language.understood import Understood
from messages.envelope import Reply
from programme.people import Person
from programme.submissions import missing_parts
from storage import submissions, talks
from storage.submissions import Submission

SHOWN = 6


def handle(understood: Understood, context: Context) -> Reply:
    """The newest of each part and the drafts after it; a mentor who opens a file has seen it (B28)."""
    name = str(understood.slots.get("name") or "")
    if name == context.person.name:
        return status(understood, context)
    named = [p for p in everybody(context) if p.name == name and "student" in p.roles]
    if not named:
        return Reply("submission/nobody_of_that_name", {"name": name})
    visible = [person for person in named if may_see(context.person, person)]
    if not visible:
        return Reply("submission/not_yours", {"name": name, "is_student": "student" in context.person.roles})
    return Reply("submission/of_person", {"people": [shown(person, context) for person in visible]})


def may_see(viewer: Person, student: Person) -> bool:
    """An admin everybody, a lead the own group, a mentor the own students."""
    if viewer.programme_id != student.programme_id:
        return False
    is_lead = "lead" in viewer.roles and viewer.group is not None and viewer.group == student.group
    is_mentor = "mentor" in viewer.roles and viewer.name == student.mentor
    return "admin" in viewer.roles or is_lead or is_mentor


def shown(student: Person, context: Context) -> dict[str, object]:
    found = submissions.of_person(context.tx, context.programme.programme_id, student.person_id)
    kept = [one for one in found if one.is_kept() and one.told is not None]
    done = {one.part for one in kept if one.state == "submitted"}
    planned = talks.has_slot(context.tx, context.programme.programme_id, student.person_id)
    return {
        "name": student.name,
        "student_id": student.student_no,
        "lines": [line(one, context) for one in newest(kept)],
        "older": len(kept) - len(newest(kept)),
        "missing": missing_parts(done, has_talk=planned),
    }


def newest(kept: list[Submission]) -> list[Submission]:
    """The last submission of each part, and drafts that came after it; at most SHOWN, in their order."""
    last = {one.part: one for one in kept if one.state == "submitted"}
    wanted = [
        one
        for one in kept
        if last.get(one.part) is one or (one.state == "draft" and is_after(one, last.get(one.part)))
    ]
    return wanted[-SHOWN:]


def is_after(draft: Submission, counted: Submission | None) -> bool:
    return counted is None or draft.received_at > counted.received_at


def line(one: Submission, context: Context) -> dict[str, object]:
    return {
        **(one.told or {}),
        "submission_state": one.state,
        "kind": one.kind,
        "link": one.url or (link_to(one, context) if one.file else ""),
        "is_new": not submissions.is_seen_by(context.tx, context.person.person_id, one.submission_id),
    }
