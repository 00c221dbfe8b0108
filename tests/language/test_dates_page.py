"""docs/dates.md says what an expression means: every row of it holds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest

from language.dates import read_span

PAGE = Path(__file__).parents[2] / "docs" / "dates.md"
NOW = datetime.fromisoformat("2023-07-12T09:00:00+08:00")
PARTS = {"dawn": "凌晨", "morning": "上午", "noon": "中午", "afternoon": "下午", "evening": "晚上", None: ""}


def rows() -> Iterator[tuple[str, str, str, str]]:
    for line in PAGE.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 4 and cells[0] not in ("说法", "---"):
            yield cells[0], cells[1], cells[2], cells[3]


def written(value: date | datetime | None) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    return value.isoformat() if value else "不限"


@pytest.mark.parametrize(("said", "first", "last", "part"), list(rows()), ids=lambda cell: cell[:10])
def test_a_row_of_the_page_holds(said: str, first: str, last: str, part: str) -> None:
    span = read_span(said, NOW)

    meant = (written(span.start), written(span.end), PARTS[span.part]) if span else ("—", "—", "")
    assert meant == (first, last, part)


def test_the_page_has_rows() -> None:
    assert len(list(rows())) > 60
