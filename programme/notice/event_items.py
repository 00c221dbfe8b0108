"""Titles, tracks and speakers in a session's text, and what kind of session they make."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from programme.notice.event_words import (
    BARE_VERB,
    CAPACITY,
    CONTENT_TAILS,
    CONTENT_VERBS,
    DUTY,
    GATHERING,
    GROUP_WORDS,
    HONORIFIC,
    NAME,
    PERSON,
    PERSON_INSIDE,
    QUOTED,
    REPORT_DAY,
    TAILS,
    TALK,
    TITLE,
    VERBS,
    is_named_person,
    looks_like_person,
)
from programme.notice.marks import fold, strip_marks
from programme.notice.spoken import PENDING
from programme.sessions import Item, Kind


@dataclass
class TextReading:
    """Mutable while one text is taken apart: *folded* loses what has been understood (NUL; a place
    leaves STX, so that 李教授在A301讲 still reads as one phrase)."""

    raw: str
    folded: str
    labels: dict[str, str] = field(default_factory=dict)

    def take(self, start: int, end: int, mark: str = "\x00") -> str:
        taken = self.raw[start:end]
        self.folded = self.folded[:start] + mark * (end - start) + self.folded[end:]
        return taken

    def parts(self) -> list[str]:
        """What has not been understood, piece by piece."""
        kept = "".join(
            raw if mark not in "\x00\x02" else "\x00" for raw, mark in zip(self.raw, self.folded, strict=True)
        )
        parts = [strip_marks(part) for part in re.split(r"[\x00]+", kept)]
        return [part for part in parts if part and not re.fullmatch(r"[()\[\]（）【】\s,，;；。:：]*", part)]

    def rest(self) -> str:
        return " ".join(self.parts())


def kind_of(items: tuple[Item, ...], text: str, title: str = "") -> Kind:
    """The kind of a session from its own words; in a lecture series (*title* of the notice) plain titles are lectures."""
    words = " ".join(f"{item.track or ''} {item.title or ''}" for item in items)
    if GROUP_WORDS.search(words):
        return "group_meeting"
    if REPORT_DAY.search(words):
        return "report_day"
    if len(items) > 1:
        return "talks"
    if GATHERING.search(words):
        return "other"
    if any(item.track and TALK.search(item.track) for item in items) and items[0].speaker is None:
        return "talks"
    if (
        "《" in text
        or any(item.speaker for item in items)
        or re.search(r"讲座|报告|课", words)
        or re.search(r"讲座|报告会|论坛", title)
    ):
        return "lecture"
    return "other"


def as_items(text: str, speaker: str | None) -> tuple[Item, ...]:
    """Items of a text that is known to be a title column: 《A》 or plain words; several 《》 stay several."""
    folded = fold(text)
    titles = list(TITLE.finditer(folded))
    if not titles:
        title = strip_marks(text)
        return (Item(None, title, speaker),) if title else ()
    items = []
    position = 0
    for match in titles:
        before = strip_marks(text[position : match.start()])
        items.append(Item(before or None, text[match.start(1) : match.end(1)].strip(), speaker))
        position = match.end()
    return tuple(items)


def read_items(
    reading: TextReading, titles: list[tuple[int, int, str]]
) -> tuple[tuple[Item, ...], str | None]:
    speaker = reading.labels.get("speaker")
    if not titles:
        return _plain_items(reading, speaker)
    items: list[Item] = []
    position = 0
    for index, (start, end, title) in enumerate(titles):
        before = _last_part(reading.folded[position:start], reading.raw[position:start])
        found, track = _speaker_and_track(before)
        limit = titles[index + 1][0] if index + 1 < len(titles) else len(reading.folded)
        after = found or speaker or _speaker_behind(reading, end, limit)
        items.append(Item(track, title, after))
        position = end
    for start, end, _ in titles:
        reading.take(start, end)
    if len(items) == 1 and items[0].speaker is None:
        given = _GIVEN_BEHIND.search(reading.folded, titles[0][1])
        if given is not None:
            items[0] = replace(items[0], speaker=reading.raw[given.start(1) : given.end(1)].strip())
    whole = items[0].speaker if len(items) == 1 else speaker
    return tuple(items), whole


# 举行《文献综述写作》讲座，由图书馆刘老师主讲
_GIVEN_BEHIND = re.compile(
    r"(?:由|邀请|特邀)\s*([^,;。\x00由请]{2,16}?)\s*(?:为大家|来|进行)?(?:主讲|讲授|授课|主持讲解|做报告|作报告|讲解)"
)


def _last_part(folded: str, raw: str) -> str:
    """The words directly before a title, raw, behind the last thing that was understood."""
    cut = max((folded.rfind(mark) for mark in "\x00;。\n,"), default=-1)
    kept = [mark for mark, seen in zip(raw[cut + 1 :], folded[cut + 1 :], strict=True) if seen != "\x02"]
    return strip_marks("".join(kept))


def _speaker_and_track(before: str) -> tuple[str | None, str | None]:
    """李教授讲《…》 → speaker; 前沿研究分享《…》 → track."""
    text = re.sub(r"^[\d一二三四五六七八九十]+\s*[.、)）]\s*", "", before)
    by = re.search(
        r"(?:特邀|邀请|由|请)\s*(.{1,24}?)(?:为大家|给大家|为我们|来|主讲|领读|领学|讲授|讲解|讲|作|做|带来|分享|报告)",
        text,
    )
    if by is not None:
        return strip_marks(by[1]) or None, None
    person = PERSON_INSIDE.match(VERBS.sub("", text)) if text else None
    if person is not None:
        rest = VERBS.sub("", VERBS.sub("", text)[person.end() :])
        rest = re.sub(r"^(?:[(（].*?[)）])", "", rest)
        return person[0].strip(), track_of(rest)
    named = re.fullmatch(
        r"([\u4e00-\u9fff]{2,3}?)\s*[:：]?\s*(?:主讲|讲授|讲|作题为|作|做|报告|分享|带来)*[:：]?", text
    )
    if named is not None and looks_like_person(named[1]):
        return named[1], None
    colon = re.fullmatch(r"([\u4e00-\u9fff]{2,3})\s*[:：]", before)
    if colon is not None and looks_like_person(colon[1]):
        return colon[1], None
    return None, track_of(text)


def track_of(text: str) -> str | None:
    bare = strip_marks(TAILS.sub("", VERBS.sub("", strip_marks(text))))
    bare = re.sub(r"^[()（）\[\]【】\s]+|[(（\[【]\s*$", "", bare)
    return bare if bare and not re.fullmatch(r"[\d\s.、()（）]+", bare) else None


def _speaker_behind(reading: TextReading, start: int, limit: int) -> str | None:
    """《X》（李教授） or 《X》 李明."""
    tail = reading.folded[start:limit]
    inside = re.match(r"\s*[-—]*\s*\(([^()]{2,30})\)", tail)
    if inside is not None:
        words = re.split(r"[,;\x00\x02]", inside[1])[0]
        name = reading.raw[start + inside.start(1) : start + inside.start(1) + len(words)].strip()
        if looks_like_person(name) or re.search(HONORIFIC + r"$", name):
            reading.take(start + inside.start(), start + inside.end())
            return name
        return None
    plain = re.match(
        rf"[\s,、:\-]*({NAME}{HONORIFIC}(?:\s*[、和与]\s*{NAME}{HONORIFIC})*|[\u4e00-\u9fff]{{2,3}})(?=$|[\s,;。()\x00])",
        tail,
    )
    if plain is not None and looks_like_person(re.split(r"[、和与]", plain[1])[0]):
        return reading.take(start + plain.start(1), start + plain.end(1)).strip()
    return None


# LaTeX 写作 —— 段老师; 文献分享（张三）
_NAME_BEHIND = re.compile(
    r"(?P<title>\S.*?)(?:\s*[—–-]{2,}\s*(?P<dash>\S[^—–]{1,23})|\s*[（(](?P<inside>[^（）()]{2,12})[)）])"
)
# 主楼A203（注意换教室）: said of the place or the hour, no part of a title.
_REMARK = re.compile(
    r"[（(]\s*(?:请?注意)?(?:更?换了?|变更)?(?:教室|地点|时间)?(?:更换|变更|有变|变化|调整)?!?\s*[)）]"
)


def _plain_items(reading: TextReading, speaker: str | None) -> tuple[tuple[Item, ...], str | None]:
    """A session without 《》: a labelled title, a quoted one, a person with a verb, or plain words."""
    title = reading.labels.get("title")
    quoted = QUOTED.search(reading.folded)
    if title is None and quoted is not None:
        title = reading.raw[quoted.start(1) : quoted.end(1)]
        reading.take(
            quoted.start(),
            len(reading.folded) if reading.folded[quoted.end() :].startswith("的") else quoted.end(),
        )
    if speaker is None:
        speaker = _take_person(reading)
    if title is not None and PENDING.fullmatch(title) is None:
        return (Item(None, title, speaker),), speaker
    words = content_of(reading).rstrip("(（[【:： ")  # what stood in the bracket was the place
    if not words:
        return ((Item(None, None, speaker),) if speaker else ()), speaker
    for start in range(len(reading.folded)):
        if reading.folded[start] not in "\x00\x02":
            reading.take(start, start + 1)
    behind = _NAME_BEHIND.fullmatch(words) if speaker is None else None
    if behind is not None:
        name = strip_marks(behind["dash"] or behind["inside"])
        if looks_like_person(name) or (behind["dash"] and is_named_person(name)):
            return (Item(None, strip_marks(behind["title"]), name),), name
    named = re.fullmatch(
        r"([\u4e00-\u9fff]{2,3}|[\u4e00-\u9fff]{1,4}(?:老师|教授|博士|研究员|院士|同学))\s*[:：]\s*(\S.*)",
        words,
    )
    if named is not None and speaker is None and looks_like_person(named[1]):
        return (Item(None, named[2].strip(), named[1]),), named[1]
    if speaker is None and all(looks_like_person(part) for part in re.split(r"[、,，]|和|与", words)):
        return (Item(None, None, words),), words
    before, _, after = words.partition(" ")
    is_told = len(after) >= 3 or after in ("总结", "汇报", "报告", "分享", "讨论", "演讲", "展示")
    tellers = re.split(r"[、,，]", before)  # 王五、赵六 图学习
    if speaker is None and is_told and all(map(looks_like_person, tellers)):
        return (Item(None, after.strip(), before),), before
    ahead, _, last = words.rpartition(" ")
    if speaker is None and len(ahead) >= 3 and looks_like_person(last):
        return (Item(None, ahead.strip(), last),), last
    if GATHERING.search(words) and len(words) <= 14:
        first, _, rest = words.partition(" ")
        if len(rest) >= 4 and re.fullmatch(rf"\S{{0,4}}(?:{GATHERING.pattern})", first):
            return (Item(first, rest.strip(), speaker),), speaker
        return (Item(words, None, speaker),), speaker
    return (Item(None, words, speaker),), speaker


def _take_person(reading: TextReading) -> str | None:
    match = re.search(
        r"(?:由|邀请|特邀|请)\s*([^,;。\x00]{1,20}?)\s*(?:主讲|讲授|讲解|讲|作|做|带来|分享|授课|主持)",
        reading.folded,
    )
    if match is not None:
        name = reading.raw[match.start(1) : match.end(1)].strip()
        reading.take(*match.span())
        return name or None
    english = re.search(
        r"(?:(?:a|invited|guest)\s+)?(?:talk|lecture|seminar|tutorial)?\s*(?<![A-Za-z])[Bb]y\s+([A-Z][\w.'-]+(?: [A-Z][\w.'-]+){0,3})",
        reading.folded,
    )
    if english is not None:
        name = reading.raw[english.start(1) : english.end(1)]
        reading.take(english.start(1) - 3, english.end(1))
        return name
    match = PERSON.search(reading.folded)
    if match is None:
        return None
    behind = reading.folded[match.end() : match.end() + 3]
    if re.match(r"(?:办公室|[和与]同学|带|组)", behind) or re.match(
        r"[由请邀]*(?:全体|各位|所有|各|我)", match[0]
    ):
        return None
    name = reading.take(*match.span()).strip()
    return re.sub(r"^(?:由|请|邀请)", "", name) or None


def content_of(reading: TextReading) -> str:
    parts: list[str] = []
    bare_verbs: list[str] = []
    for part in re.split(
        r"[,;。\n]", _REMARK.sub(" ", ";".join(reading.parts())).translate({0xFF0C: ",", 0xFF1B: ";"})
    ):
        bare = re.sub(
            r"^\s*[-•·*]?\s*(?:\d{1,2}|[一二三四五六七八九十]{1,2})\s*[.、)）]\s*", "", strip_marks(part)
        )
        bare = re.sub(r"^第\s*[\d一二三四五六七八九十]{1,3}\s*[讲期次场课]\s*[:：、]?\s*", "", bare)
        bare = strip_marks(bare.replace("**", "").replace("~~", ""))
        words = CONTENT_TAILS.sub("", CONTENT_VERBS.sub("", bare))
        words = re.sub(r"^的(?=[\u4e00-\u9fff]{2})", "", words)
        words = re.sub(r"^补[课讲]\s*[:：]\s*", "", words)
        words = re.sub(r"^开(?=[^会]{1,8}会$)", "", words)
        words = strip_marks(re.sub(r"^[()（）]+|^(?:起|开始)|[(（]\s*[)）]", "", words))
        if BARE_VERB.fullmatch(words):
            bare_verbs.append(words)
        elif (
            (parts and re.match(r"请|望|敬请|欢迎|届时", words))
            or DUTY.search(words)
            or CAPACITY.fullmatch(words)
            or re.fullmatch(r"的?(?:领读|领学|主讲|报告|汇报)人(?:选|员)?|的?(?:地点|题目|教室)", words)
            or re.fullmatch(r"[(（]?(?:除|如)(?:非|特别|另有).{0,10}", words)
            or (parts and words in ("大巴", "班车", "校车"))
            or (parts and re.fullmatch(r".{0,8}(?:全部|均|都)", words))
            or re.fullmatch(r"[()（）\s]*(?:线上|线下|同时|直播)+", words)
        ):
            continue
        elif words and not re.fullmatch(r"[()（）\[\]\s的时间具体为在和及与以]*", words):
            parts.append(f"{words}）" if re.search(r"[(（]\s*[^()（）]{2,}$", words) else words)
    # 在东门集合 says where; 08:30 签到 says what
    return " ".join(parts or [words for words in bare_verbs if words not in ("参加", "开始", "结束", "上课")])
