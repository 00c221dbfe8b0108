"""What a change of a session says is new: day, hours, place, speaker, title; and what it could not read."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time

from language.clock import PART_WORDS
from language.dates import Found, find_spans
from language.normalise import date_form
from language.numerals import whole_number
from language.understood import Part


@dataclass(frozen=True)
class ChangeDetails:
    """*on* is the day of the session as it stands; every other field is what is to be new, None or
    False where nothing was said of it. *shift_min* moves the start (later is positive), *shift_days*
    the day. *from_start* and *about* tell sessions of one day apart: the hour as it stands, and words
    that may name a talk. *left_over* was not understood: it is said back and never dropped in silence."""

    on: date | None = None
    from_start: time | None = None
    to_date: date | None = None
    start: time | None = None
    end: time | None = None
    part: Part | None = None
    shift_min: int | None = None
    shift_days: int | None = None
    is_time_open: bool = False
    place: str | None = None
    is_place_open: bool = False
    speaker: str | None = None
    title: str | None = None
    reason: str | None = None
    about: str = ""
    left_over: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing new was named."""
        said = (self.to_date, self.start, self.end, self.part, self.shift_min, self.shift_days, self.place)
        words = (self.speaker, self.title)
        return not any(value is not None for value in (*said, *words)) and not (
            self.is_time_open or self.is_place_open
        )


