"""A session on a holiday or on a worked weekend is told to the admins, once a day and session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from messages.envelope import Reply
from messages.render import Renderer
from programme.holidays import Holidays, holiday_questions
from programme.programme import Programme
from scheduler.odd_days import OddDays
from storage import outbox
from storage.database import Database
from tests.scheduler import july
from tests.scheduler.july import P, read_programme, shanghai

Opener = Callable[[], Database]

LECTURE_DAY, MEETING_DAY = date(2023, 7, 4), date(2023, 7, 3)
ODD = Holidays(frozenset({2023}), {LECTURE_DAY: "校庆"}, {date(2023, 7, 8): "校庆"})


@pytest.fixture
def database(instance: Opener) -> Database:
    stored = instance()
    stored.write(july.store)
    return stored


def watch(database: Database, programme: Programme, holidays: Holidays = ODD) -> OddDays:
    return OddDays(database, lambda: [programme], lambda _p: ["admin01"], holidays)


def texts(database: Database) -> list[str]:
    rows = database.read(lambda tx: outbox.delivery_of(tx, P, "odd:"))
    return [Renderer().render(Reply(row.template, row.values)) for row in rows]


def test_a_session_on_a_holiday_is_told_once(database: Database) -> None:
    programme = read_programme()

    queued = [watch(database, programme)(shanghai(1)), watch(database, programme)(shanghai(2))]

    assert queued == [1, 0]
    assert texts(database) == [
        "7/4（周二）是校庆放假，这天有《科研论文写作》。照常就不用回；不照常请改期或取消。"
    ]


def test_a_session_moved_to_a_worked_saturday_is_told(database: Database) -> None:
    programme = read_programme()
    step = watch(database, programme, replace(ODD, off={}))
    step(shanghai(1))
    sessions = tuple(
        replace(s, held_on=date(2023, 7, 8)) if s.session_id == "S02" else s for s in programme.sessions
    )

    moved = watch(database, replace(programme, sessions=sessions, version=2), replace(ODD, off={}))
    queued = moved(shanghai(2))

    assert queued == 1
    assert texts(database)[0].startswith("7/8（周六）是校庆调休上班，这天有《科研论文写作》。")


def test_what_the_import_asks_is_not_told_again(database: Database) -> None:
    programme = read_programme()
    asked = replace(programme, questions=holiday_questions(programme, ODD))

    assert watch(database, asked)(shanghai(1)) == 0


def test_what_is_over_is_not_told(database: Database) -> None:
    assert watch(database, read_programme())(shanghai(5)) == 0


def test_nothing_is_told_of_ordinary_days(database: Database) -> None:
    assert watch(database, read_programme(), Holidays(frozenset({2023})))(shanghai(1)) == 0


def test_a_version_is_looked_at_once(database: Database) -> None:
    step = watch(database, read_programme())

    assert [step(shanghai(1)), step(shanghai(1, 0, 1)), len(texts(database))] == [1, 0, 1]
