"""A second reader: how likely each label is, by a linear model over what the first one saw.

The grammar alone decides what changes state (design D8). This reader knows how texts of each kind
look as a whole, and serves two purposes: among labels that change nothing it may choose another
one, and where an act was read from a text that does not look like one, it holds the act back.
The weights are data, made from the cases of the tests by `python -m tests.language.learn`.
"""

from __future__ import annotations

import re
from binascii import a2b_base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from math import exp, sqrt
from pathlib import Path
from struct import unpack

from language.mood import Mood
from language.reading import Reading, Token

_FILE = Path(__file__).with_name("leaning.tsv")
STEP = 1 / 6
"""What one unit of a stored weight is worth; stored weights are whole numbers from -128 to 127."""
_ZERO = 128
_LANE = 4

CHARACTERS = 150
"""Only so many characters at the end of a text are looked at one by one: there its request stands."""
_RUNS = (1, 2, 3)
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True)
class Leaning:
    """For each feature the weights of all *labels* in one number, four bytes a label, 128 is nothing:
    so the rows of a text are added up by a single sum."""

    labels: tuple[str, ...]
    base: tuple[float, ...]
    rows: Mapping[str, int]


@cache
def leaning() -> Leaning:
    """The stored weights. Raises ValueError for a broken file."""
    # Features may hold any character, so only the line feed ends a line, and one inside is written \\n.
    head, *lines = _FILE.read_text("utf-8").rstrip("\n").split("\n")
    labels = tuple(head.split("\t"))
    rows = {}
    for line in lines:
        feature, _, coded = line.rpartition("\t")
        rows[feature.replace("\\n", "\n")] = _spread(a2b_base64(coded), len(labels))
    base = tuple(part - _ZERO for part in _apart(rows.pop(""), len(labels)))
    return Leaning(labels, base, rows)


def _spread(row: bytes, width: int) -> int:
    if len(row) != width:
        raise ValueError(f"{_FILE.name}: a row has another length than its head")
    wide = bytearray(_LANE * width)
    wide[::_LANE] = row
    return int.from_bytes(wide, "little")


def _apart(total: int, width: int) -> tuple[int, ...]:
    return unpack(f"<{width}I", total.to_bytes(_LANE * width, "little"))


def odds(reading: Reading, mood: Mood) -> Mapping[str, float]:
    """The probability of each label of the 25 for the text."""
    known = leaning()
    seen = features(reading, mood)
    rows = [row for row in map(known.rows.get, seen) if row is not None]
    scale, nothing = STEP / sqrt(len(seen)), _ZERO * len(rows)
    scores = [
        (total - nothing) * scale + start * STEP
        for total, start in zip(_apart(sum(rows), len(known.labels)), known.base, strict=True)
    ]
    highest = max(scores)
    shares = [exp(score - highest) for score in scores]
    whole = sum(shares)
    return {label: share / whole for label, share in zip(known.labels, shares, strict=True)}


def features(reading: Reading, mood: Mood) -> frozenset[str]:
    """What the model looks at: tags, mood, role, words, pairs of words, runs of characters."""
    strange = min(sum(map(len, reading.unknown)), 12) // 3
    return frozenset(
        [f"tag:{tag}" for tag in reading.tags if tag != "glue"]
        + [f"mood:{name}" for name in _moods(mood)]
        + [f"asks:{mood.asks}", f"role:{reading.role}", f"strange:{strange}"]
        + (["quoted"] if reading.normal.quoted is not None else [])
        + list(_words(reading.tokens))
        + list(_characters(reading.normal.text))
        + list(_of_last_clause(reading))
    )


_FLAGS = tuple(field.name for field in fields(Mood) if field.type == "bool")


def _moods(mood: Mood) -> Iterable[str]:
    return (name for name in _FLAGS if getattr(mood, name))


def _words(tokens: Iterable[Token]) -> Iterable[str]:
    before = "^"
    for token in tokens:
        word = _word(token)
        yield word
        yield f"{before} {word}"
        before = word
    yield f"{before} $"


_CLAUSE_ENDS = re.compile(r"[,。;!?\n]")


def _of_last_clause(reading: Reading) -> Iterable[str]:
    """In a text of several clauses the request mostly stands in the last."""
    ends = [found.end() for found in _CLAUSE_ENDS.finditer(reading.text.rstrip(" ,。;!?\n~"))]
    if not ends:
        return
    last = [token for token in reading.tokens if token.start >= ends[-1]]
    yield from (f"last:{_word(token)}" for token in last)
    yield from {f"last:tag:{tag}" for token in last for tag in token.tags if tag != "glue"}


def _word(token: Token) -> str:
    if "name" in token.tags:
        return "NAME"
    if "date" in token.tags:
        return "DATE"
    return _DIGIT.sub("0", token.word)


def _characters(text: str) -> Iterable[str]:
    plain = "^" + _DIGIT.sub("0", text)[-CHARACTERS:] + "$"
    for length in _RUNS:
        for start in range(len(plain) - length + 1):
            yield plain[start : start + length]
