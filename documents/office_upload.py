"""Whether a Word, PowerPoint or Excel file that somebody hands in may be kept, and how long it is.

Nothing is opened with a document library: the container is inflated once under limits, and then its
relations, fields and embedded parts are looked at. MathType, charts, links and local templates are everyday work.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from xml.etree import ElementTree

from documents.container import DAMAGED, ContainerRefused, Kind, Limits, examine
from programme.submissions import Finding

MB = 1024 * 1024
UPLOAD_LIMITS = Limits(
    file_bytes=500 * MB, part_bytes=64 * MB, total_bytes=100 * MB, tags=2_000_000, parts=2000
)
EMBEDDED_LIMITS = Limits(file_bytes=16 * MB, part_bytes=32 * MB, total_bytes=48 * MB, parts=500)
MACRO = "文件带宏，请另存为不带宏的文件，或导出成 PDF 再交"
EMBEDDED = "文件里嵌了别的文件，请删掉它，或导出成 PDF 再交"
CONTROL = "文件里有控件，请删掉它，或导出成 PDF 再交"
REMOTE = "文件会去网上或别的电脑取内容，请断开这些链接，或导出成 PDF 再交"
DDE = "文件里有会启动别的程序的域代码，请删掉它，或导出成 PDF 再交"
WEB = ("http:", "https:", "mailto:", "ftp:", "tel:")
# Relations by the last word of their type.
FORBIDDEN = {
    "vbaProject": MACRO,
    "wordVbaData": MACRO,
    "xlMacrosheet": MACRO,
    "control": CONTROL,
    "activeXControlBinary": CONTROL,
    "aFChunk": EMBEDDED,
    "subDocument": EMBEDDED,
    "frame": REMOTE,
    "externalLinkPath": REMOTE,
    "queryTable": REMOTE,
    "connections": REMOTE,
}
OBJECT = re.compile(rb"<(?:\w+:)?(?:OLEObject|oleObj)\b[^>]*>")
PROGRAM = re.compile(rb"\bprogid\s*=\s*[\"']([^\"']*)[\"']", re.IGNORECASE)
OBJECT_ID = re.compile(rb"\br:id\s*=\s*[\"']([^\"']*)[\"']", re.IGNORECASE)
PACKAGED = "Ole10Native".encode("utf-16-le")
FIELD = re.compile(rb"<(?:\w+:)?instrText\b[^>]*>([^<]*)<|\b(?:\w+:)?instr\s*=\s*\"([^\"]*)\"|</(?:\w+:)?p>")
STARTS_PROGRAMS = re.compile(r"\bDDE(?:AUTO)?\b|\bINCLUDETEXT\s+\"?(?:https?:|\\\\)", re.IGNORECASE)
RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
RELATION_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def look_into(data: bytes, accepts: Sequence[Kind] = ("docx", "pptx", "xlsx")) -> Finding:
    """What is in the office file *data*. Raises ContainerRefused with the Chinese reason."""
    kind = examine(data, UPLOAD_LIMITS, accepts=accepts).kind
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        _check_parts(archive)
        if kind == "docx":
            return Finding("docx", _declared_pages(archive))
        if kind == "pptx":
            shown, hidden = _slides(archive)
            return Finding("pptx", shown + hidden, hidden=hidden)
    return Finding(kind)


def _check_parts(archive: zipfile.ZipFile) -> None:
    names = archive.namelist()
    if b"macroEnabled" in archive.read("[Content_Types].xml"):
        raise ContainerRefused(MACRO)
    if any(re.search(r"(^|/)activeX/", name, re.IGNORECASE) for name in names):
        raise ContainerRefused(CONTROL)
    allowed: set[str] = set()
    for name in names:
        if name.lower().endswith(".rels"):
            allowed |= _check_relations(archive, name)
        elif name.lower().endswith(".xml"):
            _check_fields(archive.read(name))
    for name in names:
        if "/embeddings/" in name.lower() and not name.endswith("/") and name not in allowed:
            raise ContainerRefused(EMBEDDED)


def _check_relations(archive: zipfile.ZipFile, name: str) -> set[str]:
    """The embedded parts that the relations in *name* may lead to. Raises ContainerRefused."""
    folder, owner = _owner(name)
    found: set[str] = set()
    for relation in _xml(archive.read(name)).iter(RELATION):
        kind = relation.get("Type", "").rsplit("/", 1)[-1]
        target = relation.get("Target", "")
        if relation.get("TargetMode", "").lower() == "external":
            _check_outside(kind, target)
        elif kind in FORBIDDEN:
            raise ContainerRefused(FORBIDDEN[kind])
        elif kind in ("oleObject", "package"):
            part = _resolved(folder, target)
            _check_embedded(archive, part, _program_of(archive, owner, relation.get("Id", "")))
            found.add(part)
    return found


def _check_outside(kind: str, target: str) -> None:
    """Links that a reader follows by a click, and files that lay on the author's own disk, are everyday work."""
    place = target.strip().lower()
    is_local = (
        re.match(r"(file:/{0,3})?[a-z]:[\\/]|file:/{3}(?!/)", place) is not None
        or re.match(r"[a-z][a-z0-9+.-]*:|[\\/]{2}", place) is None
    )
    if kind == "hyperlink" and (place.startswith((*WEB, "#")) or is_local):
        return
    if kind != "hyperlink" and is_local and kind != "oleObject":
        return
    raise ContainerRefused(REMOTE)


