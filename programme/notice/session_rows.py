"""Reading lists of sessions: one row each under named columns."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from datetime import date, datetime

from programme.notice.columns import (
    FORMULA_TEXT,
    OVERSIZE_CHARS,
    TableReading,
    heading_month,
    in_month,
    is_schedule_like,
    row_header,
    split_cell,
)
from programme.notice.dates import DateMention, scan_dates
from programme.notice.dittos import filled_row
from programme.notice.event_items import as_items
from programme.notice.event_words import LABEL, dates_of, find_room, is_nothing
from programme.notice.events import Event, read_event, with_item_speaker
from programme.notice.marks import fold, strip_marks, weekday_alone, weekday_list
from programme.notice.page import Cell, Finding, Row, Table
from programme.notice.printed import printed_from
from programme.notice.row_cells import first_text, row_dates, row_times
from programme.notice.spoken import PENDING
from programme.sessions import Item


def read_rows(
    table: Table, header: int, roles: dict[int, str], lead: DateMention | None = None
) -> TableReading:
    """*lead*: the day printed above the table, for rows without one."""
    roles = settle_roles(table, header, roles)
    reading = TableReading("rows", header_line=table.rows[header].line, columns=len(roles))
    width = len(table.rows[header].cells)
    lines: list[int] = []
    last = replace(lead, until=None) if lead is not None else None
    month: int | None = None
    above: Row | None = None
    for printed_row in table.rows[header + 1 :]:
        row = above = filled_row(printed_row, above)
        texts = {cell.text.strip() for cell in row.cells if cell.text.strip()}
        if not texts or row_header(row):
            continue
        heading = heading_month(row)
        if heading is not None:
            month = heading
            continue
        if len(texts) == 1 and len(row.cells) > 1:
            alone = _lone_date(next(iter(texts)))
            if alone is not None:
                last = alone
                continue
            if not is_schedule_like(next(iter(texts))):
                continue
        reading.data_rows += 1
        lines.append(row.line)
        _note_row_width(reading, row, width)
        _note_formulas(reading, row)
        last = read_list_row(reading, row, roles, reading.data_rows, last, month)
    reading.row_lines = tuple(lines)
    return reading


def _note_formulas(reading: TableReading, row: Row) -> None:
    """Text that looks like a formula is kept as text and told; a sheet's own reader tells of its cells."""
    for cell in row.cells:
        if cell.name is None and FORMULA_TEXT.match(cell.text):
            what = f"第{row.line}行有一格像公式，按文字保留：{cell.text[:30]}"
            reading.findings.append(Finding("formula_text", (row.line,), what, "kept", cell.text))


def _note_row_width(reading: TableReading, row: Row, width: int) -> None:
    filled = [index for index, cell in enumerate(row.cells) if cell.text.strip()]
    if filled and filled[-1] >= width:
        extra = row.cells[filled[-1]]
        reading.findings.append(
            Finding(
                "extra_cell",
                (row.line,),
                f"第{row.line}行比表头多出一格：{extra.text[:30]}",
                "asked",
                extra.name or extra.text,
            )
        )
    elif len(row.cells) < width:
        reading.findings.append(
            Finding(
                "missing_cells",
                (row.line,),
                f"第{row.line}行只有{len(row.cells)}格，表头有{width}格，缺的格按空白处理",
                "kept",
            )
        )


def settle_roles(table: Table, header: int, roles: dict[int, str]) -> dict[int, str]:
    """A column headed 时间 may hold dates, and without a title column the widest unnamed one is the title."""
    settled = dict(roles)
    named = {part for role in roles.values() for part in role.split("+")}
    if not {"date", "day"} & named:
        for column, role in roles.items():
            if not {"time", "weekday"} & set(role.split("+")):
                continue
            texts = [row.cells[column] for row in table.rows[header + 1 :] if column < len(row.cells)]
            if any(
                isinstance(cell.value, (date, datetime)) or dates_of(cell.text, bare_dates=True)
                for cell in texts
            ):
                settled[column] = "+".join(
                    ["date", *[r for r in role.split("+") if r not in ("time", "weekday")]]
                )
                break
    titles = [column for column, role in settled.items() if role == "title"]
    for column in titles[1:]:
        settled[column] = "note" if not re.search(r"题", table.rows[header].cells[column].text) else "title"
    if len(titles) > 1:
        best = max(
            titles, key=lambda column: bool(re.search(r"题|名称", table.rows[header].cells[column].text))
        )
        for column in titles:
            settled[column] = (
                "title"
                if column == best
                else "track"
                if re.search(r"活动|安排|项目|课程", table.rows[header].cells[column].text)
                else "note"
            )
    return settled


