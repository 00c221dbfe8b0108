"""`python -m tests.chaos.run --kills 300 --seed 7 [--postgresql]`: the whole campaign with its tally."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.chaos.campaign import Tally, furnish, run
from tests.postgres import binaries, thrown_away_server

TWO = ("one:8000", "two:8000")


def main(arguments: Sequence[str]) -> int:
    """0 when nothing was lost, doubled, out of order or left open."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--serve", type=int, default=30, help="how many of them kill the deployed command")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--postgresql", action="store_true", help="two instances on one server")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="qiyue-chaos-") as name:
        folder = Path(name)
        if chosen.postgresql:
            problems = on_postgresql(chosen.seed, chosen.kills, folder)
        else:
            url = f"sqlite:///{folder / 'qiyue.db'}"
            furnish(url)
            problems = report(
                "SQLite, one instance", run(chosen.seed, chosen.kills, chosen.serve, folder, url)
            )
    return 1 if problems else 0


def on_postgresql(seed: int, kills: int, folder: Path) -> list[str]:
    programs = binaries()
    if programs is None:
        raise SystemExit("PostgreSQL is not installed")
    with thrown_away_server(programs) as server:
        url = server.new_database()
        furnish(url)
        return report("PostgreSQL, two instances", run(seed, kills, 0, folder, url, TWO))


def report(title: str, tally: Tally) -> list[str]:
    sys.stdout.write(f"[chaos] {title}\n{tally.lines()}")
    sys.stdout.writelines(f"  {problem}\n" for problem in tally.problems[:50])
    return tally.problems


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
