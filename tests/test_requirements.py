"""What the product claims to do is named by a test; what no test names is not claimed."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

TESTS = Path(__file__).parent
LIST = tomllib.loads((TESTS / "requirements.toml").read_text("utf-8"))
CLAIMED = set(LIST["claimed"]["ids"])
KNOWN = set(LIST["statements"]) | set(LIST["journeys"])
ID = re.compile(r"\b([RB]\d{2})\b")


def named_by_functions() -> set[str]:
    found: set[str] = set()
    for path in TESTS.rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                found |= set(ID.findall(ast.get_docstring(node) or ""))
                found |= {match.upper() for match in re.findall(r"_([rb]\d{2})(?=_|$)", node.name)}
    return found


def named_by_scenarios() -> set[str]:
    titles = [path.read_text("utf-8").split("\n", 1)[0] for path in (TESTS / "scenarios").glob("*.txt")]
    return {found for title in titles for found in ID.findall(title)}


def test_what_is_claimed_is_named_by_a_test() -> None:
    assert sorted(CLAIMED - named_by_functions() - named_by_scenarios()) == []


def test_what_a_test_names_is_on_the_list() -> None:
    assert sorted((named_by_functions() | named_by_scenarios()) - KNOWN) == []


def test_what_is_claimed_is_on_the_list_and_the_list_is_whole() -> None:
    assert sorted(CLAIMED - KNOWN) == []
    assert len(LIST["statements"]) == 47
    assert len(LIST["journeys"]) == 61
