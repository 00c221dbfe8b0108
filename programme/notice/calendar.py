"""From printed days to dates: months that roll on, the year that fits, misprints that the week proves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from programme.notice.dates import NEAR_YEARS, is_possible, make_date
from programme.notice.marks import WEEKDAY_NAMES
from programme.notice.page import Finding
from programme.notice.printed import Printed


@dataclass(frozen=True)
class Placed:
    """A Printed with the day it means. *held_on* None: no such day. *codes*: what is odd about it."""

    printed: Printed
    held_on: date | None
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class MonthDay:
    """Month and day, and how many years after the first year of the notice (December to January)."""

    years_on: int
    month: int
    day: int


def with_months(printed: Sequence[Printed], first_month: int | None) -> list[Printed]:
    """Every Printed with a month: its own, else the one it stands behind; a falling day number turns the page.

    A drop of more than half a month is a new month; less is a misprint or a list out of order.
    """
    filled: list[Printed] = []
    month = first_month
    last_day = 0
    for item in printed:
        if item.month is not None:
            month = item.month
        elif month is not None:
            if last_day - item.day > 15:
                month = month % 12 + 1
            item = replace(item, month=month)
        last_day = item.day
        filled.append(item)
    return filled


def opening_month(printed: Sequence[Printed], first_month: int | None) -> int | None:
    """The month of the first day: 30日 31日 1日 2日 … under 一月 begins in December, when more days follow the
    turn of the month than stand before it."""
    days = [item.day for item in printed]
    if first_month is None or any(item.month is not None for item in printed):
        return first_month
    turns = [index for index in range(1, len(days)) if days[index - 1] - days[index] > 15]
    if len(turns) != 1 or days[0] < 22 or turns[0] * 2 >= len(days):
        return first_month
    return (first_month - 2) % 12 + 1


def month_days(printed: Sequence[Printed]) -> list[MonthDay | None]:
    """Month, day and passing of the year for each; None where the month is unknown."""
    days: list[MonthDay | None] = []
    years_on = 0
    last = next((item.after_month for item in printed if item.month is not None), None)
    for item in printed:
        if item.month is None:
            days.append(None)
            continue
        if last is not None and item.year is None and last - item.month >= 8:
            years_on += 1
        elif last is not None and item.year is None and item.month - last >= 8 and years_on:
            years_on -= 1
        last = item.month
        days.append(MonthDay(years_on, item.month, item.day))
    return days


def led_by(printed: Sequence[Printed], month: int | None) -> list[Printed]:
    """*printed* told that the notice begins in *month*: January listed behind a series from December on."""
    if month is None or not printed or any(item.year is not None for item in printed):
        return list(printed)
    return [replace(item, after_month=month) for item in printed]


def fitting(printed: Sequence[Printed], year: int) -> tuple[int, list[int]]:
    """How many printed weekdays fit *year*, and the indexes of those that do not."""
    fits, misses = 0, []
    for index, (item, spot) in enumerate(zip(printed, month_days(printed), strict=True)):
        if spot is None or not item.weekdays or item.is_in_week:
            continue
        day = make_date((item.year or year + spot.years_on), spot.month, spot.day)
        if day is None:
            if is_possible(None, spot.month, spot.day):
                misses.append(index)
            continue
        if day.weekday() in item.weekdays:
            fits += 1
        else:
            misses.append(index)
    return fits, misses


def candidate_years(printed: Sequence[Printed]) -> tuple[int, ...]:
    """The near years in which all weekdays but the provable misprints fit; empty when weekdays prove nothing."""
    results = {year: fitting(printed, year) for year in NEAR_YEARS}
    if not results or not any(fits or misses for fits, misses in results.values()):
        return ()
    fewest = min(len(misses) for _, misses in results.values())
    return tuple(
        year for year, (fits, misses) in results.items() if len(misses) == fewest and fits > len(misses)
    )


def place(printed: Sequence[Printed], year: int) -> tuple[list[Placed], list[Finding]]:
    """Dates for *year*; a weekday that the row's other cells prove wrong is mended, any other is asked."""
    placed: list[Placed] = []
    findings: list[Finding] = []
    for item, spot in zip(printed, month_days(printed), strict=True):
        held_on = item.fixed_on
        if held_on is None and spot is not None:
            held_on = make_date(item.year or year + spot.years_on, spot.month, spot.day)
        if held_on is not None and item.is_in_week:
            held_on = _in_week(item, held_on)
            item = replace(item, until=None)
        if held_on is None:
            month = f"{item.month}月" if item.month is not None else ""
            what = f"第{item.line}行的{month}{item.day}日不存在，没有排入：{item.cell.strip()[:40]}"
            if item.month is None:
                what = f"第{item.line}行的{item.day}日不知道是几月，没有排入：{item.cell.strip()[:40]}"
            findings.append(Finding("impossible_date", (item.line,), what, "asked", item.cell.strip()))
        placed.append(Placed(item, held_on))
    return _with_weekdays_checked(placed, findings), findings


