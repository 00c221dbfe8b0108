"""Fills a script with what the product answers now, to be read and corrected by a person.

python -m tests.scenarios.record tests/scenarios/NAME.txt
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.house import build_template
from tests.scenarios.play import play
from tests.scenarios.script import read

INDENT = " " * 17


def record(path: Path) -> None:
    """Rewrite the answers of *path*: a line `bot>`, `silent` or `push NAME>` gets what was heard."""
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        heard = {h.step.line: h for h in play(read(path), Path(second), build_template(Path(first)))}
    lines: list[str] = []
    for number, raw in enumerate(path.read_text("utf-8").splitlines(), 1):
        if raw.strip().startswith("|"):
            continue
        if number not in heard:
            lines.append(raw)
            continue
        step, answer = heard[number].step, heard[number].answer
        if answer is None:
            lines.append(f"{INDENT}silent" if step.verb != "push" else f"{INDENT}push {step.who}>")
            continue
        head, *rest = answer.split("\n")
        lines.append(f"{INDENT}push {step.who}> {head}" if step.verb == "push" else f"{INDENT}bot> {head}")
        lines += [f"{INDENT}   | {line}" for line in rest]
    path.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    for name in sys.argv[1:]:
        record(Path(name))
