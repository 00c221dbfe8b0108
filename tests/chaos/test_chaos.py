"""A slice of the chaos campaign: what `make chaos` does three hundred times, thirty times.

Every kill is SIGKILL at a chosen moment: before the request, after the platform accepted, in the middle
of its answer, after it, before and after each commit, and at random. The platform is another process
and keeps its own count of what people saw.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.chaos.campaign import OF_SERVE, PROTOCOL, Tally, furnish, run
from tests.postgres import PostgresServer, postgres_server

__all__ = ["postgres_server"]

SEED = 20230704


def shown(tally: Tally, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        sys.stdout.write(f"\n[chaos] {tally.lines()}")


def test_twenty_kills_of_one_instance_lose_nothing_and_repeat_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"sqlite:///{tmp_path / 'qiyue.db'}"
    furnish(url)

    tally = run(SEED, 20, len(OF_SERVE), tmp_path, url)

    shown(tally, capsys)
    assert tally.problems == []
    assert (sum(tally.kills.values()), tally.dropped) == (20, 0)
    assert set(tally.kills) == {*PROTOCOL, *OF_SERVE}
    assert set(tally.rows) <= {"push delivered", "announcement delivered", "announcement unknown"}


def test_ten_kills_of_two_instances_on_one_server_lose_nothing_and_repeat_nothing(
    tmp_path: Path, postgres_server: PostgresServer, capsys: pytest.CaptureFixture[str]
) -> None:
    url = postgres_server.new_database()
    furnish(url)

    tally = run(SEED, 10, 0, tmp_path, url, ("one:8000", "two:8000"))

    shown(tally, capsys)
    postgres_server.give_back(url)
    assert tally.problems == []
    assert (sum(tally.kills.values()), tally.dropped) == (10, 0)
