"""Makes language/leaning.tsv from the cases: `python -m tests.language.learn` (about two minutes).

Softmax regression by stochastic gradient steps with AdaGrad, in plain Python, the same on every
machine: the order of the cases comes from a seeded generator. The blind set is never looked at.
"""

from __future__ import annotations

import json
import random
import sys
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from math import exp, sqrt
from pathlib import Path

from language import leaning
from language.labels import LABELS
from language.mood import mood_of
from language.normalise import normalise
from language.reading import read
from language.understand import unwrapped
from language.understood import SpeakerRole

CASES = Path(__file__).with_name("cases")
NOW = datetime.fromisoformat("2023-07-10T09:00:00+08:00")
ROUNDS = 14
RATE = 0.7
SHRINK = 2e-6
SEEN_AT_LEAST = 2
SEED = 7


@dataclass(frozen=True)
class Example:
    """What the model sees of a text, and the labels that are right for it."""

    features: tuple[str, ...]
    labels: frozenset[str]


def texts() -> Iterator[tuple[str, SpeakerRole, frozenset[str]]]:
    """(text, role, right labels) of every open case."""
    for file in sorted(CASES.glob("*.jsonl")):
        if "dates" in file.name:
            continue
        for line in file.read_text("utf-8").splitlines():
            case = json.loads(line)
            labels = case.get("accept") or [case["intent"]]
            yield case["text"], case.get("role", "student"), frozenset(labels)


def example(text: str, role: SpeakerRole, labels: frozenset[str]) -> Example:
    normal = normalise(text)
    reading = read(replace(normal, text=unwrapped(normal.text)), NOW, role)
    return Example(tuple(sorted(leaning.features(reading, mood_of(reading)))), labels)


def learn(
    examples: Sequence[Example], rounds: int = ROUNDS
) -> tuple[tuple[str, ...], dict[str, list[float]]]:
    """The labels, and a row of weights for each feature; "" is what every text begins with."""
    labels = tuple(sorted(LABELS))
    counts = Counter(feature for one in examples for feature in one.features)
    known = {feature for feature, count in counts.items() if count >= SEEN_AT_LEAST}
    weights = {feature: [0.0] * len(labels) for feature in sorted(known | {""})}
    squares = dict.fromkeys(weights, 1e-8)
    order = list(range(len(examples)))
    dice = random.Random(SEED)
    for number in range(rounds):
        dice.shuffle(order)
        rate = RATE * (1 - number / rounds) + 0.02
        for place in order:
            _step(examples[place], labels, weights, squares, rate)
    return labels, weights


def _step(
    one: Example,
    labels: tuple[str, ...],
    weights: dict[str, list[float]],
    squares: dict[str, float],
    rate: float,
) -> None:
    value = 1 / sqrt(len(one.features))
    rows = [(name, weights[name]) for name in one.features if name in weights]
    base = weights[""]
    scores = [start + value * total for start, total in zip(base, _sums(rows, len(labels)), strict=True)]
    highest = max(scores)
    shares = [exp(score - highest) for score in scores]
    whole = sum(shares)
    right = sum(share for label, share in zip(labels, shares, strict=True) if label in one.labels)
    # The slope of -log(share of the right labels together): several may be right (T2–T5).
    slope = [
        share / whole - (share / right if label in one.labels else 0.0)
        for label, share in zip(labels, shares, strict=True)
    ]
    size = sum(part * part for part in slope)
    for name, row in [*rows, ("", base)]:
        scaled = value if name else 1.0
        squares[name] += size * scaled * scaled
        pace = rate * scaled / sqrt(squares[name])
        weights[name] = [w * (1 - SHRINK) - pace * part for w, part in zip(row, slope, strict=True)]


def _sums(rows: Sequence[tuple[str, list[float]]], width: int) -> Sequence[float]:
    return [sum(column) for column in zip(*(row for _, row in rows), strict=True)] if rows else [0.0] * width


def stored(labels: tuple[str, ...], weights: dict[str, list[float]]) -> str:
    """The file's text: the labels, then a feature and its row a line, small rows left out."""
    lines = ["\t".join(labels)]
    for feature, row in sorted(weights.items()):
        whole = [max(-128, min(127, round(weight / leaning.STEP))) for weight in row]
        if feature == "" or max(map(abs, whole)) > 1:
            named = feature.replace("\n", "\\n")
            lines.append(f"{named}\t{b64encode(bytes(part + 128 for part in whole)).decode()}")
    return "\n".join(lines) + "\n"


def fingerprint() -> str:
    """Of the cases that the weights were made from; stored beside them, so that a test can tell."""
    return sha256(
        "\n".join(f"{text}\t{role}\t{sorted(right)}" for text, role, right in texts()).encode()
    ).hexdigest()


def main() -> None:
    examples = [example(*case) for case in texts()]
    labels, weights = learn(examples)
    leaning_file = Path(leaning.__file__).with_name("leaning.tsv")
    leaning_file.write_text(stored(labels, weights), "utf-8")
    Path(__file__).with_name("cases").joinpath("learnt.sha256").write_text(fingerprint() + "\n")
    sys.stdout.write(f"{len(examples)} texts, {len(weights)} features, {leaning_file.stat().st_size} bytes\n")


if __name__ == "__main__":
    main()
