"""Values kept as JSON text in one column; no statement ever looks inside."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

# json.dumps builds a new encoder whenever an option differs from its defaults.
ENCODE = json.JSONEncoder(ensure_ascii=False, sort_keys=True).encode


def to_json(value: object) -> str:
    """*value* as text that is equal for equal values."""
    return ENCODE(value)


def mapping_json(value: Mapping[str, object]) -> str:
    return ENCODE(dict(value))


def from_json(text: str) -> Any:
    return json.loads(text)


def tuple_from_json(text: str) -> tuple[Any, ...]:
    return tuple(json.loads(text))
