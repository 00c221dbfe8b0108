"""Over whose records somebody may look: a lead the own group, a mentor the own students, the admin all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from programme.people import Person


@dataclass(frozen=True)
class Oversight:
    """Whose records are meant: everybody's, those of *group*, those whose mentor is *mentor*, or both."""

    everybody: bool = False
    group: str | None = None
    mentor: str | None = None

    def covers(self, person: Person) -> bool:
        if self.everybody:
            return True
        if self.group is not None and person.group == self.group:
            return True
        return self.mentor is not None and person.mentor == self.mentor

    def among(self, people: Iterable[Person]) -> tuple[Person, ...]:
        return tuple(person for person in people if self.covers(person))


def oversight_of(viewer: Person) -> Oversight | None:
    """What *viewer* may see of others; None for who may see nobody but themselves (design D13)."""
    if "admin" in viewer.roles:
        return Oversight(everybody=True)
    group = viewer.group if "lead" in viewer.roles else None
    mentor = viewer.name if "mentor" in viewer.roles else None
    return Oversight(group=group, mentor=mentor) if group or mentor else None
