"""The words of the programme as data: lexicon.toml read once into immutable tables."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path

_FILE = Path(__file__).with_name("lexicon.toml")


@dataclass(frozen=True)
class Lexicon:
    """*tags* maps a word to what it may be; the other tables serve normalisation and single-word answers."""

    tags: Mapping[str, frozenset[str]]
    longest_word: int
    typos: Mapping[str, str]
    typo_pattern: re.Pattern[str]
    latin: Mapping[str, str]
    pinyin: Mapping[str, str]
    longest_pinyin: int
    whole: Mapping[str, str]
    stickers: Mapping[str, str]
    commands: tuple[tuple[str, tuple[str, ...]], ...]
    surnames: frozenset[str]

    def words(self, tag: str) -> tuple[str, ...]:
        """The words that carry *tag*, longest first, for building a pattern."""
        return tuple(sorted((w for w, tags in self.tags.items() if tag in tags), key=lambda w: (-len(w), w)))


def _pairs(table: Mapping[str, list[str]]) -> Iterator[tuple[str, str]]:
    for meaning, forms in table.items():
        for form in forms:
            yield form, meaning


def _mixed(table: Mapping[str, list[str]], kept: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Every mix of like-sounding characters with the word it stands for."""
    for word, characters in table.items():
        for mix in map("".join, product(*characters)):
            if mix != word and mix not in kept:
                yield mix, word


@cache
def lexicon() -> Lexicon:
    """The tables of lexicon.toml. Raises KeyError or TOMLDecodeError for a broken file."""
    with _FILE.open("rb") as file:
        data = tomllib.load(file)
    tags: dict[str, set[str]] = {}
    for tag, words in data["concepts"].items():
        for word in words:
            tags.setdefault(word, set()).add(tag)
    typos = dict(_mixed(data["homophones"], frozenset(data["other_words"]["keep"])))
    typos |= _pairs(data["typos"])
    pinyin = dict(_pairs(data["pinyin"]))
    return Lexicon(
        tags={word: frozenset(found) for word, found in tags.items()},
        longest_word=max(map(len, tags)),
        typos=typos,
        typo_pattern=re.compile("|".join(map(re.escape, sorted(typos, key=len, reverse=True)))),
        latin=dict(_pairs(data["latin"])),
        pinyin=pinyin,
        longest_pinyin=max(map(len, pinyin)),
        whole=dict(_pairs(data["whole"])),
        stickers=dict(_pairs(data["stickers"])),
        commands=tuple((command, tuple(near)) for command, near in data["suggestions"].items()),
        surnames=frozenset("".join(data["names"]["surnames"])) | frozenset(data["names"]["double_surnames"]),
    )
