"""A reminder with a button and a list as a file, from the plan to the phones of the fake platform."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

import pytest

from fakes.platform import DeliveredPush, FakeWeCom
from fakes.server import platform_app, serving
from messages.envelope import Answer, Inbound
from scheduler.clock import Tick
from storage import tasks
from tests.house import StandingClock, furnish, open_house
from tests.wiring.running import IDENTITY, SECRET
from wiring.application import Application, everybody, wecom_gateway
from wiring.scheduling import scheduling

ZONE = ZoneInfo("Asia/Shanghai")
SOON = datetime(2023, 7, 4, 14, 3, tzinfo=ZONE)  # 27 minutes before the lecture on scientific writing


class Phones:
    """Notes whose card was changed into what."""

    def __init__(self) -> None:
        self.updated: list[tuple[str, str]] = []

    def push_arrived(self, push: DeliveredPush) -> None: ...

    def push_recalled(self, push: DeliveredPush) -> None: ...

    def card_updated(self, userid: str, push: DeliveredPush, shown: str) -> None:
        self.updated.append((userid, shown))


class World:
    """The product and the platform around one clock that stands; *members* are who the platform knows."""

    def __init__(self, app: Application, tick: Tick, clock: StandingClock, platform: FakeWeCom) -> None:
        self.app, self.platform = app, platform
        self._tick, self._clock = tick, clock

    def at(self, moment: datetime) -> None:
        self._clock.at = moment
        self.app.snapshot.refresh(self.app.database)
        assert self._tick(moment).failed == ()

    def press(self, sender: str, at: datetime, push: DeliveredPush, message_id: str = "p1") -> Answer | None:
        self._clock.at = at
        code = self.platform.new_response_code(push.msgid)
        details = {"ResponseCode": code, "TaskId": "t", "CardType": "button_interaction"}
        inbound = Inbound(
            "wecom", message_id, sender, at, "event", "", "template_card_event", "签到", details
        )
        return self.app.responder.respond(inbound)


@pytest.fixture
def phones() -> Phones:
    return Phones()


@pytest.fixture
def world(tmp_path: Path, phones: Phones) -> Iterator[World]:
    clock = StandingClock(SOON - timedelta(minutes=5))
    platform = FakeWeCom(IDENTITY.corp_id, IDENTITY.agent_id, SECRET, {}, clock, phones)
    with serving(platform_app(platform)) as api:
        overlay = {
            "QIYUE_WECOM__ENABLED": "true",
            "QIYUE_WECOM__CORP_ID": IDENTITY.corp_id,
            "QIYUE_WECOM__AGENT_ID": str(IDENTITY.agent_id),
            "QIYUE_WECOM__API_BASE": api,
            "QIYUE_WECOM__CARDS": "true",
            "QIYUE_WECOM__TEXT_ONLY": "STU002",
            "QIYUE_WECOM_SECRET": SECRET,
            "QIYUE_WECOM_TOKEN": IDENTITY.token,
            "QIYUE_WECOM_AES_KEY": IDENTITY.aes_key,
        }
        app = open_house(tmp_path, clock, overlay)
        furnish(app)
        app.snapshot.refresh(app.database)
        platform.members = {
            account.account: person.name
            for person in everybody(app)
            for account in app.snapshot.accounts_of(person.person_id)
        }
        gateway = wecom_gateway(app.settings, app.database)
        tick, _ = scheduling(app, {"wecom": gateway})
        yield World(app, tick, clock, platform)
        app.close()


def newest(world: World, userid: str) -> DeliveredPush:
    return world.platform.pushes_of(userid)[-1]


def test_a_reminder_is_a_card_with_a_button_and_a_text_for_who_reads_text_only(world: World) -> None:
    world.at(SOON - timedelta(minutes=1))

    world.at(SOON)

    card = dict(cast(Mapping[str, object], newest(world, "stu001").body["template_card"]))
    text = newest(world, "stu002").text
    assert re.fullmatch("[0-9a-f]{40}", str(card.pop("task_id")))
    assert card == {
        "card_type": "button_interaction",
        "main_title": {"title": "14:30 《科研论文写作》"},
        "sub_title_text": text,
        "button_list": [{"key": "签到", "style": 1, "text": "签到"}],
    }
    assert text == "快开始了：14:30《科研论文写作》。地点待通知。到场请回复 签到。"


def test_the_button_checks_in_and_gives_way_to_what_is_on_record(world: World, phones: Phones) -> None:
    world.at(SOON - timedelta(minutes=1))
    world.at(SOON)
    card = newest(world, "stu001")

    answers = [world.press("stu001", SOON + timedelta(minutes=22), card) for _ in range(2)]
    world.at(SOON + timedelta(minutes=22, seconds=1))

    assert answers == [Answer("✅ 14:25 已签到：7/4（周二）《科研论文写作》，准时。本月 1/2。")] * 2
    assert phones.updated == [("stu001", "已签到")]


def test_a_button_that_is_pressed_too_late_stays_as_it_is(world: World, phones: Phones) -> None:
    world.at(SOON - timedelta(minutes=1))
    world.at(SOON)

    world.press("stu001", SOON + timedelta(hours=3), newest(world, "stu001"))
    world.at(SOON + timedelta(hours=3, seconds=1))

    assert phones.updated == []


def test_a_list_that_is_too_long_for_a_message_is_a_file_on_the_phone(world: World) -> None:
    missed = [f"stu{number:03}" for number in range(1, 24)]
    world.platform.members = {u: n for u, n in world.platform.members.items() if u not in missed}
    audience: dict[str, object] = {"cohorts": [], "groups": [], "roles": [], "mentor": None}
    (admin,) = [person for person in everybody(world.app) if "admin" in person.roles]
    data: dict[str, object] = {
        "template": "broadcast/told",
        "values": {"message": "带电脑", "from": "张老师", "at": "09:00"},
        "audience": audience,
        "by": admin.person_id,
        "title": {"kind": "broadcast", "text": "带电脑"},
    }
    at = SOON + timedelta(days=1)
    programme_id = world.app.snapshot.programme_ids()[0]
    world.at(at - timedelta(seconds=1))
    world.app.database.write(lambda tx: tasks.add(tx, programme_id, "expand", data, at))

    for second in (0, 4, 8):
        world.at(at + timedelta(seconds=second))

    report, file = world.platform.pushes_of("admin01")[-2:]
    assert report.text.endswith("等）。完整名单见下一条文件，请另行联系。")
    assert file.msgtype == "file"
    media = world.platform.media(str(file.body["file"]["media_id"]))  # type: ignore[index]
    lines = media.content.decode("utf-8-sig").split("\r\n")
    assert (media.name, lines[0], len(lines)) == ("未送达名单0705.csv", "姓名,原因", 1 + len(missed) + 1)
    assert lines[1].endswith(",不在应用可见范围")
