"""Open questions: one an account, until answered, replaced or expired."""

from __future__ import annotations

import pytest

from storage import pending
from storage.database import Database
from storage.pending import Pending
from tests.storage.samples import AT, later


def ask(database: Database, kind: str) -> None:
    database.write(
        lambda tx: pending.ask(tx, "wecom", "lilei", kind, {"order": 3, "标题": "流"}, AT, later(minutes=10))
    )


def test_an_open_question_is_read_back(database: Database) -> None:
    ask(database, "topic_choice")

    found = database.read(lambda tx: pending.open_question(tx, "wecom", "lilei", later(minutes=9)))

    assert found == Pending("topic_choice", {"order": 3, "标题": "流"}, AT, later(minutes=10))


@pytest.mark.parametrize(
    ("channel", "account", "minutes"),
    [
        pytest.param("wecom", "lilei", 10, id="expired"),
        pytest.param("wechat", "lilei", 1, id="another channel"),
        pytest.param("wecom", "admin01", 1, id="another account"),
    ],
)
def test_no_question_is_open(database: Database, channel: str, account: str, minutes: int) -> None:
    ask(database, "topic_choice")

    found = database.read(lambda tx: pending.open_question(tx, channel, account, later(minutes=minutes)))

    assert found is None


def test_a_new_question_replaces_the_earlier_one(database: Database) -> None:
    ask(database, "topic_choice")
    ask(database, "cancel")

    found = database.read(lambda tx: pending.open_question(tx, "wecom", "lilei", AT))

    assert found is not None
    assert found.kind == "cancel"


def test_a_question_is_closed_once(database: Database) -> None:
    ask(database, "topic_choice")

    closed = [database.write(lambda tx: pending.close(tx, "wecom", "lilei")) for _ in range(2)]

    assert closed == [True, False]
    assert database.read(lambda tx: pending.open_question(tx, "wecom", "lilei", AT)) is None
