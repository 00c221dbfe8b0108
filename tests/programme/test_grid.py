"""The grid of words: what it shows, whose cell is which, and what does not count."""

from __future__ import annotations

from collections import Counter

import pytest

from programme.grid import (
    COLUMNS,
    ROWS,
    Cell,
    cell_of,
    grid_of,
    is_elsewhere,
    is_in_cell,
    typed_word,
    word_in,
)
from programme.grid_words import WORDS

KEY = b"a made-up signing key for tests only"
STEP = 84_423_000


def test_there_are_at_least_two_thousand_words_of_two_characters_none_twice() -> None:
    assert len(WORDS) >= 2000
    assert len(set(WORDS)) == len(WORDS)
    assert {len(word) for word in WORDS} == {2}


def test_a_grid_holds_as_many_different_words_as_cells() -> None:
    grid = grid_of(KEY, "p:S02", STEP)

    assert (len(grid), {len(row) for row in grid}) == (ROWS, {COLUMNS})
    assert len({word for row in grid for word in row}) == ROWS * COLUMNS


def test_the_same_step_shows_the_same_grid_and_another_step_session_or_key_another() -> None:
    grid = grid_of(KEY, "p:S02", STEP)

    assert grid_of(KEY, "p:S02", STEP) == grid
    assert (
        len(
            {grid, grid_of(KEY, "p:S02", STEP + 1), grid_of(KEY, "p:S05", STEP), grid_of(b"k", "p:S02", STEP)}
        )
        == 4
    )


def test_every_word_comes_up_about_as_often_as_any_other() -> None:
    seen = Counter(word for step in range(2000) for row in grid_of(KEY, "p:S02", step) for word in row)
    expected = 2000 * ROWS * COLUMNS / len(WORDS)

    assert len(seen) == len(WORDS)
    assert max(seen.values()) < 2.5 * expected


def test_cells_are_spread_over_people_and_stay_the_same_within_a_step() -> None:
    cells = Counter(cell_of(KEY, "p:S02", f"person{n}", STEP) for n in range(3000))

    assert len(cells) == ROWS * COLUMNS
    assert max(cells.values()) < 2 * 3000 / (ROWS * COLUMNS)
    assert cell_of(KEY, "p:S02", "person1", STEP) == cell_of(KEY, "p:S02", "person1", STEP)


@pytest.mark.parametrize("age", [0, 1])
def test_the_word_of_this_step_and_of_the_one_before_counts(age: int) -> None:
    cell = Cell(3, 2)

    word = word_in(grid_of(KEY, "p:S02", STEP - age), cell)

    assert is_in_cell(KEY, "p:S02", cell, word, STEP)


@pytest.mark.parametrize("age", [-1, 2, 3, 100])
def test_the_word_of_another_step_does_not_count(age: int) -> None:
    cell = Cell(3, 2)

    word = word_in(grid_of(KEY, "p:S02", STEP - age), cell)

    assert not is_in_cell(KEY, "p:S02", cell, word, STEP)


def test_the_word_of_another_cell_or_of_another_session_does_not_count() -> None:
    """C1: a forwarded answer is somebody else's cell."""
    grid = grid_of(KEY, "p:S02", STEP)
    others = [word for row in grid for word in row if word != word_in(grid, Cell(3, 2))]
    foreign = word_in(grid_of(KEY, "p:S05", STEP), Cell(3, 2))

    assert not any(is_in_cell(KEY, "p:S02", Cell(3, 2), word, STEP) for word in [*others, foreign])
    assert all(is_elsewhere(KEY, "p:S02", word, STEP) for word in others)
    assert not is_elsewhere(KEY, "p:S02", foreign, STEP)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("青山", "青山"),
        (" 青 山 。", "青山"),
        ("“青山”", "青山"),
        ("第3行第2列 青山", "青山"),
        ("第三行第二列的两个字是青山", "青山"),
        ("答案：青山", "青山"),
        ("青山绿水", None),
        ("青", None),
        ("123456", None),
        ("我到了呀", None),
        ("", None),
    ],
)
def test_an_answer_is_two_characters_however_it_is_dressed(text: str, word: str | None) -> None:
    assert typed_word(text) == word
