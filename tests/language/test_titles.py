"""Titles are found by part and by likeness."""

from __future__ import annotations

import pytest

from language.titles import best_titles

TITLES = (
    "深度学习的表示理论和泛化理论",
    "深度学习的训练方法",
    "微分方程与机器学习",
    "隐私保护的机器学习方法",
    "脑科学启发的新一代人工智能方法",
    "数据驱动与知识驱动融合的人工智能方法",
    "科学计算领域的人工智能方法",
)


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("隐私保护", 3),
        ("隐私", 3),
        ("脑科学", 4),
        ("训练方法", 1),
        ("微分方程和机器学习", 2),
        ("《科学计算領域的人工智能方法》", 6),
    ],
)
def test_a_part_or_a_slip_finds_its_title(query: str, index: int) -> None:
    assert best_titles(query, TITLES)[0][0] == index


def test_the_whole_title_scores_one() -> None:
    assert best_titles(TITLES[2], TITLES)[0] == (2, 1.0)


def test_a_part_of_two_titles_finds_both() -> None:
    assert [index for index, _ in best_titles("深度学习", TITLES)][:2] == [1, 0]


def test_something_else_finds_nothing() -> None:
    assert best_titles("红烧肉", TITLES) == ()


def test_nothing_finds_nothing() -> None:
    assert best_titles(" 《》", TITLES) == ()


def test_no_more_than_the_limit_is_given() -> None:
    assert len(best_titles("人工智能方法", TITLES, limit=2)) == 2
