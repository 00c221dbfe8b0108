"""Looks into one uploaded file: `python -m documents.examining FILE NAME`, in a process of its own with limits.

Prints one JSON object with the fields of programme.submissions.Finding. Nothing but this process ever
parses what somebody sent; it may be killed at any time.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import sys
import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import Final

from documents.container import ContainerRefused, examine_names
from programme.submissions import KIND_NAMES, FileKind, Finding, named_kind

MEMORY_BYTES: Final = 700 * 1024 * 1024
CPU_S: Final = 20
OPEN_FILES: Final = 32
NEW_NETWORK: Final = 0x40000000
NEW_USER: Final = 0x10000000
DIE_WITH_PARENT: Final = 1
KILL: Final = 9
NICE: Final = 10

OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
OLD = "这是旧版 Office 文件（.doc、.ppt、.wps），请另存为 PDF 再交"
LOCKED = "文件加了密码，请去掉密码再交"
TOO_LARGE = "文件太复杂，检查用的内存或时间超过了上限，请另存为 PDF 再交"
EMPTY = "这是空文件（0 字节），请重新导出再交"
UNKNOWN = "这种文件不收，请交 PDF（PPT 可以交 pptx）"


def confine() -> None:
    """Bound memory and time, give way to callbacks, end with the parent, and have no network where the
    system allows it."""
    os.nice(NICE)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(DIE_WITH_PARENT, KILL, 0, 0, 0)
    libc.unshare(NEW_USER | NEW_NETWORK)


def look_into(path: Path, name: str) -> Finding:
    """What is in the file at *path* that somebody called *name*."""
    with path.open("rb") as file:
        head = file.read(1024)
    if not head:
        return Finding(None, refused=EMPTY)
    if head.startswith(OLD_OFFICE):
        return Finding(None, refused=LOCKED if _is_locked(path) else OLD)
    if head.startswith(b"PK\x03\x04"):
        found = _zipped(path, named_kind(name))
    elif b"%PDF-" in head:
        found = _pdf(path)
    else:
        return Finding(None, refused=UNKNOWN)
    return _as_named(found, named_kind(name))


def _as_named(found: Finding, ending: str) -> Finding:
    """A file that is something else than its name says is not kept: whoever opens it goes by the name."""
    if found.refused is not None or found.kind is None or ending == found.kind:
        return found
    is_said = KIND_NAMES.get(ending, f".{ending} 文件") if ending else "没有扩展名的文件"
    reason = f"文件名说是{is_said}，内容却是{KIND_NAMES[found.kind]}，请检查是不是选错了，或重新导出再交"
    return Finding(found.kind, refused=reason)


def _pdf(path: Path) -> Finding:
    # Each kind loads only what it needs: a Word file need not wait for pypdf.
    from documents.pdf_upload import PdfRefused, look_into

    with path.open("rb") as file:
        try:
            return look_into(file)
        except PdfRefused as refused:
            return Finding("pdf", refused=str(refused.args[0]))


def _zipped(path: Path, ending: str) -> Finding:
    from documents.office_upload import UPLOAD_LIMITS, look_into

    data = path.read_bytes()
    if b"%PDF-" in data[:1024]:
        return Finding(None, refused="文件里混着两种格式，请重新导出再交")
    try:
        if ending == "zip":
            examine_names(data, UPLOAD_LIMITS)
            return Finding("zip")
        return look_into(data)
    except ContainerRefused as refused:
        kinds: dict[str, FileKind] = {"docx": "docx", "pptx": "pptx", "xlsx": "xlsx"}
        return Finding(kinds.get(ending), refused=str(refused.args[0]))
    except (zipfile.BadZipFile, KeyError, RuntimeError, NotImplementedError, EOFError):
        return Finding(None, refused="文件损坏，打不开，请重新导出再交")


def _is_locked(path: Path) -> bool:
    """An encrypted docx is an old-style file with a stream of this name."""
    return "EncryptedPackage".encode("utf-16-le") in path.read_bytes()


def main() -> None:
    confine()
    try:
        found = look_into(Path(sys.argv[1]), sys.argv[2])
    except MemoryError:
        found = Finding(None, refused=TOO_LARGE)
    json.dump(asdict(found), sys.stdout)


if __name__ == "__main__":
    main()
