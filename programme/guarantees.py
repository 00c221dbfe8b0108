"""Who may vouch for somebody's online presence, and what that makes of a check-in; pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from programme.attendance import Taken
from programme.people import Person

GuarantorRole = Literal["lead", "mentor"]


@dataclass(frozen=True)
class Guarantor:
    """Somebody who may vouch; *person* None: the roster names a mentor whom it does not list."""

    name: str
    role: GuarantorRole
    person: Person | None


def guarantors_of(student: Person, people: Iterable[Person]) -> tuple[Guarantor, ...]:
    """The leads of the student's group, then the mentor; never the student.

    Source: notice L36 (须由项目负责人或导师担保).
    """
    everybody = [p for p in people if p.person_id != student.person_id]
    leads = [p for p in everybody if "lead" in p.roles and student.group and p.group == student.group]
    found = [Guarantor(lead.name, "lead", lead) for lead in leads]
    if student.mentor and student.mentor not in [g.name for g in found]:
        mentor = next((p for p in everybody if p.name == student.mentor and "mentor" in p.roles), None)
        found.append(Guarantor(student.mentor, "mentor", mentor))
    return tuple(found)


ROLE_WORDS = {"项目负责人": "lead", "负责人": "lead", "组长": "lead", "导师": "mentor", "我导师": "mentor"}


def named_guarantor(said: str, guarantors: Sequence[Guarantor]) -> Guarantor | None:
    """Who is meant by 李老师, 李 or 导师; None when nobody of them, or more than one, is."""
    if said in ROLE_WORDS:
        fitting = [g for g in guarantors if g.role == ROLE_WORDS[said]]
    else:
        fitting = [g for g in guarantors if bare(g.name) == bare(said)]
    return fitting[0] if len(fitting) == 1 else None


def bare(name: str) -> str:
    for title in ("老师", "教授", "博士", "同学"):
        name = name.removesuffix(title)
    return name


def online(taken: Taken, *, needs_guarantee: bool, has_guarantee: bool) -> Taken:
    """The verdict on an online check-in: 线上-待担保 unless somebody vouches or nobody has to (R16)."""
    if taken.state == "voluntary" or has_guarantee or not needs_guarantee:
        return taken
    return replace(taken, state="online_pending")
