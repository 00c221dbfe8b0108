"""同上: what a session takes from the one listed before it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from programme.notice.events import Event
from programme.notice.page import Cell, Finding, Row
from programme.notice.printed import Printed
from programme.notice.standing import with_speaker

_DITTO_CELL = re.compile(r"\s*(?:同上|同前|同上一?[次场讲]|〃|″|''|\"|”|do\.?|ditto)\s*", re.IGNORECASE)


def with_dittos(printed: Sequence[Printed]) -> tuple[list[Printed], list[Finding]]:
    """Every 同上 answered from the session before; the first of a list has none before it and is asked."""
    resolved: list[Printed] = []
    findings: list[Finding] = []
    for item in printed:
        event = item.event
        if event is None or not event.same_as:
            resolved.append(item)
            continue
        before = next((p.event for p in reversed(resolved) if p.event is not None), None)
        if before is None:
            what = f"第{item.line}行写“同上”，但上面没有场次：{item.cell.strip()[:40]}"
            findings.append(Finding("rule_unclear", (item.line,), what, "asked", item.cell.strip()))
            resolved.append(item)
            continue
        resolved.append(replace(item, event=_taken_over(event, before)))
    return resolved, findings


def _taken_over(event: Event, before: Event) -> Event:
    if "place" in event.same_as:
        event = replace(event, place=event.place or before.place)
    if "time" in event.same_as and event.begin is None:
        event = replace(event, begin=before.begin, end=before.end, period=before.period)
    if "speaker" in event.same_as:
        event = with_speaker(event, before.speaker or next((i.speaker for i in before.items), None))
    return event


def filled_row(row: Row, above: Row | None) -> Row:
    """A row whose 同上 cells repeat the cell above, as a merged cell would."""
    if above is None or not any(_DITTO_CELL.fullmatch(cell.text) for cell in row.cells):
        return row
    return Row(row.line, tuple(_filled(cell, above, column) for column, cell in enumerate(row.cells)))


def _filled(cell: Cell, above: Row, column: int) -> Cell:
    if column >= len(above.cells) or not _DITTO_CELL.fullmatch(cell.text):
        return cell
    return replace(cell, text=above.cells[column].text, value=above.cells[column].value)
