"""Notices of very different labs, against results that were written from the text before the parser saw them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from documents.notice_reader import read_notice_file
from programme.notice.audit import NOT_UNDERSTOOD
from programme.notice.notice import Notice
from programme.notice.reading import parse

LABS = Path(__file__).parents[2] / "fixtures" / "notice" / "labs"
NAMES = sorted(path.name.removesuffix(".expected.json") for path in LABS.glob("*.expected.json"))
Lab = tuple[dict[str, Any], Notice]


@pytest.fixture(params=NAMES)
def lab(request: pytest.FixtureRequest) -> Lab:
    """The expected result and what the reader makes of the file."""
    expected = json.loads((LABS / f"{request.param}.expected.json").read_text(encoding="utf-8"))
    return expected, parse(read_notice_file(LABS / expected["file"]), expected["year"])


def test_sessions_agree(lab: Lab) -> None:
    expected, found = lab

    sessions = [
        [
            s.held_on.isoformat(),
            s.start and f"{s.start:%H:%M}",
            s.end and f"{s.end:%H:%M}",
            s.place,
            [[item.track, item.title, item.speaker] for item in s.items],
        ]
        for s in found.sessions
    ]
    assert sessions == expected["sessions"]


def test_days_without_session_agree(lab: Lab) -> None:
    expected, found = lab

    assert sorted({free.held_on.isoformat() for free in found.free_days}) == expected["free"]


def test_rules_are_read(lab: Lab) -> None:
    expected, found = lab

    rules = [[r.rule, list(r.applies_to), r.value, r.source.line if r.source else None] for r in found.rules]
    assert [rule for rule in expected["rules"] if rule not in rules] == []


def test_rewards_contacts_and_topics_agree(lab: Lab) -> None:
    expected, found = lab

    rewards = [[r.amount, r.unit, list(r.applies_to), r.source.line] for r in found.rewards]
    contacts = [[c.name, c.channel, c.account, c.line] for c in found.contacts]
    topics = [topic.title for topic in found.topics]
    assert (rewards, contacts, topics) == (expected["rewards"], expected["contacts"], expected["topics"])


def test_oddities_are_told_and_no_false_ones(lab: Lab) -> None:
    expected, found = lab

    told = [[a.code, list(a.lines)] for a in found.anomalies]
    missing = [item for item in expected["anomalies"] if item not in told]
    false = [item for item in told if item[0] in expected["absent"]]
    assert (missing, false) == ([], [])


def test_only_the_lines_that_nothing_covers_are_asked_about(lab: Lab) -> None:
    expected, found = lab

    assert (
        sorted({line for a in found.anomalies if NOT_UNDERSTOOD in a.what for line in a.lines})
        == expected["unread"]
    )


def test_a_letter_is_refused_and_a_notice_is_not(lab: Lab) -> None:
    expected, found = lab

    assert bool(found.refused) is expected.get("refused", False)
