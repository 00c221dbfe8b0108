"""Pictures and files: uploaded once, stored under their id before they leave, uploaded again when forgotten."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from channels.channel import Delivery, Uploaded
from messages.envelope import Attachment, Push
from scheduler.relay import LEASE_S, Relay
from storage.database import Database
from tests.scheduler import july
from tests.scheduler.platform import Killed, MortalDatabase, Platform, Seconds
from tests.scheduler.test_relay import NOW, address_of, enqueue, render, states

FILE = Attachment("file", "名单.csv", "f" * 64)
FORGOTTEN = Delivery("permanent", 40007, "bad_request")

Opener = Callable[[], Database]


@pytest.fixture
def database(instance: Opener) -> Database:
    stored = instance()
    stored.write(july.store)
    return stored


class Carrier(Platform):
    """A platform that carries files: what it was sent is the id under which it holds them."""

    def media_body(self, recipients: tuple[str, ...], attachment: Attachment, media_id: str) -> bytes:
        return self.text_body(recipients, f"{attachment.name} {media_id}")

    def with_media_id(self, body: bytes, media_id: str) -> bytes:
        request = json.loads(body)
        name = str(request["text"]).split()[0]
        return self.text_body(tuple(request["touser"].split("|")), f"{name} {media_id}")

    def upload(self, attachment: Attachment, content: bytes) -> Uploaded | Delivery:
        raise NotImplementedError  # the shelf of these tests holds it


class Shelf:
    """Gives M1, and a new id each time it is renewed; or *problem*."""

    def __init__(self, problem: Delivery | None = None) -> None:
        self.uploads = 1
        self._problem = problem

    def media_id(self, attachment: Attachment) -> Uploaded | Delivery:
        return self._problem or Uploaded(f"M{self.uploads}")

    def renewed(self, attachment: Attachment) -> Uploaded | Delivery:
        self.uploads += 1
        return Uploaded(f"M{self.uploads}")


def relay(
    database: Database | MortalDatabase, platform: Platform, shelf: Shelf | None = None, owner: str = "a"
) -> Relay:
    return Relay(
        database,
        {"wecom": platform},
        render,
        address_of,
        owner,
        shelves={"wecom": shelf or Shelf()},
        jitter=lambda: 0.0,
        seconds=Seconds(),
    )


def file_for(*person_ids: str) -> list[Push]:
    values = {"text": "名单是一个文件"}
    return [Push(f"f:{p}", p, "t", values, NOW, attachment=FILE) for p in person_ids]


def test_a_file_goes_to_many_in_one_request_under_the_platforms_id(database: Database) -> None:
    platform = Carrier()
    enqueue(database, *file_for("stu001", "stu002"))

    relay(database, platform).run(NOW)

    assert platform.requests == [platform.text_body(("stu001", "stu002"), "名单.csv M1")]
    assert set(states(database).values()) == {("delivered", None)}


def test_where_no_file_is_carried_its_words_are_sent(database: Database) -> None:
    platform = Platform()
    enqueue(database, *file_for("stu001"))

    relay(database, platform).run(NOW)

    assert set(platform.received) == {("stu001", "名单是一个文件")}


def test_a_file_that_the_platform_forgot_is_uploaded_and_sent_once_more(database: Database) -> None:
    platform, shelf = Carrier([FORGOTTEN]), Shelf()
    enqueue(database, *file_for("stu001"))

    relay(database, platform, shelf).run(NOW)

    assert [json.loads(body)["text"] for body in platform.requests] == ["名单.csv M1", "名单.csv M2"]
    assert states(database) == {"f:stu001": ("delivered", None)}


def test_a_file_that_the_platform_always_forgets_is_given_up(database: Database) -> None:
    platform, shelf = Carrier([FORGOTTEN] * 9), Shelf()
    enqueue(database, *file_for("stu001"))

    relay(database, platform, shelf).run(NOW)

    assert (len(platform.requests), shelf.uploads) == (2, 2)
    assert states(database) == {"f:stu001": ("failed", "平台拒绝（40007）")}


def test_a_kill_after_the_request_repeats_the_same_bytes(database: Database) -> None:
    def accept_and_die(body: bytes) -> Delivery:
        platform.accept(body)
        raise Killed

    platform, shelf = Carrier([accept_and_die]), Shelf()
    enqueue(database, *file_for("stu001"))
    with pytest.raises(Killed):
        relay(database, platform, shelf).run(NOW)
    shelf.uploads = 5  # what it would be called if it were asked again

    relay(database, platform, shelf, "b").run(NOW + timedelta(seconds=LEASE_S + 1))

    assert len(set(platform.requests)) == 1
    assert platform.received == {("stu001", "名单.csv M1"): 1}
    assert states(database) == {"f:stu001": ("delivered", None)}


@pytest.mark.parametrize(
    ("problem", "state"),
    [
        (Delivery("permanent", None, "content_missing"), ("failed", "平台拒绝")),
        (Delivery("retry", -1, "busy"), ("in_call", None)),
        (Delivery("wait", 45009, "too_often", 60.0), ("in_call", None)),
    ],
)
def test_what_stands_in_the_way_of_an_upload_is_the_outcome_of_its_call(
    database: Database, problem: Delivery, state: tuple[str, str | None]
) -> None:
    platform = Carrier()
    enqueue(database, *file_for("stu001"))

    relay(database, platform, Shelf(problem)).run(NOW)

    assert (platform.requests, states(database)) == ([], {"f:stu001": state})


def test_a_sender_that_lost_its_call_during_the_upload_sends_nothing(database: Database) -> None:
    class Slow(Shelf):
        def media_id(self, attachment: Attachment) -> Uploaded | Delivery:
            relay(database, platform, owner="quick").run(NOW + timedelta(seconds=LEASE_S + 1))
            return Uploaded("M9")

    platform = Carrier()
    enqueue(database, *file_for("stu001"))

    relay(database, platform, Slow()).run(NOW)

    assert platform.received == {("stu001", "名单.csv M1"): 1}
    assert len(platform.requests) == 1
