"""Calls: bytes stored before they leave, leased to one relay, settled by the newest fence."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from functools import partial

import pytest

from messages.envelope import Announcement
from storage import outbox
from storage.database import Conflict, Database, Tx
from storage.outbox import Call
from tests.storage.conftest import Overlap
from tests.storage.samples import AT, P, later, push
from tests.storage.test_outbox import states

BODY = b'{"touser": "lilei|hanmeimei", "text": "\xe4\xb8\x83\x00"}'
LEASE_S = 30.0


def create(tx: Tx) -> str:
    outbox.enqueue_all(tx, P, [push("k1", "s1"), push("k2", "s2")], AT)
    return outbox.create_call(tx, "wecom", BODY, ["k1", "k2"], AT, "今天 14:30")


def claim(database: Database, owner: str = "a", **span: float) -> tuple[Call, ...]:
    return database.write(lambda tx: outbox.claim_calls(tx, owner, later(**span), LEASE_S, 10))


def test_a_call_is_claimed_with_the_bytes_that_were_stored(database: Database) -> None:
    call_id = database.write(create)

    assert claim(database) == (Call(call_id, "wecom", BODY, 1, 1, AT, ("s1", "s2")),)


def test_a_row_in_a_call_is_no_longer_due_and_keeps_its_text(database: Database) -> None:
    call_id = database.write(create)

    rows = database.read(lambda tx: outbox.delivery_of(tx, P, "k"))

    assert database.read(lambda tx: outbox.due(tx, AT, 10)) == ()
    assert [(row.state, row.call_id, row.text) for row in rows] == [("in_call", call_id, "今天 14:30")] * 2


def test_a_row_does_not_go_into_two_calls(database: Database) -> None:
    database.write(create)

    with pytest.raises(Conflict):
        database.write(lambda tx: outbox.create_call(tx, "wecom", BODY, ["k1"], AT))

    assert len(claim(database)) == 1


def test_a_leased_call_is_not_claimed_again_until_the_lease_runs_out(database: Database) -> None:
    call_id = database.write(create)
    claim(database, "a")

    during = claim(database, "b", seconds=29)
    after = claim(database, "b", seconds=30)

    assert during == ()
    assert after == (Call(call_id, "wecom", BODY, 2, 2, AT, ("s1", "s2")),)


def test_two_relays_that_claim_at_once_do_not_both_get_a_call(database: Database, overlap: Overlap) -> None:
    database.write(create)

    def claim_for(owner: str, tx: Tx) -> int:
        return len(outbox.claim_calls(tx, owner, AT, LEASE_S, 10))

    assert overlap(lambda tx: claim_for("a", tx), lambda tx: claim_for("b", tx)) == (1, 0)


def test_a_finished_call_settles_its_rows(database: Database) -> None:
    call_id = database.write(create)
    claim(database)

    finished = database.write(
        lambda tx: outbox.finish_call(tx, call_id, 1, "done", {"s2": "invaliduser"}, AT, 0, "ok")
    )

    assert finished is True
    assert states(database) == {"k1": ("delivered", None), "k2": ("failed", "invaliduser")}
    assert claim(database, hours=1) == ()


@pytest.mark.parametrize(
    ("outcome", "state"), [("failed", "failed"), ("dead", "failed"), ("unknown", "unknown")]
)
def test_a_call_that_did_not_work_settles_its_rows_with_the_reason(
    database: Database, outcome: outbox.CallOutcome, state: str
) -> None:
    call_id = database.write(create)
    claim(database)

    database.write(lambda tx: outbox.finish_call(tx, call_id, 1, outcome, {}, AT, 60020, "not allowed"))

    assert states(database) == {"k1": (state, "not allowed"), "k2": (state, "not allowed")}


def test_a_relay_that_slept_through_its_lease_records_nothing(database: Database) -> None:
    call_id = database.write(create)
    claim(database, "slow")
    claim(database, "next", minutes=1)

    finished = database.write(lambda tx: outbox.finish_call(tx, call_id, 1, "failed", {}, AT))
    retried = database.write(lambda tx: outbox.retry_call(tx, call_id, 1, AT, None, ""))
    of_next = database.write(lambda tx: outbox.finish_call(tx, call_id, 2, "done", {}, AT))

    assert (finished, retried, of_next) == (False, False, True)
    assert states(database) == {"k1": ("delivered", None), "k2": ("delivered", None)}


def test_a_call_given_back_is_sent_again_byte_for_byte_when_its_time_comes(database: Database) -> None:
    call_id = database.write(create)
    claim(database)

    database.write(lambda tx: outbox.retry_call(tx, call_id, 1, later(minutes=1), -1, "busy"))

    assert claim(database, seconds=59) == ()
    assert claim(database, minutes=1) == (Call(call_id, "wecom", BODY, 2, 2, AT, ("s1", "s2")),)


def test_a_call_too_old_for_the_duplicate_check_is_unknown_and_never_sent_again(database: Database) -> None:
    call_id = database.write(create)
    claim(database)
    database.write(lambda tx: outbox.retry_call(tx, call_id, 1, later(minutes=1), None, "timeout"))

    before = database.write(lambda tx: outbox.expire_unknown(tx, later(hours=3, minutes=49)))
    claimed = claim(database, hours=3, minutes=50)
    expired = database.write(lambda tx: outbox.expire_unknown(tx, later(hours=3, minutes=50)))

    assert (before, claimed, expired) == (0, (), 1)
    assert states(database) == {"k1": ("unknown", "expired"), "k2": ("unknown", "expired")}


def test_a_call_still_being_sent_does_not_expire(database: Database) -> None:
    call_id = database.write(create)
    claim(database)
    database.write(lambda tx: outbox.retry_call(tx, call_id, 1, AT, None, "timeout"))
    held = claim(database, hours=3, minutes=49, seconds=50)

    expired = database.write(lambda tx: outbox.expire_unknown(tx, later(hours=3, minutes=50)))

    assert [replace(call, body=b"") for call in held] == [Call(call_id, "wecom", b"", 2, 2, AT, ("s1", "s2"))]
    assert expired == 0


def test_a_call_that_was_never_sent_does_not_expire(database: Database) -> None:
    database.write(create)

    assert database.write(lambda tx: outbox.expire_unknown(tx, later(days=1))) == 0
    assert len(claim(database, days=1)) == 1


def test_calls_are_claimed_oldest_first_and_at_most_the_limit(database: Database) -> None:
    def create_three(tx: Tx) -> list[str]:
        outbox.enqueue_all(tx, P, [push(f"k{n}", f"s{n}") for n in (1, 2, 3)], AT)
        return [outbox.create_call(tx, "wecom", BODY, [f"k{n}"], later(seconds=n)) for n in (1, 2, 3)]

    ids = database.write(create_three)

    claimed = database.write(lambda tx: outbox.claim_calls(tx, "a", later(minutes=1), LEASE_S, 2))

    assert [call.call_id for call in claimed] == ids[:2]


def test_only_the_calls_of_the_named_channels_are_claimed(database: Database) -> None:
    database.write(create)

    counts = [
        len(database.write(lambda tx: outbox.claim_calls(tx, "a", AT, LEASE_S, 10, []))),
        len(database.write(lambda tx: outbox.claim_calls(tx, "a", AT, LEASE_S, 10, ["robot"]))),
        len(database.write(lambda tx: outbox.claim_calls(tx, "a", AT, LEASE_S, 10, ["robot", "wecom"]))),
    ]

    assert counts == [0, 0, 1]


def test_a_call_the_platform_did_not_take_is_as_if_it_was_never_sent(database: Database) -> None:
    call_id = database.write(create)
    claim(database)

    database.write(lambda tx: outbox.retry_call(tx, call_id, 1, later(hours=5), 45009, "wait", counts=False))
    expired = database.write(lambda tx: outbox.expire_unknown(tx, later(hours=4)))

    again = Call(call_id, "wecom", BODY, 2, 1, later(hours=5), ("s1", "s2"))
    assert expired == 0
    assert claim(database, hours=5) == (again,)


def test_a_call_taken_back_keeps_the_moment_of_an_earlier_try(database: Database) -> None:
    call_id = database.write(create)
    claim(database)
    database.write(lambda tx: outbox.retry_call(tx, call_id, 1, AT, None, "timeout"))
    claim(database, minutes=1)

    database.write(lambda tx: outbox.retry_call(tx, call_id, 2, AT, 45009, "wait", counts=False))

    assert claim(database, minutes=2) == (Call(call_id, "wecom", BODY, 3, 2, AT, ("s1", "s2")),)


def test_a_call_too_late_for_all_its_readers_ends_as_useless(database: Database) -> None:
    def create_late(tx: Tx) -> str:
        outbox.enqueue(tx, P, push("k1", "s1", later(minutes=5)), AT)
        outbox.enqueue(tx, P, push("k2", "s2", later(minutes=9)), AT)
        return outbox.create_call(tx, "wecom", BODY, ["k1", "k2"], AT)

    call_id = database.write(create_late)
    claimed = claim(database)

    database.write(lambda tx: outbox.finish_call(tx, call_id, 1, "useless", {}, later(minutes=9)))

    assert [call.useless_after for call in claimed] == [later(minutes=9)]
    assert states(database) == {"k1": ("useless", "late"), "k2": ("useless", "late")}


def announced(tx: Tx, *keys: str) -> list[str]:
    outbox.announce(tx, P, [Announcement(key, "全体群", "reminder/soon", {}, AT) for key in keys], AT)
    return [outbox.create_call(tx, "robot", BODY, [key], AT) for key in keys]


def test_what_was_on_its_way_where_repeats_are_not_swallowed_is_unknown_and_never_claimed(
    database: Database,
) -> None:
    database.write(lambda tx: announced(tx, "g1"))
    database.write(lambda tx: outbox.claim_calls(tx, "a", AT, LEASE_S, 10, once=["robot"]))

    early = database.write(lambda tx: outbox.expire_unknown(tx, later(seconds=29), ["robot"]))
    again = database.write(
        lambda tx: outbox.claim_calls(tx, "b", later(minutes=1), LEASE_S, 10, once=["robot"])
    )
    expired = database.write(lambda tx: outbox.expire_unknown(tx, later(minutes=1), ["robot"]))

    assert (early, again, expired) == (0, (), 1)
    assert states(database) == {"g1": ("unknown", "expired")}


def test_a_robot_says_one_thing_after_the_other(database: Database) -> None:
    first, second = database.write(lambda tx: announced(tx, "g1", "g2"))

    def claim_one(**span: float) -> list[str]:
        claimed = database.write(
            lambda tx: outbox.claim_calls(tx, "a", later(**span), LEASE_S, 10, once=["robot"])
        )
        return [call.call_id for call in claimed]

    at_once = claim_one()
    database.write(lambda tx: outbox.finish_call(tx, first, 1, "done", {}, AT))

    assert (at_once, claim_one()) == ([first], [second])


def test_the_calls_of_a_sender_that_died_are_free_at_once(database: Database) -> None:
    call_id = database.write(create)
    claim(database, "host:8000")

    def free(owner: str) -> int:
        return database.write(lambda tx: outbox.free_calls(tx, owner, AT))

    assert (free("other"), free("host:8000")) == (0, 1)
    assert claim(database, "next") == (Call(call_id, "wecom", BODY, 2, 2, AT, ("s1", "s2")),)


def test_what_a_message_is_recalled_by_is_kept(database: Database) -> None:
    call_id = database.write(create)
    claim(database)

    database.write(lambda tx: outbox.finish_call(tx, call_id, 1, "done", {}, AT, 0, msgid="m1"))

    assert database.read(lambda tx: outbox.msgids_of(tx, P, "k")) == (("wecom", "m1"),)
    assert database.read(lambda tx: outbox.msgids_of(tx, P, "other")) == ()


def test_who_was_written_to_lately_can_be_asked(database: Database) -> None:
    database.write(create)
    claim(database)

    assert database.read(lambda tx: outbox.sent_since(tx, later(seconds=-1))) == (
        ("wecom", "s1", AT),
        ("wecom", "s2", AT),
    )
    assert database.read(lambda tx: outbox.sent_since(tx, AT)) == ()


def test_a_lease_is_prolonged_by_the_newest_holder_only(database: Database) -> None:
    call_id = database.write(create)
    (old,) = claim(database)
    (new,) = claim(database, minutes=1)

    kept = [
        database.write(partial(outbox.prolong_calls, held={call_id: fence}, until=later(minutes=5)))
        for fence in (old.fence, new.fence)
    ]

    assert kept == [frozenset(), {call_id}]
    assert claim(database, minutes=4) == ()
    assert len(claim(database, minutes=5)) == 1


def test_a_claimer_leaves_out_what_it_has_on_its_way(database: Database) -> None:
    call_id = database.write(create)
    claim(database)

    def claim_but(but: Collection[str]) -> int:
        work = partial(
            outbox.claim_calls, owner="a", now=later(minutes=1), lease_s=LEASE_S, limit=10, but=but
        )
        return len(database.write(work))

    assert [claim_but([call_id]), claim_but([])] == [0, 1]
