"""What is handed in (报告, PPT, later 论文 and 专利), when it counts, and what is still missing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from programme.policy import find_rule, value_of
from programme.programme import Programme
from programme.sessions import Source

PartKey = Literal["report", "slides", "paper", "patent", "report_template", "slides_template"]
FileKind = Literal["pdf", "docx", "pptx", "xlsx", "zip"]
State = Literal["submitted", "draft", "refused"]
Outcome = Literal["enough", "too_short", "uncounted", "wrong_type", "link", "refused"]

NAME_LENGTH = 80
FALLBACK_PAGES = 20


@dataclass(frozen=True)
class Part:
    """One thing that can be handed in. *counted*: the kinds of file whose pages or slides are certain;
    *is_asset*: the lab's own, handed in by an admin for everybody."""

    key: PartKey
    name: str
    counted: tuple[FileKind, ...]
    has_page_rule: bool = False
    is_required: bool = False
    is_asset: bool = False


PARTS: Mapping[str, Part] = {
    part.key: part
    for part in (
        Part("report", "报告", ("pdf",), has_page_rule=True, is_required=True),
        Part("slides", "PPT", ("pptx", "pdf"), is_required=True),
        Part("paper", "论文", ("pdf", "docx")),
        Part("patent", "专利", ("pdf", "docx")),
        Part("report_template", "报告模板", ("docx", "pdf"), is_asset=True),
        Part("slides_template", "PPT 模板", ("pptx", "pdf"), is_asset=True),
    )
}
KIND_NAMES: Mapping[str, str] = {
    "pdf": "PDF",
    "docx": "Word 文件",
    "pptx": "PPT",
    "xlsx": "Excel 表格",
    "zip": "压缩包",
}


@dataclass(frozen=True)
class Finding:
    """What an examination saw in a file.

    *pages*: pages, or slides; of a docx only what the file says of itself (design D12). *hidden*:
    slides that are not shown; *blank*: pages with nothing on them. *refused*: the Chinese reason why
    the file is not taken at all.
    """

    kind: FileKind | None
    pages: int | None = None
    hidden: int = 0
    blank: int = 0
    is_scan: bool = False
    refused: str | None = None


@dataclass(frozen=True)
class PageRule:
    """How many pages a report must have at least, inclusive, and on whose word (None: 本组规定)."""

    pages: int
    source: Source | None


@dataclass(frozen=True)
class Verdict:
    """*needed* is None where no number of pages is asked."""

    state: State
    outcome: Outcome
    pages: int | None = None
    needed: int | None = None
    reason: str | None = None


def page_rule(programme: Programme, defaults: Mapping[str, str]) -> PageRule:
    """What the lab decided, else the notice's own number (notice L32: 20 页以上), else the default."""
    rule = find_rule("报告页数")
    assert rule is not None  # noqa: S101 - a constant of programme/policy.py
    value = value_of(rule, programme, defaults)
    pages = int(value) if value.isdecimal() else FALLBACK_PAGES
    printed = next((r for r in programme.rules if r.rule == "report_min_pages"), None)
    is_of_notice = printed is not None and printed.value == pages and rule.key not in programme.settings
    return PageRule(pages, printed.source if printed is not None and is_of_notice else None)


def judge(part: Part, finding: Finding, needed: int) -> Verdict:
    """Whether a file counts as handed in. Pages that are not certain never make it pass (R20, R21)."""
    if finding.refused is not None or finding.kind is None:
        return Verdict("refused", "refused", reason=finding.refused or "认不出这是什么文件")
    if part.has_page_rule and finding.kind == "docx":
        return Verdict("draft", "uncounted", finding.pages, needed)
    if finding.kind not in part.counted:
        return Verdict("draft", "wrong_type", finding.pages, needed if part.has_page_rule else None)
    least = needed if part.has_page_rule else 1
    shown = None if finding.pages is None else finding.pages - finding.hidden
    if shown is not None and shown < least and not part.is_asset:
        return Verdict("draft", "too_short", finding.pages, least)
    return Verdict("submitted", "enough", finding.pages, needed if part.has_page_rule else None)


def told_of(part: Part, finding: Finding, verdict: Verdict, name: str) -> dict[str, object]:
    """What the sender is told about one file, fit for JSON; who stores it adds versions and what is missing."""
    return {
        "part": part.key,
        "part_name": part.name,
        "name": name,
        "state": verdict.state,
        "outcome": verdict.outcome,
        "file_kind": KIND_NAMES.get(finding.kind or "", ""),
        "takes": " 或 ".join(KIND_NAMES[kind] for kind in part.counted),
        "pages": verdict.pages,
        "needed": verdict.needed,
        "hidden": finding.hidden,
        "blank": finding.blank,
        "is_scan": finding.is_scan,
        "reason": verdict.reason,
        "rule_line": None,
        "is_of_notice": False,
        "version": None,
        "before": None,
        "same_as": None,
        "is_seen": False,
        "checksum": "",
        "at": "",
        "missing": [],
    }


def missing_parts(handed_in: Collection[str], *, has_talk: bool) -> tuple[str, ...]:
    """What a participant still owes, in Chinese: complete is report, slides and talk (R23, notice L32, L37)."""
    owed = [part.name for part in PARTS.values() if part.is_required and part.key not in handed_in]
    return (*owed, *(() if has_talk else ("汇报时段",)))


def report_kinds(programme: Programme) -> tuple[str, ...]:
    """The kinds of report that the notice names (notice L32); none where it names none."""
    rule = next((r for r in programme.rules if r.rule == "report_type"), None)
    named = rule.value if rule is not None and isinstance(rule.value, list) else []
    return tuple(kind for kind in named if isinstance(kind, str))


def kind_named(kinds: Sequence[str], text: str) -> str | None:
    """The kind of report that *text* means (研究进展, 技术报告); None when it names none or could mean both."""
    words = re.sub(r"提交|补交|上传|重新|报告|交|我|的|一个|要", "", text)
    scores = [_longest_common(kind.replace("报告", ""), words) for kind in kinds]
    best = max(scores, default=0)
    return kinds[scores.index(best)] if best >= 2 and scores.count(best) == 1 else None


def _longest_common(one: str, other: str) -> int:
    starts = ((i, j) for i in range(len(one)) for j in range(i + 1, len(one) + 1))
    return max((j - i for i, j in starts if one[i:j] in other), default=0)


def clean_name(given: str) -> str:
    """A file's name for display and download: no path, no control or direction marks, not overlong."""
    name = unicodedata.normalize("NFC", given).replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(c for c in name if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"))
    name = re.sub(r'[<>:"|?*\s]+', " ", name).strip().rstrip(". ")
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > 8:
        return name[:NAME_LENGTH] or "未命名"
    return f"{stem.strip('. ')[: NAME_LENGTH - len(ending) - 1] or '未命名'}.{ending}"


def named_kind(name: str) -> str:
    """The ending of a file's name in lower case; "" for none."""
    _, dot, ending = name.rpartition(".")
    return ending.lower() if dot else ""
