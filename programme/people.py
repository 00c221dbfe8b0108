"""Who takes part: cohorts, project groups, roles, and who answers for whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Role = Literal["student", "lead", "mentor", "speaker", "rater", "admin"]

ROLE_NAMES: dict[str, Role] = {
    "学生": "student",
    "项目负责人": "lead",
    "负责人": "lead",
    "导师": "mentor",
    "主讲": "speaker",
    "讲者": "speaker",
    "评委": "rater",
    "管理员": "admin",
}


@dataclass(frozen=True)
class Person:
    """One row of the roster. *mentor* is the mentor's name as the roster prints it.

    *asked_reminders*: wants reminders without having to come (研2 without 加入, a mentor).
    *lead_min*: minutes before the start at which this person wants the last reminder; None as the rules say.
    *opted_in_at*: when somebody of 研2 joined (加入); what was before does not count for them.
    """

    person_id: str
    programme_id: str
    name: str
    student_no: str | None
    cohort: str | None
    group: str | None
    roles: frozenset[Role]
    mentor: str | None = None
    opted_in: bool = False
    muted: bool = False
    asked_reminders: bool = False
    lead_min: int | None = None
    opted_in_at: datetime | None = None
