"""Announcements from the outbox to the chat of the fake platform, through the robot's own door."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest

from channels.group_robot import EVERYBODY, GroupRobot
from fakes.platform import FakeWeCom
from fakes.robots import FakeRobots
from fakes.server import platform_app, serving
from messages.envelope import Announcement
from scheduler.relay import Relay
from storage import alarms, outbox
from storage.database import Database
from tests.scheduler import july
from tests.scheduler.july import P
from tests.scheduler.platform import Seconds
from tests.scheduler.test_relay import NOW, address_of, render

KEY, ROBOT = "0d5e6c1a-made-up", "group_robot:全体群"
A_MINUTE = timedelta(seconds=61)

Opener = Callable[[], Database]


class StandingClock:
    at = NOW

    def now(self) -> datetime:
        return self.at


class Chat:
    """A relay with one robot, and what its chat has heard."""

    def __init__(self, database: Database, platform: FakeWeCom, clock: StandingClock, api: str) -> None:
        self.database, self.platform, self._clock = database, platform, clock
        robot = GroupRobot(ROBOT, KEY, api)
        self.relay = Relay(database, {ROBOT: robot}, render, address_of, "a", seconds=Seconds())

    def announce(self, *texts: str, calls_everybody: bool = False) -> None:
        said = [
            Announcement(f"g:{text}", "全体群", "t", {"text": text}, NOW, calls_everybody=calls_everybody)
            for text in texts
        ]
        self.database.write(lambda tx: outbox.announce(tx, P, said, NOW))

    def at(self, moment: datetime) -> list[str]:
        """What the chat has heard when the tick of *moment* is over."""
        self._clock.at = moment
        self.relay.run(moment)
        assert self.platform.robots is not None
        return [one.text for one in self.platform.robots.said]

    def states(self) -> set[str]:
        return {row.state for row in self.database.read(lambda tx: outbox.delivery_of(tx, P, ""))}


@pytest.fixture
def chat(instance: Opener) -> Iterator[Chat]:
    clock = StandingClock()
    platform = FakeWeCom("ww", 1, "s", {}, clock, robots=FakeRobots({KEY: "全体群"}, clock))
    database = instance()
    database.write(july.store)
    with serving(platform_app(platform)) as api:
        yield Chat(database, platform, clock, api)


def test_twenty_a_minute_are_said_in_order_and_the_platform_refuses_none(chat: Chat) -> None:
    texts = [f"第{number:02}条" for number in range(25)]
    chat.announce(*texts)

    heard = [chat.at(NOW), chat.at(NOW + timedelta(seconds=30)), chat.at(NOW + A_MINUTE)]

    assert heard == [texts[:20], texts[:20], texts]
    assert {call.errcode for call in chat.platform.calls} == {0}


@pytest.mark.parametrize(("fault", "wait_s"), [("concurrency", 5), ("too_often", 60), ("busy", 5)])
def test_what_the_platform_did_not_take_is_said_later_and_once(chat: Chat, fault: str, wait_s: int) -> None:
    chat.announce("1 明天", "2 后天")
    chat.platform.faults.switch_on(fault, 1, at=NOW.timestamp())

    heard = [chat.at(NOW), chat.at(NOW + timedelta(seconds=2 * wait_s))]

    assert heard == [[], ["1 明天", "2 后天"]]
    assert chat.states() == {"delivered"}


def test_an_answer_that_was_lost_is_listed_and_said_no_second_time(chat: Chat) -> None:
    chat.announce("明天")
    chat.platform.faults.switch_on("closed_after", 1)

    heard = [chat.at(NOW), chat.at(NOW + A_MINUTE)]

    assert heard == [["明天"], ["明天"]]
    assert chat.states() == {"unknown"}


def test_a_robot_that_is_gone_stops_and_raises_the_alarm_once(chat: Chat) -> None:
    assert chat.platform.robots is not None
    chat.platform.robots.gone.add("全体群")
    chat.announce("1 明天", "2 后天")

    heard = [chat.at(NOW), chat.at(NOW + timedelta(hours=1))]

    raised = chat.database.read(alarms.open_alarms)
    assert heard == [[], []]
    assert [call.errcode for call in chat.platform.calls] == [93000]
    assert [(one.channel, one.kind, one.errcode, one.times) for one in raised] == [
        (ROBOT, "stopped", 93000, 1)
    ]


def test_a_change_calls_all_in_the_chat_and_an_announcement_nobody(chat: Chat) -> None:
    chat.announce("提醒")
    chat.announce("改期", calls_everybody=True)

    chat.at(NOW)

    assert chat.platform.robots is not None
    heard = {one.text: one.mentions for one in chat.platform.robots.said}
    assert heard == {"提醒": (), "改期": (EVERYBODY,)}
