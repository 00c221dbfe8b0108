"""Whether the database itself is sound: its pages, its references, its schema."""

from __future__ import annotations

from storage.database import Database, StorageAway, Tx
from storage.migrations import STEPS, applied_steps

MOST_DANGLING = 20


def check(database: Database) -> tuple[str, ...]:
    """What is wrong, one Chinese line each; empty when all is well. Raises StorageAway."""
    return database.read(_problems_of_sqlite if database.engine == "sqlite" else _problems_of_schema)


def _problems_of_sqlite(tx: Tx) -> tuple[str, ...]:
    return (*damage_of_sqlite(tx), *_problems_of_schema(tx))


def damage_of_sqlite(tx: Tx) -> tuple[str, ...]:
    """Broken pages and dangling references, one Chinese line each."""
    damage = tuple(
        f"文件坏了（{row['integrity_check']}）"
        for row in tx.query("pragma integrity_check(20)")
        if row["integrity_check"] != "ok"
    )
    dangling = tuple(
        f"{row['table']} 表第 {row['rowid']} 行指的 {row['parent']} 不在了"
        for row in tx.query("pragma foreign_key_check")[:MOST_DANGLING]
    )
    return (*damage, *dangling)


def _problems_of_schema(tx: Tx) -> tuple[str, ...]:
    # PostgreSQL checks its references at every statement and its pages by itself.
    applied = applied_steps(tx)
    missing = tuple(f"缺少升级步骤 {name}" for name, _ in STEPS if name not in applied)
    known = {name for name, _ in STEPS}
    unknown = tuple(f"有新版程序的升级步骤 {name}" for name in applied if name not in known)
    return (*missing, *unknown)


def is_reachable(database: Database) -> bool:
    """Whether the database answers a question now; for the health pages."""
    try:
        database.read(lambda tx: tx.query("select 1 as one"))
    except StorageAway:
        return False
    return True
