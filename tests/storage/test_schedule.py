"""The planning mark: kept per programme, and no new version of the plan."""

from __future__ import annotations

from storage import programmes, schedule
from storage.database import Database
from tests.storage.samples import AT, P, later


def test_a_programme_that_was_never_planned_has_no_mark(database: Database) -> None:
    assert database.read(lambda tx: schedule.planned_until(tx, P)) is None
    assert database.read(lambda tx: schedule.planned_until(tx, "other")) is None


def test_the_last_mark_counts_and_the_plan_keeps_its_version(database: Database) -> None:
    database.write(lambda tx: schedule.set_planned_until(tx, P, AT))
    database.write(lambda tx: schedule.set_planned_until(tx, P, later(seconds=1)))

    assert database.read(lambda tx: schedule.planned_until(tx, P)) == later(seconds=1)
    assert database.read(lambda tx: programmes.version(tx, P)) == 1
