"""Has a file examined by a child process, and waits no longer than the lease of its task."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from documents.examining import TOO_LARGE
from programme.submissions import Finding

ROOT = Path(__file__).parent.parent
WALL_S = 30.0


def examine_apart(path: Path, name: str, *, wall_s: float = WALL_S) -> Finding:
    """What is in the file at *path*. A child that is killed, by its limits or by us, has found too much.

    Nothing of our environment goes along: no secret is within reach of what is parsed.
    """
    try:
        done = subprocess.run(  # noqa: S603 - our own module; the name is an argument, not a command
            [sys.executable, "-s", "-m", "documents.examining", str(path), name],
            cwd=ROOT,
            env={"LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=wall_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Finding(None, refused=TOO_LARGE)
    try:
        return Finding(**json.loads(done.stdout))
    except ValueError:
        return Finding(None, refused=TOO_LARGE)
