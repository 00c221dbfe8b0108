"""Which programme a command is about: the one there is, or the one that the operator names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from programme.programme import Programme
from storage.snapshot import Snapshot


@dataclass(frozen=True)
class Listed:
    """A programme in the list to choose from, with how many people it has."""

    programme: Programme
    people: int


class NotChosen(Exception):
    """None or several fit; *programmes* is what there is."""

    def __init__(self, programmes: Sequence[Listed]) -> None:
        super().__init__(len(programmes))
        self.programmes = tuple(programmes)


def choose(snapshot: Snapshot, asked: str | None) -> Programme:
    """The programme *asked* for by id, title, year or a part of the title; without it the only one.

    Never a guess: a roster in the wrong programme would make its people leave. Raises NotChosen.
    """
    found = (snapshot.programme(programme_id) for programme_id in snapshot.programme_ids())
    there = [programme for programme in found if programme is not None]
    fitting = there if asked is None else named(there, asked.strip().strip("《》"))
    if len(fitting) != 1:
        raise NotChosen([Listed(each, len(snapshot.people_in(each.programme_id))) for each in there])
    return fitting[0]


def named(programmes: Sequence[Programme], asked: str) -> list[Programme]:
    """Those whose id is *asked*; else those with that title or year; else those with it in the title."""
    for fits in (
        lambda each: each.programme_id == asked,
        lambda each: asked in (each.title, str(each.year)),
        lambda each: bool(asked) and asked in each.title,
    ):
        if fitting := [each for each in programmes if fits(each)]:
            return fitting
    return []
