"""The check-in grid: two-character words that change each step, and everybody's own cell in it.

A forwarded answer is of no use to somebody else, because their cell is another one. What a grid cannot
stop is a photograph of it that is forwarded at once (docs/attendance.md says so).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime

from programme.grid_words import WORDS

ROWS = 5
COLUMNS = 6
Grid = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Cell:
    """A place in the grid, both counted from 1, as people say it: 第3行第2列."""

    row: int
    column: int


def step_of(moment: datetime, rotate_s: int) -> int:
    """The number of the step of *rotate_s* seconds that *moment* (aware) lies in."""
    return int(moment.timestamp()) // rotate_s


def grid_of(key: bytes, occurrence_id: str, step: int) -> Grid:
    """The ROWS × COLUMNS different words that the screen of *occurrence_id* shows during *step*."""
    seed = hmac.new(key, f"grid|{occurrence_id}|{step}".encode(), hashlib.sha256).digest()
    numbers = hashlib.shake_256(seed).digest(ROWS * COLUMNS * 4)
    places = list(range(len(WORDS)))
    for at in range(ROWS * COLUMNS):
        # Fisher–Yates on the first places only: as many different words as there are cells.
        number = int.from_bytes(numbers[at * 4 : at * 4 + 4], "big")
        other = at + number % (len(places) - at)
        places[at], places[other] = places[other], places[at]
    chosen = [WORDS[place] for place in places[: ROWS * COLUMNS]]
    return tuple(tuple(chosen[row * COLUMNS : (row + 1) * COLUMNS]) for row in range(ROWS))


def cell_of(key: bytes, occurrence_id: str, person_id: str, step: int) -> Cell:
    """The cell that *person_id* is asked for when they are asked during *step*; nobody can choose it."""
    digest = hmac.new(key, f"cell|{occurrence_id}|{person_id}|{step}".encode(), hashlib.sha256).digest()
    row, column = divmod(int.from_bytes(digest[:8], "big") % (ROWS * COLUMNS), COLUMNS)
    return Cell(row + 1, column + 1)


def is_in_cell(key: bytes, occurrence_id: str, cell: Cell, typed: str, step: int) -> bool:
    """Whether *typed* stands in *cell* of the grid of *step* or of the step before (both count)."""
    given = typed.encode()
    fits = [
        hmac.compare_digest(given, word_in(grid_of(key, occurrence_id, s), cell).encode())
        for s in (step, step - 1)
    ]
    return any(fits)


def is_elsewhere(key: bytes, occurrence_id: str, typed: str, step: int) -> bool:
    """Whether *typed* stands anywhere in the grid of *step* or of the step before."""
    return any(typed in row for s in (step, step - 1) for row in grid_of(key, occurrence_id, s))


def word_in(grid: Grid, cell: Cell) -> str:
    return grid[cell.row - 1][cell.column - 1]


_PLACE = re.compile(
    r"第?\s*[\d一二三四五六]\s*行\s*[,， ]*第?\s*[\d一二三四五六]\s*列(?:的?两?个?字?)?\s*(?:是|为)?"
)
_AROUND = re.compile(r"^(?:我的|答案|字|是|[:：\s\"“”'‘’「」《》,，。.!！])+|[\s\"“”'‘’「」《》,，。.!！]+$")


def typed_word(text: str) -> str | None:
    """The two characters that *text* answers with (青山, 第3行第2列 青山, “青 山”); None when it is no answer."""
    bare = _AROUND.sub("", _PLACE.sub("", text.strip()))
    word = "".join(bare.split())
    return word if re.fullmatch(r"[一-鿿]{2}", word) else None
