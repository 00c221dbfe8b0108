"""The outbox: queued once, due when it is due, useless when it is late."""

from __future__ import annotations

from dataclasses import replace

import pytest

from messages.envelope import Announcement, Attachment, Card
from storage import outbox
from storage.database import Conflict, Database, Tx
from storage.outbox import OutboxRow
from tests.storage.samples import AT, P, later, push


def waiting(key: str, person_id: str = "s1") -> OutboxRow:
    return OutboxRow(
        dedupe_key=key,
        programme_id=P,
        person_id=person_id,
        template="reminder/session",
        values={"title": "写作"},
        text=None,
        due_at=AT,
        useless_after=None,
        state="waiting",
        call_id=None,
        reason=None,
    )


def states(database: Database, prefix: str = "") -> dict[str, tuple[str, str | None]]:
    rows = database.read(lambda tx: outbox.delivery_of(tx, P, prefix))
    return {row.dedupe_key: (row.state, row.reason) for row in rows}


def test_a_push_is_queued_once_per_dedupe_key(database: Database) -> None:
    queued = [database.write(lambda tx: outbox.enqueue(tx, P, push("k1"), AT)) for _ in range(2)]

    assert queued == [True, False]
    assert database.read(lambda tx: outbox.due(tx, AT, 10)) == (waiting("k1"),)


def test_many_pushes_are_queued_at_once_and_only_the_new_ones_count(database: Database) -> None:
    database.write(lambda tx: outbox.enqueue(tx, P, push("k1"), AT))

    added = database.write(
        lambda tx: outbox.enqueue_all(tx, P, [push("k1"), push("k2", "s2"), push("k3", "s3")], AT)
    )

    assert added == 2
    assert database.read(lambda tx: outbox.due(tx, AT, 10)) == (
        waiting("k1"),
        waiting("k2", "s2"),
        waiting("k3", "s3"),
    )


def test_queueing_nothing_is_nothing(database: Database) -> None:
    assert database.write(lambda tx: outbox.enqueue_all(tx, P, [], AT)) == 0


def test_a_push_to_nobody_is_refused(database: Database) -> None:
    with pytest.raises(Conflict):
        database.write(lambda tx: outbox.enqueue(tx, P, push("k1", "nobody"), AT))


def test_a_push_is_not_due_before_its_time(database: Database) -> None:
    database.write(lambda tx: outbox.enqueue(tx, P, push("k1"), AT))

    assert database.read(lambda tx: outbox.due(tx, later(seconds=-1), 10)) == ()
    assert database.read(lambda tx: outbox.oldest_due(tx, later(seconds=-1))) is None
    assert database.read(lambda tx: outbox.oldest_due(tx, AT)) == AT


def test_due_gives_at_most_the_limit(database: Database) -> None:
    database.write(lambda tx: outbox.enqueue_all(tx, P, [push("k1"), push("k2"), push("k3")], AT))

    assert database.read(lambda tx: outbox.due(tx, AT, 2)) == (waiting("k1"), waiting("k2"))


def test_a_push_that_is_late_is_useless_and_never_due(database: Database) -> None:
    def queue(tx: Tx) -> None:
        outbox.enqueue(tx, P, push("late", useless_after=later(minutes=5)), AT)
        outbox.enqueue(tx, P, push("still", useless_after=later(minutes=50)), AT)
        outbox.enqueue(tx, P, push("always"), AT)

    database.write(queue)

    due = database.read(lambda tx: outbox.due(tx, later(minutes=5), 10))
    marked = database.write(lambda tx: outbox.mark_useless(tx, later(minutes=5)))

    assert [row.dedupe_key for row in due] == ["always", "still"]
    assert marked == 1
    assert states(database) == {
        "always": ("waiting", None),
        "late": ("useless", "late"),
        "still": ("waiting", None),
    }


def test_a_push_is_withdrawn_once(database: Database) -> None:
    database.write(lambda tx: outbox.enqueue(tx, P, push("k1"), AT))

    withdrawn = [database.write(lambda tx: outbox.cancel(tx, "k1")) for _ in range(2)]

    assert withdrawn == [True, False]
    assert states(database) == {"k1": ("useless", "withdrawn")}


