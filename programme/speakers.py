"""Which people of the roster speak at a session, and on what; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from programme.people import Person
from programme.sessions import Item, Session

BETWEEN_NAMES = re.compile(r"[、，,/;；&]|和|与")


def speakers_of(session: Session, people: Sequence[Person]) -> Mapping[str, tuple[Item, ...]]:
    """Person id → the items of *session* that this person presents, in their order.

    A speaker is named, never numbered. Of several people of one name only the one whom the roster
    calls a speaker is meant; if it does not say, nobody is: the wrong one must not prepare a talk.
    """
    named = [(item, names_in(item.speaker)) for item in session.items]
    wanted = {name for _, names in named for name in names}
    if not wanted:
        return {}
    # Looked up, not searched for: a report day of a college has as many speakers as people.
    of_name: dict[str, list[Person]] = {}
    for person in people:
        if (name := squeezed(person.name)) in wanted:
            of_name.setdefault(name, []).append(person)
    found: dict[str, list[Item]] = {}
    for item, names in named:
        for name in names:
            person_meant = _the_one(of_name.get(name, ()))
            if person_meant is not None:
                found.setdefault(person_meant.person_id, []).append(item)
    return {person_id: tuple(items) for person_id, items in found.items()}


def names_in(speaker: str | None) -> tuple[str, ...]:
    """The names that a cell holds; a name with 和 or 与 in it is tried as a whole by whoever asks first."""
    if not speaker:
        return ()
    whole = squeezed(speaker)
    parts = [squeezed(part) for part in BETWEEN_NAMES.split(speaker)]
    return tuple(dict.fromkeys(part for part in (whole, *parts) if part))


def squeezed(name: str) -> str:
    return re.sub(r"\s", "", name)


def _the_one(same: Sequence[Person]) -> Person | None:
    if len(same) > 1:
        same = [person for person in same if "speaker" in person.roles]
    return same[0] if len(same) == 1 else None
