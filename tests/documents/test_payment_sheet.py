"""补贴表: clause and evidence in each row, numbers as numbers, no formula."""

from __future__ import annotations

import io

from openpyxl import load_workbook

from documents.payment_sheet import payment_sheet
from programme.ledger import Facts, NothingKept, Writing, ledger
from programme.people import Person
from programme.programme import Reward
from programme.sessions import Source

FEE = Reward(
    "W03", "writing_fee", "期间撰写专利、论文", 400, None, "元", ("participants",), Source(39, "撰写费用 400")
)


def test_a_row_has_clause_sum_and_evidence_and_no_formula() -> None:
    person = Person("s", "p", "=1+1", "2023001", "研0", "视频压缩组", frozenset({"student"}))
    facts = Facts(NothingKept(), writings=(Writing("w", "paper", "综述"),))
    entries = ledger((FEE,), person, facts, None, {})

    written = payment_sheet([(person, entry) for entry in entries])

    rows = list(load_workbook(io.BytesIO(written))["补贴"].iter_rows(min_row=2))
    assert [cell.value for cell in rows[0]] == [
        "'=1+1", "2023001", "研0", "视频压缩组", "撰写费用 400", 39, 400, "待确认", "论文《综述》", None, None,
    ]  # fmt: skip
    assert "f" not in {cell.data_type for cell in rows[0]}
