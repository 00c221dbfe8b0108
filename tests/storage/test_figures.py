"""The figures of the queues, on both engines."""

from __future__ import annotations

from storage import inbox, outbox
from storage.database import Database, Tx
from storage.figures import Figures, figures
from tests.storage.samples import AT, P, later, push


def test_nothing_is_counted_where_nothing_lies(database: Database) -> None:
    assert database.read(lambda tx: figures(tx, AT)) == Figures({}, {}, {}, 0, None)


def test_rows_are_counted_by_state_and_the_longest_due_push_is_named(database: Database) -> None:
    def fill(tx: Tx) -> None:
        outbox.enqueue_all(tx, P, [push("k1", "s1"), push("k2", "s2"), push("k3", "s1")], AT)
        outbox.create_call(tx, "wecom", b"{}", ["k1"], AT)
        outbox.cancel(tx, "k2")
        inbox.take(tx, "wecom", "m1", AT)

    database.write(fill)

    assert database.read(lambda tx: figures(tx, later(seconds=9))) == Figures(
        {"in_call": 1, "useless": 1, "waiting": 1}, {"ready": 1}, {}, 1, AT
    )
