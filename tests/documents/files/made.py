"""A file for a script, by its name and length: 报告.pdf of 23 pages, 汇报.pptx of 15 slides, 坏.pdf that is none."""

from __future__ import annotations

from tests.documents.files import offices
from tests.documents.files.pdfs import Pdf


def made(name: str, length: int) -> bytes:
    """The content differs with the name, so that only the same name is the same file."""
    ending = name.rpartition(".")[2].lower()
    mark = name.encode().hex().encode()
    if ending == "pdf" and length:
        return Pdf(length, content=b"BT /F1 12 Tf (%s) Tj ET" % mark).build()
    if ending == "docx":
        return offices.docx(f"<w:p><w:r><w:t>{name}</w:t></w:r></w:p>", pages=length or None)
    if ending == "pptx":
        return offices.pptx(length, more={"docProps/app.xml": f"<x>{name}</x>"})
    return b"MZ" + mark
