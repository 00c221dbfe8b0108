"""Public holidays, weekends worked in their stead, and years of which nothing is known yet."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import MappingProxyType

from programme.holidays import Holidays, OddDay, holiday_questions, is_asked, odd_events
from programme.programme import Programme
from programme.schedule import Event, as_printed
from programme.sessions import Item, Occurrence, Session, Source, occurrences_for

FRIDAY, SATURDAY, SUNDAY = date(2021, 10, 1), date(2021, 10, 9), date(2021, 9, 26)
KNOWN = Holidays(
    frozenset({2021}),
    MappingProxyType({FRIDAY: "国庆节"}),
    MappingProxyType({SATURDAY: "国庆节", SUNDAY: "国庆节"}),
)


def session(name: str, held_on: date, title: str | None = "科研论文写作") -> Session:
    return Session(
        name, held_on, None, None, None, "lecture", "everyone", (Item("讲座", title),), None, (), (), "tentative", 1,
        Source(7, "…"),
    )  # fmt: skip


def programme(*sessions: Session) -> Programme:
    return Programme(
        "p", 1, "秋季", 2021, "Asia/Shanghai", date(2021, 9, 1), date(2021, 12, 1), sessions,
        occurrences_for("p", sessions, ()), (), (), (), (), (), (),
    )  # fmt: skip


def texts(of: Programme, holidays: Holidays = KNOWN) -> list[str]:
    return [question.text for question in holiday_questions(of, holidays)]


def test_a_session_on_a_holiday_is_asked_about() -> None:
    [question] = holiday_questions(programme(session("S01", FRIDAY)), KNOWN)

    assert (question.number, question.text, question.options, question.lines, question.subject) == (
        1,
        "10月1日（周五）是国庆节放假，这天排了《科研论文写作》。照常吗？不照常请改期或取消",
        ("照常",),
        (7,),
        "setting:holiday:S01:2021-10-01",
    )


def test_a_session_on_a_weekend_that_is_worked_is_asked_about() -> None:
    """The missed make-up workday is the silent side of Chinese calendars."""
    assert texts(programme(session("S01", SATURDAY, None))) == [
        "10月9日（周六）是国庆节调休上班，这天排了讲座。照常吗？不照常请改期或取消"
    ]


def test_an_ordinary_day_is_not_asked_about_and_a_lab_may_meet_on_any_weekend() -> None:
    assert texts(programme(session("S01", date(2021, 9, 28)), session("S02", date(2021, 9, 25)))) == []


def test_a_cancelled_session_is_not_asked_about() -> None:
    assert texts(programme(replace(session("S01", FRIDAY), status="cancelled"))) == []


def test_of_an_unknown_year_one_question_is_asked_and_weekends_are_named() -> None:
    unknown = programme(session("S01", date(2031, 7, 5)), session("S02", date(2031, 7, 7)))

    assert texts(unknown) == [
        "2031 年的放假和调休我还不知道（放假数据到 2021 年），只按周末提醒您。"
        "请核对有没有场次落在假期，再把假期写进设置的 [[holidays]]",
        "7月5日（周六）是周末，这天排了《科研论文写作》。照常吗？不照常请改期或取消",
    ]


def test_days_of_the_configuration_win_and_make_their_year_known() -> None:
    first, last = date(2031, 10, 1), date(2031, 10, 7)
    more = KNOWN.with_days([("国庆节", first, last, [date(2031, 10, 11)])])

    assert [more.odd(day) for day in (first, last, date(2031, 10, 11), date(2031, 10, 12))] == [
        OddDay(first, "holiday", "国庆节"),
        OddDay(last, "holiday", "国庆节"),
        OddDay(date(2031, 10, 11), "makeup", "国庆节"),
        None,
    ]


def test_a_day_that_is_worked_after_all_is_no_holiday() -> None:
    more = KNOWN.with_days([("校庆", date(2021, 11, 5), date(2021, 11, 5), [FRIDAY])])

    assert more.odd(FRIDAY) == OddDay(FRIDAY, "makeup", "校庆")


def test_what_a_reminder_says_of_the_day() -> None:
    notes = [KNOWN.note(day) for day in (FRIDAY, SATURDAY, date(2021, 9, 28), date(2031, 7, 5))]

    assert notes == ["国庆节放假", "国庆节调休上班", None, None]


def test_numbers_go_on_after_those_of_the_notice() -> None:
    asked = programme(session("S01", FRIDAY))
    before = holiday_questions(asked, KNOWN)

    again = holiday_questions(replace(asked, questions=(replace(before[0], number=14),)), KNOWN)

    assert [question.number for question in again] == [15]


def test_a_group_that_moved_its_own_meeting_to_a_holiday_is_found_too() -> None:
    held = session("S01", date(2021, 9, 28))
    own = Occurrence("o", "S01", "甲组", FRIDAY, None, None, None, 2)
    moved = replace(programme(held), occurrences=(own,))

    assert odd_events(moved, KNOWN) == ((Event(held, own), OddDay(FRIDAY, "holiday", "国庆节")),)


def test_a_question_of_the_import_covers_its_day_and_no_other() -> None:
    held = session("S01", FRIDAY)
    asked = replace(programme(held), questions=holiday_questions(programme(held), KNOWN))
    moved = replace(held, held_on=SATURDAY)

    assert [is_asked(asked, Event(each, as_printed(each))) for each in (held, moved)] == [True, False]
