"""Whom an announcement reaches, and whom its sender may write to; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from programme.people import Person, Role


@dataclass(frozen=True)
class Audience:
    """Cohorts, groups and roles that are meant; all of those named must fit, none named means everybody
    who takes part (not mentors and admins). *mentor* narrows it to the students of that mentor, *names*
    to the people of these names."""

    cohorts: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    mentor: str | None = None
    names: tuple[str, ...] = ()


TAKE_PART: frozenset[Role] = frozenset({"student", "lead", "speaker"})


def select(people: Sequence[Person], audience: Audience) -> tuple[Person, ...]:
    """Who is meant, in the order of the roster."""
    return tuple(person for person in people if is_meant(person, audience))


def is_meant(person: Person, audience: Audience) -> bool:
    if audience.names and person.name not in audience.names:
        return False
    if audience.mentor is not None and person.mentor != audience.mentor:
        return False
    if audience.cohorts and person.cohort not in audience.cohorts:
        return False
    if audience.groups and person.group not in audience.groups:
        return False
    if audience.names:
        return True
    if audience.roles:
        return bool(person.roles & set(audience.roles))
    return bool(person.roles & TAKE_PART)


def allowed(sender: Person, wanted: Audience) -> Audience | None:
    """*wanted* as far as *sender* may write: an admin to all, a lead to the own group, a mentor to the
    own students. None where the wish goes further, or the sender may write to nobody."""
    if "admin" in sender.roles:
        return wanted
    if "lead" in sender.roles and sender.group:
        if set(wanted.groups) - {sender.group} or "mentor" in wanted.roles:
            return None
        return Audience(wanted.cohorts, (sender.group,), wanted.roles, names=wanted.names)
    if "mentor" in sender.roles:
        if {"mentor", "lead"} & set(wanted.roles):
            return None
        return Audience(wanted.cohorts, wanted.groups, mentor=sender.name, names=wanted.names)
    return None
