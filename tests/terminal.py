"""The command line in this process, for tests of what it prints."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from click.testing import CliRunner

from bot import cli


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


def ran(*arguments: str, env: Mapping[str, str], text: str = "") -> Done:
    """The command in this process: a process of its own costs a second each (one test has them)."""
    others: dict[str, str | None] = {name: None for name in os.environ if name.startswith("QIYUE_")}
    result = CliRunner().invoke(cli, arguments, input=text, env={**others, **env}, catch_exceptions=False)
    return Done(result.exit_code, result.stdout, result.stderr)
