"""Reading sessions out of running text: sentences, lists, labelled blocks, and days as headings."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from programme.notice.dates import DateMention
from programme.notice.distribution import Dealt, dealt_out
from programme.notice.dittos import with_dittos
from programme.notice.event_words import LABEL, dates_of
from programme.notice.events import Event, read_event, split_by_hours
from programme.notice.exceptions import read_exceptions
from programme.notice.marks import fold, strip_marks, weekday_list
from programme.notice.page import Finding, Paragraph
from programme.notice.printed import printed_from
from programme.notice.prose_parts import (
    hours_of,
    is_own_session,
    listed_contents,
    moved_from,
    titled,
    titled_by_head,
    without_exceptions,
)
from programme.notice.prose_reading import ProseReading, SpanBlock
from programme.notice.resumption import resume, with_announced_days
from programme.notice.sentences import (
    DEADLINE_WORDS,
    NUMBERING,
    dated_pieces,
    is_deadline,
    is_heading,
    is_long_span,
    is_session,
    is_signature,
    listed_together,
    lone_day,
    sentence_event,
    sentences_of,
)
from programme.notice.series import (
    EVERY_DAY,
    Recurring,
    first_week_in,
    is_series,
    lists_days,
    read_recurring,
    weekday_rule,
)
from programme.notice.standing import (
    STANDS,
    Standing,
    finished,
    places_by_half,
    weekdays_named,
    without_half_places,
)
from programme.notice.times import period_words, scan_times

_TIME_LABEL_LEAD = re.compile(
    r"^(?:活动|上课|会议|报告|讲座|举办|培训|分享|授课)?\s*(?:时\s*间|日\s*期)\s*(?:安排)?\s*:"
)


_SALUTES = re.compile(r"各位|各|尊敬|亲爱|全体")
_TIME_HEADING = re.compile(r"(?:活动|举办|培训|开课|学习|会议)?(?:时间|日期)(?:安排)?")
_VALUE_HEADING = re.compile(r"(?:活动|举办|培训|上课|会议|报告)?(?:地点|主讲人?|主讲嘉宾|报告人)")

_DUE_EVERY = re.compile(r"每(?:周|天|日|月)[^,。;]{0,16}(?:之前|前)\s*(?:提交|上交|交|发|完成|填)")

MAX_DATES_IN_SENTENCE = 40


@dataclass
class _Block:
    """Consecutive labelled lines: 时间：… 地点：… 主讲人：…"""

    lines: list[Paragraph] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)
    heading: str | None = None


@dataclass
class _State:
    reading: ProseReading
    day: DateMention | None = None
    day_line: int = 0
    day_is_lent: bool = False  # the day of the session line above, for lines that open with an hour
    block: _Block | None = None
    heading: str | None = None
    last_from: int | None = None
    section: int = 0
    run_line: int = 0
    run: int = 0  # dated lines since the last heading or standing fact


def read_prose(paragraphs: tuple[Paragraph, ...], skip: frozenset[int]) -> ProseReading:
    """Sessions, rules and exceptions of *paragraphs*; lines in *skip* (titles, topics) are left out."""
    state = _State(ProseReading())
    kept = [p for p in paragraphs if p.text.strip() and p.line not in skip]
    for index, paragraph in enumerate(kept):
        _read_paragraph(state, paragraph, is_last=index >= len(kept) - 3)
    _close_block(state)
    reading = state.reading
    resume(reading)
    first_week = next((day for p in kept if (day := first_week_in(fold(p.text))) is not None), None)
    reading.rules[:] = [replace(rule, first_week=rule.first_week or first_week) for rule in reading.rules]
    reading.printed[:] = with_announced_days(reading.printed)
    reading.printed, open_dittos = with_dittos(reading.printed)
    reading.unreadable.extend(open_dittos)
    return reading


def _read_paragraph(state: _State, paragraph: Paragraph, *, is_last: bool) -> None:
    text = paragraph.text
    lead = NUMBERING.match(fold(text))
    body = text[lead.end() :] if lead else text
    folded = fold(body)
    label = LABEL.match(folded)
    if label is not None and not DEADLINE_WORDS.search(folded[:12]):
        _read_labelled(state, paragraph, body, label.lastgroup or "other", len(list(LABEL.finditer(folded))))
        return
    _close_block(state)
    if is_signature(folded, is_last):
        return
    lone = lone_day(folded)
    if lone is not None:
        state.day, state.day_line, state.day_is_lent = lone, paragraph.line, False
        return
    if state.heading is not None and _VALUE_HEADING.fullmatch(state.heading) and not dates_of(body):
        fact = read_event(f"{state.heading}：{body}", ())
        kind = "place" if "地点" in state.heading else "speaker"
        state.reading.standing.append(Standing(fact, frozenset({kind}), paragraph.line, state.section))
        state.heading = None
        return
    if is_heading(folded):
        state.heading, state.day = strip_marks(body), None
        state.section, state.run, state.last_from = paragraph.line, 0, None
        state.reading.headings.append(paragraph.line)
        return
    is_time = state.heading is not None and _TIME_HEADING.fullmatch(state.heading) is not None
    if is_time and _is_span_line(state, paragraph, body):
        return
    for sentence in sentences_of(body):
        _read_sentence(state, paragraph, sentence)
    state.heading = None


def _is_span_line(state: _State, paragraph: Paragraph, body: str) -> bool:
    """7月20日—24日（19日报到） under the heading 时间: the days of the whole programme."""
    mentions = dates_of(body)
    if not mentions or mentions[0].until is None or scan_times(fold(body)) or "《" in body:
        return False
    printed = printed_from(mentions[0], Event(), line=paragraph.line, cell=body.strip())
    standing = Standing(Event(), frozenset(), paragraph.line, state.section)
    state.reading.spans.append(SpanBlock(printed, standing))
    return True


def _read_labelled(state: _State, paragraph: Paragraph, body: str, kind: str, labels: int) -> None:
    mentions = dates_of(body, bare_dates=kind == "time")
    if kind == "time" and "日" in fold(body).partition(":")[0]:
        kind = "date"
    opens = state.block is not None and (kind in state.block.kinds)
    if opens or (state.block is not None and labels > 1 and mentions):
        _close_block(state)
    if state.block is None:
        state.block = _Block(heading=state.heading)
        state.heading = None
    state.block.lines.append(replace(paragraph, text=body))
    state.block.kinds.add(kind)


def _close_block(state: _State) -> None:
    block, state.block = state.block, None
    if block is None:
        return
    text = "\n".join(paragraph.text for paragraph in block.lines)
    own = [
        p
        for p in block.lines
        if dates_of(p.text, bare_dates=_TIME_LABEL_LEAD.match(fold(p.text)) is not None)
    ]
    if own and EVERY_DAY.search(fold(text)) and _is_span_block(state, block, own[0]):
        return
    if is_series(fold(text)) and not lists_days(fold(text), dates_of(text)):
        _read_recurrence(
            state,
            text,
            next((p.line for p in block.lines if is_series(fold(p.text))), block.lines[0].line),
            block.heading,
        )
        return
    if own and block.kinds != {"other"}:  # a day in a remark (主持人：…) is no session
        if not _is_span_block(state, block, own[0]):
            _block_session(state, block, own[0])
        return
    if state.day is not None and {"time", "date"} & block.kinds:
        event = read_event(text, ())
        state.reading.printed.append(printed_from(state.day, event, line=block.lines[0].line, cell=text))
        return
    _standing_facts(state, block, text)


def _is_span_block(state: _State, block: _Block, dated: Paragraph) -> bool:
    """A labelled span of days (举办时间：7月13日至17日) without a title of its own waits for the other lists."""
    mentions = dates_of(dated.text, bare_dates=True)
    if len(mentions) != 1 or mentions[0].until is None or block.heading or "title" in block.kinds:
        return False
    text = "\n".join(paragraph.text for paragraph in block.lines)
    exceptions, _ = read_exceptions(text, dated.line)
    plain = without_exceptions(without_half_places(text)) if exceptions else without_half_places(text)
    event = read_event(plain, dates_of(plain, bare_dates=True))
    if any(item.title or item.track for item in event.items):
        return False
    state.reading.exceptions.extend(exceptions)
    printed = printed_from(mentions[0], event, line=dated.line, cell=plain)
    standing = Standing(
        event,
        frozenset(block.kinds | {"time"}),
        dated.line,
        state.section,
        hours=hours_of(dated.text),
        halves=places_by_half(text),
    )
    state.reading.spans.append(SpanBlock(printed, standing))
    return True


def _block_session(state: _State, block: _Block, dated: Paragraph) -> None:
    """时间：7月8日（周六）14:30 with its neighbours; several dates behind one label are several sessions."""
    folded = fold(dated.text)
    mentions = [m for m in dates_of(dated.text, bare_dates=True) if not is_deadline(folded, m)]
    if not mentions:
        return
    if is_long_span(mentions[0]) and not scan_times(folded):
        state.reading.span = state.reading.span or (mentions[0], dated.line)
        return
    parts = [part for part in re.split(r"[;；]", dated.text) if dates_of(part, bare_dates=True)]
    listed = listed_contents(block.lines, mentions)
    others = "\n".join(p.text for p in block.lines if p is not dated and (not listed or not dates_of(p.text)))
    exceptions, _ = read_exceptions(dated.text, dated.line)
    if exceptions:
        state.reading.exceptions.extend(exceptions)
    for part in parts or [dated.text]:
        days = dates_of(part, bare_dates=True)
        whole = part + "\n" + others
        dealt = dealt_out(whole, days) if len(parts) <= 1 else None
        if dealt is not None:
            _add_dealt(state, dealt, days, dated.line, whole)
            continue
        event = read_event(whole, days)
        if not any(item.title or item.track for item in event.items) and block.heading:
            event = titled(event, block.heading)
        for day in days:
            if day.day in listed:
                told = read_event(listed[day.day], ())
                event = replace(event, items=told.items, place=told.place or event.place)
            state.reading.printed.append(
                replace(
                    printed_from(day, event, line=dated.line, cell=whole.strip()),
                    is_several=len(days) > 1 or len(parts) > 1,
                )
            )
    state.last_from, state.run = len(state.reading.printed) - 1, 1


def _standing_facts(state: _State, block: _Block, text: str) -> None:
    """Labelled lines without a date: they finish the one session just above, or stand for many."""
    halves = places_by_half(text)
    text = without_half_places(text)
    event = read_event(text, ())
    printed = state.reading.printed
    last = printed[-1] if printed else None
    if state.run == 1 and state.last_from == len(printed) - 1 and last is not None and last.event is not None:
        printed[-1] = replace(last, event=finished(last.event, event), cell=f"{last.cell}\n{text}")
        state.run = 0
        return
    state.run = 0
    exceptions, _ = read_exceptions(text, block.lines[0].line)
    state.reading.exceptions.extend(exceptions)
    if exceptions:
        event = read_event(without_exceptions(text), ())
    labelled = " ".join(p.text for p in block.lines if scan_times(fold(p.text)))
    fact = Standing(
        event,
        frozenset(block.kinds),
        block.lines[0].line,
        state.section,
        weekdays_named(text),
        scan_times(fold(labelled)),
        halves,
    )
    state.reading.standing.append(fact)
    if fact.weekdays and event.begin is not None:
        rule = weekday_rule(text, fact.line)
        if rule is not None:
            state.reading.rules.append(rule)


def _read_sentence(state: _State, paragraph: Paragraph, sentence: str) -> None:
    line = paragraph.line
    exceptions, kept = read_exceptions(sentence, line)
    folded = fold(kept)
    exceptions = moved_from(exceptions, dates_of(kept))
    if _DUE_EVERY.search(folded):
        return  # 每周五17:00前提交周报: a duty, read with the rules
    if is_series(folded) and not lists_days(folded, dates_of(kept)):
        state.reading.exceptions.extend(exceptions)
        _read_recurrence(state, kept, line, state.heading)
        return
    mentions = dates_of(kept)
    if exceptions and not is_own_session(sentence, exceptions):
        state.reading.exceptions.extend(exceptions)
        if not mentions:
            return
    elif exceptions:
        kept, folded = sentence, fold(sentence)
        mentions = dates_of(kept)
    if len(mentions) == 1 and first_week_in(folded) is not None and not scan_times(folded):
        return  # 9月2日为第1周 only counts the weeks
    for mention in mentions:
        if is_deadline(folded, mention):
            state.reading.deadlines.append((mention, line, sentence))
    days = tuple(mention for mention in mentions if not is_deadline(folded, mention))
    if days and is_long_span(days[0]) and not scan_times(folded):
        state.reading.span = state.reading.span or (days[0], line)
        return
    if days:
        _read_dated(state, paragraph, kept, days)
        return
    if mentions:
        return
    if state.day is not None and _continues_day(folded, is_lent=state.day_is_lent):
        _read_under_day(state, paragraph, kept)
        return
    if STANDS.search(folded):
        event = read_event(kept, ())
        if event.place is not None:
            state.reading.standing.append(Standing(event, frozenset({"place"}), line, state.section))
            return
    rule = weekday_rule(kept, line)
    if rule is not None:
        state.reading.rules.append(rule)


def _continues_day(folded: str, *, is_lent: bool) -> bool:
    if is_lent:
        opening = [*(mention.span[0] for mention in scan_times(folded)[:1])]
        opening += [start for _, start, _ in period_words(folded)[:1]]
        return min(opening, default=9) <= 1 and len(folded) <= 60
    return bool(scan_times(folded) or "《" in folded or period_words(folded[:6]))


def _read_under_day(state: _State, paragraph: Paragraph, text: str) -> None:
    if state.day is None:
        return
    for part in split_by_hours(text, ()):
        event = read_event(part, ())
        state.reading.printed.append(printed_from(state.day, event, line=paragraph.line, cell=text.strip()))
    state.last_from = len(state.reading.printed) - 1


def _read_recurrence(state: _State, text: str, line: int, heading: str | None) -> None:
    exceptions, kept = read_exceptions(text, line)
    state.reading.exceptions.extend(exceptions)
    parts = split_by_hours(kept, dates_of(kept))
    parts = parts if all(is_series(fold(part)) for part in parts) else (kept,)
    for rule in [read_recurring(part, line) for part in parts]:
        _add_rule(state, rule, text, kept, line, heading)


def _add_rule(
    state: _State, rule: Recurring | None, text: str, kept: str, line: int, heading: str | None
) -> None:
    if rule is None:
        if weekday_list(fold(kept)) is None and dates_of(kept):
            state.reading.unreadable.append(
                Finding(
                    "rule_unclear",
                    (line,),
                    f"第{line}行的周期读不出是星期几：{text.strip()[:40]}",
                    "asked",
                    text.strip(),
                )
            )
        return
    if (
        not any(item.title or item.track for item in rule.event.items)
        and heading
        and not _SALUTES.match(heading)
    ):
        rule = replace(rule, event=titled(rule.event, re.sub(r"(?:时间)?安排$", "", heading)))
    state.reading.rules.append(rule)


def _read_dated(state: _State, paragraph: Paragraph, text: str, days: tuple[DateMention, ...]) -> None:
    line = paragraph.line
    folded = fold(text)
    if len(days) > MAX_DATES_IN_SENTENCE:
        what = f"第{line}行一句里有{len(days)}个日期，没有排入"
        state.reading.unreadable.append(Finding("oversize_cell", (line,), what, "asked", text[:40]))
        return
    if not is_session(folded, days):
        return
    pieces = dated_pieces(text, days)
    if pieces is not None:
        for part in pieces:
            local = dates_of(part)
            for day in listed_together(part, local)[0] if local else []:
                month = day.month or next((d.month for d in days if d.month is not None), None)
                event = titled_by_head(sentence_event(part, local), text, days[0])
                _add(state, replace(day, month=month), event, line, text)
        return
    dealt = dealt_out(text, days)
    if dealt is not None:
        _add_dealt(state, dealt, days, line, text)
        return
    for part in split_by_hours(text, days):
        event = titled_by_head(sentence_event(part, dates_of(part)), text, days[0])
        event = replace(event, is_cancelled=True) if paragraph.is_struck else event
        for day in days:
            _add(state, day, event, line, text, is_several=len(days) > 1)
    state.last_from = len(state.reading.printed) - 1


def _add_dealt(state: _State, dealt: Dealt, days: tuple[DateMention, ...], line: int, text: str) -> None:
    if dealt.doubt is not None:
        what = f"第{line}行{dealt.doubt}：{text.strip()[:40]}"
        state.reading.unreadable.append(Finding("rule_unclear", (line,), what, "asked", text.strip()))
    for day, event in zip(days, dealt.events, strict=True):
        _add(state, day, event, line, text, is_several=True)


def _add(
    state: _State, day: DateMention, event: Event, line: int, text: str, *, is_several: bool = False
) -> None:
    state.reading.printed.append(
        replace(printed_from(day, event, line=line, cell=text.strip()), is_several=is_several)
    )
    state.last_from = len(state.reading.printed) - 1
    state.day, state.day_is_lent = (day if day.until is None and not is_several else None), True
    if state.run == 0 or state.reading.printed[-1].line != state.run_line:
        state.run, state.run_line = state.run + 1, line
