"""A command is a label, a handler, its templates and one line; a rule or a reward is data."""

from __future__ import annotations

import re
from pathlib import Path

from handlers import ANSWERS, STRANGER_ANSWERS, STRANGER_INTENTS, intents
from handlers.recall import Recall
from language.labels import FINER, LABELS, STATE_CHANGING
from messages.render import ROOM
from operations.notice_import import programme_of, read_notice

ROOT = Path(__file__).parents[2]


def test_every_label_of_the_language_has_a_handler_and_no_other_has() -> None:
    """B61: recognising and handling meet in one table."""
    assert sorted(intents(Recall())) == sorted({*LABELS, *FINER})


def test_a_stranger_has_no_label_of_their_own() -> None:
    assert set(STRANGER_INTENTS) <= set(intents(Recall()))


def test_every_label_that_changes_something_here_acts_in_a_transaction() -> None:
    table = intents(Recall())

    assert {label for label in STATE_CHANGING if table[label].mode != "acts"} == set()


def test_every_template_that_a_handler_names_exists() -> None:
    named: set[str] = set()
    for path in (ROOT / "handlers").glob("*.py"):
        named |= set(re.findall(r'"([a-z_]+/[a-z_]+)"', path.read_text("utf-8")))

    assert {name for name in named if not (ROOM / f"{name}.j2").is_file()} == set()


def test_every_open_question_has_a_taker() -> None:
    asked: set[str] = set()
    for path in (ROOT / "handlers").glob("*.py"):
        asked |= set(re.findall(r'\bask\(context, "([a-z_]+)"', path.read_text("utf-8")))

    assert asked == {*ANSWERS, *STRANGER_ANSWERS}


def test_every_requirement_and_reward_has_its_line_or_says_that_the_notice_is_silent() -> None:
    """R35, B61: rules and rewards are data with their source line (notice L9–L39)."""
    programme = programme_of(read_notice(ROOT / "samples" / "notice.txt", 2023), {})

    silent = [rule.rule for rule in programme.rules if rule.source is None or rule.source.line is None]

    assert silent == ["report_deadline"]
    assert [(r.amount, r.unit, r.source.line) for r in programme.rewards] == [
        (None, None, 11),
        (400, "每份", 37),
        (800, "元/月", 38),
        (400, None, 39),
        (None, "另行计算", 39),
    ]
