"""Programmes: stored and read back whole, changed only over the version that was seen."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

import pytest

from programme.programme import Decided
from programme.sessions import Item, Occurrence
from storage import decided, programmes, topics
from storage.database import Conflict, Database
from tests.storage.samples import AT, LECTURE, LECTURE_FOR_ALL, PROGRAMME, P


def test_a_programme_is_read_back_as_it_was_saved(database: Database) -> None:
    loaded = database.read(lambda tx: programmes.load(tx, P))

    assert loaded == PROGRAMME


def test_a_programme_nobody_saved_is_none(database: Database) -> None:
    assert database.read(lambda tx: programmes.load(tx, "other")) is None


def test_ids_lists_every_programme(database: Database) -> None:
    database.write(
        lambda tx: programmes.save(
            tx, replace(PROGRAMME, programme_id="q", year=2024, sessions=(), occurrences=()), AT
        )
    )

    assert database.read(programmes.ids) == (P, "q")


def test_the_same_title_in_the_same_year_is_refused(database: Database) -> None:
    twin = replace(PROGRAMME, programme_id="twin", sessions=(), occurrences=())

    with pytest.raises(Conflict):
        database.write(lambda tx: programmes.save(tx, twin, AT))

    assert database.read(programmes.ids) == (P,)


def test_an_occurrence_id_of_another_programme_is_refused(database: Database) -> None:
    thief = replace(PROGRAMME, programme_id="thief", year=2024)

    with pytest.raises(Conflict):
        database.write(lambda tx: programmes.save(tx, thief, AT))

    assert database.read(programmes.ids) == (P,)


def test_a_changed_session_replaces_the_previous_version(database: Database) -> None:
    moved = replace(
        LECTURE,
        held_on=date(2023, 7, 5),
        start=time(9),
        version=2,
        items=(Item("讲座", None), Item(None, "二")),
    )

    stored = database.write(lambda tx: programmes.change_session(tx, P, moved))

    loaded = database.read(lambda tx: programmes.load(tx, P))
    assert stored is True
    assert loaded == replace(PROGRAMME, version=2, sessions=(moved, PROGRAMME.sessions[1]))


def test_a_session_changed_by_somebody_else_meanwhile_is_not_overwritten(database: Database) -> None:
    first = replace(LECTURE, place="B202", version=2)
    second = replace(LECTURE, place="C303", version=2)
    database.write(lambda tx: programmes.change_session(tx, P, first))

    stored = database.write(lambda tx: programmes.change_session(tx, P, second))

    loaded = database.read(lambda tx: programmes.load(tx, P))
    assert stored is False
    assert loaded == replace(PROGRAMME, version=2, sessions=(first, PROGRAMME.sessions[1]))


def test_a_changed_occurrence_replaces_the_previous_version(database: Database) -> None:
    moved = replace(LECTURE_FOR_ALL, place=None, start=None, version=2)

    stored = database.write(lambda tx: programmes.change_occurrence(tx, P, moved))

    loaded = database.read(lambda tx: programmes.load(tx, P))
    assert stored is True
    assert loaded == replace(PROGRAMME, version=2, occurrences=(moved, PROGRAMME.occurrences[1]))


def test_an_occurrence_changed_by_somebody_else_meanwhile_is_not_overwritten(database: Database) -> None:
    stored = database.write(
        lambda tx: programmes.change_occurrence(tx, P, replace(LECTURE_FOR_ALL, place="B", version=3))
    )

    assert stored is False
    assert database.read(lambda tx: programmes.load(tx, P)) == PROGRAMME


def test_added_occurrences_come_after_the_old_ones(database: Database) -> None:
    for_group = Occurrence("p2023-S03-视觉组", "S03", "视觉组", date(2023, 7, 6), time(15), time(16), None, 1)

    database.write(lambda tx: programmes.add_occurrences(tx, P, (for_group,)))

    loaded = database.read(lambda tx: programmes.load(tx, P))
    assert loaded == replace(PROGRAMME, version=2, occurrences=(*PROGRAMME.occurrences, for_group))


def test_adding_no_occurrence_is_no_change(database: Database) -> None:
    database.write(lambda tx: programmes.add_occurrences(tx, P, ()))

    assert database.read(lambda tx: programmes.version(tx, P)) == 1


def test_bump_gives_the_next_version(database: Database) -> None:
    assert database.write(lambda tx: programmes.bump(tx, P)) == 2
    assert database.read(lambda tx: programmes.version(tx, P)) == 2


def test_the_version_of_an_unknown_programme_is_zero(database: Database) -> None:
    assert database.read(lambda tx: programmes.version(tx, "other")) == 0


def test_an_answered_question_keeps_its_answer(database: Database) -> None:
    answered = database.write(lambda tx: decided.answer_question(tx, P, 2, "A101 教室", "t1", AT))

    loaded = database.read(lambda tx: programmes.load(tx, P))
    question = replace(
        PROGRAMME.questions[1], state="answered", answer="A101 教室", answered_by="t1", answered_at=AT
    )
    assert answered is True
    assert loaded == replace(PROGRAMME, version=2, questions=(PROGRAMME.questions[0], question))


@pytest.mark.parametrize(("number", "is_there", "kept"), [(2, True, "B202"), (99, False, "A101")])
def test_an_answer_may_be_given_again_and_an_unknown_question_takes_none(
    database: Database, number: int, is_there: bool, kept: str
) -> None:
    database.write(lambda tx: decided.answer_question(tx, P, 2, "A101", "t1", AT))

    answered = database.write(lambda tx: decided.answer_question(tx, P, number, "B202", "t1", AT))

    loaded = database.read(lambda tx: programmes.load(tx, P))
    assert answered is is_there
    assert loaded is not None
    assert [question.answer for question in loaded.questions] == [None, kept]


def test_a_setting_wins_over_its_earlier_value(database: Database) -> None:
    database.write(lambda tx: decided.set_setting(tx, P, "late_after_min", "10", "t1", AT))

    loaded = database.read(lambda tx: programmes.load(tx, P))
    assert loaded == replace(
        PROGRAMME,
        version=2,
        settings={"late_after_min": "10"},
        decided={"late_after_min": Decided("t1", AT)},
    )


def test_a_setting_that_is_dropped_leaves_the_default(database: Database) -> None:
    database.write(lambda tx: decided.set_setting(tx, P, "late_after_min", "10", "t1", AT))

    database.write(lambda tx: decided.drop_setting(tx, P, "late_after_min"))

    loaded = database.read(lambda tx: programmes.load(tx, P))
    assert loaded == replace(PROGRAMME, version=3, settings={})


REVISED = replace(
    PROGRAMME,
    first_date=date(2023, 7, 2),
    sessions=(
        replace(LECTURE, start=time(15), version=2),
        PROGRAMME.sessions[1],
        replace(LECTURE, session_id="S04", items=(), version=1),
    ),
    occurrences=(
        replace(LECTURE_FOR_ALL, start=time(15), version=2),
        PROGRAMME.occurrences[1],
        replace(LECTURE_FOR_ALL, occurrence_id="p2023-S04", session_id="S04"),
    ),
    topics=(replace(PROGRAMME.topics[0], title="改过的题目"), PROGRAMME.topics[1]),
    rules=PROGRAMME.rules[:1],
    rewards=(),
    contacts=(),
    attachments=(),
    questions=PROGRAMME.questions[:1],
    lines={1: "更正"},
)


def test_a_corrected_notice_replaces_what_was_said(database: Database) -> None:
    revised = database.write(lambda tx: programmes.revise(tx, PROGRAMME, REVISED, AT))

    loaded = database.read(lambda tx: programmes.load(tx, P))
    assert revised is True
    assert loaded is not None
    assert loaded.version > PROGRAMME.version
    assert replace(loaded, version=1) == REVISED


def test_a_corrected_notice_keeps_the_choices_and_a_chosen_topic_that_it_dropped(database: Database) -> None:
    database.write(lambda tx: topics.choose(tx, P, "s1", 1, AT))
    database.write(lambda tx: topics.choose(tx, P, "s2", 3, AT))

    database.write(lambda tx: programmes.revise(tx, PROGRAMME, REVISED, AT))

    loaded = database.read(lambda tx: programmes.load(tx, P))
    assert loaded is not None
    assert loaded.topics == (*REVISED.topics, PROGRAMME.topics[2])
    assert database.read(lambda tx: topics.how_many_chose(tx, P)) == {1: 1, 3: 1}


def test_a_corrected_notice_does_not_overwrite_a_session_changed_meanwhile(database: Database) -> None:
    database.write(lambda tx: programmes.change_session(tx, P, replace(LECTURE, place="B", version=2)))

    assert database.write(lambda tx: programmes.revise(tx, PROGRAMME, REVISED, AT)) is False
