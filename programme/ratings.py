"""评级: the declared scale, who may rate, and what several ratings come to (R36, notice L37)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from programme.people import Person

SYNONYMS = {"优秀": "优", "良好": "良", "中等": "中"}
BEST_MARK = 100.0


@dataclass(frozen=True)
class Scale:
    """*grades* from best to worst; empty means marks from 0 to 100. *threshold* is the worst that is paid.

    The notice says 优良 and declares no scale (L37): both are settings of the lab.
    """

    grades: tuple[str, ...]
    threshold: str

    def grade_of(self, said: str) -> str | None:
        """*said* as this scale writes it; None for what is not on it."""
        if self.grades:
            named = said if said in self.grades else SYNONYMS.get(said, said)
            return next((grade for grade in self.grades if grade.lower() == named.lower()), None)
        mark = _mark(said)
        return f"{mark:g}" if mark is not None else None

    def reaches(self, grade: str) -> bool:
        """Whether *grade* is at the threshold or better; False for one of an earlier scale."""
        if self.grades:
            return grade in self.grades and self._rank(grade) <= self._rank(self.threshold)
        mark = _mark(grade)
        return mark is not None and mark >= float(self.threshold)

    def result(self, grades: Sequence[str]) -> str | None:
        """The lower middle of several ratings: of two the worse one; None without a rating on the scale."""
        known = sorted((g for g in map(self.grade_of, grades) if g is not None), key=self._rank)
        return known[len(known) // 2] if known else None

    def spoken(self) -> str:
        return "/".join(self.grades) if self.grades else "0 到 100 分"

    def _rank(self, grade: str) -> float:
        return self.grades.index(grade) if self.grades else BEST_MARK - float(grade)


def scale_of(said: str, default: Scale) -> Scale:
    """A lab's 评级 setting (优/良/中/差，良以上 · A/B/C，B以上 · 百分制，80分以上) as a scale.

    *default* where *said* names no scale; its middle of the upper half is never guessed: a setting
    without 以上 keeps the default's threshold if that is on it, else only the best grade counts.
    """
    words = said.replace(" ", "")
    limit = re.search(r"([^\s,，;；、/]+?)分?(?:及|或)?以上", words)
    if re.search(r"百分制|100分|\d+分?(?:及|或)?以上", words):
        threshold = limit[1] if limit and _mark(limit[1]) is not None else None
        return Scale((), threshold) if threshold is not None else default
    named = tuple(re.split(r"[/／、]", re.split(r"[,，;；]", words)[0]))
    if len(named) < 2 or len(set(named)) < len(named) or not all(named):
        return default
    if limit and limit[1] in named:
        return Scale(named, limit[1])
    return Scale(named, default.threshold if default.threshold in named else named[0])


def may_rate(person: Person, named: str, namesakes: int) -> bool:
    """评委 of the roster, or named by the admin in the setting 评委 (王老师、周老师 · 各组导师).

    *namesakes*: how many on the roster have this name; a name that two have gives nobody the right.
    """
    if "rater" in person.roles:
        return True
    words = re.split(r"[\s、,，;；和]+", named)
    if "mentor" in person.roles and any(word in ("导师", "各组导师", "全体导师") for word in words):
        return True
    return person.name in words and namesakes == 1 and "student" not in person.roles


def _mark(said: str) -> float | None:
    if not re.fullmatch(r"\d{1,3}(?:\.\d)?", said):
        return None
    return float(said) if float(said) <= BEST_MARK else None
