"""One text taken apart: known words with what they may be, dates, and what is left over."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from language.dates import Found, find_spans
from language.lexicon import Lexicon, lexicon
from language.normalise import Normal
from language.understood import Span, SpeakerRole


@dataclass(frozen=True)
class Token:
    """A known word, a date (tag "date") or a run of unknown characters (tag "unknown")."""

    word: str
    tags: frozenset[str]
    start: int
    end: int


_DATE = frozenset({"date"})
_NUMBER = frozenset({"number"})
_UNKNOWN = frozenset({"unknown"})
_NAME = frozenset({"unknown", "name"})
_NEVER_GIVEN = frozenset(
    "的了是在有我你他她它就也都还要想不没吧啊呀吗呢把被给和跟与及请交选签到来去说讲评打得个为会能可以开改换发上下点号前后那这几哪谁什怎多少做写看问用让对从过又再先未已"
)
_SPACE = re.compile(r"[\s,.。;!?、:~…()\[\]<>《》「」『』\"“”'‘’|/\\\-—_+=*&^%$#@·]+")
_DIGITS = re.compile(r"\d+(?:\.\d+)?")
_LATIN_RUN = re.compile(r"[a-z]+")


@dataclass(frozen=True)
class Reading:
    """What is known of a text before it is judged."""

    text: str
    normal: Normal
    role: SpeakerRole
    now: datetime
    tokens: tuple[Token, ...]
    dates: tuple[Found, ...]

    @cached_property
    def tags(self) -> frozenset[str]:
        """Every tag of every token."""
        return frozenset().union(*(token.tags for token in self.tokens)) if self.tokens else frozenset()

    def has(self, *tags: str) -> bool:
        """Whether some token may be one of *tags*."""
        return not self.tags.isdisjoint(tags)

    def of(self, tag: str) -> tuple[Token, ...]:
        """The tokens that carry *tag*, from left to right."""
        return tuple(token for token in self.tokens if tag in token.tags)

    @cached_property
    def plain(self) -> str:
        """The text without spaces and punctuation."""
        return _SPACE.sub("", self.text)

    @cached_property
    def unknown(self) -> tuple[str, ...]:
        """Runs of characters that no word of the lexicon covers."""
        return tuple(token.word for token in self.tokens if "unknown" in token.tags)

    @cached_property
    def span(self) -> Span | None:
        """The first possible date of the text."""
        return next((found.span for found in self.dates if found.span is not None), None)

    @cached_property
    def undated(self) -> str:
        """The text with its dates taken out."""
        out, at = [], 0
        for found in self.dates:
            out.append(self.text[at : found.start])
            at = found.end
        out.append(self.text[at:])
        return "".join(out).strip(" ,")


def read(normal: Normal, now: datetime, role: SpeakerRole) -> Reading:
    """Take *normal.text* apart. Pure; time grows linearly with the text."""
    text = normal.text
    dates = find_spans(text, now)
    return Reading(text, normal, role, now, tuple(_tokens(text, dates, lexicon())), dates)


def _tokens(text: str, dates: Iterable[Found], words: Lexicon) -> Iterable[Token]:
    spans = {found.start: found.end for found in dates}
    at, size, unknown_from = 0, len(text), -1
    while at < size:
        token = _token_at(text, at, spans, words, may_be_name=unknown_from < 0)
        if token is None and _SPACE.match(text[at]) is None:
            if unknown_from < 0:
                unknown_from = at
            at += 1
            continue
        if unknown_from >= 0:
            yield Token(text[unknown_from:at], _UNKNOWN, unknown_from, at)
            unknown_from = -1
        if token is None:
            if text[at] == "?":
                yield Token("?", words.tags["?"], at, at + 1)
            at += 1
            continue
        yield token
        at = token.end
    if unknown_from >= 0:
        yield Token(text[unknown_from:size], _UNKNOWN, unknown_from, size)


def _token_at(
    text: str, at: int, spans: dict[int, int], words: Lexicon, *, may_be_name: bool
) -> Token | None:
    if at in spans:
        return Token(text[at : spans[at]], _DATE, at, spans[at])
    tags = words.tags
    for length in range(min(words.longest_word, len(text) - at), 0, -1):
        if length == 1 and may_be_name and (size := _name_length(text, at, spans, words)):
            return Token(text[at : at + size], _NAME, at, at + size)
        word = text[at : at + length]
        found = tags.get(word)
        if found is not None and (not word.isascii() or _is_whole_latin(text, at, at + length)):
            # A word must not swallow the beginning of a date, as 的周 of 的周四.
            if length > 1 and any(at < start < at + length for start in spans):
                continue
            return Token(word, found, at, at + length)
    number = _DIGITS.match(text, at)
    if number is not None:
        return Token(number[0], _NUMBER, at, number.end())
    latin = _LATIN_RUN.match(text, at)
    if latin is not None:
        return Token(latin[0], _UNKNOWN, at, latin.end())
    return None


def _name_length(text: str, at: int, spans: dict[int, int], words: Lexicon) -> int:
    """How many characters from *at* are a person's name, 0 for none: a surname and one or two more.

    A character that begins a known word or a date is no part of a name, nor is a function word.
    """
    size = 2 if text[at : at + 2] in words.surnames else 1
    if text[at : at + size] not in words.surnames:
        return 0
    surname = size
    while size < surname + 2 and at + size < len(text) and _may_be_given(text, at + size, spans, words):
        size += 1
    return size if size > surname else 0


def _may_be_given(text: str, at: int, spans: dict[int, int], words: Lexicon) -> bool:
    char = text[at]
    if not "\u4e00" <= char <= "\u9fff" or char in _NEVER_GIVEN or at in spans:
        return False
    return not any(text[at : at + length] in words.tags for length in (2, 3) if at + length <= len(text))


def _is_whole_latin(text: str, start: int, end: int) -> bool:
    """Latin letters and digits match as whole words only: ai is not in wait, 400 not in 4006."""
    before, after = text[start - 1 : start], text[end : end + 1]
    edge, last = text[start], text[end - 1]
    return not (
        (before.isascii() and before.isalnum() and edge.isalnum() and before.isdigit() == edge.isdigit())
        or (after.isascii() and after.isalnum() and last.isalnum() and after.isdigit() == last.isdigit())
    )
