"""Which rules answer which subject; what the notice does not say stays unsaid."""

from __future__ import annotations

from dataclasses import replace

import pytest

from programme.programme import Programme
from programme.rules import RULES_OF, rule_named, rules_about


def test_every_rule_that_a_subject_names_is_read_from_the_sample_notice(july: Programme) -> None:
    read = {rule.rule for rule in july.rules}

    assert {name for names in RULES_OF.values() for name in names} - read == set()


@pytest.mark.parametrize(
    ("subject", "lines"),
    [
        ("pages", [32]),
        ("talk_minutes", [32]),
        ("online", [36, 11, 11]),
        ("template", [37, 37]),
        ("engineering", [30, 28, 28, 30]),
        ("attendance", [9, 9]),
        ("group_meeting", [13]),
        ("tentative", [14]),
    ],
)
def test_a_subject_rests_on_its_lines(july: Programme, subject: str, lines: list[int]) -> None:
    assert [rule.source.line if rule.source else None for rule in rules_about(july, subject)] == lines


def test_no_deadline_is_read_where_none_is_printed(july: Programme) -> None:
    """R29: the rule is there and says that the notice is silent (A24)."""
    deadline = rule_named(july, "report_deadline")

    assert deadline is not None
    assert deadline.value is None
    assert deadline.source is None or deadline.source.line is None


@pytest.mark.parametrize("subject", ["late", "leave", "rating"])
def test_what_the_notice_is_silent_on_has_no_rule(july: Programme, subject: str) -> None:
    """R19, R43."""
    assert rules_about(july, subject) == ()


def test_a_rule_that_a_notice_does_not_have_is_left_out(july: Programme) -> None:
    without = replace(july, rules=tuple(rule for rule in july.rules if rule.rule != "report_min_pages"))

    assert rules_about(without, "pages") == ()
    assert rule_named(without, "report_min_pages") is None


def test_twenty_pages_or_more_is_read_as_a_number(july: Programme) -> None:
    """Notice L32: 20 页以上."""
    rule = rule_named(july, "report_min_pages")

    assert rule is not None
    assert rule.value == 20
