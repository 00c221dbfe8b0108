"""What pushes carry lies on disk under its hash, whole, and goes after some days."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

from storage.shelf import Shelf


def test_a_content_is_found_under_its_hash_and_kept_once(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "outgoing")

    digests = [shelf.put(b"names") for _ in range(2)]

    assert digests == [sha256(b"names").hexdigest()] * 2
    assert shelf.get(digests[0]) == b"names"
    assert [path.name for path in (tmp_path / "outgoing").iterdir()] == [digests[0]]


def test_what_is_not_there_or_is_no_hash_is_nothing(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    shelf = Shelf(tmp_path / "outgoing")

    assert [shelf.get("0" * 64), shelf.get("../secret")] == [None, None]


def test_old_contents_and_parts_of_a_killed_process_go(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    old, new = shelf.put(b"old"), shelf.put(b"new")
    (tmp_path / ".part-killed").write_bytes(b"o")
    for name in (old, ".part-killed"):
        os.utime(tmp_path / name, (100, 100))

    gone = [shelf.forget_before(101), Shelf(tmp_path / "never made").forget_before(101)]

    assert (gone, shelf.get(old), shelf.get(new)) == ([2, 0], None, b"new")