def test_a_push_to_somebody_unbound_fails_with_its_reason(database: Database) -> None:
    database.write(lambda tx: outbox.enqueue(tx, P, push("k1"), AT))

    failed = database.write(lambda tx: outbox.mark_failed(tx, "k1", "unbound", AT))

    assert failed is True
    assert states(database) == {"k1": ("failed", "unbound")}


def test_the_delivery_of_a_subject_is_found_by_the_start_of_its_keys(database: Database) -> None:
    database.write(
        lambda tx: outbox.enqueue_all(
            tx, P, [push("change:S02:2:s1"), push("change:S02:2:s2"), push("change%:x")], AT
        )
    )

    assert sorted(states(database, "change:S02:2:")) == ["change:S02:2:s1", "change:S02:2:s2"]
    assert sorted(states(database, "change%")) == ["change%:x"]


def test_a_row_that_is_held_back_is_due_from_that_moment_on(database: Database) -> None:
    database.write(lambda tx: outbox.enqueue_all(tx, P, [push("k1"), push("k2", "s2")], AT))

    database.write(lambda tx: outbox.hold(tx, {"k1": later(hours=8)}))

    assert database.read(lambda tx: outbox.due(tx, later(hours=7), 10)) == (waiting("k2", "s2"),)
    assert database.read(lambda tx: outbox.due(tx, later(hours=8), 10)) == (
        waiting("k1"),
        waiting("k2", "s2"),
    )


def test_an_announcement_is_made_once_and_has_no_person(database: Database) -> None:
    said = Announcement("g:k1", "全体群", "reminder/session", {"title": "写作"}, AT)

    added = [database.write(lambda tx: outbox.announce(tx, P, [said], AT)) for _ in range(2)]

    assert added == [1, 0]
    assert database.read(lambda tx: outbox.due(tx, AT, 10)) == (replace(waiting("g:k1", ""), robot="全体群"),)


def test_a_push_keeps_the_shape_it_wants(database: Database) -> None:
    card, file = Card("card/checkin", ("签到",)), Attachment("file", "名单.csv", "f" * 64)
    wanted = [replace(push("k1"), card=card), replace(push("k2", "s2"), attachment=file)]

    database.write(lambda tx: outbox.enqueue_all(tx, P, wanted, AT))

    assert database.read(lambda tx: outbox.due(tx, AT, 10)) == (
        replace(waiting("k1"), card=card),
        replace(waiting("k2", "s2"), attachment=file),
    )


def test_dead_letters_are_listed_with_their_reason(database: Database) -> None:
    database.write(lambda tx: outbox.enqueue_all(tx, P, [push("k1"), push("k2", "s2")], AT))
    database.write(lambda tx: outbox.mark_failed(tx, "k2", "未绑定", later(minutes=1)))

    def listed(since_min: int) -> list[tuple[str, str | None]]:
        rows = database.read(lambda tx: outbox.dead_letters(tx, later(minutes=since_min)))
        return [(row.dedupe_key, row.reason) for row in rows]

    assert (listed(0), listed(1)) == ([("k2", "未绑定")], [])


def test_a_push_is_not_due_while_another_is_on_its_way_to_the_same_reader(database: Database) -> None:
    database.write(lambda tx: outbox.enqueue_all(tx, P, [push("k1"), push("k2"), push("k3", "s2")], AT))
    call_id = database.write(lambda tx: outbox.create_call(tx, "wecom", b"{}", ["k1"], AT))

    between = database.read(lambda tx: outbox.due(tx, AT, 10))
    database.write(lambda tx: outbox.claim_calls(tx, "a", AT, 60, 10))
    database.write(lambda tx: outbox.finish_call(tx, call_id, 1, "done", {}, AT))

    assert between == (waiting("k3", "s2"),)
    assert database.read(lambda tx: outbox.due(tx, AT, 10)) == (waiting("k2"), waiting("k3", "s2"))
