"""Own topics: one a person, decided once, ended by another choice."""

from __future__ import annotations

import pytest

from storage import own_topics, requests
from storage.database import Database
from storage.own_topics import OwnTopic
from tests.storage.conftest import Overlap
from tests.storage.samples import AT, P


@pytest.fixture
def request_id(database: Database) -> str:
    asker = ("wecom", "x")
    asked = database.write(lambda tx: requests.ask(tx, P, "own_topic", asker, "s1", {}, ["s2"], AT))
    database.write(lambda tx: own_topics.ask(tx, P, "s1", "联邦学习", asked.request_id, AT))
    return asked.request_id


def test_it_is_asked_and_then_approved(database: Database, request_id: str) -> None:
    """R27."""
    before = database.read(lambda tx: own_topics.of_person(tx, P, "s1"))
    decided = database.write(lambda tx: own_topics.decide(tx, request_id, "approved", "s2", AT))
    after = database.read(lambda tx: own_topics.of_person(tx, P, "s1"))

    assert before == OwnTopic("s1", "联邦学习", "asked", request_id, None)
    assert decided
    assert after == OwnTopic("s1", "联邦学习", "approved", request_id, "s2")


def test_what_was_rejected_or_withdrawn_is_nobodys(database: Database, request_id: str) -> None:
    database.write(lambda tx: own_topics.withdraw(tx, P, "s1"))

    decided = database.write(lambda tx: own_topics.decide(tx, request_id, "approved", "s2", AT))

    assert not decided
    assert database.read(lambda tx: own_topics.of_person(tx, P, "s1")) is None


def test_two_decisions_at_once_are_one(database: Database, request_id: str, overlap: Overlap) -> None:
    taken = overlap(
        lambda tx: own_topics.decide(tx, request_id, "approved", "s2", AT),
        lambda tx: own_topics.decide(tx, request_id, "rejected", "s3", AT),
    )

    assert sorted(taken, key=str) == [False, True]


def test_a_new_title_takes_the_place_of_the_old_one(database: Database, request_id: str) -> None:
    database.write(lambda tx: own_topics.ask(tx, P, "s1", "扩散模型", request_id, AT))

    found = database.read(lambda tx: own_topics.of_person(tx, P, "s1"))

    assert found is not None
    assert found.title == "扩散模型"
