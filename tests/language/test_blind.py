"""Texts that nobody looked at while the rules were written: the figures that hold on them."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from language.judge import answer_line
from language.labels import STATE_CHANGING

BLIND = Path(__file__).with_name("blind")


def answered(case: dict[str, object], task: str) -> dict[str, object]:
    asked = {"now": case["now"], "text": case["text"], "role": case.get("role", "student"), "task": task}
    answer: dict[str, object] = json.loads(answer_line(json.dumps(asked, ensure_ascii=False)))
    return answer


def cases(name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in (BLIND / name).read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def judged() -> list[tuple[str, frozenset[str], str]]:
    """(first right label, all right labels, ours) of every blind text."""
    out = []
    for case in cases("intents.jsonl"):
        right = case.get("accept") or [case["intent"]]
        assert isinstance(right, list)
        out.append((str(right[0]), frozenset(right), str(answered(case, "intent")["intent"])))
    return out


def share(part: int, whole: int) -> float:
    return part / whole


def test_of_a_hundred_texts_ninety_are_understood(judged: list[tuple[str, frozenset[str], str]]) -> None:
    assert share(sum(ours in right for _, right, ours in judged), len(judged)) >= 0.90


def test_a_harmless_text_is_hardly_ever_taken_for_an_act(
    judged: list[tuple[str, frozenset[str], str]],
) -> None:
    harmless = [(right, ours) for _, right, ours in judged if not right & STATE_CHANGING]

    assert share(sum(ours in STATE_CHANGING for _, ours in harmless), len(harmless)) <= 0.015


def test_every_label_is_found_more_often_than_not(judged: list[tuple[str, frozenset[str], str]]) -> None:
    asked = Counter(first for first, _, _ in judged)
    found = Counter(first for first, right, ours in judged if ours in right)

    assert [label for label in asked if share(found[label], asked[label]) < 0.7] == []


def test_of_a_hundred_dates_ninety_eight_are_read() -> None:
    dates = cases("dates.jsonl")

    read = sum(
        [answer["start"], answer["end"]] == [case["start"], case["end"]]
        for case in dates
        for answer in [answered(case, "date")]
    )

    assert share(read, len(dates)) >= 0.98
