"""What the group chats hear: each session's announcements once per chat, and changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest

from messages.envelope import Reply
from messages.render import Renderer
from programme.programme import Programme
from programme.reminders import DEFAULT_RULES, BeforeStart, ReminderRule
from scheduler.announce import Announcing, Robot, changes_for, robots_for
from scheduler.plan import enqueue_due
from storage import outbox, programmes, schedule
from storage.database import Database
from storage.outbox import OutboxRow
from tests.scheduler import july
from tests.scheduler.july import UNTIMED_AT, P, read_people, read_programme, shanghai

ALL, VIDEO, ADMINS = Robot("全体群"), Robot("视频群", ("视频压缩组",)), Robot("管理群", ("管理员",))
EVENING = shanghai(3, 20, 7)
Opener = Callable[[], Database]


@pytest.fixture
def database(instance: Opener) -> Database:
    stored = instance()
    stored.write(july.store)
    stored.write(lambda tx: schedule.set_planned_until(tx, P, EVENING - timedelta(hours=1)))
    return stored


def announcing(database: Database, *robots: Robot, programme: Programme | None = None) -> Announcing:
    shown = programme or read_programme()
    return Announcing(database, lambda: [shown], robots, DEFAULT_RULES, UNTIMED_AT)


def rows(database: Database) -> tuple[OutboxRow, ...]:
    return database.read(lambda tx: outbox.delivery_of(tx, P, "group:"))


def said(database: Database) -> list[tuple[str | None, str]]:
    return [(row.robot, Renderer().render(Reply(row.template, row.values))) for row in rows(database)]


def test_a_session_is_announced_once_in_the_chat_of_everybody(database: Database) -> None:
    step = announcing(database, ALL, VIDEO, ADMINS)

    added = [step(EVENING + timedelta(seconds=second)) for second in range(3)]

    assert added == [1, 0, 0]
    assert said(database) == [("全体群", "明天7/4（周二）14:30《科研论文写作》。地点待通知，为拟定安排。")]


def test_after_the_plan_has_moved_on_nothing_is_announced_again(database: Database) -> None:
    step = announcing(database, ALL)
    step(EVENING)
    people = read_people()
    enqueue_due(database, [read_programme()], lambda _: people, DEFAULT_RULES, EVENING, untimed_at=UNTIMED_AT)

    assert announcing(database, ALL)(EVENING + timedelta(seconds=1)) == 0


def test_a_group_meeting_goes_to_its_group_and_as_printed_to_everybody(database: Database) -> None:
    sunday = shanghai(2, 20, 7)
    database.write(lambda tx: schedule.set_planned_until(tx, P, sunday - timedelta(hours=1)))

    announcing(database, ALL, VIDEO)(sunday)

    assert [robot for robot, _ in said(database)] == ["全体群", "视频群"]
    assert "视频压缩组" in dict(said(database))["视频群"]


def test_without_a_chat_for_everybody_each_group_hears_what_concerns_all() -> None:
    other = Robot("通信群", ("通信组",))

    assert robots_for([VIDEO, other, ADMINS], None) == (VIDEO, other)
    assert robots_for([VIDEO, other, ADMINS], "通信组") == (other,)
    assert robots_for([ALL, VIDEO], "通信组") == ()


def test_a_reminder_for_speakers_is_no_business_of_the_chat(database: Database) -> None:
    rule = ReminderRule("主讲", (), (), BeforeStart(timedelta(hours=2)), "speakers", "reminder/soon")
    step = replace(announcing(database, ALL), rules=(rule,))

    assert step(shanghai(4, 13)) == 0


def test_what_would_come_too_late_is_not_said(database: Database) -> None:
    assert announcing(database, ALL)(shanghai(4, 14, 30)) == 0


def test_an_announcement_that_waits_and_no_longer_holds_is_withdrawn(database: Database) -> None:
    announcing(database, ALL)(EVENING)
    programme = read_programme()
    lecture = next(o for o in programme.occurrences if o.occurrence_id == "p2023-S02")
    moved = replace(lecture, start=time(15, 0), version=lecture.version + 1)
    database.write(lambda tx: programmes.change_occurrence(tx, P, moved))
    database.write(lambda tx: programmes.bump(tx, P))
    changed = database.read(lambda tx: programmes.load(tx, P))
    people = read_people()
    enqueue_due(
        database, [changed], lambda _: people, DEFAULT_RULES, EVENING, untimed_at=UNTIMED_AT
    ) if changed else 0

    announcing(database, ALL, programme=changed)(EVENING + timedelta(seconds=1))

    assert [(row.state, row.reason) for row in rows(database)] == [("useless", "outdated")]


def test_memory_that_is_behind_announces_nothing(database: Database) -> None:
    database.write(lambda tx: programmes.bump(tx, P))

    assert announcing(database, ALL)(EVENING) == 0


def test_a_change_is_said_once_in_each_chat_that_it_concerns() -> None:
    at: datetime = EVENING

    made = changes_for([ALL, VIDEO, ADMINS], [None, "视频压缩组"], "t1", "change/told", {}, at)

    assert [(one.robot, one.dedupe_key) for one in made] == [
        ("全体群", "group:全体群:t1"),
        ("视频群", "group:视频群:t1"),
    ]
