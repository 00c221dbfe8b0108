"""Choosing a direction: by our order, by the printed number, by words."""

from __future__ import annotations

import math
import re
from collections import Counter
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


def nearest(topics: Sequence[Topic], words: str, count: int) -> tuple[Topic, ...]:
    """The directions that share most with *words*, by pairs of characters that few directions have (B24, B25)."""
    held = {topic.order: _pairs(_all_words(topic)) for topic in topics}
    often = Counter(pair for pairs in held.values() for pair in pairs)
    wanted = _pairs(words)

    def likeness(topic: Topic) -> float:
        shared = wanted & held[topic.order]
        weight = sum(1 / often[pair] for pair in shared)
        return weight / math.sqrt(len(held[topic.order]) + 1)

    found = sorted(topics, key=lambda topic: (-likeness(topic), topic.order))
    return tuple(topic for topic in found[:count] if likeness(topic) > 0)


def like(topics: Sequence[Topic], topic: Topic, count: int) -> tuple[Topic, ...]:
    """The directions nearest to *topic*, itself left out."""
    others = [one for one in topics if one.order != topic.order]
    return nearest(others, _all_words(topic), count)


def _all_words(topic: Topic) -> str:
    return "".join((topic.title, topic.note or "", *topic.paragraphs))


def _pairs(text: str) -> frozenset[str]:
    letters = re.sub(r"[^\w]|的|与|和|及|等|研究|方法|理论|人工智能|发展|建立|新型", " ", squeeze(text))
    return frozenset(w[i : i + 2] for w in letters.split() for i in range(len(w) - 1))


def find(topics: Sequence[Topic], words: str) -> tuple[Topic, ...]:
    """Directions that mention *words*: in title or note first, in the text only if nothing else."""
    wanted = squeeze(words)
    if not wanted:
        return ()
    titled = tuple(t for t in topics if wanted in squeeze(t.title) or wanted in squeeze(t.note or ""))
    return titled or tuple(t for t in topics if any(wanted in squeeze(p) for p in t.paragraphs))
