"""A corrected notice against the running programme, and a programme moved to another year."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

import pytest

from documents.notice_reader import read_notice_file
from programme.notice.changes import diff, shift
from programme.notice.notice import Notice
from programme.notice.reading import parse
from programme.notice.result import to_programme
from programme.programme import Programme
from tests.programme.notice.conftest import ROOT


@pytest.fixture(scope="module")
def programme(notice: Notice) -> Programme:
    return to_programme(notice, "july")


def _reread(old: str, new: str) -> Programme:
    text = (ROOT / "samples" / "notice.txt").read_text(encoding="utf-8")
    return to_programme(parse(read_notice_file(text.replace(old, new).encode("utf-8"), "新"), 2023), "july")


def test_the_same_notice_changes_nothing(programme: Programme) -> None:
    assert diff(programme, _reread("", "")) == ()


def test_a_corrected_hour_is_one_change(programme: Programme) -> None:
    changes = diff(programme, _reread("10 日 下午 14:00", "10 日 下午 14:30"))

    assert [(c.kind, c.noun, c.key, c.field, c.old, c.new) for c in changes] == [
        ("changed", "session", "S04", "start", time(14, 0), time(14, 30))
    ]


def test_a_retitled_session_is_changed_and_not_replaced(programme: Programme) -> None:
    changes = diff(programme, _reread("《科研申请》", "《基金申请》"))

    assert [(c.kind, c.key, c.field) for c in changes] == [("changed", "S05", "items")]


def test_a_session_that_is_gone_is_removed(programme: Programme) -> None:
    changes = diff(programme, _reread("24 日 下午 14:30 小组分享", "24 日"))

    assert [(c.kind, c.noun, c.key) for c in changes] == [("removed", "session", "S10")]


def test_what_was_set_by_hand_stays_where_the_notice_is_silent(programme: Programme) -> None:
    sessions = tuple(replace(s, place="A301", version=2) for s in programme.sessions)

    assert diff(replace(programme, sessions=sessions), programme) == ()


def test_a_new_amount_is_told(programme: Programme) -> None:
    changes = diff(programme, _reread("800 元/月", "900 元/月"))

    assert [(c.noun, c.field, c.old, c.new) for c in changes] == [("reward", "amount", 800, 900)]


def test_a_programme_moves_to_another_year_by_weekday(notice: Notice) -> None:
    moved = shift(notice, 2024)

    assert ([s.held_on for s in moved.sessions][:2], [s.held_on.weekday() for s in moved.sessions]) == (
        [date(2024, 7, 1), date(2024, 7, 2)],
        [s.held_on.weekday() for s in notice.sessions],
    )


def test_days_in_rules_move_along(notice: Notice) -> None:
    days = next(rule.value for rule in shift(notice, 2028).rules if rule.rule == "report_days")

    assert days == ["2028-07-25", "2028-07-27"]