def _check_embedded(archive: zipfile.ZipFile, part: str, program: str) -> None:
    """Formulas of MathType and WPS, and workbooks of charts and tables; nothing else."""
    try:
        data = archive.read(part)
    except KeyError as error:
        raise ContainerRefused(DAMAGED) from error
    if part.lower().endswith(".xlsx"):
        examine(data, EMBEDDED_LIMITS, accepts=("xlsx",))
        with zipfile.ZipFile(io.BytesIO(data)) as workbook:
            _check_parts(workbook)
        return
    if not program.lower().startswith("equation.") or PACKAGED in data:
        raise ContainerRefused(EMBEDDED)


def _program_of(archive: zipfile.ZipFile, owner: str, relation_id: str) -> str:
    """The program that the owner of a relation names for the object behind it; "" for none."""
    try:
        part = archive.read(owner)
    except KeyError:
        return ""
    for tag in OBJECT.findall(part):
        known, program = OBJECT_ID.search(tag), PROGRAM.search(tag)
        if known and program and known[1].decode("utf-8", "replace") == relation_id:
            return program[1].decode("utf-8", "replace")
    return ""


def _check_fields(part: bytes) -> None:
    """Field codes may lie in pieces over several runs; a paragraph's are read together."""
    if b"instr" not in part:
        return
    code = ""
    for match in FIELD.finditer(part):
        if match[1] is None and match[2] is None:
            code = ""
            continue
        code += (match[1] or match[2] or b"").decode("utf-8", "replace")
        if STARTS_PROGRAMS.search(code):
            raise ContainerRefused(DDE)


def _declared_pages(archive: zipfile.ZipFile) -> int | None:
    """What the file says of itself: only a hint (design D12)."""
    _xml(archive.read("word/document.xml"))
    try:
        properties = archive.read("docProps/app.xml")
    except KeyError:
        return None
    found = re.search(rb"<(?:\w+:)?Pages>\s*(\d{1,6})\s*<", properties)
    return int(found[1]) if found else None


def _slides(archive: zipfile.ZipFile) -> tuple[int, int]:
    """How many slides are shown and how many are hidden."""
    targets = {
        relation.get("Id", ""): _resolved("ppt", relation.get("Target", ""))
        for relation in _relations(archive, "ppt/_rels/presentation.xml.rels")
    }
    listed = [
        targets.get(slide.get(RELATION_ID, ""), "")
        for slide in _xml(archive.read("ppt/presentation.xml")).iter()
        if slide.tag.endswith("}sldId")
    ]
    try:
        hidden = sum(_xml(archive.read(name)).get("show") in ("0", "false") for name in listed)
    except KeyError as error:
        raise ContainerRefused(DAMAGED) from error
    return len(listed) - hidden, hidden


def _relations(archive: zipfile.ZipFile, name: str) -> Iterator[ElementTree.Element]:
    try:
        yield from _xml(archive.read(name)).iter(RELATION)
    except KeyError as error:
        raise ContainerRefused(DAMAGED) from error


def _xml(part: bytes) -> ElementTree.Element:
    """The tree of a part without a DTD: documents/container.py refuses any that has one."""
    try:
        return ElementTree.fromstring(part)  # noqa: S314 - no DTD, bounded size
    except ElementTree.ParseError as error:
        raise ContainerRefused(DAMAGED) from error


def _owner(name: str) -> tuple[str, str]:
    """word/_rels/document.xml.rels → (word, word/document.xml)."""
    path = PurePosixPath(name)
    folder = path.parent.parent
    return str(folder), str(folder / path.name.removesuffix(".rels"))


def _resolved(folder: str, target: str) -> str:
    """Where a relation of a part in *folder* leads, as the name of a part."""
    steps: list[str] = []
    for step in (target.lstrip("/") if target.startswith("/") else f"{folder}/{target}").split("/"):
        if step == "..":
            steps = steps[:-1]
        elif step not in ("", "."):
            steps.append(step)
    return "/".join(steps)
