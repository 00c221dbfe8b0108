"""Which rule or which money a question is about, by the words of subjects.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class _Subject:
    name: str
    words: tuple[str, ...]
    all_of: tuple[str, ...]

    def is_named_in(self, text: str) -> bool:
        if self.all_of:
            return all(word in text for word in self.all_of)
        return any(word in text for word in self.words)


@cache
def _table(section: str) -> tuple[_Subject, ...]:
    data = tomllib.loads((files("language") / "subjects.toml").read_text("utf-8"))
    return tuple(
        _Subject(entry["name"], tuple(entry.get("words", ())), tuple(entry.get("all_of", ())))
        for entry in data[section]
    )


def rule_subject(text: str) -> str | None:
    """The subject of a question about rules, for example "pages"; None when no word names one."""
    return _first(_table("subject"), text)


def money_subject(text: str) -> str | None:
    """The name of the reward that a question about money means; None asks about all of it."""
    return _first(_table("money"), text)


def _first(table: Sequence[_Subject], text: str) -> str | None:
    lowered = text.lower()
    return next((subject.name for subject in table if subject.is_named_in(lowered)), None)
