"""What is documented exists, and what exists is documented."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from bot import cli
from settings import ConfigFile

ROOT = Path(__file__).parent.parent
ENGLISH, CHINESE, CONFIG = (
    (ROOT / name).read_text("utf-8") for name in ("README.md", "README.zh-CN.md", "config.toml")
)
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
WRITTEN = (".py", ".toml", ".md", ".j2", ".html", ".js", ".css", ".txt", ".cfg", ".in", ".csv", ".jsonl")
APART = {".git", ".venv", "data", "__pycache__", ".hypothesis", ".mypy_cache", ".pytest_cache", ".ruff_cache"}

# The folders of the machine on which something was written, split so that this file does not name them.
FOREIGN = re.compile("(?<![A-Za-z0-9_.])/" + "(?:work|root|Users)/|/" + r"home/[a-z]|/" + "tmp/[A-Za-z]")


def is_apart(path: Path) -> bool:
    parts = path.relative_to(ROOT).parts
    return bool(APART & set(parts)) or parts[0].startswith(".venv-")


def documented_commands(text: str) -> set[str]:
    """The words at the start of each row of the table of commands."""
    table = text[text.index("| command |") :].split("\n\n")[0]
    cells = re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
    return {name for cell in cells for name in re.findall(r"`([a-z]+)", cell)}


def options_of(command: str) -> set[str]:
    return {option for parameter in cli.commands[command].params for option in parameter.opts}


def sections() -> dict[str, type[BaseModel]]:
    """Every section of the configuration with the model of its keys."""
    found: dict[str, type[BaseModel]] = {}
    for name, field in ConfigFile.model_fields.items():
        kind: Any = field.annotation
        found[name] = getattr(kind, "__args__", (kind,))[0]  # a tuple of sections, or one
    return found


def written_section(name: str) -> str:
    """What config.toml says about a section: from its heading, commented out or not, to the next one."""
    heading = re.search(rf"^#? ?\[+{name}\]+$", CONFIG, re.MULTILINE)
    assert heading is not None, name
    rest = CONFIG[heading.end() :]
    following = re.search(r"^#? ?\[+[a-z_]+\]+$", rest, re.MULTILINE)
    return rest[: following.start()] if following else rest


def test_the_table_of_commands_names_each_command_and_no_other() -> None:
    assert documented_commands(ENGLISH) == set(cli.commands)


@pytest.mark.parametrize("command", sorted(cli.commands))
def test_every_command_says_what_it_does(command: str) -> None:
    assert cli.commands[command].help


def test_every_option_that_the_table_of_commands_names_is_there() -> None:
    lines = [line for line in ENGLISH.splitlines() if line.startswith("| `")]
    named = {
        (row, option)
        for line in lines
        for row in re.findall(r"^\| `([a-z]+)", line)
        for option in re.findall(r"--[a-z-]+", line)
        if row in cli.commands
    }

    assert named
    assert {(row, option) for row, option in named if option not in options_of(row)} == set()


@pytest.mark.parametrize("text", [ENGLISH, CHINESE], ids=["README.md", "README.zh-CN.md"])
def test_every_command_line_in_the_readme_could_be_typed(text: str) -> None:
    lines = re.findall(r"bot\.py ([a-z]+)([^\n`]*)", text)

    wrong = [
        (command, option)
        for command, rest in lines
        for option in re.findall(r"--[a-z-]+", rest.split("#")[0])
        if command not in cli.commands or option not in options_of(command)
    ]

    assert lines
    assert wrong == []
    assert {command for command, _ in lines} <= set(cli.commands)


@pytest.mark.parametrize(
    ("section", "key"),
    [(name, key) for name, model in sections().items() for key in model.model_fields],
)
def test_every_key_of_the_configuration_stands_in_the_file(section: str, key: str) -> None:
    written = re.search(rf"^(# ?)?{key} ?=", written_section(section), re.MULTILINE)

    assert written is not None


def test_every_section_is_introduced_by_words() -> None:
    """A key is explained beside it, or its section above it, in Chinese."""
    silent = [
        name
        for name in sections()
        if not re.search(r"#[^\n]*[一-鿿]", written_section(name))
        and not re.search(rf"#[^\n]*[一-鿿][^\n]*\n\[+{name}\]+$", CONFIG, re.MULTILINE)
    ]

    assert silent == []


def test_a_section_that_nothing_reads_yet_says_so_and_no_other_does() -> None:
    readers = "".join(path.read_text("utf-8") for path in (ROOT / "bot.py", *(ROOT / "wiring").glob("*.py")))
    read = {name for name in sections() if re.search(rf"settings(?:\(\))?\.{name}\b", readers)}
    heading = re.compile(r"^#[^\n]*尚未启用[^\n]*\n(?:# )?\[+([a-z_]+)\]+$", re.MULTILINE)

    assert set(heading.findall(CONFIG)) == set(sections()) - read


def test_the_settings_named_in_the_readme_have_the_default_that_it_names() -> None:
    rows = re.findall(r"^\| `\[([a-z]+)\] ([a-z_]+)` \|[^|]*\| `?([^|`]*?)`? \|$", CHINESE, re.MULTILINE)
    data = tomllib.loads(CONFIG)

    assert len(rows) >= 5
    assert {(s, k): v for s, k, v in rows} == {(s, k): str(data[s][k]) for s, k, _ in rows}


def test_every_variable_of_the_readme_lies_over_a_key() -> None:
    named = set(re.findall(r"QIYUE_([A-Z_]+?)__([A-Z_]+)", ENGLISH + CHINESE + CONFIG))

    assert {
        (section, key)
        for section, key in named
        if key.lower() not in sections()[section.lower()].model_fields
    } == set()


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_every_link_to_a_file_leads_to_one(page: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8"))
    local = [link.split("#")[0] for link in links if not link.startswith(("http:", "https:", "mailto:", "#"))]

    assert [link for link in local if not (page.parent / link).exists()] == []


def test_the_rooms_of_the_readme_are_there_and_no_room_is_left_out() -> None:
    named = {room.rstrip("/") for room in re.findall(r"`([a-z]+/)`", ENGLISH.split("## How it is built")[1])}
    rooms = {path.parent.name for path in ROOT.glob("*/*.py")} - {"tests"}

    assert {room for room in named if not (ROOT / room).is_dir()} == set()
    assert rooms - named == set()


def test_no_file_names_a_folder_of_the_machine_it_was_written_on() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()[:60]}"
        for path in ROOT.rglob("*")
        if path.suffix in WRITTEN and not is_apart(path)
        for line in path.read_text("utf-8", errors="replace").splitlines()
        if FOREIGN.search(line)
    ]

    assert found == []
