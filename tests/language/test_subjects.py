"""What a question about rules or money is about."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

import language
from language.subjects import money_subject, rule_subject
from programme.rules import RULES_OF

DATA = tomllib.loads((Path(language.__file__).parent / "subjects.toml").read_text("utf-8"))


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("报告模板发我", "template"),
        ("ppt要做几页", "slide_pages"),
        ("报告要几页", "pages"),
        ("汇报讲几分钟", "talk_minutes"),
        ("DDL是哪天", "deadline"),
        ("迟到怎么算", "late"),
        ("可以线上参加吗", "online"),
        ("我要参加吗", "attendance"),
        ("今天天气", None),
    ],
)
def test_the_first_subject_named_wins(text: str, subject: str | None) -> None:
    assert rule_subject(text) == subject


@pytest.mark.parametrize(
    ("text", "subject"),
    [("住房补助有吗", "housing_subsidy"), ("发论文有奖励吗", "writing"), ("有钱拿吗", None)],
)
def test_money_is_told_apart(text: str, subject: str | None) -> None:
    assert money_subject(text) == subject


def test_every_subject_has_its_rules_and_no_rule_lacks_a_subject() -> None:
    assert {entry["name"] for entry in DATA["subject"]} == set(RULES_OF)
