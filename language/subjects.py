"""Which rule or which money a question is about, by the words of subjects.toml."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from language.normalise import one_form


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


def asks_for_payment(text: str) -> bool:
    """Whether a question about money asks when or how it is paid."""
    return _first(_table("payment"), text) is not None


_PAGES = re.compile(r"(\d{1,4})\s*页")


def pages_named(text: str) -> int | None:
    """19 of 19页可以吗; None where no number of pages is named."""
    found = _PAGES.search(one_form(text))
    return int(found[1]) if found is not None else None


_AMOUNT = re.compile(r"(?<!\d)(\d{3,5})(?!\d)")


def amounts_named(text: str) -> frozenset[int]:
    """The sums that a text about money names, in yuan."""
    return frozenset(int(found) for found in _AMOUNT.findall(one_form(text)))


def _first(table: Sequence[_Subject], text: str) -> str | None:
    lowered = text.lower()
    return next((subject.name for subject in table if subject.is_named_in(lowered)), None)


_PENALTY = re.compile(
    r"扣|罚|处分|惩|影响(?:补贴|补助|成绩|评级|奖)"
    r"|(?:不[去来交到签参]|缺|没[去来交到签]|旷).{0,6}(?:会(?:怎么样?|怎样|如何|咋样)|后果|有(?:什么|啥)影响)"
)
_SHARE = re.compile(
    r"每份.{0,8}(?:是|指|意思|怎么|按|什么|算)|(?:每|一)(?:人|个人|篇).{0,4}还是.{0,4}(?:每|一)份"
    r"|(?:每|一)份.{0,4}还是|按(?:人|份|篇)(?:算|还是|给|发)|一份(?:是|指|算)"
)


def asks_penalty(text: str) -> bool:
    """Whether a question asks what is taken away for being late, absent or without a report."""
    return _PENALTY.search(text) is not None


def asks_share(text: str) -> bool:
    """Whether a question about money asks what 每份 means, or whether it is paid by person or by paper."""
    return _SHARE.search(one_form(text)) is not None