_LEADING = re.compile(
    r"^(?:请|麻烦|帮我|帮忙|把|将|请把|麻烦把|[,:， ])*(?:改|移|调|挪|换|取消|恢复)?(?:一下|下)?\s*"
)
_TURN = re.compile(
    r"(?:改|推迟|推后|延后|延期|延|提前|提早|挪|移|调整|调|换|变更|顺延|定)(?:期)?(?:到|至|成|为|在|:)"
    r"|->|→|=>|到|至"
)
_SHIFT = re.compile(
    r"(?P<verb>推迟|推后|延后|延期|延迟|顺延|往后(?:推|挪|延)|晚|提前|提早|往前(?:提|挪)|早)了?\s*(?P<n>半|一刻|\d{1,3}|[零一二两三四五六七八九十]{1,3})\s*个?"
    r"(?P<half>半)?\s*(?P<unit>小时|钟头|刻钟|分钟|分|天|日|周|星期)(?!\d|一|二|三|四|五|六|日|号)"
)
_SHIFT_FIRST = re.compile(
    r"^(?:把|将)?(?P<verb>推迟|推后|延后|延期|延迟|提前|提早).*?(?<![\d:/.月-])(?P<n>半|\d{1,3}|[一二两三四五六七八九十]{1,3})\s*个?(?P<half>半)?\s*"
    r"(?P<unit>小时|钟头|刻钟|分钟|天|周|星期)(?![一二三四五六日天\d])"
)
_AMOUNT = re.compile(r"(?:半|\d{1,3}|[一二两三四五六七八九十]{1,3})\s*个?半?\s*(?:小时|钟头|刻钟|分钟)")
_TIME_OPEN = re.compile(
    r"(?:时间|日期)?\s*(?:另定|待定|未定|再定|另行通知|另外通知|另作通知|待通知)|时间还没定|时间没定"
)
_PLACE_OPEN = re.compile(
    r"(?:地点|教室|会议室|地方|场地)\s*(?:改|换|定)?(?:为|成)?\s*(?:另定|待定|未定|再定|另行通知|待通知)"
)
_REASON = re.compile(r"(?:[,。;，；\s]|^)*(?:因为|由于|原因(?:是|为|:|：)?)\s*(?P<reason>[^\s].{0,100})$")
_TITLED = r"(?:老师|教授|博士|研究员|工程师|师兄|师姐|学长|学姐|同学)"
_SPEAKER = re.compile(
    rf"(?:主讲人|主讲|讲者|报告人|主持人|分享人)\s*(?:老师)?\s*(?:改|换|定|变更)?(?:成|为|到|由|是|给|:)?\s*(?P<name>[\u4e00-\u9fff·]{{2,8}}?{_TITLED}?)(?=$|[\s,。;，；(]|来讲|主讲|讲)"
    rf"|(?:改|换|请)?由\s*(?P<by>[\u4e00-\u9fff·]{{1,8}}?{_TITLED}?)(?:来)?(?:主)?讲"
    rf"|(?:改|换)(?:成|为)?\s*(?P<to>[\u4e00-\u9fff·]{{1,4}}?{_TITLED}|[\u4e00-\u9fff·]{{2,3}}?)(?:来)?(?:主)?讲(?=$|[\s,。;，；])"
    rf"|(?:^|[\s,到成为])(?P<alone>[\u4e00-\u9fff·]{{1,4}}{_TITLED})(?=$|[\s,。;，；])"
)
# 换主讲 7/13 下一代 王教授: whoever bears a title is the speaker, not the words before.
_TITLED_ALONE = re.compile(
    rf"(?:^|[\s,到成为由讲人:])(?P<alone>[\u4e00-\u9fff·]{{1,3}}{_TITLED})(?=$|[\s,。;，；(]|来讲|主讲|讲)"
)
_TITLE_MARKS = re.compile(r"《([^》]{1,100})》")
_TITLE_WORD = re.compile(
    r"(?:题目|标题|主题|讲题|内容)\s*(?:改|换|定|变更)?(?:成|为|到|是|:)?\s*(?P<title>[^\s,。;，；《][^,。;，；]{0,100})$"
)
_PLACE_SAID = re.compile(
    r"(?:地点|教室|会议室|会场|地方|场地|位置)\s*(?:改|换|定|调整?|移|变更)?(?:到|成|为|在|是|至|:)?\s*(?P<place>[^\s,。;，；]{1,30}(?:\s+[a-z]?\d{2,4}[a-z]?)?)"
)
_ONLINE = re.compile(r"(?P<place>(?:线上|腾讯会议|钉钉|飞书|zoom|会议号)[^,。;，；]{0,60})")
_ROOM = r"(?:会议室|教室|报告厅|实验室|机房|礼堂|大厅|厅|室|楼|馆|中心|食堂|图书馆)"
_PLACE_SHAPE = re.compile(
    rf"(?P<place>[\u4e00-\u9fffa-z\d\-]{{0,12}}{_ROOM}[\u4e00-\u9fffa-z\d\-:]{{0,16}}(?:\s+[a-z]?\d{{2,4}}[a-z]?(?:室)?)?"
    r"|[\u4e00-\u9fff]{1,6}\d{3,4}[a-z]?(?!\d)|[a-z]{1,3}-?\d{2,5}[a-z]?|(?<!\d)\d{3,4}(?:室)?(?!\d|元|人))"
)
_ENDS = re.compile(r"结束|到点|为止|散会")
_SMALL_WORDS = re.compile(
    r"(?:改|移|调整|调|挪|换|推迟|推后|延后|延期|延迟|顺延|提前|提早|变更|取消|恢复|定)(?:期)?(?:到|至|成|为|在|由)?|开始|结束|时间|日期|地点|"
    r"不(?:用)?(?:上|开|讲|办|搞|举行)|停(?:课|开|办)?|上课|开会|删除|删掉|叫停|暂停|撤销|"
    r"主讲人|主讲|讲者|分享会?|那场|这场|场|组会|小组|的|了|把|将|请|在|由|到|至|成|为|是|->|→|=>|吧|一下|下|去|来|讲|照常|举行|不|从|起|和|与|并|也|都|课|会|讲座|安排|活动"
)
_GAPS = re.compile(r"[\s,。;，；!！()（）、~-]+")
_RELATIVE_TO_SESSION = re.compile(r"(?:周|星期|礼拜)[一二三四五六日天]|\d{1,2}\s*[号日]")
_PARTS_OUT = re.compile("|".join(sorted(map(re.escape, PART_WORDS), key=len, reverse=True)))


def read_change(text: str, now: datetime) -> ChangeDetails:
    """What *text* wants of a session, seen from *now* (aware). Never raises for any text."""
    typed = _typed_form(text)
    plain = date_form(text)
    if len(typed) != len(plain):
        typed = plain  # a slip was mended: the words stand elsewhere, and small letters are all there is
    plain, typed, reason = _without_reason(plain, typed)
    plain, typed, title = _without_title(plain, typed)
    first = next((f for f in find_spans(_datable(plain), now, join_ranges=False) if _day(f)), None)
    on = _day(first)
    about, new, new_typed = _halves(plain, typed, first, now)
    about, new = _named(about, new)
    days, hours, rest = _when(new, now, on)
    details = _words(rest, new_typed)
    shift_min, shift_days = _shift(plain)
    start, end = hours if shift_min is None and shift_days is None else (None, None)
    to_date = days if days != on else None
    return ChangeDetails(
        on=on,
        from_start=_when(about, now, on)[1][0],
        to_date=to_date,
        start=start,
        end=end,
        part=_part(new) if start is None else None,
        shift_min=shift_min,
        shift_days=shift_days,
        is_time_open=_TIME_OPEN.search(plain) is not None and start is None and not _only_place_open(plain),
        place=details.place,
        is_place_open=details.is_place_open,
        speaker=details.speaker,
        title=title or details.title,
        reason=reason,
        about=_about(_when(about, now, on)[2]),
        left_over=details.left_over,
    )