def _lone_date(text: str) -> DateMention | None:
    folded = fold(text)
    mentions = scan_dates(folded, bare_dates=True)
    if len(mentions) != 1:
        return None
    rest = strip_marks(folded[: mentions[0].start] + folded[mentions[0].end :]).strip(
        "()第一二三四五六七八九十天 "
    )
    return mentions[0] if not rest else None


def read_list_row(
    reading: TableReading,
    row: Row,
    roles: dict[int, str],
    number: int,
    last: DateMention | None,
    month: int | None,
) -> DateMention | None:
    by_role: dict[str, list[Cell]] = {}
    for column, role in roles.items():
        if column >= len(row.cells) or role.startswith("slot:"):
            continue
        cell = row.cells[column]
        for part, piece in split_cell(cell, role.split("+")) if "+" in role else [(role, cell)]:
            by_role.setdefault(part, []).append(piece)
    whole = row.text
    days = row_dates(by_role, reading)
    is_unread = any(cell.is_unread for cell in (*by_role.get("date", []), *by_role.get("day", [])))
    if (
        not days
        and last is not None
        and not is_unread
        and not first_text(by_role, "date")
        and _has_content(by_role)
    ):
        days = (replace(last, until=None),)
    if any(len(cell.text) > OVERSIZE_CHARS for cell in row.cells):
        reading.unreadable.append(
            Finding(
                "oversize_cell", (row.line,), f"第{row.line}行有一格超过{OVERSIZE_CHARS}字，没有排入", "asked"
            )
        )
        return last
    if not days:
        if any(
            cell.text.strip() and not is_nothing(cell.text)
            for column, cell in enumerate(row.cells)
            if roles.get(column) not in ("order",)
        ):
            _unreadable_row(reading, row, by_role)
        return last
    slots = [
        (role[5:], row.cells[c]) for c, role in roles.items() if role[:5] == "slot:" and c < len(row.cells)
    ]
    events = _slot_events(slots, by_role) if slots else [_row_event(by_role, row)]
    weekdays = _row_weekdays(by_role)
    name = by_role.get("date", by_role.get("day", [Cell("", row.line)]))[0].name
    for day, event in itertools.product(days, events):
        reading.printed.append(
            printed_from(
                in_month(day, month),
                event,
                line=row.line,
                cell=whole,
                weekdays=weekdays,
                row=number,
                cell_name=name,
                is_from_table=True,
                is_several=len(days) > 1,
            )
        )
    return days[-1]


def _slot_events(slots: list[tuple[str, Cell]], by_role: dict[str, list[Cell]]) -> list[Event | None]:
    """上午 and 下午 as columns: each filled cell is a session at its column's hours unless it prints its own."""
    events: list[Event | None] = []
    for label, cell in slots:
        text = cell.text.strip()
        if not text or is_nothing(text):
            continue
        head = read_event(label, ())
        head = Event(place=label.strip()) if head.begin is None and head.period is None else head
        if head.begin is None and head.period is None:
            times = row_times(by_role)
            head = replace(times, place=head.place)
        event = read_event(text, (), default_period=head.period)
        if event.begin is None and event.problem is None and not event.is_pending:
            event = replace(event, begin=head.begin, end=head.end)
        event = replace(
            event,
            period=head.period or event.period,
            period_is_printed=event.period_is_printed or head.period_is_printed,
            place=event.place or head.place or cell_value(by_role, "place"),
        )
        events.append(with_item_speaker(event, cell_value(by_role, "speaker")))
    return events or [None]


def _has_content(by_role: dict[str, list[Cell]]) -> bool:
    return any(first_text(by_role, role) for role in ("title", "time", "track"))


def _row_weekdays(by_role: dict[str, list[Cell]]) -> tuple[int, ...]:
    text = first_text(by_role, "weekday")
    alone = weekday_alone(text)
    if alone is not None:
        return (alone,)
    listed = weekday_list(fold(text))
    return listed[0] if listed else ()


