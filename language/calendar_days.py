"""Calendar arithmetic of the date rules: which 20号, which 周四, which February (D1-D4, D7, D8)."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

FAR_BACK_DAYS, FAR_AHEAD_DAYS, SOON_DAYS = 180, 300, 10


def week_of(today: date, weeks: int) -> tuple[date, date]:
    """Monday and Sunday of the calendar week *weeks* after this one."""
    monday = today - timedelta(days=today.weekday()) + timedelta(weeks=weeks)
    return monday, monday + timedelta(days=6)


def next_weekday(from_day: date, weekday: int) -> date:
    """*from_day* if it is that weekday (0 is Monday), otherwise the next one."""
    return from_day + timedelta(days=(weekday - from_day.weekday()) % 7)


def month_of(today: date, months: int) -> date:
    """First day of the month *months* after this one."""
    return today.replace(day=1) + relativedelta(months=months)


def month_end(first: date) -> date:
    """Last day of the month of *first*."""
    return first.replace(day=calendar.monthrange(first.year, first.month)[1])


def made(year: int, month: int, day: int) -> date | None:
    """That day, None when the calendar has none."""
    if not 1 <= year <= 9998 or not 1 <= month <= 12 or not 1 <= day <= 31:
        return None
    if day > calendar.monthrange(year, month)[1]:
        return None
    return date(year, month, day)


def day_of_month(today: date, day: int) -> date | None:
    """A bare N号 (rule D3)."""
    this = made(today.year, today.month, day)
    if this is not None and this >= today:
        return this
    following = month_of(today, 1)
    if this is not None:
        coming = made(following.year, following.month, day)
        is_soon = coming is not None and (coming - today).days <= SOON_DAYS
        return coming if is_soon else this
    for months in range(1, 3):
        first = month_of(today, months)
        coming = made(first.year, first.month, day)
        if coming is not None:
            return coming
    return None


def day_of_year(today: date, month: int, day: int) -> date | None:
    """Month and day without a year (rule D4); 29 February is the next one that exists."""
    if (month, day) == (2, 29):
        return _leap_day(today)
    this = made(today.year, month, day)
    if this is None:
        return None
    away = (this - today).days
    if away < -FAR_BACK_DAYS:
        return made(today.year + 1, month, day)
    if away > FAR_AHEAD_DAYS:
        return made(today.year - 1, month, day)
    return this


def _leap_day(today: date) -> date | None:
    this = made(today.year, 2, 29)
    if this is not None and -FAR_BACK_DAYS <= (this - today).days <= FAR_AHEAD_DAYS:
        return this
    return next((d for y in range(today.year + 1, today.year + 9) if (d := made(y, 2, 29))), None)


def month_without_year(today: date, month: int) -> date:
    """First day of a bare month, by the same rule as its first day."""
    return day_of_year(today, month, 1) or date(today.year, month, 1)


def moved(day: date, *, days: int = 0, months: int = 0, years: int = 0) -> date | None:
    """*day* moved, clipped to the end of the month (D7); None outside the calendar."""
    try:
        return day + relativedelta(days=days, months=months, years=years)
    except (OverflowError, ValueError):
        return None
