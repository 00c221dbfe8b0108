"""B58: what was missed while nothing ticked is told to the admins, once and with figures from the rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import pytest

from channels.channel import Delivery
from messages.envelope import Push, Reply
from messages.render import Renderer
from programme.programme import Programme
from programme.reminders import DEFAULT_RULES
from scheduler.catch_up import CatchUp, Uptime, gap_between
from scheduler.clock import Tick
from scheduler.grouping import Address
from scheduler.plan import enqueue_due
from scheduler.relay import Relay
from storage import outbox, programmes
from storage.database import Database
from storage.gaps import GapKind, Mark
from tests.scheduler import july
from tests.scheduler.july import UNTIMED_AT, P, read_people, shanghai
from tests.scheduler.platform import Platform

Opener = Callable[[], Database]

A_MINUTE = timedelta(minutes=1)
ADMIN = "admin01"
RENDERER = Renderer()


@dataclass
class Machine:
    """A machine whose clock can be set without time passing, and which can be another one."""

    at: datetime
    seconds: float = 1000.0
    name: str = "boot-1"

    def uptime(self) -> Uptime:
        return Uptime(self.name, self.seconds)

    def passes(self, span: timedelta) -> None:
        self.at += span
        self.seconds += span.total_seconds()


class House:
    """One instance: the real plan and relay, a platform that counts, and the watch over its ticks."""

    def __init__(
        self, database: Database, machine: Machine, platform: Platform, owner: str = "first"
    ) -> None:
        self.database = database
        self.machine = machine
        self.people = read_people()
        self.catch_up = CatchUp(database, self.programmes, lambda _p: [ADMIN], machine.uptime, A_MINUTE)
        relay = Relay(database, {"wecom": platform}, self.render, lambda p: Address("wecom", p), owner)
        steps = (
            ("plan", self.plan),
            ("collect", self.catch_up.collect),
            ("relay", relay.run),
            ("report", self.catch_up.report),
        )
        self._tick = Tick(database, steps, owner, self.catch_up)

    def render(self, template: str, values: object) -> str:
        return RENDERER.render(Reply(template, values))  # type: ignore[arg-type]

    def programmes(self) -> Sequence[Programme]:
        programme = self.database.read(partial(programmes.load, programme_id=P))
        return [programme] if programme else []

    def plan(self, now: datetime) -> object:
        return enqueue_due(
            self.database,
            self.programmes(),
            lambda _p: self.people,
            DEFAULT_RULES,
            now,
            untimed_at=UNTIMED_AT,
        )

    def tick(self, times: int = 1) -> None:
        for _ in range(times):
            assert self._tick(self.machine.at).failed == ()
            self.machine.passes(timedelta(seconds=1))


@pytest.fixture
def database(instance: Opener) -> Database:
    stored = instance()
    stored.write(july.store)
    return stored


def told(platform: Platform) -> list[str]:
    """What the admin received."""
    return [
        text for (account, text), count in platform.received.items() for _ in range(count) if account == ADMIN
    ]


def start(database: Database, at: datetime, answers: Sequence[Delivery] = ()) -> tuple[House, Platform]:
    platform = Platform(answers)
    house = House(database, Machine(at), platform)
    house.tick()
    return house, platform


def test_what_a_stop_delayed_is_told_with_its_figures(database: Database) -> None:
    house, platform = start(database, shanghai(4, 13, 45))

    house.machine.passes(timedelta(minutes=32))
    house.tick(3)

    assert told(platform) == [
        "13:45–14:17 停机。错过提醒1条（7/4 14:30场），已于14:17补发42人；过期不发0条；重复0条。"
    ]


def test_what_came_too_late_is_counted_and_not_sent(database: Database) -> None:
    house, platform = start(database, shanghai(2, 12))

    house.machine.passes(timedelta(days=2, hours=2, minutes=10))
    house.tick(3)

    # Evening and soon of Monday's five group meetings and the evening before Tuesday's lecture are over.
    assert told(platform) == [
        "12:00–7/4 14:10 停机。错过提醒12条（7/3 14:30、7/4 14:30场），"
        "已于14:10补发42人；过期不发11条；重复0条。"
    ]


def test_a_stop_in_which_nothing_was_due_is_told_as_such(database: Database) -> None:
    house, platform = start(database, shanghai(4, 15))

    house.machine.passes(timedelta(minutes=5))
    house.tick(3)

    assert told(platform) == ["15:00–15:05 停机。没有错过提醒，重复0条。"]


def test_before_and_after_the_programme_an_empty_stop_concerns_nobody(database: Database) -> None:
    house, platform = start(database, shanghai(30, 15))

    house.machine.passes(timedelta(hours=5))
    house.tick(3)

    assert told(platform) == []


def test_a_minute_is_no_stop(database: Database) -> None:
    house, platform = start(database, shanghai(4, 15))

    house.machine.passes(timedelta(seconds=58))
    house.tick(3)

    assert told(platform) == []


def test_a_restart_within_the_gap_tells_nothing_twice(database: Database) -> None:
    house, platform = start(database, shanghai(4, 13, 45))
    house.machine.passes(timedelta(minutes=32))
    house.tick(2)

    second = House(database, house.machine, platform, "first")
    second.tick(3)

    assert len(told(platform)) == 1


def test_of_two_instances_one_tells(database: Database, instance: Opener) -> None:
    house, platform = start(database, shanghai(4, 13, 45))
    other = House(instance(), house.machine, platform, "second")

    house.machine.passes(timedelta(minutes=32))
    for _ in range(3):
        other.tick()
        house.tick()

    assert len(told(platform)) == 1


def test_a_clock_set_forward_is_not_called_a_stop(database: Database) -> None:
    house, platform = start(database, shanghai(4, 12, 10))

    house.machine.at += timedelta(hours=2)
    house.tick(3)

    assert told(platform) == [
        "时钟跳了：12:10→14:10（实际过了不到 1 分钟）。"
        "错过提醒1条（7/4 14:30场），已于14:10补发42人；过期不发0条；重复0条。请核对服务器时间。"
    ]


def test_a_clock_set_back_repeats_nothing_and_is_told(database: Database) -> None:
    house, platform = start(database, shanghai(4, 14, 2, 59))
    house.tick(3)

    house.machine.at -= timedelta(hours=2)
    house.tick(3)
    house.machine.passes(timedelta(hours=2))
    house.tick(3)

    reminded = [count for (_, text), count in platform.received.items() if text.startswith("快开始了")]
    assert (len(reminded), set(reminded)) == (42, {1})
    assert told(platform)[0] == (
        "时钟往回跳了：14:03→12:03（实际过了不到 1 分钟）。已发的提醒不会再发。请核对服务器时间。"
    )


def test_a_clock_that_was_ahead_and_is_right_again_reports_no_reminder_as_late(database: Database) -> None:
    """What was sent under the wrong clock is settled: it was not missed."""
    house, platform = start(database, shanghai(4, 13, 50))
    house.machine.at += timedelta(hours=2)
    house.tick(3)
    house.machine.at -= timedelta(hours=2)
    house.tick(3)

    house.machine.passes(timedelta(minutes=25))
    house.tick(3)

    assert told(platform)[-1] == "13:50–14:15 停机。没有错过提醒，重复0条。"


def test_a_laptop_that_slept_stood_still(database: Database) -> None:
    """The uptime counts sleep, so that the clock seems right and the process stopped."""
    house, platform = start(database, shanghai(4, 13, 45))

    house.machine.passes(timedelta(minutes=32))
    house.tick(3)

    assert told(platform)[0].startswith("13:45–14:17 停机。")


def test_after_a_reboot_only_the_clock_is_known(database: Database) -> None:
    house, platform = start(database, shanghai(4, 13, 45))

    house.machine.name, house.machine.seconds = "boot-2", 30.0
    house.machine.at += timedelta(minutes=32)
    house.tick(3)

    assert told(platform)[0].startswith("13:45–14:17 停机。")


def test_the_database_was_away_and_the_process_was_not(database: Database) -> None:
    house, platform = start(database, shanghai(4, 13, 45))

    house.machine.passes(timedelta(minutes=16))
    house.catch_up.without_storage()
    house.machine.passes(timedelta(minutes=16))
    house.tick(3)

    assert told(platform)[0].startswith("13:45–14:17 连不上数据库。")


def test_the_report_waits_until_what_was_missed_is_settled(database: Database) -> None:
    house, platform = start(database, shanghai(4, 13, 45), [Delivery("retry", -1)])
    house.machine.passes(timedelta(minutes=32))
    house.tick()
    before = told(platform)

    house.machine.passes(timedelta(seconds=20))
    house.tick(3)

    assert before == []
    assert told(platform) == [
        "13:45–14:17 停机。错过提醒1条（7/4 14:30场），已于14:17补发42人；过期不发0条；重复0条。"
    ]


def test_the_report_does_not_wait_for_ever(database: Database) -> None:
    house, platform = start(database, shanghai(4, 13, 45), [Delivery("retry", -1, wait_s=900.0)])
    house.machine.passes(timedelta(minutes=19))
    house.tick(2)

    for _ in range(13):
        house.machine.passes(timedelta(seconds=49))
        house.tick()
    house.tick()

    assert told(platform) == [
        "13:45–14:04 停机。错过提醒1条（7/4 14:30场），没有补发；过期不发0条；重复0条。还在补发42人。"
    ]


def test_who_could_not_be_reached_is_counted(database: Database) -> None:
    delivery = Delivery("delivered", 0, unreachable={"stu001": "未关注", "stu002": "停用"})
    house, platform = start(database, shanghai(4, 13, 45), [delivery])

    house.machine.passes(timedelta(minutes=32))
    house.tick(3)

    assert told(platform) == [
        "13:45–14:17 停机。错过提醒1条（7/4 14:30场），已于14:17补发40人；过期不发0条；重复0条。没送到2人。"
    ]


def test_other_messages_are_counted_apart(database: Database) -> None:
    house, platform = start(database, shanghai(4, 15))
    push = Push("broadcast:1:stu001", "stu001", "guide/welcome", {"name": "王小明"}, shanghai(4, 15, 10))
    database.write(lambda tx: outbox.enqueue(tx, P, push, shanghai(4, 15)))

    house.machine.passes(timedelta(minutes=20))
    house.tick(3)

    assert told(platform) == [
        "15:00–15:20 停机。错过提醒0条、其他消息1条，已于15:20补发1人；过期不发0条；重复0条。"
    ]


def test_a_repeat_is_counted_in_the_rows_and_not_supposed(database: Database) -> None:
    house, platform = start(database, shanghai(4, 15))
    pushes = [
        Push(f"twin:{n}:stu001", "stu001", "guide/welcome", {"name": "王小明"}, shanghai(4, 15, n))
        for n in (0, 10)
    ]
    database.write(lambda tx: outbox.enqueue_all(tx, P, pushes, shanghai(4, 15)))
    house.tick()

    house.machine.passes(timedelta(minutes=20))
    house.tick(3)

    assert told(platform)[0].endswith("重复1条。")


def mark(at: datetime, seconds: float, machine: str = "boot-1") -> Mark:
    return Mark(at, machine, int(seconds))


@pytest.mark.parametrize(
    ("by_clock", "by_uptime", "kind"),
    [
        (1, 1, None),
        (60, 60, None),
        (61, 61, "down"),
        (7200, 1, "forward"),
        (-7200, 1, "back"),
        (400, 1, "forward"),
        (-400, 1, "back"),
        (7200 + 600, 600, "forward"),
        (600 - 7200, 600, "back"),
        (5, 600, "back"),
        (1, 20, None),
    ],
)
def test_a_gap_is_told_apart_by_the_time_that_really_passed(
    by_clock: int, by_uptime: int, kind: GapKind | None
) -> None:
    before = mark(shanghai(4, 12), 1000)

    gap = gap_between(before, mark(shanghai(4, 12) + timedelta(seconds=by_clock), 1000 + by_uptime), A_MINUTE)

    assert (gap.kind if gap else None) == kind


@pytest.mark.parametrize("machine", ["boot-2", ""])
@pytest.mark.parametrize(("by_clock", "kind"), [(7200, "down"), (-7200, "back"), (30, None), (-30, None)])
def test_between_machines_only_the_clock_is_known(machine: str, by_clock: int, kind: GapKind | None) -> None:
    before = mark(shanghai(4, 12), 1000)

    gap = gap_between(before, mark(shanghai(4, 12) + timedelta(seconds=by_clock), 5, machine), A_MINUTE)

    assert (gap.kind if gap else None) == kind
