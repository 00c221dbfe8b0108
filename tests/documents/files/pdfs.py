"""PDF files written byte by byte, so that a test decides about every object of them."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass
class Pdf:
    """*catalog* and *page* are further entries of these dictionaries; *extra* are further objects, the
    first of which has the number `first_extra(pages)`. *packed*: objects lie in compressed object
    streams and the table is a stream, as pdfTeX and Word write it."""

    pages: int = 23
    catalog: bytes = b""
    page: bytes = b""
    extra: Sequence[bytes] = ()
    content: bytes = b"BT /F1 12 Tf 72 720 Td (Qiyue) Tj ET"
    resources: bytes = b"<< /Font << /F1 3 0 R >> >>"
    header: bytes = b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n"
    packed: bool = False
    trailer: bytes = b""
    objects: list[bytes] = field(default_factory=list)

    def build(self) -> bytes:
        """The file: 1 catalog, 2 page tree, 3 font, 4 contents, 5… pages, then *extra*."""
        kids = b" ".join(b"%d 0 R" % (5 + n) for n in range(self.pages))
        self.objects = [
            b"<< /Type /Catalog /Pages 2 0 R " + self.catalog + b" >>",
            b"<< /Type /Pages /Count %d /Kids [%s] >>" % (self.pages, kids),
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
            stream(b"", self.content),
        ]
        for _ in range(self.pages):
            self.objects.append(
                b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources "
                + self.resources
                + b" "
                + self.page
                + b" >>"
            )
        self.objects += self.extra
        return self._packed() if self.packed else self._plain()

    def _plain(self) -> bytes:
        out, offsets = bytearray(self.header), []
        for number, body in enumerate(self.objects, 1):
            offsets.append(len(out))
            out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
        start, size = len(out), len(self.objects) + 1
        out += b"xref\n0 %d\n0000000000 65535 f \n" % size
        out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
        out += b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (
            size,
            self.trailer,
            start,
        )
        return bytes(out)

    def _packed(self) -> bytes:
        """Every object that is no stream goes into object streams of a hundred."""
        out, rows = bytearray(self.header), {0: (0, 0, 65535)}
        loose = [n for n, body in enumerate(self.objects, 1) if b"stream\n" not in body]
        number = len(self.objects) + 1
        for first in range(0, len(loose), 100):
            chunk = loose[first : first + 100]
            index, body = b"", b""
            for place, n in enumerate(chunk):
                index += b"%d %d " % (n, len(body))
                body += self.objects[n - 1] + b"\n"
                rows[n] = (2, number, place)
            rows[number] = (1, len(out), 0)
            held = stream(
                b"/Type /ObjStm /N %d /First %d" % (len(chunk), len(index)), index + body, deflate=True
            )
            out += b"%d 0 obj\n%s\nendobj\n" % (number, held)
            number += 1
        for n, body in enumerate(self.objects, 1):
            if n not in rows:
                rows[n] = (1, len(out), 0)
                out += b"%d 0 obj\n%s\nendobj\n" % (n, body)
        start = len(out)
        rows[number] = (1, start, 0)
        table = b"".join(
            kind.to_bytes(1, "big") + where.to_bytes(4, "big") + place.to_bytes(2, "big")
            for kind, where, place in (rows[n] for n in range(number + 1))
        )
        head = b"/Type /XRef /Size %d /W [1 4 2] /Root 1 0 R %s" % (number + 1, self.trailer)
        out += b"%d 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (
            number,
            stream(head, table, deflate=True),
            start,
        )
        return bytes(out)


def first_extra(pages: int) -> int:
    return 5 + pages


def stream(head: bytes, data: bytes, *, deflate: bool = False) -> bytes:
    if deflate:
        data, head = zlib.compress(data), head + b" /Filter /FlateDecode"
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (head, len(data), data)


def scan(pages: int, picture_bytes: int) -> bytes:
    """A scan: no font, one picture a page, of *picture_bytes* that nothing compresses."""
    noise = picture(picture_bytes)
    first = first_extra(pages)
    pictures = [
        stream(
            b"/Type /XObject /Subtype /Image /Width 1654 /Height 2339 /ColorSpace /DeviceGray"
            b" /BitsPerComponent 8 /Filter /DCTDecode",
            noise,
        )
        for _ in range(pages)
    ]
    resources = b"<< /XObject << %s >> >>" % b" ".join(b"/I%d %d 0 R" % (n, first + n) for n in range(pages))
    return Pdf(pages, content=b"q 595 0 0 842 0 0 cm /I0 Do Q", resources=resources, extra=pictures).build()


def picture(size: int) -> bytes:
    """Bytes as a JPEG has them: reproducible, and not to be compressed."""
    state, out = 12345, bytearray(b"\xff\xd8\xff\xe0")
    while len(out) < min(size, 65536):
        state = (state * 1103515245 + 12345) % 2**31
        out += (state >> 8).to_bytes(3, "big")[1:]
    return bytes(out * (size // len(out) + 1))[:size]
