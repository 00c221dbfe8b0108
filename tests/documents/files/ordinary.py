"""Files as people really hand them in, each with what is seen in it."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

from pypdf import PdfReader, PdfWriter

from programme.submissions import Finding, PartKey
from tests.documents.files import offices
from tests.documents.files.pdfs import Pdf, first_extra, scan, stream

N = first_extra(23)


@dataclass(frozen=True)
class Ordinary:
    what: str
    name: str
    build: Callable[[], bytes]
    found: Finding
    part: PartKey = "report"


def latex() -> bytes:
    """As hyperref writes it: opens at a page, links, destinations and outlines, in object streams."""
    catalog = (
        b"/OpenAction %d 0 R /PageMode /UseOutlines /Outlines << /First << /Title (1) /Dest [5 0 R /Fit] >> >>"
        b" /Names << /Dests << /Names [(cite.a) [5 0 R /XYZ 0 0 0]] >> >>" % N
    )
    links = (
        b"/Annots [<< /Subtype /Link /A << /S /GoTo /D (cite.a) >> >>"
        b" << /Subtype /Link /A << /S /URI /URI (https://arxiv.org) >> >>]"
    )
    return Pdf(catalog=catalog, page=links, extra=[b"<< /S /GoTo /D [5 0 R /Fit] >>"], packed=True).build()


def exported_by_word() -> bytes:
    catalog = b"/MarkInfo << /Marked true >> /Lang (zh-CN) /Metadata %d 0 R" % N
    return Pdf(
        catalog=catalog, extra=[stream(b"/Type /Metadata /Subtype /XML", b"<x:xmpmeta/>")], packed=True
    ).build()


def exported_by_wps() -> bytes:
    """WPS always writes an empty tree of attachments, and text in which /JS is only a word."""
    catalog = b"/Names << /EmbeddedFiles << /Names [] >> >> /OpenAction [5 0 R /XYZ null null 0]"
    return Pdf(
        catalog=catalog, header=b"\xef\xbb\xbf%PDF-1.7\n", trailer=b"/Info << /Subject (a /JS b) >>"
    ).build()


def updated() -> bytes:
    """Saved again by a reader: a second part with its own table behind the first end."""
    plain = Pdf().build()
    start = int(plain[plain.rindex(b"startxref") + 9 :].split()[0])
    body = b"1 0 obj\n<< /Type /Catalog /Pages 2 0 R /Lang (zh) >>\nendobj\n"
    table = b"xref\n1 1\n%010d 00000 n \ntrailer\n<< /Size 28 /Root 1 0 R /Prev %d >>\n" % (len(plain), start)
    return plain + body + table + b"startxref\n%d\n%%%%EOF\n" % (len(plain) + len(body))


def print_locked() -> bytes:
    """Opens without a password; only printing and copying are locked, as library downloads are."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(Pdf().build())))
    writer.encrypt(user_password="", owner_password="x", algorithm="AES-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def with_outside_words() -> bytes:
    return offices.docx(
        "<w:p/>",
        ("rId1", "hyperlink", "https://arxiv.org/abs/1706.03762", True),
        ("rId2", "hyperlink", "mailto:a@example.com", True),
        ("rId3", "hyperlink", "file:///C:\\Users\\a\\refs.docx", True),
        ("rId4", "attachedTemplate", "file:///C:\\Users\\a\\Normal.dotm", True),
        ("rId5", "image", "file:///D:\\图\\fig1.png", True),
    )


def with_formulas() -> bytes:
    objects = "".join(
        f'<w:p><w:r><w:object><o:OLEObject Type="Embed" ProgID="{program}" r:id="rId{n}"/></w:object></w:r></w:p>'
        for n, program in enumerate(("Equation.DSMT4", "Equation.3", "Equation.KSEE3"), 1)
    )
    found = tuple((f"rId{n}", "oleObject", f"embeddings/oleObject{n}.bin", False) for n in (1, 2, 3))
    native = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Equation Native".encode("utf-16-le")
    formula = f'<w:p><m:oMath xmlns:m="{offices.MATH}"><m:r><m:t>x</m:t></m:r></m:oMath></w:p>'
    more = {f"word/embeddings/oleObject{n}.bin": native for n in (1, 2, 3)}
    return offices.docx(objects + formula, *found, pages=21, more=more)


def with_chart() -> bytes:
    return offices.docx(
        "<w:p/>",
        ("rId1", "chart", "charts/chart1.xml", False),
        more={
            "word/charts/chart1.xml": '<c:chart xmlns:c="c"/>',
            "word/charts/_rels/chart1.xml.rels": offices.relations(
                ("rId1", "package", "../embeddings/Microsoft_Excel_Sheet1.xlsx", False)
            ),
            "word/embeddings/Microsoft_Excel_Sheet1.xlsx": offices.workbook(),
        },
    )


def with_fields() -> bytes:
    """A table of contents, a pasted web picture and a paragraph about DDE that is no field."""
    codes = ('TOC \\o "1-3"', "PAGE", 'INCLUDEPICTURE "http://example.com/a.png" \\* MERGEFORMATINET')
    runs = "".join(f"<w:p><w:r><w:instrText>{code}</w:instrText></w:r></w:p>" for code in codes)
    return offices.docx(runs + "<w:p><w:r><w:t>DDE 是一种旧协议</w:t></w:r></w:p>", pages=None)


ORDINARY = (
    Ordinary("23 页的 PDF", "报告v2.pdf", Pdf().build, Finding("pdf", 23)),
    Ordinary("正好 20 页", "报告.pdf", Pdf(20).build, Finding("pdf", 20)),
    Ordinary("12 页的 PDF", "报告v1.pdf", Pdf(12).build, Finding("pdf", 12)),
    Ordinary("LaTeX，开在某页，有目录和链接", "paper.pdf", latex, Finding("pdf", 23)),
    Ordinary("Word 导出的 PDF", "报告.pdf", exported_by_word, Finding("pdf", 23)),
    Ordinary("WPS 导出的 PDF", "报告.pdf", exported_by_wps, Finding("pdf", 23)),
    Ordinary("改过再存的 PDF", "报告.pdf", updated, Finding("pdf", 23)),
    Ordinary("锁了打印、能打开的 PDF", "报告.pdf", print_locked, Finding("pdf", 23)),
    Ordinary("扫描件，100 页，20 MB", "扫描.pdf", lambda: scan(100, 200_000), Finding("pdf", 100, is_scan=True)),
    Ordinary("大写扩展名", "REPORT.PDF", Pdf().build, Finding("pdf", 23)),
    Ordinary("带空白页的 PDF", "报告.pdf", lambda: Pdf(20, content=b"").build(), Finding("pdf", 20, blank=20)),
    Ordinary("Word，自称 34 页", "报告.docx", offices.docx, Finding("docx", 34)),
    Ordinary("Word，自称 1 页", "报告.docx", offices.written_by_word, Finding("docx", 1)),
    Ordinary("Word，有链接和本机模板", "报告.docx", with_outside_words, Finding("docx", 34)),
    Ordinary("Word，MathType 和 WPS 公式", "报告.docx", with_formulas, Finding("docx", 21)),
    Ordinary("Word，有图表", "报告.docx", with_chart, Finding("docx", 34)),
    Ordinary("Word，目录和网页图片域", "报告.docx", with_fields, Finding("docx")),
    Ordinary("PPT，15 张", "汇报.pptx", offices.pptx, Finding("pptx", 15), "slides"),
    Ordinary("PPT，15 张里藏 2 张", "汇报.pptx", lambda: offices.pptx(15, 2), Finding("pptx", 15, hidden=2), "slides"),
    Ordinary("Beamer 的 PDF", "汇报.pdf", lambda: Pdf(18, packed=True).build(), Finding("pdf", 18), "slides"),
    Ordinary("PPT 当报告交", "汇报.pptx", lambda: offices.pptx(30), Finding("pptx", 30)),
)  # fmt: skip
