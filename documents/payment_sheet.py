"""补贴表: one row for each clause and person, with the clause's words and the evidence, as a workbook."""

from __future__ import annotations

import io
from collections.abc import Sequence

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from documents.delivery_list import plain
from programme.ledger import STATE_NAMES, Entry
from programme.people import Person

HEADING = ("姓名", "学号", "年级", "项目组", "条款", "通知行", "金额（元）", "状态", "证据", "还缺", "确认人")


def payment_sheet(rows: Sequence[tuple[Person, Entry]]) -> bytes:
    """The workbook; amounts are numbers in yuan, an unknown one is empty, and no text is a formula."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("补贴")
    sheet.append(HEADING)
    for person, entry in rows:
        cells = [WriteOnlyCell(sheet, value) for value in payment_row(person, entry)]
        for cell in cells:
            if isinstance(cell.value, str):
                cell.data_type = "s"
        sheet.append(cells)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def payment_row(person: Person, entry: Entry) -> tuple[str | int | None, ...]:
    source = entry.reward.source
    texts = (person.name, person.student_no or "", person.cohort or "", person.group or "", source.phrase)
    return (
        *map(plain, texts),
        source.line,
        entry.amount_yuan,
        STATE_NAMES[entry.state],
        plain("；".join(entry.evidence)),
        plain("；".join(entry.missing)),
        plain(entry.confirmed_by or ""),
    )
