"""Ratings, engineering, writings and payments: what is kept, and what a repeat does."""

from __future__ import annotations

from programme.engineering import Acceptance, Engineering, Progress
from programme.ledger import Payment
from storage import engineering, payments, ratings
from storage.database import Database
from tests.storage.samples import AT, P, later


def test_a_rater_has_one_current_rating_of_a_person(database: Database) -> None:
    database.write(lambda tx: ratings.rate(tx, P, "s2", "t1", "良", AT))
    database.write(lambda tx: ratings.rate(tx, P, "s2", "s1", "优", later(minutes=1)))
    database.write(lambda tx: ratings.rate(tx, P, "s2", "t1", "中", later(minutes=2)))

    found = database.read(lambda tx: ratings.ratings_of(tx, P, "s2"))

    assert found == {"t1": "中", "s1": "优"}


def test_results_are_released_once(database: Database) -> None:
    before = database.read(lambda tx: ratings.is_released(tx, P))

    done = [database.write(lambda tx: ratings.release(tx, P, "t1", AT)) for _ in range(2)]

    assert (before, done, database.read(lambda tx: ratings.is_released(tx, P))) == (
        False,
        [True, False],
        True,
    )


def test_progress_keeps_its_history_and_the_last_acceptance_holds(database: Database) -> None:
    """R33"""
    history = (Progress("移植", 40, AT), Progress("移植", 60, later(minutes=1)))
    rejected = Acceptance(False, "还差文档", "s1", later(minutes=2))
    passed = Acceptance(True, "完成", "s1", later(minutes=3))

    database.write(lambda tx: engineering.set_goal(tx, P, "s2", "完成移植", "s1", AT))
    for entry in history:
        database.write(lambda tx, entry=entry: engineering.add_progress(tx, P, "s2", entry))  # type: ignore[misc]
    database.write(lambda tx: engineering.accept(tx, P, "s2", rejected))
    database.write(lambda tx: engineering.accept(tx, P, "s2", passed))

    found = database.read(lambda tx: engineering.of_person(tx, P, "s2"))
    assert found == Engineering("完成移植", history, passed)


def test_the_same_paper_is_recorded_once(database: Database) -> None:
    done = [
        database.write(lambda tx: payments.record_writing(tx, P, "s2", "paper", "综述", AT)) for _ in range(2)
    ]

    found = database.read(lambda tx: payments.writings_of(tx, P, "s2"))
    assert (done, [(w.kind, w.title) for w in found]) == ([True, False], [("paper", "综述")])


def test_a_row_confirmed_before_keeps_its_sum(database: Database) -> None:
    first = database.write(lambda tx: payments.confirm(tx, P, "s2", ("W02", ""), 800, "t1", AT))
    second = database.write(lambda tx: payments.confirm(tx, P, "s2", ("W02", ""), 1600, "t1", AT))

    found = database.read(lambda tx: payments.payments_of(tx, P, "s2"))
    assert (first, second, found) == (True, False, {("W02", ""): Payment(800, "t1")})