def _unreadable_row(reading: TableReading, row: Row, by_role: dict[str, list[Cell]]) -> None:
    text = first_text(by_role, "date") or row.text
    pending = re.search(r"待定|待通知|另行通知", text)
    what = f"第{row.line}行的日期{'待定' if pending else '读不出来'}，没有排入：{row.text.strip()[:40]}"
    code = (
        "bad_type"
        if any(isinstance(cell.value, (bool, float)) for cell in by_role.get("date", []))
        else "impossible_date"
    )
    reading.unreadable.append(
        Finding(
            "rule_unclear" if pending or not first_text(by_role, "date") else code,
            (row.line,),
            what,
            "asked",
            text,
        )
    )


def _row_event(by_role: dict[str, list[Cell]], row: Row) -> Event:
    times = row_times(by_role)
    title_cells = by_role.get("title", [])
    title_text = "\n".join(dict.fromkeys(cell.text.strip() for cell in title_cells if cell.text.strip()))
    title_text = "" if PENDING.fullmatch(fold(title_text)) else title_text
    speaker = cell_value(by_role, "speaker")
    unit = cell_value(by_role, "unit")
    speaker = f"{speaker}（{unit}）" if speaker is not None and unit is not None else speaker
    place = (
        re.sub(r"^(?:地点)?(?:改|换|移|调整)(?:在|到|至|为)\s*", "", cell_value(by_role, "place") or "")
        or None
    )
    track = cell_value(by_role, "track")
    content = read_event(title_text, ()) if title_text else Event()
    rich = "《" in title_text or LABEL.search(fold(title_text)) is not None
    items = content.items if rich else as_items(title_text, speaker)
    if track:
        items = tuple(replace(item, track=item.track or track) for item in items) or (
            Item(track, None, speaker),
        )
    if not items and speaker is not None:
        items = (Item(None, None, speaker),)
    event = with_item_speaker(replace(times, items=items), speaker)
    notes = " ".join(cell.text for cell in row.cells if cell.text)
    begin_missing = event.begin is None and event.problem is None and content.begin is not None and rich
    if begin_missing:
        event = replace(
            event,
            begin=content.begin,
            end=content.end,
            period=content.period,
            period_is_printed=content.period_is_printed,
        )
    all_struck = [cell.is_struck for cell in row.cells if cell.text.strip()]
    state = read_event(notes, ())
    return replace(
        event,
        place=place
        or (content.place if rich else None)
        or (find_room(cell_value(by_role, "note") or "") if "place" not in by_role else None),
        is_cancelled=state.is_cancelled or (bool(all_struck) and sum(all_struck) * 2 > len(all_struck)),
        is_suspended=state.is_suspended and _is_off(title_text, notes),
        is_pending=_is_open(by_role, notes) and event.begin is None,
        rest=event.rest or ("待定" if state.is_pending else ""),
    )


def _is_open(by_role: dict[str, list[Cell]], notes: str) -> bool:
    """Whether the hour is announced for later: a TBD under Topic says nothing about the time."""
    cells = [cell for role in ("time", "date", "day", "weekday", "note") for cell in by_role.get(role, [])]
    return any(PENDING.search(fold(cell.text)) for cell in cells) or (
        re.search(r"时间.{0,3}(?:待定|待通知|另行通知|另通知)", notes) is not None
    )


def _is_off(title: str, notes: str) -> bool:
    """停课 in a remark or as the title itself; a lecture called 《停课与复课》 stays."""
    plain = re.sub(r"《.*?》", "", notes)
    return re.search(
        r"(?i:no\s+(?:seminar|class|meeting|lecture|talk|session))|停课|放假|暂停|休息|停一次|不上课|停讲",
        plain,
    ) is not None and (not title or "《" in title or len(title) < 20)


def cell_value(by_role: dict[str, list[Cell]], role: str) -> str | None:
    text = first_text(by_role, role)
    if (
        not text
        or is_nothing(text)
        or re.fullmatch(
            r"[(（]?(?:待定|待通知|另行通知|待安排|TBD|TBA|未定|取消|已取消|停课|待公布)[)）]?",
            text,
            re.IGNORECASE,
        )
    ):
        return None
    text = re.sub(r"^(?:guest|invited|特邀|嘉宾)\s*(?:speaker)?\s*[:：]\s*", "", text, flags=re.IGNORECASE)
    return " ".join(part.strip() for part in text.splitlines() if part.strip())
