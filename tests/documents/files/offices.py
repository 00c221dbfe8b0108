"""Word, PowerPoint and Excel files, written part by part or by python-docx and openpyxl."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

from docx import Document
from openpyxl import Workbook

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
P = "http://schemas.openxmlformats.org/presentationml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
MATH = "http://schemas.openxmlformats.org/officeDocument/2006/math"
Parts = Mapping[str, str | bytes]


def archive(parts: Parts) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as held:
        for name, data in parts.items():
            held.writestr(zipfile.ZipInfo(name, (2023, 7, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def content_types(main: str, kind: str = "main+xml") -> str:
    family = "wordprocessingml.document" if main.startswith("word") else "presentationml.presentation"
    return (
        f'{HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/{main}" ContentType="application/vnd.openxmlformats-officedocument.{family}.{kind}"/>'
        "</Types>"
    )


def relations(*found: tuple[str, str, str, bool]) -> str:
    """(id, last word of the type, target, is external)."""
    rows = "".join(
        f'<Relationship Id="{rid}" Type="{R}/{kind}" Target="{target}"'
        + (' TargetMode="External"/>' if is_external else "/>")
        for rid, kind, target, is_external in found
    )
    return f'{HEAD}<Relationships xmlns="{RELATIONS}">{rows}</Relationships>'


def docx(
    body: str = "<w:p><w:r><w:t>研究进展</w:t></w:r></w:p>",
    *found: tuple[str, str, str, bool],
    pages: int | None = 34,
    more: Parts | None = None,
) -> bytes:
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": content_types("word/document.xml"),
        "_rels/.rels": relations(("rId1", "officeDocument", "word/document.xml", False)),
        "word/document.xml": (
            f'{HEAD}<w:document xmlns:w="{W}" xmlns:r="{R}" xmlns:o="urn:schemas-microsoft-com:office:office">'
            f"<w:body>{body}</w:body></w:document>"
        ),
        "word/_rels/document.xml.rels": relations(*found),
    }
    if pages is not None:
        parts["docProps/app.xml"] = f"{HEAD}<Properties><Pages>{pages}</Pages></Properties>"
    return archive({**parts, **(more or {})})


def pptx(
    slides: int = 15, hidden: int = 0, *found: tuple[str, str, str, bool], more: Parts | None = None
) -> bytes:
    numbers = range(1, slides + 1)
    listed = "".join(f'<p:sldId id="{255 + n}" r:id="rId{n}"/>' for n in numbers)
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": content_types("ppt/presentation.xml"),
        "_rels/.rels": relations(("rId1", "officeDocument", "ppt/presentation.xml", False)),
        "ppt/presentation.xml": (
            f'{HEAD}<p:presentation xmlns:p="{P}" xmlns:r="{R}"><p:sldIdLst>{listed}</p:sldIdLst></p:presentation>'
        ),
        "ppt/_rels/presentation.xml.rels": relations(
            *((f"rId{n}", "slide", f"slides/slide{n}.xml", False) for n in numbers)
        ),
        "ppt/slides/_rels/slide1.xml.rels": relations(*found),
    }
    for n in numbers:
        shown = ' show="0"' if n > slides - hidden else ""
        parts[f"ppt/slides/slide{n}.xml"] = f'{HEAD}<p:sld xmlns:p="{P}"{shown}><p:cSld/></p:sld>'
    return archive({**parts, **(more or {})})


def written_by_word(paragraphs: int = 40) -> bytes:
    """By python-docx: its template is a file that Word wrote."""
    document = Document()
    document.add_heading("研究进展报告", 0)
    for number in range(paragraphs):
        document.add_paragraph(f"第{number}段")
    document.add_table(3, 3)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def workbook() -> bytes:
    book = Workbook()
    assert book.active is not None
    book.active.append(["组", 1, 2])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_part(data: bytes, name: str, part: bytes) -> bytes:
    """*data* with one more part, or one exchanged."""
    with zipfile.ZipFile(io.BytesIO(data)) as held:
        parts: dict[str, str | bytes] = {n: held.read(n) for n in held.namelist()}
    return archive({**parts, name: part})
