"""Whom a message did not reach, as a file that spreadsheet programs open."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

# A cell that begins so is a formula to a spreadsheet; the full-width ones to some.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def delivery_list(rows: Sequence[tuple[str, str]]) -> bytes:
    """CSV of (name, reason) with the mark by which Excel knows UTF-8."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(("姓名", "原因"))
    writer.writerows([plain(cell) for cell in row] for row in rows)
    return written.getvalue().encode("utf-8-sig")


def plain(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell
