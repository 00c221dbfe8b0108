"""What the tables of holidays say, and the sample's July, in which nothing is odd."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from operations.china_days import known_days
from settings import HolidaysSection


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2023, 6, 22), "端午放假"),
        (date(2023, 6, 25), "端午调休上班"),
        (date(2023, 10, 7), "国庆节调休上班"),
        (date(2026, 10, 1), "国庆节放假"),
        (date(2024, 2, 4), "春节调休上班"),
        (date(2023, 9, 4), None),
    ],
)
def test_holidays_and_the_weekends_worked_instead(day: date, words: str | None) -> None:
    assert known_days().note(day) == words


def test_in_july_2023_no_day_is_odd() -> None:
    days = [date(2023, 7, 1) + timedelta(days=ahead) for ahead in range(31)]

    assert [day for day in days if known_days().odd(day)] == []


def test_the_years_are_those_of_the_tables() -> None:
    assert (min(known_days().years), max(known_days().years)) == (2004, 2026)


def test_of_a_later_year_weekends_count_and_what_the_configuration_names() -> None:
    named = HolidaysSection(name="国庆节", first=date(2027, 10, 1), last=date(2027, 10, 7))

    known, more = known_days(), known_days([named])

    saturday, holiday = date(2027, 7, 3), date(2027, 10, 1)
    assert [getattr(found, "words", None) for found in (known.odd(saturday), known.odd(holiday))] == [
        "周末",
        None,
    ]
    assert [getattr(found, "words", None) for found in (more.odd(saturday), more.odd(holiday))] == [
        None,
        "国庆节放假",
    ]
