"""The architecture, checked: who may import whom, which library lives where, where the edges are.

The tables are the house; change one only with a page in docs/decisions/.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

PURE = {"programme", "language"}
LOW = PURE | {"messages"}
EVERYTHING = LOW | {"documents", "storage", "channels", "handlers", "scheduler", "operations", "web"}

# Room → the rooms that it may import besides itself.
MAY_IMPORT: dict[str, set[str]] = {
    "programme": set(),
    "language": set(),
    "messages": {"programme"},
    "documents": {"programme", "messages"},
    "storage": {"programme", "messages"},
    "channels": {"messages"},
    "handlers": LOW | {"storage"},
    "scheduler": {"programme", "messages", "storage", "channels"},
    "operations": LOW | {"documents", "storage", "channels"},
    "web": {"handlers", "channels", "messages", "programme"},
    "fakes": {"messages"},
    "settings": set(),
    "config": {"settings"},
    "wiring": EVERYTHING | {"config", "settings", "fakes"},
    "bot": EVERYTHING | {"config", "settings", "fakes", "wiring", "bench"},
    "bench": EVERYTHING | {"config", "fakes", "wiring"},
}

# Library → the rooms that may import it; every other library of the lock file is free.
LIVES_IN: dict[str, set[str]] = {
    "wechatpy": {"channels", "fakes", "bench"},
    "cryptography": {"channels", "fakes", "bench"},
    "requests": {"channels", "fakes", "bench"},
    "xmltodict": {"channels", "fakes", "bench"},
    "sqlite_utils": {"storage"},
    "sqlite3": {"storage"},
    "psycopg": {"storage"},
    "psycopg_pool": {"storage"},
    "flask": {"web", "fakes", "bench"},
    "werkzeug": {"web", "fakes", "bench"},
    "apscheduler": {"scheduler"},
    "jinja2": {"messages"},
    "docx": {"documents"},
    "icalendar": {"documents"},
    "openpyxl": {"documents"},
    "segno": {"documents"},
    "typst": {"documents"},
    "pylopdf_fonts_zh_cn": {"documents"},
    "pypdf": {"documents"},
    "pydantic": {"config", "settings"},
    "pydantic_core": {"config", "settings"},
    "zhconv": {"language"},
    "pypinyin": {"language"},
    "rapidfuzz": {"language"},
    "dateutil": {"programme", "language"},
    "chinese_calendar": {"operations"},
    "granian": {"wiring", "bench"},
    "click": {"bot", "operations"},
}

# Where the time of day or the environment may be read; everybody else is given them.
EDGES = {"bot.py", "config.py", "fakes/clock.py", "scheduler/clock.py"}
EDGE_ROOMS = {"bench", "wiring"}
OUTSIDE_WORLD = {
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "time.time",
    "time.time_ns",
    "os.environ",
    "os.getenv",
}
SQL = re.compile(
    r"\s*(select\s.+|insert\s+(or\s+\w+\s+)?into\s.+|update\s+\w+\s+set\s.+|delete\s+from\s.+|pragma\s.+"
    r"|(create|alter|drop)\s+(table|index)\s.+|with\s+\w+\s+as\s*\(.+|begin\s+immediate)",
    re.IGNORECASE | re.DOTALL,
)
VAGUE_MODULES = {"util", "utils", "helper", "helpers", "common", "misc", "manager"}
VAGUE_CLASSES = re.compile(r".*(Manager|Helper|Processor|Service|Utils?)$")


@dataclass(frozen=True)
class Module:
    """*imports* holds the dotted name of everything imported, inside functions and TYPE_CHECKING too."""

    path: str
    room: str
    tree: ast.Module
    imports: tuple[str, ...]


def _imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")


@lru_cache(1)
def modules() -> tuple[Module, ...]:
    files = [*ROOT.glob("*.py"), *(file for room in rooms() for file in (ROOT / room).rglob("*.py"))]
    found = []
    for file in sorted(files):
        path = file.relative_to(ROOT)
        room = path.parts[0].removesuffix(".py")
        tree = ast.parse(file.read_text("utf-8"))
        found.append(Module(str(path), room, tree, tuple(_imports(tree))))
    return tuple(found)


def rooms() -> list[str]:
    folders = (marker.parent.name for marker in ROOT.glob("*/__init__.py"))
    return sorted(name for name in folders if name != "tests")


def test_every_room_and_module_of_the_house_stands_in_the_table() -> None:
    assert {module.room for module in modules()} <= set(MAY_IMPORT)


def test_imports_go_one_way() -> None:
    wrong = [
        f"{module.path} imports {name}"
        for module in modules()
        for name in module.imports
        if (room := name.split(".")[0]) in MAY_IMPORT
        and room != module.room
        and room not in MAY_IMPORT[module.room]
    ]

    assert wrong == []


def test_nothing_is_imported_relatively() -> None:
    wrong = [module.path for module in modules() for name in module.imports if name.startswith(".")]

    assert wrong == []


def test_each_library_lives_in_its_room() -> None:
    wrong = [
        f"{module.path} imports {name}"
        for module in modules()
        for name in module.imports
        if module.room not in LIVES_IN.get(name.split(".")[0], {module.room})
    ]

    assert wrong == []


def test_only_the_demo_knows_the_fake_platform() -> None:
    users = {
        module.path
        for module in modules()
        for name in module.imports
        if name.split(".")[0] == "fakes" and module.room not in ("fakes", "bench")
    }

    assert users <= {"bot.py", "wiring/demo.py"}


def test_pure_rooms_do_no_input_or_output() -> None:
    outside = {
        "os",
        "io",
        "socket",
        "subprocess",
        "threading",
        "logging",
        "sqlite3",
        "urllib",
        "http",
        "shutil",
    }
    wrong = [
        f"{module.path} imports {name}"
        for module in modules()
        for name in module.imports
        if module.room == "programme" and name.split(".")[0] in outside
    ]

    assert wrong == []


def test_only_the_edges_ask_for_the_time_or_the_environment() -> None:
    wrong = [
        f"{module.path}:{node.lineno} {ast.unparse(node)}"
        for module in modules()
        if module.path not in EDGES and module.room not in EDGE_ROOMS
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and _last_two_names(node) in OUTSIDE_WORLD
    ]

    assert wrong == []


def _last_two_names(node: ast.Attribute) -> str:
    """datetime.now of datetime.datetime.now."""
    owner = node.value
    name = owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else ""
    return f"{name}.{node.attr}"


def test_sql_stands_in_storage_only() -> None:
    wrong = [
        f"{module.path}:{node.lineno} {node.value.strip()[:40]!r}"
        for module in modules()
        if module.room != "storage"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.fullmatch(node.value)
    ]

    assert wrong == []


def test_things_are_named() -> None:
    vague = [module.path for module in modules() if Path(module.path).stem in VAGUE_MODULES]
    vague += [
        f"{module.path} class {node.name}"
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef) and VAGUE_CLASSES.fullmatch(node.name)
    ]

    assert vague == []


# What a package brings under other names than its own.
IMPORT_NAMES = {
    "chinesecalendar": {"chinese_calendar"},
    "flask": {"flask", "itsdangerous", "markupsafe", "werkzeug"},
    "psycopg": {"psycopg", "psycopg_pool"},
    "pydantic": {"pydantic", "pydantic_core"},
    "pylopdf-fonts-zh-cn": {"pylopdf_fonts_zh_cn"},
    "python-dateutil": {"dateutil"},
    "python-docx": {"docx"},
    "requests": {"requests", "urllib3"},
    "sqlite-utils": {"sqlite_utils"},
}


def requirements() -> list[str]:
    lines = (ROOT / "requirements.in").read_text("utf-8").splitlines()
    return [re.split(r"[\[<>=!~ ;]", line)[0] for line in lines if line and not line.startswith(("#", "-"))]


def imported() -> set[str]:
    return {name.split(".")[0] for module in modules() for name in module.imports}


@pytest.mark.parametrize("package", requirements())
def test_every_runtime_requirement_is_used(package: str) -> None:
    assert IMPORT_NAMES.get(package, {package}) & imported() != set()


def test_every_library_that_is_imported_is_required() -> None:
    required = {name for package in requirements() for name in IMPORT_NAMES.get(package, {package})}

    foreign = imported() - set(MAY_IMPORT) - sys.stdlib_module_names - {"_typeshed"}

    assert foreign - required == set()


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-dev.txt"])
def test_the_lock_names_exact_versions_with_hashes_and_no_index(lock: str) -> None:
    text = (ROOT / lock).read_text("utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]

    loose = [
        line[:60] for line in lines if not re.match(r"[a-z0-9._-]+(\[[a-z,]+\])?==\S+ .*--hash=sha256:", line)
    ]

    assert loose == []
    assert "://" not in text
