"""How many random examples a property is tried on: a short slice in the suite, many by `make fuzz`."""

from __future__ import annotations

import os


def examples(count: int) -> int:
    """*count*, times FUZZ of the environment (1 where it is not set)."""
    return count * int(os.environ.get("FUZZ", "1"))
