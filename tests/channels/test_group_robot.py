"""A robot's door against the fake platform: its limits, its errors, and that its key never shows."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest

from channels.channel import Delivery
from channels.group_robot import EVERYBODY, GroupRobot
from fakes.platform import FakeWeCom
from fakes.robots import FakeRobots, Said
from fakes.server import platform_app, serving
from tests.channels.test_wecom_api import AGENT, CORP, SECRET, START, Clock

KEY = "0d5e6c1a-never-to-be-seen"
NAME = "全体群"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def platform(clock: Clock) -> FakeWeCom:
    robots = FakeRobots({KEY: NAME}, clock.simulated)
    return FakeWeCom(CORP, AGENT, SECRET, {}, clock.simulated, robots=robots)


@pytest.fixture
def api(platform: FakeWeCom) -> Iterator[str]:
    with serving(platform_app(platform)) as url:
        yield url


@pytest.fixture
def robot(api: str) -> GroupRobot:
    return GroupRobot("group_robot:全体群", KEY, api)


def said(platform: FakeWeCom) -> list[Said]:
    assert platform.robots is not None
    return platform.robots.said


def test_a_text_is_said_in_the_chat(robot: GroupRobot, platform: FakeWeCom) -> None:
    delivery = robot.send(robot.text_body((), "明天 14:30《科研论文写作》"))

    assert delivery == Delivery("delivered", 0)
    assert said(platform) == [Said(NAME, START, "text", "明天 14:30《科研论文写作》")]


def test_a_text_mentions_members_and_all(robot: GroupRobot, platform: FakeWeCom) -> None:
    robot.send(robot.text_body((EVERYBODY, "li.ming"), "开会了"))

    assert said(platform) == [Said(NAME, START, "text", "开会了", (EVERYBODY, "li.ming"))]


def test_a_long_text_is_cut_at_the_limit_of_the_platform(robot: GroupRobot, platform: FakeWeCom) -> None:
    outcome = robot.send(robot.text_body((), "长" * 3000)).outcome

    assert outcome == "delivered"
    assert [len(one.text.encode()) for one in said(platform)] == [2046]


def test_the_same_announcement_has_the_same_bytes(robot: GroupRobot) -> None:
    assert robot.text_body(("b", "a"), "开会") == robot.text_body(("a", "b", "a"), "开会")
    assert json.loads(robot.text_body((), "开会")) == {"msgtype": "text", "text": {"content": "开会"}}


def test_a_mention_that_is_no_member_is_refused(robot: GroupRobot) -> None:
    with pytest.raises(ValueError, match="mention"):
        robot.text_body(("a|b",), "开会")


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("busy", Delivery("retry", -1, "busy")),
        ("too_often", Delivery("wait", 45009, "too_often", 60.0)),
        ("http_502", Delivery("unknown", None, "http_502")),
        ("html_200", Delivery("unknown", None, "not_json")),
        ("truncated_json", Delivery("unknown", None, "not_json")),
        ("closed", Delivery("unknown", None, "ConnectionError")),
        ("closed_after", Delivery("unknown", None, "ConnectionError")),
        ("cut_body", Delivery("unknown", None, "ConnectionError")),
        ("string_errcode", Delivery("delivered", 0)),
    ],
)
def test_each_fault_has_its_outcome(
    robot: GroupRobot, platform: FakeWeCom, fault: str, expected: Delivery
) -> None:
    platform.faults.switch_on(fault, at=platform.clock.now().timestamp())

    assert robot.send(robot.text_body((), "开会")) == expected


def test_the_twenty_first_in_a_minute_waits(robot: GroupRobot, clock: Clock) -> None:
    outcomes = [robot.send(robot.text_body((), f"第{number}条")).outcome for number in range(21)]
    clock.forward(minutes=1)

    assert outcomes == ["delivered"] * 20 + ["wait"]
    assert robot.send(robot.text_body((), "第21条")).outcome == "delivered"


def test_a_robot_that_was_taken_out_of_its_chat_stops(robot: GroupRobot, platform: FakeWeCom) -> None:
    assert platform.robots is not None
    platform.robots.gone.add(NAME)

    assert robot.send(robot.text_body((), "开会")) == Delivery("alarm", 93000, "robot_gone")


def test_where_nobody_listens_nothing_was_said_for_certain(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    robot = GroupRobot("r", KEY, "http://127.0.0.1:9")

    delivery = robot.send(robot.text_body((), "开会"))

    assert delivery.outcome == "retry"
    assert KEY not in repr(robot) + repr(delivery) + caplog.text
