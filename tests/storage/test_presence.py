"""Corrections, second checks, one-time numbers and signs, on both engines."""

from __future__ import annotations

from functools import partial

from storage import corrections, device_codes, rechecks, signals
from storage.corrections import Correction
from storage.database import Database, Tx
from storage.signals import Signal
from tests.storage.conftest import Overlap
from tests.storage.samples import AT, P, later

LECTURE, TALKS = "p2023-S02", "p2023-S03"


def correction(minutes: int, new: corrections.State) -> Correction:
    return Correction(P, LECTURE, "s1", "absent", new, 0, "手机没电", "t1", later(minutes=minutes))


def test_the_last_correction_counts_and_all_of_them_are_kept(database: Database) -> None:
    first, last = correction(0, "present"), correction(1, "absent")

    for each in (first, last):
        database.write(partial(corrections.add, correction=each))

    assert database.read(lambda tx: corrections.latest(tx, LECTURE, "s1")) == last
    assert database.read(lambda tx: corrections.of_person(tx, P, "s1")) == (first, last)
    assert database.read(lambda tx: corrections.of_programme(tx, P)) == (first, last)
    assert database.read(lambda tx: corrections.latest(tx, TALKS, "s1")) is None


def begin(tx: Tx) -> rechecks.Recheck | None:
    return rechecks.begin(tx, P, LECTURE, "t1", AT, later(minutes=5))


def test_one_second_check_of_a_session_at_a_time(database: Database, overlap: Overlap) -> None:
    assert [found is None for found in overlap(begin, begin)] == [False, True]


def test_a_second_check_is_told_once_when_its_time_is_over(database: Database) -> None:
    begun = database.write(begin)
    assert begun is not None

    early = database.read(lambda tx: rechecks.ended(tx, later(minutes=4)))
    due = database.read(lambda tx: rechecks.ended(tx, later(minutes=5)))
    told = [database.write(lambda tx: rechecks.report(tx, begun.recheck_id, AT)) for _ in range(2)]

    assert (early, due, told) == ((), (begun,), [True, False])
    assert database.read(lambda tx: rechecks.open_of(tx, LECTURE)) is None
    assert database.write(begin) is not None


def test_answers_to_a_second_check_are_counted_and_kept(database: Database) -> None:
    begun = database.write(begin)
    assert begun is not None

    tries = [database.write(lambda tx: rechecks.count_try(tx, begun, "s1")) for _ in range(2)]
    database.write(lambda tx: rechecks.answer(tx, begun.recheck_id, "s1", AT))

    assert tries == [1, 2]
    assert database.read(lambda tx: rechecks.answered(tx, begun.recheck_id)) == {"s1"}
    assert database.read(lambda tx: rechecks.next_end(tx, AT)) == later(minutes=5)


def issue(database: Database, code: str, device: str | None = None) -> bool:
    return database.write(lambda tx: device_codes.issue(tx, P, LECTURE, code, device, AT))


def use(tx: Tx, person_id: str, code: str = "12345678") -> bool:
    return device_codes.use(tx, LECTURE, code, person_id, later(seconds=30), AT)


def test_a_one_time_number_is_given_out_once_and_used_once(database: Database, overlap: Overlap) -> None:
    assert [issue(database, "12345678"), issue(database, "12345678")] == [True, False]

    assert overlap(partial(use, person_id="s1"), partial(use, person_id="s2")) == (True, False)


def test_a_one_time_number_is_good_for_its_session_and_its_time_only(database: Database) -> None:
    issue(database, "12345678")

    elsewhere = database.write(
        lambda tx: device_codes.use(tx, TALKS, "12345678", "s1", later(seconds=30), AT)
    )
    too_late = database.write(
        lambda tx: device_codes.use(tx, LECTURE, "12345678", "s1", later(hours=1), later(minutes=1))
    )

    assert (elsewhere, too_late) == (False, False)


def test_several_people_behind_one_device_are_found_and_nobody_else(database: Database) -> None:
    for code, device, person in (
        ("11111111", "phone", "s1"),
        ("22222222", "phone", "s2"),
        ("33333333", "own", "s3"),
        ("44444444", None, "t1"),
    ):
        issue(database, code, device)
        database.write(partial(use, person_id=person, code=code))

    assert database.read(lambda tx: device_codes.shared(tx, LECTURE)) == (("s1", "s2"),)


def test_signs_are_kept_in_order_and_forgotten(database: Database) -> None:
    noted = [
        Signal("s1", "after_close", AT, ""),
        Signal("s2", "anothers_cell", later(minutes=1), "第3行第2列"),
    ]

    for signal in reversed(noted):
        database.write(partial(signals.note, programme_id=P, occurrence_id=LECTURE, signal=signal))

    assert database.read(lambda tx: signals.of_occurrence(tx, LECTURE)) == tuple(noted)
    assert database.write(lambda tx: signals.forget_before(tx, later(days=1))) == 2
