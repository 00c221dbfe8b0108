"""The protocol of the understand command: one JSON line in, one out."""

from __future__ import annotations

import json

import pytest

from language.judge import answer_line

NOW = "2023-07-10T09:00:00+08:00"


def ask(**request: object) -> dict[str, object]:
    answer: dict[str, object] = json.loads(
        answer_line(json.dumps({"now": NOW} | request, ensure_ascii=False))
    )
    return answer


def test_an_intent_line_is_answered_with_label_and_slots() -> None:
    assert ask(text="我选6", role="student", task="intent") == {
        "intent": "choose_topic",
        "slots": {"topic_no": "6"},
    }


def test_a_finer_label_is_answered_with_its_label_of_the_25() -> None:
    assert ask(text="依据", role="student", task="intent")["intent"] == "rules"


def test_a_date_line_is_answered_with_start_end_and_part() -> None:
    assert ask(text="明天下午", task="date") == {
        "start": "2023-07-11",
        "end": "2023-07-11",
        "part": "afternoon",
    }


def test_an_instant_is_answered_to_the_minute() -> None:
    assert ask(text="周四14:30", task="date") == {
        "start": "2023-07-13T14:30",
        "end": "2023-07-13T14:30",
        "part": None,
    }


def test_no_date_is_answered_with_nulls() -> None:
    assert ask(text="选题5", task="date") == {"start": None, "end": None, "part": None}


def test_without_a_task_the_intent_is_answered() -> None:
    assert ask(text="签到")["intent"] == "check_in"


@pytest.mark.parametrize(
    "line",
    [
        "",
        "not json",
        "[]",
        "{}",
        '{"text": "签到"}',
        '{"text": 5, "now": "2023-07-10T09:00:00+08:00"}',
        '{"text": "签到", "now": "yesterday"}',
        '{"text": "签到", "now": "2023-07-10T09:00:00"}',
        '{"text": "签到", "now": "2023-07-10T09:00:00+08:00", "role": "king"}',
        '{"text": "签到", "now": "2023-07-10T09:00:00+08:00", "task": "sing"}',
        "[" * 100_000,
    ],
    ids=lambda line: line[:24],
)
def test_a_bad_line_is_answered_with_an_error(line: str) -> None:
    assert list(json.loads(answer_line(line))) == ["error"]
