"""Rotating check-in codes and one-time binding codes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from programme.codes import BIND_ALPHABET, bind_code, bind_code_hash, checkin_code, is_current

KEY = b"k" * 32
T = datetime(2023, 7, 4, 6, 26, 0, tzinfo=UTC)


def test_the_code_of_this_step_and_of_the_one_before_count() -> None:
    code = checkin_code(KEY, "S02", T, 20)

    fits = [is_current(KEY, "S02", code, T + timedelta(seconds=s), 20) for s in (0, 19, 20, 39, 40)]

    assert fits == [True, True, True, True, False]


def test_a_code_belongs_to_one_occurrence_and_one_key() -> None:
    code = checkin_code(KEY, "S02", T, 20)

    assert not is_current(KEY, "S03", code, T, 20)
    assert not is_current(b"other" * 8, "S02", code, T, 20)


def test_a_code_is_six_digits_and_full_width_or_foreign_digits_are_not_taken_for_it() -> None:
    code = checkin_code(KEY, "S02", T, 20)

    assert len(code) == 6
    assert code.isdigit()
    assert not is_current(KEY, "S02", code.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")), T, 20)


def test_a_binding_code_is_readable_and_its_hash_forgives_case_and_spaces() -> None:
    code = bind_code(b"sixteen bytes of entropy")

    assert len(code) == 10
    assert set(code) <= set(BIND_ALPHABET)
    assert bind_code_hash(KEY, f" {code[:5].lower()} {code[5:]} ") == bind_code_hash(KEY, code)
