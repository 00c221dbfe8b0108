"""What a frame or query makes of a reading, and the slots that several of them share."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from language.lexicon import lexicon
from language.numerals import whole_number
from language.reading import Reading, Token
from language.understood import NO_SLOTS, Slot, Span


@dataclass(frozen=True)
class Decision:
    """A label with its slots; *span* None takes the first date of the text."""

    intent: str
    slots: Mapping[str, Slot] = field(default_factory=lambda: NO_SLOTS)
    is_sure: bool = True
    span: Span | None = None
    suggestions: tuple[str, ...] = ()


NO_ACTION = Decision("no_action")
_SELF = re.compile(r"(?<![帮给诉发替教求让])我(?!们)|本人|自己|俺")
_TITLED = re.compile(r"(?:^|[^\u4e00-\u9fff])?([\u4e00-\u9fff]{1,3})(?:老师|教授|博士|师兄|师姐|学长|学姐)")


def is_about_self(text: str) -> bool:
    """Whether the sender speaks of themselves."""
    return _SELF.search(text) is not None


def is_name(word: str) -> bool:
    """Whether a run of characters has the shape of a Chinese person's name."""
    if not all("\u4e00" <= c <= "\u9fff" for c in word):
        return False
    surnames = lexicon().surnames
    if word[:2] in surnames:
        return 3 <= len(word) <= 4
    return word[:1] in surnames and 2 <= len(word) <= 3


def names_in(reading: Reading) -> tuple[Token, ...]:
    """Tokens that are people's names: unknown runs of the right shape."""
    return tuple(t for t in reading.tokens if "name" in t.tags)


def name_in(reading: Reading) -> str | None:
    """The first person named in the text, None when there is none."""
    found = names_in(reading)
    return found[0].word if found else None


TOPIC_NUMBER = r"(?:第|no\.?|#)?\s*(?P<no>\d{1,2}|[一二三四五六七八九十]{1,3})"
_NUMBERED = (
    rf"(?:选题|题目|课题|方向|题|选|改选|编号|序号)\s*(?:是|为|就|我|先|那|定|:|号|第|编号|成|到|了|的|换成|改成|改为|定为|换)*\s*{TOPIC_NUMBER}(?!\d|[年月天点场页次分周:.]|个(?:人|小时|月|同学)|人)",
    rf"{TOPIC_NUMBER}\s*(?:号|个|项|道)?\s*(?:的)?\s*(?:选题|题目|课题|研究方向|方向|题)",
    rf"(?:改成|换成|改为|换到|改|换|要|定|就|选|为|到)\s*{TOPIC_NUMBER}\s*(?:号|个)?(?:吧|了|那个|可以|啊|呀|谢谢|[,。!]|$)",
    rf"^{TOPIC_NUMBER}\s*(?:号|个|项)\s*我?(?:要|选|就)",
    rf"^{TOPIC_NUMBER}\s*(?:号|个)?(?:吧|好了|可以|谢谢)?$",
    r"第\s*(?P<no>\d{1,2}|[一二三四五六七八九十]{1,3})\s*(?:个|项|号|道|题)",
    r"(?:^|[^\d.])(?P<no>\d{1,2})号?(?=是|讲|呢|怎么|还|有|的内容|具体|能|适合|难)",
)
_NUMBER_PATTERNS = tuple(re.compile(pattern) for pattern in _NUMBERED)


def topic_number(text: str) -> str | None:
    """The topic number that a text names, in ASCII digits, the last one when it is corrected; None without one."""
    for pattern in _NUMBER_PATTERNS:
        found = list(pattern.finditer(text))
        if found:
            value = whole_number(found[-1]["no"])
            if value is not None and 0 < value <= 99:
                return str(value)
    return None


BOOK_TITLE = re.compile(r"《([^》]{1,60})》?")
WORK_KINDS = (("ppt", "ppt"), ("patent", "patent"), ("report", "report"), ("paper", "paper"))


def work_kind(reading: Reading) -> str | None:
    """What is handed in: report, ppt, paper or patent, the first one named; None when it is not said."""
    first: tuple[int, str] | None = None
    for tag, kind in WORK_KINDS:
        for token in reading.of(tag):
            if first is None or token.start < first[0]:
                first = (token.start, kind)
    return first[1] if first is not None else None
