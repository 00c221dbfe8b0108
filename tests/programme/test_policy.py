"""本组规定: what a lab may decide, how it is named and read, and that it wins over the defaults."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from operations.notice_import import programme_of, read_notice
from programme.attendance import CheckinRules
from programme.policy import (
    LAB_RULES,
    Wrong,
    checkin_rules,
    default_of,
    find_rule,
    read_value,
    split_command,
)
from programme.programme import Programme

ROOT = Path(__file__).parents[2]
DEFAULTS = {"opens_min_before": "15", "late_after_min": "5", "closes_min_after": "30", "min_pages": "12"}


@pytest.fixture(scope="module")
def programme() -> Programme:
    return programme_of(read_notice(ROOT / "samples" / "notice.txt", 2023), {})


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("迟到 10分钟", "late_after_min", "10分钟"),
        ("迟到10分钟", "late_after_min", "10分钟"),
        ("迟到改成 10 分钟", "late_after_min", "10 分钟"),
        ("签到提前 20 分钟", "opens_min_before", "20 分钟"),
        ("2 10", "late_after_min", "10"),
        ("2", "late_after_min", ""),
        ("迟到", "late_after_min", ""),
        ("报告截止：7/24 18:00", "report_deadline", "7/24 18:00"),
        ("午饭 12点", None, "午饭 12点"),
        ("99 10", None, "10"),
    ],
)
def test_a_rule_is_named_by_its_words_or_its_number(text: str, key: str | None, value: str) -> None:
    rule, rest = split_command(text)

    assert (rule.key if rule else None, rest) == (key, value)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("迟到", "10", "10"),
        ("迟到", "10分钟", "10"),
        ("迟到", "十分钟", "10"),
        ("迟到", "半小时", "30"),
        ("签到提前", "1小时", "60"),
        ("签到提前", "1个半小时", "90"),
        ("签到提前", "提前20分钟", "20"),
        ("事后说明", "三天", "3"),
        ("报告页数", "25 页以上", "25"),
        ("线上担保", "研0 研1", "研0、研1"),
        ("线上担保", "都不用", "无"),
        ("汇报次数", "2", "每天都报"),
        ("报告截止", "7月24日18点", "7月24日18点"),
        ("评委", "各组导师", "各组导师"),
    ],
)
def test_a_value_is_read_as_people_write_it(programme: Programme, name: str, text: str, value: str) -> None:
    rule = find_rule(name)

    assert rule is not None
    assert read_value(rule, text, programme, DEFAULTS) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("迟到", "很久"),
        ("迟到", "-5"),
        ("迟到", "3天"),
        ("迟到", "40分钟"),
        ("签到关闭", "3分钟"),
        ("签到提前", "9999"),
        ("报告页数", "0页"),
        ("线上担保", "大家"),
        ("汇报次数", "三次"),
        ("报告截止", "尽快"),
        ("评委", "很长" * 40),
    ],
)
def test_a_value_that_cannot_be_is_not_taken(programme: Programme, name: str, text: str) -> None:
    rule = find_rule(name)

    assert rule is not None
    assert isinstance(read_value(rule, text, programme, DEFAULTS), Wrong)


def test_the_programmes_own_rows_win_over_the_configuration(programme: Programme) -> None:
    own = replace(programme, settings={"late_after_min": "10", "opens_min_before": "20"})

    rules = checkin_rules(own, CheckinRules())

    assert (rules.late_after_min, rules.opens_min_before, rules.closes_min_after) == (10, 20, 30)


def test_the_notices_own_number_is_the_default(programme: Programme) -> None:
    """Notice L32: 20 页以上; the configuration's number is for a notice that prints none."""
    pages = find_rule("报告页数")

    assert pages is not None
    assert default_of(pages, programme, DEFAULTS) == "20"
    assert default_of(pages, replace(programme, rules=()), DEFAULTS) == "12"


def test_every_setting_that_an_import_asks_for_is_one_of_these_rules(programme: Programme) -> None:
    asked = {
        q.subject.removeprefix("setting:") for q in programme.questions if q.subject.startswith("setting:")
    }

    assert asked
    assert asked <= {rule.key for rule in LAB_RULES}


@pytest.mark.parametrize("rule", LAB_RULES, ids=lambda rule: rule.key)
def test_the_example_of_every_rule_would_be_taken(programme: Programme, rule: object) -> None:
    known = next(one for one in LAB_RULES if one is rule)

    assert not isinstance(read_value(known, known.example, programme, DEFAULTS), Wrong)
    assert split_command(f"{known.name} {known.example}")[0] is known
