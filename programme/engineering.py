"""工程: goal, progress and acceptance of one student (R33, notice L28), and who may say what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from programme.people import Person


@dataclass(frozen=True)
class Progress:
    """One entry of the history. *percent* 0 to 100."""

    task: str
    percent: int
    at: datetime


@dataclass(frozen=True)
class Acceptance:
    """What a lead decided; the last one holds."""

    is_passed: bool
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Engineering:
    """*history* oldest first."""

    goal: str | None = None
    history: tuple[Progress, ...] = ()
    acceptance: Acceptance | None = None

    def last_of(self, task: str) -> Progress | None:
        """The newest entry about *task*."""
        return next((entry for entry in reversed(self.history) if entry.task == task), None)

    @property
    def is_accepted(self) -> bool:
        return self.acceptance is not None and self.acceptance.is_passed


def leads(actor: Person, student: Person) -> bool:
    """Only the lead of the student's own project group sets goals and accepts work (B45)."""
    return (
        "lead" in actor.roles
        and "student" in student.roles
        and actor.group is not None
        and actor.group == student.group
        and actor.person_id != student.person_id
    )
