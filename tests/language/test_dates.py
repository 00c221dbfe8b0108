"""The date grammar on the cases of the definition and on our own (rules D1-D12)."""

from __future__ import annotations

import json
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from language.clock import read_time
from language.dates import find_spans, read_span
from language.understood import Span

FIXTURES = Path(__file__).parents[1] / "fixtures" / "nlu"
FILES = (
    FIXTURES / "sample_dates.jsonl",
    FIXTURES / "dates_ms.jsonl",
    Path(__file__).with_name("cases") / "dates.jsonl",
)
CASES = [json.loads(line) for file in FILES for line in file.read_text(encoding="utf-8").splitlines()]
NOW = datetime.fromisoformat("2023-07-10T09:00:00+08:00")


def written(value: date | datetime | None) -> str | None:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M")
    return value.isoformat() if value else None


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['id']}-{case['text'][:12]}")
def test_a_date_expression_means_its_days(case: dict[str, Any]) -> None:
    span = read_span(case["text"], datetime.fromisoformat(case["now"]))

    read = (written(span.start), written(span.end), span.part) if span else (None, None, None)
    assert read == (case["start"], case["end"], case.get("part"))


def test_a_clock_time_is_in_the_zone_of_now() -> None:
    now = datetime(2023, 7, 10, 9, tzinfo=ZoneInfo("Asia/Shanghai"))

    assert read_span("今天14:30", now) == Span(
        now.replace(hour=14, minute=30), now.replace(hour=14, minute=30)
    )


def test_a_change_reads_two_days_where_a_range_would_read_one() -> None:
    joined = find_spans("7/18 到 7/19", NOW)
    apart = find_spans("7/18 到 7/19", NOW, join_ranges=False)

    assert ([found.is_range for found in joined], len(apart)) == ([True], 2)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("14:30", time(14, 30)),
        ("14：30", time(14, 30)),
        ("下午两点半", time(14, 30)),
        ("3点", time(15, 0)),
        ("9点", time(9, 0)),
        ("早上6点", time(6, 0)),
        ("晚上8点一刻", time(20, 15)),
        ("十二点", time(12, 0)),
        ("25点", None),
        ("没有时间", None),
        ("三点建议", None),
        ("20:61", None),
    ],
)
def test_a_clock_time_is_read(text: str, expected: time | None) -> None:
    assert read_time(text) == expected
