"""Thirteen directions, of which twelve are printed under another number (notice L47–L99)."""

from __future__ import annotations

import pytest

from programme.programme import Programme
from programme.topics import also_meant, by_order, by_printed_no, find, like, nearest


def test_the_directions_are_counted_by_us(july: Programme) -> None:
    """R24: printed 1, 1, 2 … 12."""
    assert [topic.order for topic in july.topics] == list(range(1, 14))
    assert [topic.printed_no for topic in july.topics] == [1, *range(1, 13)]


@pytest.mark.parametrize("number", range(2, 13))
def test_a_printed_number_is_one_direction_later_in_our_order(july: Programme, number: int) -> None:
    assert [topic.order for topic in by_printed_no(july.topics, number)] == [number + 1]


def test_the_number_one_is_printed_twice(july: Programme) -> None:
    assert [topic.order for topic in by_printed_no(july.topics, 1)] == [1, 2]


@pytest.mark.parametrize("number", [0, 13, 14])
def test_a_number_that_is_not_printed_finds_none(july: Programme, number: int) -> None:
    assert by_printed_no(july.topics, number) == ()


@pytest.mark.parametrize(
    ("order", "others"), [(1, [2]), (2, [3]), *((n, [n + 1]) for n in range(3, 13)), (13, [])]
)
def test_who_says_a_number_may_mean_the_printed_one(july: Programme, order: int, others: list[int]) -> None:
    topic = by_order(july.topics, order)
    assert topic is not None

    assert [other.order for other in also_meant(july.topics, topic)] == others


@pytest.mark.parametrize(
    ("words", "orders"),
    [
        ("大模型", [6]),
        ("流计算", [11]),
        ("隐私保护", [4]),
        ("机器学习", [3, 4]),
        ("AlphaFold", [13]),
        ("alphafold", [13]),
        ("《深度学习的训练方法》", [2]),
        ("养猪", []),
        ("", []),
    ],
)
def test_directions_are_found_by_title_and_note_and_only_then_by_their_text(
    july: Programme, words: str, orders: list[int]
) -> None:
    """R25: 大模型 and 流计算 are notes (A11)."""
    assert [topic.order for topic in find(july.topics, words)] == orders


def test_an_order_that_is_not_there_finds_none(july: Programme) -> None:
    assert [by_order(july.topics, order) for order in (0, 14)] == [None, None]


def test_a_full_direction_has_near_ones_and_never_itself(july: Programme) -> None:
    """B24."""
    sixth = by_order(july.topics, 6)
    assert sixth is not None

    assert [topic.order for topic in like(july.topics, sixth, 2)] == [10, 11]


@pytest.mark.parametrize(("words", "orders"), [("数据编程框架", [11]), ("隐私计算", [4]), ("养猪", [])])
def test_an_own_title_has_the_direction_that_shares_most_with_it(
    july: Programme, words: str, orders: list[int]
) -> None:
    """B25."""
    assert [topic.order for topic in nearest(july.topics, words, 1)] == orders
