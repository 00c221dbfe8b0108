"""The inbox: a message is handled once and answered alike every time."""

from __future__ import annotations

from storage import inbox, programmes
from storage.database import Database, Tx
from storage.inbox import Seen
from tests.storage.conftest import Overlap
from tests.storage.samples import AT, P, later

# One version of the programme, one of its people (the sample's roster).


def test_a_message_is_new_the_first_time(database: Database) -> None:
    assert database.write(lambda tx: inbox.take(tx, "wecom", "m1", AT)) is True


def test_a_message_delivered_again_is_known_with_the_answer_that_was_given(database: Database) -> None:
    database.write(lambda tx: inbox.take(tx, "wecom", "m1", AT, "已签到"))

    is_new = database.write(lambda tx: inbox.take(tx, "wecom", "m1", later(seconds=5), "另一句"))

    assert (is_new, database.read(lambda tx: inbox.find(tx, "wecom", "m1"))) == (False, Seen("已签到"))


def test_the_same_id_on_another_channel_is_another_message(database: Database) -> None:
    database.write(lambda tx: inbox.take(tx, "wecom", "m1", AT))

    assert database.write(lambda tx: inbox.take(tx, "wechat", "m1", AT)) is True


def test_of_two_instances_that_get_one_message_at_once_the_second_learns_that_it_came_second(
    database: Database, overlap: Overlap
) -> None:
    def handle(tx: Tx) -> bool:
        return inbox.take(tx, "wecom", "m1", AT, "answer")

    first, second = overlap(handle, handle)

    assert (first, second) == (True, False)


def test_a_change_of_the_plan_shows_in_its_version(database: Database) -> None:
    before = database.read(inbox.plan_version)

    database.write(lambda tx: programmes.bump(tx, P))

    assert database.read(inbox.plan_version) == before + 1


def test_find_looks_without_taking(database: Database) -> None:
    before = database.read(lambda tx: inbox.find(tx, "wecom", "m1"))
    database.write(lambda tx: inbox.take(tx, "wecom", "m1", AT))

    after = database.read(lambda tx: inbox.find(tx, "wecom", "m1"))

    assert (before, after) == (None, Seen(None))


def test_old_messages_are_forgotten_a_few_at_a_time(database: Database) -> None:
    def take(tx: Tx) -> None:
        for number in range(5):
            inbox.take(tx, "wecom", f"m{number}", later(hours=number))

    def kept(tx: Tx) -> list[bool]:
        return [inbox.find(tx, "wecom", f"m{number}") is not None for number in range(5)]

    database.write(take)

    forgotten = [
        database.write(lambda tx: inbox.forget_before(tx, later(hours=3), limit=2)) for _ in range(3)
    ]

    assert forgotten == [2, 1, 0]
    assert database.read(kept) == [False, False, False, True, True]