def _datable(plain: str) -> str:
    """7/13 题目 is a day and a word, where the date grammar would see the number of a topic."""
    return re.sub(r"题目|标题|主题|讲题", lambda found: "," * len(found[0]), plain)


def _named(about: str, new: str) -> tuple[str, str]:
    """A title in book marks among the new words names the talk that is meant."""
    found = _TITLE_MARKS.search(new)
    return (about + found[0], _blank(new, found)) if found is not None and "《" not in about else (about, new)


def _typed_form(text: str) -> str:
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip()


def _without_reason(plain: str, typed: str) -> tuple[str, str, str | None]:
    found = _REASON.search(plain)
    if found is None:
        return plain, typed, None
    return plain[: found.start()], typed[: found.start()], typed[found.start("reason") : found.end("reason")]


def _without_title(plain: str, typed: str) -> tuple[str, str, str | None]:
    """A title in book marks is new when something says so: 题目, 主题, or that it stands at the end
    without another change behind it; elsewhere the marks name the talk that is meant."""
    marked = list(_TITLE_MARKS.finditer(plain))
    if not marked:
        return plain, typed, None
    found = marked[-1]
    before, after = plain[: found.start()], plain[found.end() :]
    is_new = (
        re.search(r"(?:题目|标题|主题|讲题|内容)[^《]{0,6}$|(?:改|换)(?:成|为|讲)?\s*$", before) is not None
    )
    if not is_new or after.strip():
        return plain, typed, None
    said = re.search(r"(?:题目|标题|主题|讲题|内容)[^《]{0,6}$", before)
    start = said.start() if said is not None else found.start()
    blank = " " * (found.end() - start)
    return plain[:start] + blank, typed[:start] + blank, typed[found.start(1) : found.end(1)]


def _halves(plain: str, typed: str, first: Found | None, now: datetime) -> tuple[str, str, str]:
    """The words that say which session, and those that say what is new (as read, as typed).

    周四15点的改到16点 turns at 改到; 改 7/13 15:00 A301 has no turn: all behind the day is new.
    """
    lead = _LEADING.match(plain)
    start = lead.end() if lead is not None else 0
    ranges = [
        f for f in find_spans(plain, now) if f.is_range and f.span and isinstance(f.span.start, datetime)
    ]
    for turn in _TURN.finditer(plain, start):
        if turn[0] in ("到", "至") and any(f.start < turn.start() < f.end for f in ranges):
            continue
        if first is not None and turn.start() < first.end and turn.end() > first.start:
            continue
        if plain[turn.end() :].strip():
            return plain[start : turn.start()], plain[turn.end() :], typed[turn.end() :]
    return "", plain[start:], typed[start:]


def _when(
    new: str, now: datetime, on: date | None
) -> tuple[date | None, tuple[time | None, time | None], str]:
    """The day and hours in the words of what is new, and these words with blanks in their place."""
    day: date | None = None
    start: time | None = None
    end: time | None = None
    rest = new
    base = _from(on, now)
    for found in find_spans(_datable(new), now):
        words = new[found.start : found.end]
        if on is not None and _RELATIVE_TO_SESSION.match(words.strip()) and found.span is not None:
            again = next(iter(find_spans(words, base)), None)
            found = Found(again.span, found.start, found.end, found.is_range) if again else found
        rest = rest[: found.start] + " " * (found.end - found.start) + rest[found.end :]
        if found.span is None or found.span.start is None:
            rest = rest[: found.start] + words + rest[found.end :]  # 25:00: no such time, said back
            continue
        said, until = found.span.start, found.span.end
        if not isinstance(said, datetime):
            day = said if day is None or day == on else day
            continue
        if said.date() != now.date() or _names_day(words):
            day = said.date() if day is None or day == on else day
        is_end = _ENDS.search(new[max(0, found.start - 4) : found.start]) is not None or new[
            found.end :
        ].lstrip().startswith("结束")
        if isinstance(until, datetime) and until != said:
            start, end = said.time(), until.time()
        elif is_end:
            end = said.time()
        elif start is None:
            start = said.time()
        else:
            rest = rest[: found.start] + words + rest[found.end :]  # a second hour that is no end
    return day, (start, end), rest


