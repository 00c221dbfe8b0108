"""Choosing a direction: by our order, by the printed number, by words."""

from __future__ import annotations

from collections.abc import Sequence

from programme.programme import Topic
from programme.schedule import squeeze


def by_order(topics: Sequence[Topic], order: int) -> Topic | None:
    return next((topic for topic in topics if topic.order == order), None)


def by_printed_no(topics: Sequence[Topic], number: int) -> tuple[Topic, ...]:
    """All directions that carry *number* in print: 1 is printed twice (notice L47, L51)."""
    return tuple(topic for topic in topics if topic.printed_no == number)


def also_meant(topics: Sequence[Topic], topic: Topic) -> tuple[Topic, ...]:
    """Directions somebody may mean by the number of *topic*'s order: those printed with it, and,
    where the printed number of *topic* repeats, its twins (R24)."""
    printed = {t.order for t in by_printed_no(topics, topic.order)}
    if topic.printed_no is not None:
        twins = by_printed_no(topics, topic.printed_no)
        if topic.printed_no == topic.order and len(twins) > 1:
            printed |= {t.order for t in twins}
    return tuple(t for t in topics if t.order in printed and t.order != topic.order)


def find(topics: Sequence[Topic], words: str) -> tuple[Topic, ...]:
    """Directions that mention *words*: in title or note first, in the text only if nothing else."""
    wanted = squeeze(words)
    if not wanted:
        return ()
    titled = tuple(t for t in topics if wanted in squeeze(t.title) or wanted in squeeze(t.note or ""))
    return titled or tuple(t for t in topics if any(wanted in squeeze(p) for p in t.paragraphs))
