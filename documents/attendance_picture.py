"""The grid of attendance as a picture (PNG), set by typst with a font that comes with the product."""

from __future__ import annotations

import json
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import pylopdf_fonts_zh_cn
import typst

from programme.attendance_grid import Cell, Grid, word

FONT = "Noto Sans SC"
FINE_PPI, COARSE_PPI = 144.0, 110.0  # a long list is drawn coarser: drawing time grows with the pixels
FEW_PEOPLE = 20
MOST_PEOPLE = 60  # taller, and a phone cannot read it: the table is sent instead

# What people wrote comes in as data and is set as text; it is never part of the source.
SOURCE = """
#let data = json(bytes(sys.inputs.data))
#set page(width: auto, height: auto, margin: 14pt, fill: white)
#set text(font: "Noto Sans SC", size: 9pt, fill: rgb("#1f2329"))
#let tints = (
  present: "#e3f5e9", late: "#fff2d0", leave: "#e4ecff", online_pending: "#f3e6ff", to_verify: "#f3e6ff",
  absent: "#ffe0de", voluntary: "#eef0f2", not_taken: "#ffffff", "none": "#ffffff",
)
#let inks = (absent: "#b3261e", late: "#7a4f00", online_pending: "#5b2a91", to_verify: "#5b2a91")
#let ink(kind) = rgb(inks.at(kind, default: "#1f2329"))
#text(size: 13pt)[#data.title]
#v(-4pt)
#text(size: 8pt, fill: rgb("#5c6370"))[#data.made]
#v(2pt)
#table(
  columns: 2 + data.columns.len() + 1,
  align: (column, row) => if column < 2 { left + horizon } else { center + horizon },
  stroke: 0.5pt + rgb("#c9cdd4"),
  inset: (x: 5pt, y: 4pt),
  table.header(
    [姓名], [年级],
    ..data.columns.map(column => [#column]),
    [到/应到],
  ),
  ..data.rows.map(row => (
    [#row.name], [#row.cohort],
    ..row.cells.map(cell => table.cell(fill: rgb(tints.at(cell.kind)), text(fill: ink(cell.kind), cell.word))),
    [#row.total],
  )).flatten()
)
#v(-2pt)
#text(size: 8pt, fill: rgb("#5c6370"))[#data.legend]
"""
LEGEND = "到 准时 · 迟17 迟到17分钟 · 假 请假 · 待担保 线上还没有担保 · 缺 缺勤 · 自愿 不计考勤 · 未签 没有开放签到"


class NoChineseFont(Exception):
    """The font that belongs to the product is not there; a picture without it would be empty boxes."""


def attendance_picture(grid: Grid, title: str, made_at: datetime, font: Path | None = None) -> bytes:
    """A PNG of *grid*. Raises NoChineseFont. *made_at* is shown as it is (the programme's zone)."""
    data = {
        "title": title,
        "made": f"截至 {made_at:%Y-%m-%d %H:%M}",
        "columns": [f"{column.held_on.month}/{column.held_on.day}" for column in grid.columns],
        "rows": [
            {
                "name": row.person.name,
                "cohort": row.person.cohort or "",
                "cells": [shown(cell) for cell in row.cells],
                "total": f"{row.attended}/{row.expected}" if row.expected else "自愿",
            }
            for row in grid.rows
        ],
        "legend": LEGEND,
    }
    drawn = typst.compile(
        SOURCE.encode(),
        format="png",
        ppi=FINE_PPI if len(grid.rows) <= FEW_PEOPLE else COARSE_PPI,
        font_paths=fonts(font or pylopdf_fonts_zh_cn.sans_path()),
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
    )
    # One page comes as its bytes, several as a list (typst-py 0.15); without a height there is one.
    assert isinstance(drawn, bytes)  # noqa: S101
    return drawn


def shown(cell: Cell) -> dict[str, str]:
    return {"kind": cell.kind, "word": word(cell)}


@lru_cache(1)
def fonts(path: Path) -> typst.Fonts:
    """The one font, read once. Raises NoChineseFont."""
    if not path.is_file():
        raise NoChineseFont(str(path))
    found = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[path.parent])
    if FONT not in found.families():
        raise NoChineseFont(str(path))
    return found