def _in_week(item: Printed, first: date) -> date | None:
    """第一周（10.8-10.12）and a column: the day of the column's weekday inside the printed span."""
    last = first + timedelta(days=6)
    if item.until is not None:
        last = (
            make_date(item.until.year or first.year, item.until.month or first.month, item.until.day) or last
        )
    for offset in range(min((last - first).days, 13) + 1):
        day = first + timedelta(days=offset)
        if day.weekday() in item.weekdays:
            return day
    return None


def mismatch_text(item: Printed, held_on: date) -> str:
    claimed = "、".join(WEEKDAY_NAMES[day] for day in item.weekdays)
    return f"第{item.line}行{claimed}写的是{held_on.month}月{held_on.day}日，但{held_on.isoformat()}是{WEEKDAY_NAMES[held_on.weekday()]}"


def _with_weekdays_checked(placed: list[Placed], findings: list[Finding]) -> list[Placed]:
    checked: list[Placed] = []
    reported: set[tuple[int, date]] = set()
    for index, spot in enumerate(placed):
        day, item = spot.held_on, spot.printed
        if day is None or not item.weekdays or day.weekday() in item.weekdays:
            checked.append(spot)
            continue
        expected = _proven_day(placed, index)
        text = mismatch_text(item, day)
        cell = item.cell_name or item.cell.strip()
        if expected is not None:
            if (item.line, day) not in reported:
                findings.append(
                    Finding(
                        "weekday_mismatch",
                        (item.line,),
                        f"{text}；同一行的其他日期证明应为{expected.month}月{expected.day}日，已按此排入",
                        "fixed",
                        cell,
                    )
                )
            checked.append(Placed(item, expected, ("weekday_mismatch",)))
        else:
            if (item.line, day) not in reported:
                findings.append(
                    Finding(
                        "weekday_mismatch", (item.line,), f"{text}，暂按印出的日期排入，请确认", "asked", cell
                    )
                )
            # of several dates in one cell only those of its column are certain enough to import
            doubtful = item.is_several and item.week is not None and not item.weekday_is_own
            checked.append(Placed(item, None if doubtful else day, ("weekday_mismatch", "asked")))
        reported.add((item.line, day))
    return checked


def _proven_day(placed: list[Placed], index: int) -> date | None:
    """The day of this column in the week of its row, when the row's other dates agree on that week."""
    item = placed[index].printed
    if item.week is None or item.weekday_is_own or len(item.weekdays) != 1 or item.is_several:
        return None
    mondays: list[date] = []
    misses = 0
    for other in placed:
        day = other.held_on
        if (
            other is placed[index]
            or other.printed.week != item.week
            or day is None
            or not other.printed.weekdays
        ):
            continue
        if day.weekday() in other.printed.weekdays:
            mondays.append(day - timedelta(days=day.weekday()))
        else:
            misses += 1
    if len(mondays) < 2 or misses >= len(mondays):
        return None
    monday, agreeing = Counter(mondays).most_common(1)[0]
    if agreeing < 2 or agreeing <= 2 * (len(mondays) - agreeing):
        return None
    return monday + timedelta(days=item.weekdays[0])
