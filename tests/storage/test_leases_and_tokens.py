"""Leases and tokens: what instances agree on through conditional updates; and the audit trail."""

from __future__ import annotations

from storage import audit, leases, tokens
from storage.audit import AuditEntry
from storage.database import Database, Tx
from storage.tokens import Token
from tests.storage.conftest import Overlap
from tests.storage.samples import AT, P, later


def acquire(database: Database, owner: str, **span: float) -> int | None:
    return database.write(lambda tx: leases.acquire(tx, "tick", owner, later(**span), 15))


def test_a_lease_is_held_by_one_owner_until_it_runs_out(database: Database) -> None:
    fences = [
        acquire(database, "a"),
        acquire(database, "b", seconds=14),
        acquire(database, "b", seconds=15),
        acquire(database, "a", seconds=16),
    ]

    assert fences == [1, None, 2, None]


def test_prolonging_a_lease_keeps_its_fence(database: Database) -> None:
    assert [acquire(database, "a"), acquire(database, "a", seconds=10)] == [1, 1]
    assert acquire(database, "b", seconds=20) is None


def test_an_owner_that_let_its_lease_run_out_gets_a_new_fence(database: Database) -> None:
    assert [acquire(database, "a"), acquire(database, "a", seconds=15)] == [1, 2]


def test_a_lease_from_before_the_clock_was_set_back_holds_nobody_up(database: Database) -> None:
    acquire(database, "a", hours=2)

    assert [acquire(database, "b"), acquire(database, "a", seconds=1)] == [2, None]


def test_a_clock_that_is_a_little_behind_takes_no_lease_away(database: Database) -> None:
    acquire(database, "a", seconds=14)

    assert acquire(database, "b") is None


def test_a_released_lease_is_free_at_once_and_its_fence_goes_on(database: Database) -> None:
    acquire(database, "a")

    released = [database.write(lambda tx: leases.release(tx, "tick", "a")) for _ in range(2)]

    assert released == [True, False]
    assert acquire(database, "b") == 2


def test_only_the_owner_releases_a_lease(database: Database) -> None:
    acquire(database, "a")

    assert database.write(lambda tx: leases.release(tx, "tick", "b")) is False
    assert acquire(database, "b") is None


def test_a_free_lease_taken_by_two_at_once_goes_to_one(overlap: Overlap) -> None:
    taken = overlap(
        lambda tx: leases.acquire(tx, "tick", "a", AT, 15), lambda tx: leases.acquire(tx, "tick", "b", AT, 15)
    )

    assert taken == (1, None)


def test_an_expired_lease_taken_by_two_at_once_goes_to_one(database: Database, overlap: Overlap) -> None:
    acquire(database, "dead")

    taken = overlap(
        lambda tx: leases.acquire(tx, "tick", "a", later(minutes=1), 15),
        lambda tx: leases.acquire(tx, "tick", "b", later(minutes=1), 15),
    )

    assert taken == (2, None)


def test_a_token_is_stored_over_the_version_that_was_seen(database: Database) -> None:
    stored = [
        database.write(lambda tx: tokens.store(tx, "wecom", "one", later(hours=2), 0)),
        database.write(lambda tx: tokens.store(tx, "wecom", "two", later(hours=3), 1)),
    ]

    assert stored == [True, True]
    assert database.read(lambda tx: tokens.load(tx, "wecom")) == Token("two", later(hours=3), 2)


def test_a_token_that_another_instance_replaced_is_kept(database: Database) -> None:
    database.write(lambda tx: tokens.store(tx, "wecom", "one", AT, 0))

    stored = [
        database.write(lambda tx: tokens.store(tx, "wecom", "mine", AT, 0)),
        database.write(lambda tx: tokens.store(tx, "wecom", "mine", AT, 2)),
    ]

    assert stored == [False, False]
    assert database.read(lambda tx: tokens.load(tx, "wecom")) == Token("one", AT, 1)


def test_a_token_nobody_stored_is_none(database: Database) -> None:
    assert database.read(lambda tx: tokens.load(tx, "wecom")) is None


def test_two_refreshes_at_once_leave_one_token(database: Database, overlap: Overlap) -> None:
    database.write(lambda tx: tokens.store(tx, "wecom", "old", AT, 0))

    stored = overlap(
        lambda tx: tokens.store(tx, "wecom", "a", AT, 1), lambda tx: tokens.store(tx, "wecom", "b", AT, 1)
    )

    assert stored == (True, False)
    assert database.read(lambda tx: tokens.load(tx, "wecom")) == Token("a", AT, 2)


def test_audit_entries_are_read_back_oldest_first(database: Database) -> None:
    def write(tx: Tx) -> None:
        audit.write(tx, P, later(minutes=1), "t1", "cancel", "session:S02", "confirmed", "cancelled", "停电")
        audit.write(tx, P, AT, None, "import", "programme", None, None, None)

    database.write(write)

    assert database.read(lambda tx: audit.entries(tx, P)) == (
        AuditEntry(AT, None, "import", "programme", None, None, None),
        AuditEntry(later(minutes=1), "t1", "cancel", "session:S02", "confirmed", "cancelled", "停电"),
    )
