"""Access tokens of the platforms, shared by all instances through compare-and-set (design D1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from storage.database import Tx
from storage.times import from_text, to_text


@dataclass(frozen=True)
class Token:
    """*version* grows with every store; show it to replace exactly this token."""

    value: str
    expires_at: datetime
    version: int


def load(tx: Tx, name: str) -> Token | None:
    found = tx.query(
        "select value, expires_at, version from token where name = :name",
        {"name": name},
    )
    if not found:
        return None
    row = found[0]
    return Token(row["value"], from_text(row["expires_at"]), row["version"])


def store(tx: Tx, name: str, value: str, expires_at: datetime, expected_version: int) -> bool:
    """Store a token over version *expected_version* (0: there was none); False when another
    instance was faster: load again and use theirs."""
    values = {
        "name": name,
        "value": value,
        "expires_at": to_text(expires_at),
        "expected_version": expected_version,
    }
    if expected_version == 0:
        del values["expected_version"]
        return _insert(tx, values)
    changed = tx.execute(
        """
        update token
        set value = :value, expires_at = :expires_at, version = version + 1
        where name = :name and version = :expected_version""",
        values,
    )
    return changed == 1


def _insert(tx: Tx, values: dict[str, object]) -> bool:
    inserted = tx.execute(
        """
        insert into token (name, value, expires_at, version)
        values (:name, :value, :expires_at, 1)
        on conflict do nothing""",
        values,
    )
    return inserted == 1
