"""Bring a text to one form: width, script, case, invisible characters, typing slips, pinyin, shell."""

from __future__ import annotations

import re
import unicodedata
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from language.lexicon import lexicon

LONGEST = 700
"""Characters that are read; the rest of a longer text (about 2 kB) cannot change what it asks."""

_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u0300-\u036f\u061c\u180e\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u20e3\ufe00-\ufe0f\ufeff\U000e0000-\U000e007f]"
)
_SPACES = re.compile(r"[\t\r\x0b\x0c \u2005\u3000\xa0]+")
_STICKER = re.compile(r"\[[\u4e00-\u9fffa-zA-Z0-9]{1,6}\]")
_EMOJI = re.compile("[\u2190-\u21ff\u2300-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]+")
_MENTION = re.compile(r"^@\s?(?P<name>[^\s,:，：]{1,20}?)(?:老师|同学)?(?:[\s,:，：]+|$)")
_BOT_NAME = re.compile(r"助手|机器人|七月|bot|qiyue|小助|助理|学习君|小七")
_MARK = re.compile(r"^(?:(?:\(?\d{1,2}\s*[.、):]|[#*•·>\-+/]+)\s*)(?=[^\d\s])")
_QUOTED = re.compile(
    r"^[「『\"“](?:(?P<who>[^:」』\"”\n]{1,30}):)?(?P<said>[^」』”]{0,500})[」』\"”]"
    r"(?:\s*\n\s*[-—–_ =]{3,}\s*\n?(?P<reply>.*)|\s*(?:\n(?P<tail>.*))?)$",
    re.DOTALL,
)
# 机器人：…, a line of dashes, what is said to it: a quotation without its brackets.
_QUOTED_BARE = re.compile(
    r"^(?P<who>[^:\n]{1,20}):\s*(?P<said>[^\n]{0,500}(?:\n(?!\s*[-—–_=─━]{3})[^\n]{0,300}){0,8})\n\s*[-—–_ =─━]{3,}\s*\n?(?P<reply>.*)$",
    re.DOTALL,
)
_FORWARDED = re.compile(
    r"^(?:[【\[(]?(?:转发?|转自[^:\n】\])]{0,8}|fwd?|转载)[】\])]?\s*[:,]|[【\[(](?:转发?|转自[^】\])]{0,8})[】\])])\s*(?P<said>.+)$",
    re.DOTALL,
)
_TRADITIONAL_IN_GB2312 = re.compile("[後於乾夥徵麽馀]")
_LATIN = re.compile(r"[a-z]+(?:[' ]+[a-z]+)*")
_BIND_CODE = re.compile(r"^绑定(?:码)?[\s:]*(?=[a-z0-9 ]*[a-z])[a-z0-9]{4,6} ?[a-z0-9]{4,6}$")
_AM_PM = re.compile(r"(?<![\d:])(?P<hour>1[0-2]|0?[1-9])(?P<minute>:[0-5]\d)?\s?(?P<half>[ap])\.?m\b\.?")
_MONTH = r"(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)(?:[a-z]{0,6})\.?"
_ENGLISH_DATE = re.compile(
    rf"\b{_MONTH} ?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b|\b(?P<day2>\d{{1,2}})(?:st|nd|rd|th)? (?:of )?{_MONTH.replace('month', 'month2')}(?![a-z])"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FILLER = re.compile(
    r"^(?:(?:嗯+|呃+|额+|啊+|哎+呀?|诶+|唉+|哦+|噢+|emm+|hmm+|um+|那个|那啥|就是说?|这个这个|话说|内个|欸)[,.。…、 ~]*)+"
)


@dataclass(frozen=True)
class Normal:
    """*text* is what the sender says, in one form, *bare* the same with its fillers; the rest is its shell."""

    text: str
    quoted: str | None = None
    quoted_by: str | None = None
    is_only_quote: bool = False
    is_forwarded: bool = False
    mentioned: str | None = None
    calls_everybody: bool = False
    stickers: tuple[str, ...] = ()
    bare: str = ""


@cache
def _variant_converter() -> Callable[[str, str], str]:
    import zhconv  # 0.15 s to import: only paid by the first text in traditional characters

    with warnings.catch_warnings():
        # zhconv reads its table at the first call and leaves the file to the garbage collector.
        warnings.simplefilter("ignore", ResourceWarning)
        zhconv.convert("網", "zh-cn")
    convert: Callable[[str, str], str] = zhconv.convert
    return convert


def simplified(text: str) -> str:
    """*text* in simplified characters; nearly free for a text that already is."""
    try:
        # GB 2312 has next to no traditional forms, so a text inside it needs no conversion.
        text.encode("gb2312")
        is_traditional = _TRADITIONAL_IN_GB2312.search(text) is not None
    except UnicodeEncodeError:
        is_traditional = True
    if is_traditional:
        return _variant_converter()(text, "zh-cn")
    return text


def one_form(text: str) -> str:
    """Width, script, case and invisible characters brought to one form; cut at LONGEST characters."""
    text = unicodedata.normalize("NFKC", text[:LONGEST])[:LONGEST]
    text = _INVISIBLE.sub("", text)
    text = simplified(text).lower()
    return _SPACES.sub(" ", text).strip()


def mended(text: str) -> str:
    """Known typing slips, dictation slips, pinyin and English words replaced by what they stand for."""
    if _BIND_CODE.match(text):
        return text  # the letters of a code are no pinyin
    words = lexicon()
    text = _AM_PM.sub(_twelve_hours, text)
    text = _ENGLISH_DATE.sub(_chinese_date, text)
    text = words.typo_pattern.sub(lambda found: words.typos[found[0]], text)
    return _LATIN.sub(_from_latin, text)


def _twelve_hours(found: re.Match[str]) -> str:
    half = "下午" if found["half"] == "p" else "早上"
    return f"{half}{found['hour']}{found['minute'] or '点'}"


def _chinese_date(found: re.Match[str]) -> str:
    month = _MONTHS.index(found["month"] or found["month2"]) + 1
    return f"{month}月{found['day'] or found['day2']}日"


def _from_latin(found: re.Match[str]) -> str:
    run = found[0]
    words = lexicon().latin
    if run in words:
        return words[run]
    parts = run.replace("'", " ").split(" ")
    if len(parts) > 1 and not all(part in words for part in parts):
        spelt = _from_pinyin("".join(parts))
        if spelt is not None:
            return spelt
    out: list[str] = []
    i = 0
    while i < len(parts):
        for length in (3, 2, 1):
            phrase = " ".join(parts[i : i + length])
            if i + length <= len(parts) and phrase in words:
                out.append(words[phrase])
                i += length
                break
        else:
            spelt = _from_pinyin(parts[i])
            out.append(spelt if spelt is not None else parts[i])
            i += 1
    if any(not part.isascii() for part in out):
        return _join(out)
    return run


def _join(parts: list[str]) -> str:
    joined = parts[0]
    for part in parts[1:]:
        joined += (" " if joined[-1:].isascii() and part[:1].isascii() else "") + part
    return joined


def _from_pinyin(run: str) -> str | None:
    """A run of pinyin words without spaces (jintianjiangshenme) as characters; None if not all of it is."""
    if len(run) > 40:
        return None
    words, longest = lexicon().pinyin, lexicon().longest_pinyin
    best: list[tuple[int, str] | None] = [None] * (len(run) + 1)
    best[0] = (0, "")
    for end in range(1, len(run) + 1):
        for start in range(max(0, end - longest), end):
            before = best[start]
            word = words.get(run[start:end])
            if before is None or word is None:
                continue
            here = best[end]
            if here is None or before[0] + 1 < here[0]:
                best[end] = (before[0] + 1, before[1] + word)
    whole = best[-1]
    return whole[1] if whole is not None else None


def normalise(text: str) -> Normal:
    """The message inside *text*: quoted line, mention, menu mark, stickers and fillers taken off (T13, T14)."""
    text = one_form(text)
    quoted, quoted_by, is_only_quote = None, None, False
    shape = _QUOTED.match(text) if text[:1] in '「『"“' else _QUOTED_BARE.match(text)
    if shape is not None:
        reply = (shape["reply"] or shape.groupdict().get("tail") or "").strip()
        quoted, quoted_by = mended(shape["said"]), shape["who"]
        is_only_quote = not reply
        text = reply or shape["said"].strip()
    forwarded = _FORWARDED.match(text)
    if forwarded is not None:
        text = forwarded["said"].strip()
    mentioned, calls_everybody = None, False
    while (mention := _MENTION.match(text)) is not None:
        name = mention["name"]
        text = text[mention.end() :].lstrip()
        if name in ("所有人", "全体成员", "all", "全体"):
            calls_everybody = True
        elif _BOT_NAME.search(name) is None:
            mentioned = name
    stickers = tuple(_STICKER.findall(text)) + tuple(_EMOJI.findall(text))
    if stickers:
        text = _EMOJI.sub(" ", _STICKER.sub(" ", text)).strip()
    text = _MARK.sub("", text)
    text_with_fillers = text
    text = mended(_FILLER.sub("", text) or text).strip()
    return Normal(
        text=text,
        quoted=quoted,
        quoted_by=quoted_by,
        is_only_quote=is_only_quote,
        is_forwarded=forwarded is not None,
        mentioned=mentioned,
        calls_everybody=calls_everybody,
        stickers=stickers,
        bare=mended(text_with_fillers).strip(),
    )


def is_bot(name: str | None) -> bool:
    """Whether *name* is one that people give the bot (七月助手, 机器人)."""
    return name is not None and _BOT_NAME.search(name) is not None


def date_form(text: str) -> str:
    """The form that the date grammar reads."""
    return mended(one_form(text))
