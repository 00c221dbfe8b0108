"""Looking into an office file before any library opens it: parts, sizes, and what an XML part may not hold."""

from __future__ import annotations

import io
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

MAX_FILE_BYTES = 10 * 1024 * 1024
MAX_PARTS = 500
SYMLINK = 0o120000
MAX_PART_BYTES = 16 * 1024 * 1024
MAX_TOTAL_BYTES = 40 * 1024 * 1024
MAX_RATIO = 200
# Small parts of blanks compress beyond any ratio and harm nobody.
RATIO_FROM_BYTES = 1024 * 1024
MAX_MERGED_CELLS = 20_000
_CHUNK_BYTES = 64 * 1024
_DOCTYPE = (
    b"<!DOCTYPE",
    b"<!ENTITY",
    "<!DOCTYPE".encode("utf-16-le"),
    "<!ENTITY".encode("utf-16-le"),
    "<!DOCTYPE".encode("utf-16-be"),
)
# What a part that is cut, changed or encrypted makes zipfile and its decompressors raise.
_DAMAGE = (
    zipfile.BadZipFile,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    struct.error,
    zlib.error,
    lzma.LZMAError,
)
_MERGE = re.compile(rb'<(?:\w+:)?mergeCell\s+ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')

Kind = Literal["docx", "xlsx", "pptx"]
MAIN_PARTS: Mapping[str, Kind] = {
    "word/document.xml": "docx",
    "xl/workbook.xml": "xlsx",
    "ppt/presentation.xml": "pptx",
}


class Unreadable(Exception):
    """A file that cannot be taken in; args[0] is the Chinese reason, for whoever sent it."""


class ContainerRefused(Unreadable):
    """The file may not be opened at all."""


@dataclass(frozen=True)
class Limits:
    """How large a file, one part and all parts together may be, in bytes; how many tags a part has;
    how many parts there are."""

    file_bytes: int = MAX_FILE_BYTES
    part_bytes: int = MAX_PART_BYTES
    total_bytes: int = MAX_TOTAL_BYTES
    tags: int = 2_000_000
    parts: int = MAX_PARTS


@dataclass(frozen=True)
class Container:
    """A zip that has been inflated once, within the limits."""

    kind: Kind
    parts: int
    total_bytes: int


DAMAGED = "文件损坏，打不开；请重新另存一份，或向发文件的人再要一份"
STRANGE = "文件的XML里有外部定义，没有打开"
LIMITS = Limits()


def examine(data: bytes, limits: Limits = LIMITS, *, accepts: Sequence[Kind] = ("docx", "xlsx")) -> Container:
    """What *data* holds. Counts the bytes while inflating: declared sizes prove nothing.

    Raises ContainerRefused with a Chinese reason.
    """
    if len(data) > limits.file_bytes:
        raise ContainerRefused(f"文件超过{limits.file_bytes // 1024 // 1024}MB，没有打开")
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise ContainerRefused(DAMAGED) from error
    with archive:
        return _examined(archive, limits, accepts)


def examine_names(data: bytes, limits: Limits = LIMITS) -> int:
    """The number of bytes in any zip at all, under the same limits. Raises ContainerRefused."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise ContainerRefused(DAMAGED) from error
    with archive:
        return _inflated(archive, limits)


def _examined(archive: zipfile.ZipFile, limits: Limits, accepts: Sequence[Kind]) -> Container:
    infos = archive.infolist()
    if len(infos) > limits.parts:
        raise ContainerRefused(f"文件里的部件超过{limits.parts}个，没有打开")
    kind = _kind([info.filename for info in infos], accepts)
    return Container(kind, len(infos), _inflated(archive, limits))


def _inflated(archive: zipfile.ZipFile, limits: Limits) -> int:
    """How many bytes all parts hold, each inflated once."""
    infos = archive.infolist()
    if len(infos) > limits.parts:
        raise ContainerRefused(f"文件里的部件超过{limits.parts}个，没有打开")
    if len({info.filename.lower() for info in infos}) < len(infos):
        raise ContainerRefused("文件里有同名部件，没有打开")
    total = 0
    for info in infos:
        if info.flag_bits & 0x1:
            raise ContainerRefused("文件加了密码，请去掉密码后再试")
        if _leads_out(info):
            raise ContainerRefused("文件的部件路径不正常，没有打开")
        total += _inflate(archive, info, limits.total_bytes - total, limits)
    return total


def _leads_out(info: zipfile.ZipInfo) -> bool:
    """Whether a program that unpacks the part could write beside its folder."""
    name = info.orig_filename
    is_link = (info.external_attr >> 16) & 0o170000 == SYMLINK
    return (
        is_link or name.startswith("/") or ".." in name.split("/") or re.search(r"[\\:\0]", name) is not None
    )


def _kind(names: list[str], accepts: Sequence[Kind]) -> Kind:
    wanted = " 或 ".join(accepts)
    if "[Content_Types].xml" not in names:
        raise ContainerRefused(f"这是压缩包，不是 {wanted}")
    if any(re.search(r"vbaProject", name, re.IGNORECASE) for name in names):
        raise ContainerRefused(f"文件带宏，请另存为不带宏的 {wanted}")
    found = next((kind for part, kind in MAIN_PARTS.items() if part in names), None)
    if found is None or found not in accepts:
        raise ContainerRefused(f"不是 {wanted} 文件")
    return found


def _inflate(archive: zipfile.ZipFile, info: zipfile.ZipInfo, room: int, limits: Limits) -> int:
    size = 0
    pieces: list[bytes] = []
    is_xml = info.filename.lower().endswith((".xml", ".rels", ".vml"))
    try:
        with archive.open(info) as part:
            while chunk := part.read(_CHUNK_BYTES):
                size += len(chunk)
                if size > min(limits.part_bytes, room):
                    raise ContainerRefused("文件解开后太大，没有打开")
                if size > RATIO_FROM_BYTES and size > MAX_RATIO * max(info.compress_size, 1):
                    raise ContainerRefused("文件的压缩比不正常，没有打开")
                if is_xml:
                    pieces.append(chunk)
    except _DAMAGE as error:
        raise ContainerRefused(DAMAGED) from error
    if is_xml:
        _check_xml(b"".join(pieces), info.filename, limits)
    return size


def _check_xml(part: bytes, name: str, limits: Limits) -> None:
    """Office parts have no DTD: one that has is an entity bomb or an outside reference. A merged range of a
    million cells would be laid out cell by cell by the spreadsheet library."""
    if any(mark in part for mark in _DOCTYPE):
        raise ContainerRefused(STRANGE)
    if part.count(b"<") > limits.tags:
        raise ContainerRefused("文件的内容太多，没有打开")
    if not name.startswith("xl/worksheets/"):
        return
    covered = 0
    for match in _MERGE.finditer(part):
        width = _column(match[3]) - _column(match[1]) + 1
        height = int(match[4]) - int(match[2]) + 1
        covered += max(width, 0) * max(height, 0)
        if covered > MAX_MERGED_CELLS:
            raise ContainerRefused("表格里合并的单元格太多，没有打开")


def _column(letters: bytes) -> int:
    value = 0
    for letter in letters:
        value = value * 26 + letter - 64
    return value
