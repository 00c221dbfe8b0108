"""Topic choices: one current choice, everything kept."""

from __future__ import annotations

from functools import partial

import pytest

from storage import topics
from storage.database import Conflict, Database, Tx
from storage.topics import TopicChoice
from tests.storage.conftest import Overlap
from tests.storage.samples import AT, P, later


def test_the_last_choice_is_the_current_one(database: Database) -> None:
    database.write(lambda tx: topics.choose(tx, P, "s1", 1, AT))
    database.write(lambda tx: topics.choose(tx, P, "s1", 3, later(minutes=1)))

    current = database.read(lambda tx: topics.current_choice(tx, P, "s1"))

    assert current == TopicChoice(3, later(minutes=1))


def test_who_has_not_chosen_has_no_choice(database: Database) -> None:
    assert database.read(lambda tx: topics.current_choice(tx, P, "s1")) is None


def test_two_choices_of_one_person_at_once_leave_one(database: Database, overlap: Overlap) -> None:
    overlap(
        lambda tx: topics.choose(tx, P, "s1", 1, AT),
        lambda tx: topics.choose(tx, P, "s1", 2, later(seconds=1)),
    )

    assert database.read(lambda tx: topics.how_many_chose(tx, P)) == {2: 1}


def test_a_topic_that_is_not_there_is_refused(database: Database) -> None:
    with pytest.raises(Conflict):
        database.write(lambda tx: topics.choose(tx, P, "s1", 99, AT))


def test_current_choices_are_counted_by_topic(database: Database) -> None:
    def choose(tx: Tx) -> None:
        for person_id, order in (("s1", 2), ("s2", 2), ("s3", 1)):
            topics.choose(tx, P, person_id, order, AT)

    database.write(choose)

    assert database.read(lambda tx: topics.how_many_chose(tx, P)) == {1: 1, 2: 2}


def test_a_choice_is_withdrawn_once_and_its_history_stays(database: Database) -> None:
    database.write(lambda tx: topics.choose(tx, P, "s1", 2, AT))

    withdrawn = [database.write(lambda tx: topics.withdraw(tx, P, "s1", later(minutes=1))) for _ in range(2)]

    assert withdrawn == [True, False]
    assert database.read(lambda tx: topics.current_choice(tx, P, "s1")) is None
    assert database.read(lambda tx: topics.history(tx, P, "s1")) == (
        TopicChoice(2, AT),
        TopicChoice(None, later(minutes=1)),
    )


def test_a_topic_with_a_cap_takes_no_more(database: Database) -> None:
    """R26: the cap is the lab's own."""
    taken = [
        database.write(partial(topics.choose, programme_id=P, person_id=who, order=1, at=AT, cap=2))
        for who in ("s1", "s2", "s3")
    ]

    assert taken == [True, True, False]
    assert database.read(lambda tx: topics.how_many_chose(tx, P)) == {1: 2}


def test_who_has_the_topic_already_is_not_counted_against_themselves(database: Database) -> None:
    again = [database.write(lambda tx: topics.choose(tx, P, "s1", 1, AT, 1)) for _ in range(2)]

    assert again == [True, True]


def test_a_full_topic_leaves_the_choice_before_as_it_was(database: Database) -> None:
    database.write(lambda tx: topics.choose(tx, P, "s1", 1, AT))
    database.write(lambda tx: topics.choose(tx, P, "s2", 2, AT))

    database.write(lambda tx: topics.choose(tx, P, "s2", 1, later(minutes=1), 1))

    assert database.read(lambda tx: topics.current_choice(tx, P, "s2")) == TopicChoice(2, AT)
    assert database.read(lambda tx: topics.history(tx, P, "s2")) == (TopicChoice(2, AT),)


def test_two_who_want_the_last_seat_at_once_do_not_both_get_it(database: Database, overlap: Overlap) -> None:
    """The cap holds on both engines, whichever connection is first."""
    taken = overlap(
        lambda tx: topics.choose(tx, P, "s1", 1, AT, 1),
        lambda tx: topics.choose(tx, P, "s2", 1, AT, 1),
    )

    assert sorted(taken, key=str) == [False, True]
    assert database.read(lambda tx: topics.how_many_chose(tx, P)) == {1: 1}


def test_a_seat_that_was_given_back_can_be_taken(database: Database) -> None:
    database.write(lambda tx: topics.choose(tx, P, "s1", 1, AT, 1))
    database.write(lambda tx: topics.withdraw(tx, P, "s1", AT))

    assert database.write(lambda tx: topics.choose(tx, P, "s2", 1, AT, 1))
