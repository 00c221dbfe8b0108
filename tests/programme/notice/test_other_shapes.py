"""Notices of other months in other shapes, against results that were written before the parser knew them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from documents.notice_reader import read_notice_file
from programme.notice.reading import parse
from programme.notice.result import to_json

FIXTURES = Path(__file__).parents[2] / "fixtures" / "notice"
SHAPES = ("september-table", "autumn-rows", "august-sentences")


@pytest.fixture(params=SHAPES)
def shape(request: pytest.FixtureRequest) -> tuple[dict[str, Any], dict[str, Any]]:
    """The expected result and what the reader makes of the file."""
    expected = json.loads((FIXTURES / f"{request.param}.expected.json").read_text(encoding="utf-8"))
    notice = parse(read_notice_file(FIXTURES / expected["file"]), expected["year"])
    return expected, to_json(notice)


def test_sessions_agree(shape: tuple[dict[str, Any], dict[str, Any]]) -> None:
    expected, found = shape
    keys = expected["sessions"][0]

    assert [{key: session[key] for key in keys} for session in found["sessions"]] == expected["sessions"]


def test_days_without_session_agree(shape: tuple[dict[str, Any], dict[str, Any]]) -> None:
    expected, found = shape

    assert [day["date"] for day in found["dates_without_session"]] == expected["dates_without_session"]


def test_requirements_agree(shape: tuple[dict[str, Any], dict[str, Any]]) -> None:
    expected, found = shape

    rules = [
        {
            "rule": r["rule"],
            "applies_to": r["applies_to"],
            "value": r["value"],
            "line": r["source"] and r["source"]["line"],
        }
        for r in found["requirements"]
    ]
    assert rules == expected["requirements"]


def test_rewards_and_contacts_agree(shape: tuple[dict[str, Any], dict[str, Any]]) -> None:
    expected, found = shape

    rewards = [
        {"amount": r["amount"], "unit": r["unit"], "applies_to": r["applies_to"], "line": r["source"]["line"]}
        for r in found["rewards"]
    ]
    contacts = [{key: c[key] for key in ("name", "channel", "account", "line")} for c in found["contacts"]]
    assert (rewards, contacts) == (expected["rewards"], expected["contacts"])


def test_expected_anomalies_are_reported_and_no_false_ones(
    shape: tuple[dict[str, Any], dict[str, Any]],
) -> None:
    expected, found = shape
    reported = [{"code": a["code"], "lines": a["lines"]} for a in found["anomalies"]]

    missing = [item for item in expected["anomalies"] if item not in reported]
    false = [item for item in reported if item["code"] in expected["absent_codes"]]

    assert (missing, false) == ([], [])


def test_title_and_year_agree(shape: tuple[dict[str, Any], dict[str, Any]]) -> None:
    expected, found = shape

    assert {key: found["programme"][key] for key in expected["programme"]} == expected["programme"]
