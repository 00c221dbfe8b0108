"""The second reader: it changes nothing that acts, except to hold it back."""

from __future__ import annotations

from datetime import datetime

import pytest

from language.labels import LABELS, STATE_CHANGING
from language.leaning import leaning, odds
from language.mood import mood_of
from language.normalise import normalise
from language.reading import read
from language.understand import understand
from tests.language import learn

NOW = datetime.fromisoformat("2023-07-10T09:00:00+08:00")


def test_the_weights_were_made_from_the_cases_as_they_are() -> None:
    """If this fails: python -m tests.language.learn"""
    stored = (learn.CASES / "learnt.sha256").read_text().strip()

    assert stored == learn.fingerprint()


def test_each_of_the_25_labels_has_its_weight() -> None:
    assert frozenset(leaning().labels) == LABELS


def test_the_odds_of_all_labels_are_one() -> None:
    reading = read(normalise("周四几点"), NOW, "student")

    shares = odds(reading, mood_of(reading))

    assert sum(shares.values()) == pytest.approx(1)
    assert max(shares, key=lambda label: shares[label]) == "schedule_query"


@pytest.mark.parametrize(
    "text",
    ["贴吧签到第300天", "实习公司请假扣双倍工资，无语", "签到成功的截图我发群里了你们看", "上次是线上参加的"],
)
def test_an_act_that_does_not_look_like_one_is_held_back(text: str) -> None:
    assert understand(text, NOW, "student").intent not in STATE_CHANGING


def test_an_act_that_only_the_second_reader_sees_is_asked_back() -> None:
    seen = [
        understand("人已经坐这儿了，算我一个", NOW, "student"),
        understand("这场就别办了吧", NOW, "admin"),
    ]

    assert all(heard.intent not in STATE_CHANGING or not heard.is_sure for heard in seen)


def test_learning_makes_a_reader_of_what_it_is_shown() -> None:
    shown = [
        learn.example("签到", "student", frozenset({"check_in"})),
        learn.example("我要签到", "student", frozenset({"check_in"})),
        learn.example("周四几点", "student", frozenset({"schedule_query"})),
        learn.example("今天几点", "student", frozenset({"schedule_query"})),
    ]

    labels, weights = learn.learn(shown, rounds=30)

    at = labels.index("check_in")
    assert weights["签"][at] > 0 > weights["几"][at]
