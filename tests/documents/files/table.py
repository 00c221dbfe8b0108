"""Prints what happens to every file of the two sets: `python -m tests.documents.files.table`."""

from __future__ import annotations

import sys
import tempfile
from hashlib import sha256
from pathlib import Path

from documents.apart import examine_apart
from messages.envelope import Reply
from messages.render import Renderer
from programme.submissions import PARTS, judge, told_of
from tests.documents.files.hostile import HOSTILE
from tests.documents.files.ordinary import ORDINARY

NEEDED = 20


def happens(part: str, name: str, data: bytes, folder: Path) -> str:
    """The first line that the sender reads."""
    path = folder / "upload"
    path.write_bytes(data)
    examined = examine_apart(path, name)
    verdict = judge(PARTS[part], examined, NEEDED)
    told = told_of(PARTS[part], examined, verdict, name) | {
        "rule_line": 32,
        "at": "2023-07-22T20:11",
        "checksum": sha256(data).hexdigest()[:4],
    }
    return Renderer().render(Reply("submission/verdict", told)).split("\n")[0]


def say(line: str) -> None:
    sys.stdout.write(line + "\n")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for title, rows in (
            ("恶意的文件", [(one.what, "report", one.name, one.build()) for one in HOSTILE]),
            ("平常的文件", [(one.what, one.part, one.name, one.build()) for one in ORDINARY]),
        ):
            say(f"## {title}（{len(rows)} 个）\n\n| 文件 | 名字 | 字节 | 结果 |\n|---|---|---:|---|")
            for what, part, name, data in rows:
                say(f"| {what} | {name} | {len(data):,} | {happens(part, name, data, Path(folder))} |")
            say("")


if __name__ == "__main__":
    main()
