"""Each lead hears once how a session went, the admin of all of it, a mentor of the week on Friday."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest

from programme.attendance import CheckinRules
from programme.programme import Programme
from scheduler.summing import Summing
from storage import checkins, outbox
from storage.database import Database
from tests.scheduler import july
from tests.scheduler.july import P, read_people, read_programme, shanghai

Opener = Callable[[], Database]
RULES = CheckinRules()
ADMIN = "admin01"
LEADS = {"lead01", "lead02", "lead03", "lead04", "lead05"}


@pytest.fixture
def database(instance: Opener) -> Database:
    stored = instance()
    stored.write(july.store)
    return stored


def step(database: Database, programme: Programme | None = None) -> Summing:
    """One process's step; another one remembers nothing."""
    plan, people = programme or read_programme(), read_people()
    return Summing(
        database, lambda: [plan], lambda _p: people, lambda _p: [ADMIN], RULES, timedelta(minutes=5)
    )


def heard(database: Database) -> list[str]:
    rows = database.read(lambda tx: outbox.delivery_of(tx, P, ""))
    return sorted(row.person_id for row in rows if row.template.startswith("summary/"))


def changed(programme: Programme, session_id: str, group: str | None, **new: object) -> Programme:
    """*programme* with one occurrence changed."""
    return replace(
        programme,
        occurrences=tuple(
            replace(o, **new) if (o.session_id, o.group) == (session_id, group) else o  # type: ignore[arg-type]
            for o in programme.occurrences
        ),
    )


@pytest.mark.parametrize(
    ("at", "readers"),
    [
        (shanghai(4, 15, 4), set[str]()),
        (shanghai(4, 15, 5), {ADMIN, *LEADS}),
        (shanghai(5, 2, 0), {ADMIN, *LEADS}),  # started again in the night: still news
        (shanghai(5, 9, 0), set[str]()),
    ],
)
def test_all_who_lead_hear_five_minutes_after_the_close(
    database: Database, at: datetime, readers: set[str]
) -> None:
    """B54."""
    step(database)(at)

    assert set(heard(database)) == readers


def test_nobody_hears_twice_whoever_looks_again(database: Database) -> None:
    """R47."""
    one = step(database)

    queued = [one(shanghai(4, 15, 5)), one(shanghai(4, 15, 6)), step(database)(shanghai(4, 15, 7))]

    assert queued == [6, 0, 0]


def test_a_cancelled_session_has_no_summary(database: Database) -> None:
    programme = changed(read_programme(), "S02", None, is_cancelled=True)

    assert step(database, programme)(shanghai(4, 15, 5)) == 0


def test_a_group_that_meets_later_is_told_later_and_the_admin_after_the_last(database: Database) -> None:
    """R13."""
    programme = changed(read_programme(), "S01", "视频压缩组", start=time(16, 0))
    one = step(database, programme)

    one(shanghai(3, 15, 5))
    early = heard(database)
    one(shanghai(3, 16, 35))

    assert early == sorted(LEADS - {"lead01"})
    assert heard(database) == sorted([*LEADS, ADMIN])


def test_a_session_without_an_hour_is_told_once_somebody_opened_it(database: Database) -> None:
    """R06."""
    one = step(database)
    programme = read_programme()
    talks = next(o for o in programme.occurrences if o.session_id == "S03")

    unopened = one(shanghai(6, 18, 0))
    database.write(
        lambda tx: checkins.open_screen(
            tx, P, talks.occurrence_id, "lead01", shanghai(6, 15, 10), shanghai(6, 0, 0)
        )
    )
    opened = one(shanghai(6, 18, 1))

    assert (unopened, opened) == (0, 6)


def test_a_session_that_was_moved_after_its_summary_is_told_again(database: Database) -> None:
    step(database)(shanghai(4, 15, 5))
    programme = changed(read_programme(), "S02", None, held_on=shanghai(5).date())

    assert step(database, programme)(shanghai(5, 15, 5)) == 6


@pytest.mark.parametrize(
    ("at", "readers"),
    [
        (shanghai(7, 17, 6), list[str]()),
        (shanghai(7, 17, 7), ["mentor01", "mentor02", "mentor03"]),
        (shanghai(8, 4, 0), ["mentor01", "mentor02", "mentor03"]),
        (shanghai(8, 9, 0), list[str]()),
    ],
)
def test_mentors_hear_of_the_week_on_friday_evening(
    database: Database, at: datetime, readers: list[str]
) -> None:
    """B43."""
    step(database)(at)

    assert heard(database) == readers


def test_a_week_without_sessions_is_not_told(database: Database) -> None:
    assert step(database)(shanghai(7, 17, 7) + timedelta(weeks=4)) == 0
