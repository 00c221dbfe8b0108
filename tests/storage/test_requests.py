"""Requests: each approver has own numbers, and one decision counts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from storage import requests
from storage.database import Database, Tx
from storage.requests import Request
from tests.storage.conftest import Overlap
from tests.storage.samples import AT, P, later

ASKER = ("wecom", "stranger")


def ask(tx: Tx, *approvers: str) -> Request:
    return requests.ask(tx, P, "bind", ASKER, "s2", {"理由": "换手机"}, approvers, AT)


def test_a_request_is_read_back_by_each_approvers_own_number(database: Database) -> None:
    database.write(lambda tx: ask(tx, "s1"))
    asked = database.write(lambda tx: ask(tx, "s1", "t1"))

    assert asked.numbers == {"s1": 2, "t1": 1}
    assert database.read(lambda tx: requests.find(tx, "s1", 2)) == asked
    assert database.read(lambda tx: requests.find(tx, "t1", 1)) == asked
    assert database.read(lambda tx: requests.find(tx, "t1", 2)) is None


def test_a_request_about_nobody_known_is_kept(database: Database) -> None:
    asked = database.write(lambda tx: requests.ask(tx, P, "join", ASKER, None, {}, ("t1",), AT))

    assert database.read(lambda tx: requests.open_for(tx, "t1")) == (asked,)


def test_open_requests_are_listed_by_number(database: Database) -> None:
    first = database.write(lambda tx: ask(tx, "s1"))
    second = database.write(lambda tx: ask(tx, "s1", "t1"))
    database.write(lambda tx: ask(tx, "t1"))

    assert database.read(lambda tx: requests.open_for(tx, "s1")) == (first, second)


def test_a_decided_request_is_closed_for_every_approver(database: Database) -> None:
    asked = database.write(lambda tx: ask(tx, "s1", "t1"))

    decided = database.write(
        lambda tx: requests.decide(tx, asked.request_id, "approved", "t1", later(minutes=1))
    )

    closed = replace(asked, state="approved", decided_by="t1", decided_at=later(minutes=1))
    assert decided is True
    assert database.read(lambda tx: requests.open_for(tx, "s1")) == ()
    assert database.read(lambda tx: requests.find(tx, "s1", 1)) == closed


def test_a_number_is_never_given_again(database: Database) -> None:
    asked = database.write(lambda tx: ask(tx, "s1"))
    database.write(lambda tx: requests.decide(tx, asked.request_id, "rejected", "s1", AT))

    assert database.write(lambda tx: ask(tx, "s1")).numbers == {"s1": 2}


def test_two_requests_at_once_get_two_numbers(overlap: Overlap) -> None:
    first, second = overlap(lambda tx: ask(tx, "s1").numbers, lambda tx: ask(tx, "s1").numbers)

    assert (first, second) == ({"s1": 1}, {"s1": 2})


def test_two_decisions_at_once_leave_the_first(database: Database, overlap: Overlap) -> None:
    asked = database.write(lambda tx: ask(tx, "s1", "t1"))

    decided = overlap(
        lambda tx: requests.decide(tx, asked.request_id, "approved", "s1", AT),
        lambda tx: requests.decide(tx, asked.request_id, "rejected", "t1", AT),
    )

    found = database.read(lambda tx: requests.find(tx, "s1", 1))
    assert decided == (True, False)
    assert found is not None
    assert (found.state, found.decided_by) == ("approved", "s1")


@pytest.mark.parametrize(
    ("channel", "account", "kind", "is_found"),
    [
        ("wecom", "stranger", "bind", True),
        ("wechat", "stranger", "bind", False),
        ("wecom", "lilei", "bind", False),
        ("wecom", "stranger", "leave", False),
    ],
)
def test_an_open_request_is_found_by_its_asker(
    database: Database, channel: str, account: str, kind: str, is_found: bool
) -> None:
    asked = database.write(lambda tx: ask(tx, "s1"))

    found = database.read(lambda tx: requests.open_of_asker(tx, channel, account, kind))

    assert found == (asked if is_found else None)


def test_the_open_requests_about_one_person_are_found_whoever_asked(database: Database) -> None:
    first, second = (database.write(lambda tx: ask(tx, "s1")) for _ in range(2))
    about = str(first.person_id)

    both = database.read(lambda tx: requests.open_about(tx, first.programme_id, about, "bind"))
    database.write(lambda tx: requests.decide(tx, first.request_id, "superseded", "s1", AT))
    left = database.read(lambda tx: requests.open_about(tx, first.programme_id, about, "bind"))

    assert {request.request_id for request in both} == {first.request_id, second.request_id}
    assert left == (second,)


def test_a_request_taken_back_is_closed_once(database: Database) -> None:
    asked = database.write(lambda tx: ask(tx, "s1"))

    taken = [
        database.write(lambda tx: requests.withdraw(tx, asked.request_id, later(minutes=1))) for _ in "ab"
    ]

    last = database.read(lambda tx: requests.last_of_asker(tx, "wecom", "stranger", "bind"))
    assert taken == [True, False]
    assert last == replace(asked, state="withdrawn", decided_at=later(minutes=1))
    assert database.read(lambda tx: requests.open_of_asker(tx, "wecom", "stranger", "bind")) is None
