"""Instants as text: UTC, microseconds, a trailing Z, so that text order is time order."""

from __future__ import annotations

from datetime import UTC, datetime


def to_text(at: datetime) -> str:
    """*at* (aware, any zone) as "2023-07-04T06:25:00.000000Z". Raises ValueError for a naive one."""
    if at.tzinfo is None:
        raise ValueError("an instant needs a zone")
    if at.tzinfo is not UTC:
        at = at.astimezone(UTC)
    return at.isoformat(timespec="microseconds")[:26] + "Z"


def from_text(text: str) -> datetime:
    """The aware UTC instant that to_text wrote."""
    return datetime.fromisoformat(text)


def to_text_or_none(at: datetime | None) -> str | None:
    return None if at is None else to_text(at)


def from_text_or_none(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
