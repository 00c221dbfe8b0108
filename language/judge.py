"""The protocol of `bot.py understand`: one JSON line in, one JSON line out."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import get_args

from language.dates import read_span
from language.labels import public_label
from language.understand import understand
from language.understood import SpeakerRole

_LONGEST_LINE = 1_000_000


def answer_line(line: str) -> str:
    """The answer to one request line: {"intent","slots"} or {"start","end","part"} by its task.

    A line that is no such request is answered {"error": …}; nothing is raised.
    """
    try:
        return _written(_answer(line))
    except (ValueError, KeyError, TypeError, RecursionError) as problem:
        return _written({"error": f"{type(problem).__name__}: {problem}"[:200]})


def _answer(line: str) -> dict[str, object]:
    if len(line) > _LONGEST_LINE:
        raise ValueError("line too long")
    request = json.loads(line)
    if not isinstance(request, dict):
        raise TypeError("a JSON object is expected")
    text, now = request["text"], datetime.fromisoformat(request["now"])
    if not isinstance(text, str):
        raise TypeError("text must be a string")
    if now.tzinfo is None:
        raise ValueError("now must carry its offset from UTC")
    task = request.get("task", "intent")
    if task == "date":
        return _dates(text, now)
    if task != "intent":
        raise ValueError(f"unknown task {task!r}")
    role = request.get("role", "student")
    if role not in get_args(SpeakerRole):
        raise ValueError(f"unknown role {role!r}")
    understood = understand(text, now, role)
    return {"intent": public_label(understood.intent), "slots": dict(understood.slots)}


def _dates(text: str, now: datetime) -> dict[str, object]:
    span = read_span(text, now)
    if span is None:
        return {"start": None, "end": None, "part": None}
    return {"start": _moment(span.start), "end": _moment(span.end), "part": span.part}


def _moment(value: date | datetime | None) -> str | None:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M")
    return value.isoformat() if value is not None else None


def _written(answer: dict[str, object]) -> str:
    # A lone surrogate in a text cannot be written as UTF-8: ASCII escapes carry anything.
    written = json.dumps(answer, ensure_ascii=False)
    return written if written.isprintable() else json.dumps(answer)
