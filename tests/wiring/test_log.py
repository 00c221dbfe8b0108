"""The log while the same thing goes wrong every second."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from wiring.log import Throttle


@dataclass
class Clock:
    now_s: float = 0.0

    def __call__(self) -> float:
        return self.now_s


def record(text: str, *args: object) -> logging.LogRecord:
    return logging.LogRecord("scheduler.clock", logging.WARNING, "clock.py", 1, text, args, None)


def said(throttle: Throttle, *records: logging.LogRecord) -> list[str]:
    return [each.getMessage() for each in records if throttle.filter(each)]


def test_a_line_that_comes_every_second_is_said_once_a_minute_with_its_count() -> None:
    clock = Clock()
    throttle = Throttle(clock)
    lines: list[str] = []

    for second in range(121):
        clock.now_s = float(second)
        lines += said(throttle, record("tick_without_storage"))

    assert lines == [
        "tick_without_storage",
        "tick_without_storage repeated=59",
        "tick_without_storage repeated=59",
    ]


def test_other_lines_are_not_held_back_by_it() -> None:
    throttle = Throttle(Clock())

    lines = said(throttle, record("step=%s", "plan"), record("step=%s", "relay"), record("step=%s", "plan"))

    assert lines == ["step=plan", "step=relay"]


def test_lines_that_come_once_are_not_kept_for_ever() -> None:
    clock = Clock()
    throttle = Throttle(clock)

    for number in range(5000):
        clock.now_s = float(number)
        throttle.filter(record("call=%s", number))

    assert len(throttle.kept) < 1200
