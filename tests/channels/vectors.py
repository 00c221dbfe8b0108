"""The recorded vectors: official samples and other libraries' tests, each re-derived byte for byte."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

VECTORS = Path(__file__).parents[1] / "fixtures" / "vectors"

Vector = dict[str, Any]


def vectors(name: str) -> list[Vector]:
    """The vectors of one file, in order."""
    found: list[Vector] = json.loads((VECTORS / f"{name}.json").read_text("utf-8"))["vectors"]
    return found


def of_kind(name: str, kind: str, channel: str) -> list[Vector]:
    return [vector for vector in vectors(name) if (vector["kind"], vector["channel"]) == (kind, channel)]


def vector_id(vector: Vector) -> str:
    return str(vector["id"])