def _from(on: date | None, now: datetime) -> datetime:
    return datetime.combine(on, time(0), now.tzinfo) if on is not None else now


def _names_day(words: str) -> bool:
    return re.search(r"[号日天周]|星期|礼拜|月|\d\s*[/.]\s*\d", words) is not None


def _part(new: str) -> Part | None:
    found = _PARTS_OUT.search(new)
    return PART_WORDS[found[0]] if found is not None else None


def _shift(plain: str) -> tuple[int | None, int | None]:
    found = _SHIFT.search(plain) or _SHIFT_FIRST.search(plain)
    if found is None:
        return None, None
    sign = -1 if found["verb"].startswith(("提前", "提早", "往前", "早")) else 1
    unit, said = found["unit"], found["n"]
    per_min = {"小时": 60, "钟头": 60, "刻钟": 15}.get(unit, 1)
    if said == "一刻":
        return sign * 15, None
    if said == "半":
        return (sign * per_min // 2, None) if unit in ("小时", "钟头") else (None, None)
    count = whole_number(said)
    if count is None:
        return None, None
    if unit in ("天", "日"):
        return None, sign * count
    if unit in ("周", "星期"):
        return None, sign * 7 * count
    return sign * (count * per_min + (per_min // 2 if found["half"] else 0)), None


def _only_place_open(plain: str) -> bool:
    return _PLACE_OPEN.search(plain) is not None and re.search(r"时间|日期", plain) is None


def _words(rest: str, typed: str) -> ChangeDetails:
    """Place, speaker and title among the words that are no date."""
    place = speaker = title = None
    is_place_open = False
    if (found := _PLACE_OPEN.search(rest)) is not None:
        is_place_open, rest = True, _blank(rest, found)
    rest = _blank_all(_TIME_OPEN, rest)
    if (found := _TITLE_WORD.search(rest)) is not None:
        title, rest = typed[found.start("title") : found.end("title")].strip(), _blank(rest, found)
    found = _PLACE_SAID.search(rest)
    if found is not None:
        place, rest = _place(typed, found), _blank(rest, found)
    if (found := _TITLED_ALONE.search(rest) or _SPEAKER.search(rest)) is not None:
        named = found.groupdict()
        group = next(name for name in ("name", "by", "to", "alone") if named.get(name))
        speaker, rest = found[group], _blank(rest, found)
    if place is None and not is_place_open and (found := _ONLINE.search(rest)) is not None:
        place, rest = _place(typed, found), _blank(rest, found)
    if place is None and not is_place_open and (found := _PLACE_SHAPE.search(rest)) is not None:
        place, rest = _place(typed, found), _blank(rest, found)
    rest = _blank_all(_AMOUNT, _blank_all(_SHIFT, rest))
    left = _GAPS.sub(" ", _SMALL_WORDS.sub(" ", _PARTS_OUT.sub(" ", rest))).strip(" :：")
    return ChangeDetails(
        place=place, is_place_open=is_place_open, speaker=speaker, title=title, left_over=left
    )


def _place(typed: str, found: re.Match[str]) -> str:
    place = re.sub(r"(?:开会|开|举行|进行|上课|见)$", "", typed[slice(*found.span("place"))].strip(" ,。;"))
    return place.upper() if re.fullmatch(r"[A-Za-z]{1,3}-?\d{2,5}[A-Za-z]?", place) else place


def _blank(text: str, found: re.Match[str]) -> str:
    return text[: found.start()] + " " * (found.end() - found.start()) + text[found.end() :]


def _blank_all(pattern: re.Pattern[str], text: str) -> str:
    return pattern.sub(lambda found: " " * len(found[0]), text)


def _about(words: str) -> str:
    """The words before the turn that may name a session or a talk: titles, tracks."""
    marked = _TITLE_MARKS.search(words)
    if marked is not None:
        return marked[1]
    for pattern in (_SHIFT, _TIME_OPEN):
        words = pattern.sub(" ", words)
    return _GAPS.sub(" ", _SMALL_WORDS.sub(" ", _PARTS_OUT.sub(" ", words))).strip(" :：")


def _day(found: Found | None) -> date | None:
    start = found.span.start if found is not None and found.span is not None else None
    return start.date() if isinstance(start, datetime) else start
