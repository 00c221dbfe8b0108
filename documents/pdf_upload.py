"""Whether a PDF that somebody hands in may be kept, and how many pages it really has."""

from __future__ import annotations

import logging
import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import IO, Final

from pypdf import PdfReader
from pypdf.errors import LimitReachedError, PyPdfError
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    NullObject,
    StreamObject,
)

from programme.submissions import Finding

DAMAGED: Final = "PDF 不完整或已损坏，请重新导出再交"
ENCRYPTED: Final = "PDF 加了密码，请去掉密码再交"
SCRIPT: Final = "PDF 里有脚本，请重新导出成普通 PDF 再交"
LAUNCHES: Final = "PDF 会启动别的程序或打开别的文件，请重新导出再交"
ATTACHED: Final = "PDF 里夹带了别的文件或音视频，请去掉再交"
MIXED: Final = "文件里混着两种格式，请重新导出 PDF 再交"
TOO_MUCH: Final = "PDF 的内容太复杂，检查不完，请重新导出再交"

MOST_PAGES = 5000
MOST_OBJECTS = 400_000
MOST_NODES = 2_000_000
HEAD_BYTES = 16
TAIL_BYTES = 2048
# A key, or the kind of an action, → why it is not taken. A jump to a page and a link are everyday work.
KEYS = {
    "/JS": SCRIPT,
    "/JavaScript": SCRIPT,
    "/EF": ATTACHED,
    "/EmbeddedFiles": ATTACHED,
    "/RichMediaContent": ATTACHED,
    "/XFA": SCRIPT,
}
ACTIONS = {
    "/JavaScript": SCRIPT,
    "/Rendition": SCRIPT,
    "/Launch": LAUNCHES,
    "/ImportData": LAUNCHES,
    "/SubmitForm": LAUNCHES,
    "/GoToE": LAUNCHES,
}
TYPES = {"/EmbeddedFile": ATTACHED}
SUBTYPES = {
    "/FileAttachment": ATTACHED,
    "/RichMedia": ATTACHED,
    "/Movie": ATTACHED,
    "/Sound": ATTACHED,
    "/3D": ATTACHED,
    "/Screen": ATTACHED,
}
OPENS = ("/GoTo",)
NAMES = sorted(
    {name[1:] for table in (KEYS, ACTIONS, TYPES, SUBTYPES) for name in table}, key=len, reverse=True
)
# A forbidden name, or any name with an escape: /J#61vaScript is /JavaScript.
SUSPECT = re.compile(
    rb"/(?:(?:%s)(?![A-Za-z0-9_.-])|[A-Za-z0-9]{0,20}#[0-9A-Fa-f]{2})" % "|".join(NAMES).encode()
)


class PdfRefused(Exception):
    """args[0] is the Chinese reason, for whoever sent it."""


def look_into(file: IO[bytes]) -> Finding:
    """What is in the PDF *file*. Raises PdfRefused."""
    _check_ends(file)
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        return _examined(PdfReader(file, strict=False))
    except LimitReachedError as error:
        raise PdfRefused(TOO_MUCH) from error
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, AssertionError) as error:
        # What pypdf 7.1 was seen to raise over damaged files, besides its own.
        raise PdfRefused(DAMAGED) from error
    except (RecursionError, NotImplementedError) as error:
        raise PdfRefused(TOO_MUCH) from error


def _check_ends(file: IO[bytes]) -> None:
    """A PDF begins with its mark and ends with its table of contents: half a file is not repaired, since
    a repair of 23 pages was seen to show 13."""
    head = file.read(HEAD_BYTES)
    if not head.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n ").startswith(b"%PDF-"):
        raise PdfRefused("这不是 PDF，请重新导出再交")
    size = file.seek(0, 2)
    file.seek(max(0, size - TAIL_BYTES))
    tail = file.read()
    found = list(re.finditer(rb"startxref\s+(\d{1,12})\s+%%EOF", tail))
    if not found:
        raise PdfRefused(DAMAGED)
    if b"PK\x05\x06" in tail[found[-1].end() :]:
        raise PdfRefused(MIXED)
    file.seek(max(0, int(found[-1][1]) - 8))
    if re.search(rb"xref|\d+\s+\d+\s+obj", file.read(64)) is None:
        raise PdfRefused(DAMAGED)
    file.seek(0)


def _examined(reader: PdfReader) -> Finding:
    if reader.is_encrypted and not reader.decrypt(""):
        raise PdfRefused(ENCRYPTED)
    root = reader.trailer["/Root"]
    if not isinstance(root, DictionaryObject):
        raise PdfRefused(DAMAGED)
    _check_opening(root)
    for number, generation in _suspects(reader):
        _check(IndirectObject(number, generation, reader).get_object())
    pages = list(_pages(root))
    if not pages:
        raise PdfRefused(DAMAGED)
    blank = sum(_is_blank(page) for page in pages)
    return Finding("pdf", len(pages), blank=blank, is_scan=_is_scan(pages))


