"""The inbox: a message is handled once and answered alike every time."""

from __future__ import annotations

from storage import inbox, programmes
from storage.database import Database, Tx
from storage.inbox import Claimed
from tests.storage.conftest import Overlap
from tests.storage.samples import AT, P, later

# One version of the programme, one of its people (the sample's roster).


def test_a_message_is_new_the_first_time(database: Database) -> None:
    claimed = database.write(lambda tx: inbox.claim(tx, "wecom", "m1", AT))

    assert claimed == Claimed(True, None)


def test_a_message_delivered_again_gets_the_answer_that_was_remembered(database: Database) -> None:
    def handle(tx: Tx) -> None:
        inbox.claim(tx, "wecom", "m1", AT)
        inbox.remember(tx, "wecom", "m1", '{"text": "已签到"}')

    database.write(handle)

    claimed = database.write(lambda tx: inbox.claim(tx, "wecom", "m1", later(seconds=5)))

    assert claimed == Claimed(False, '{"text": "已签到"}')


def test_the_same_id_on_another_channel_is_another_message(database: Database) -> None:
    database.write(lambda tx: inbox.claim(tx, "wecom", "m1", AT))

    assert database.write(lambda tx: inbox.claim(tx, "wechat", "m1", AT)).is_new is True


def test_two_instances_that_get_one_message_at_once_handle_it_once(
    database: Database, overlap: Overlap
) -> None:
    def handle(tx: Tx) -> Claimed:
        claimed = inbox.claim(tx, "wecom", "m1", AT)
        if claimed.is_new:
            inbox.remember(tx, "wecom", "m1", "answer")
        return claimed

    first, second = overlap(handle, handle)

    assert (first, second) == (Claimed(True, None), Claimed(False, "answer"))


def test_a_change_of_the_plan_shows_in_its_version(database: Database) -> None:
    before = database.read(inbox.plan_version)

    database.write(lambda tx: programmes.bump(tx, P))

    assert database.read(inbox.plan_version) == before + 1


def test_find_looks_without_taking(database: Database) -> None:
    before = database.read(lambda tx: inbox.find(tx, "wecom", "m1"))
    database.write(lambda tx: inbox.claim(tx, "wecom", "m1", AT))

    after = database.read(lambda tx: inbox.find(tx, "wecom", "m1"))

    assert (before, after) == (None, Claimed(False, None))


def test_old_messages_are_forgotten_a_few_at_a_time(database: Database) -> None:
    def take(tx: Tx) -> None:
        for number in range(5):
            inbox.claim(tx, "wecom", f"m{number}", later(hours=number))

    def kept(tx: Tx) -> list[bool]:
        return [inbox.find(tx, "wecom", f"m{number}") is not None for number in range(5)]

    database.write(take)

    forgotten = [
        database.write(lambda tx: inbox.forget_before(tx, later(hours=3), limit=2)) for _ in range(3)
    ]

    assert forgotten == [2, 1, 0]
    assert database.read(kept) == [False, False, False, True, True]