def _suspects(reader: PdfReader) -> Iterator[tuple[int, int]]:
    """The objects in whose bytes a forbidden name stands, by (number, generation).

    Parsing each of 60,000 objects was measured at 15 s; a search through the bytes of all takes 0.1 s, and
    only what it hits (a word inside a string, or by chance inside a picture) is parsed and looked at.
    """
    reader.stream.seek(0)
    data = reader.stream.read()
    places = sorted(
        (offset, number, generation)
        for generation, table in reader.xref.items()
        if generation != 65535
        for number, offset in table.items()
    )
    if len(places) + len(reader.xref_objStm) > MOST_OBJECTS:
        raise PdfRefused(TOO_MUCH)
    offsets = [offset for offset, _, _ in places]
    hits = {bisect_right(offsets, match.start()) - 1 for match in SUSPECT.finditer(data)}
    yield from (
        (number, generation) for hit in sorted(hits) if hit >= 0 for _, number, generation in [places[hit]]
    )
    yield from _packed_suspects(reader)


def _packed_suspects(reader: PdfReader) -> Iterator[tuple[int, int]]:
    """The same for objects inside compressed object streams."""
    held: dict[int, list[int]] = {}
    for number, (holder, _) in reader.xref_objStm.items():
        held.setdefault(holder, []).append(number)
    for holder, numbers in held.items():
        packed = IndirectObject(holder, 0, reader).get_object()
        if not isinstance(packed, StreamObject):
            raise PdfRefused(DAMAGED)
        if SUSPECT.search(packed.get_data()):
            yield from ((number, 0) for number in numbers)


def _check_opening(root: DictionaryObject) -> None:
    """What happens when the file is opened: nothing, or a jump to a page (as LaTeX writes it)."""
    action = root.get("/OpenAction")
    action = action.get_object() if action is not None else None
    if isinstance(action, DictionaryObject) and action.get("/S") not in OPENS:
        raise PdfRefused(ACTIONS.get(str(action.get("/S")), SCRIPT))


def _check(found: object) -> None:
    """*found* and what stands directly in it; what it refers to is looked at by its own number."""
    waiting, seen = [found], 0
    while waiting:
        seen += 1
        if seen > MOST_NODES:
            raise PdfRefused(TOO_MUCH)
        one = waiting.pop()
        if isinstance(one, DictionaryObject):
            _check_dictionary(one)
            waiting += [value for value in one.values() if isinstance(value, (DictionaryObject, ArrayObject))]
        elif isinstance(one, ArrayObject):
            waiting += [value for value in one if isinstance(value, (DictionaryObject, ArrayObject))]


def _check_dictionary(one: DictionaryObject) -> None:
    for key, reason in KEYS.items():
        if key in one and not _is_empty(one, key):
            raise PdfRefused(reason)
    for key, table in (("/S", ACTIONS), ("/Type", TYPES), ("/Subtype", SUBTYPES)):
        value = one.get(key)
        if isinstance(value, NameObject) and value in table:
            raise PdfRefused(table[value])


def _is_empty(one: DictionaryObject, key: str) -> bool:
    """/Names << /EmbeddedFiles << /Names [] >> >> holds nothing: some producers always write it."""
    value = one.get(key)
    value = value.get_object() if value is not None else None
    if isinstance(value, DictionaryObject):
        return not value.get("/Kids") and not value.get("/Names") and key == "/EmbeddedFiles"
    return value is None or isinstance(value, NullObject)


def _pages(root: DictionaryObject) -> Iterator[DictionaryObject]:
    """The leaves of the page tree, each once: /Count is only what the file says of itself."""
    waiting: list[object] = [root.get("/Pages")]
    seen: set[int] = set()
    count = 0
    while waiting:
        node = waiting.pop()
        if isinstance(node, IndirectObject):
            if node.idnum in seen:
                raise PdfRefused(DAMAGED)
            seen.add(node.idnum)
            node = node.get_object()
        if not isinstance(node, DictionaryObject):
            raise PdfRefused(DAMAGED)
        if "/Kids" in node:
            kids = node["/Kids"].get_object()
            waiting += list(reversed(kids)) if isinstance(kids, ArrayObject) else []
            continue
        count += 1
        if count > MOST_PAGES:
            raise PdfRefused(TOO_MUCH)
        yield node


def _is_blank(page: DictionaryObject) -> bool:
    """Whether nothing is drawn on the page; what cannot be told counts as drawn."""
    if "/Annots" in page:
        return False
    contents = page.get("/Contents")
    contents = contents.get_object() if contents is not None else None
    if contents is None or isinstance(contents, NullObject):
        return True
    streams = [one.get_object() for one in contents] if isinstance(contents, ArrayObject) else [contents]
    return sum(_length(stream) for stream in streams) < 16


def _length(stream: object) -> int:
    """The stored size: pypdf drops /Length, and inflating every page to measure it could cost 100 MB."""
    return len(stream._data) if isinstance(stream, StreamObject) else 16


def _is_scan(pages: list[DictionaryObject]) -> bool:
    """Whether no page has a font: pictures of pages, in which nobody can search."""
    return not any(_has_font(page) for page in pages)


def _has_font(page: DictionaryObject) -> bool:
    node: object = page
    for _ in range(50):
        if not isinstance(node, DictionaryObject):
            return False
        resources = node.get("/Resources")
        resources = resources.get_object() if resources is not None else None
        if isinstance(resources, DictionaryObject):
            fonts = resources.get("/Font")
            fonts = fonts.get_object() if fonts is not None else None
            return (isinstance(fonts, DictionaryObject) and bool(fonts)) or "/Form" in str(
                resources.get("/XObject")
            )
        parent = node.get("/Parent")
        node = parent.get_object() if parent is not None else None
    return False
