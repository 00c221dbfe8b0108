"""The public holidays and 调休 days of China, from the library's tables and the configuration."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from types import MappingProxyType
from typing import Protocol

from chinese_calendar import constants

from programme.holidays import Holidays

CHINESE = {holiday.value: holiday.chinese for holiday in constants.Holiday}


class NamedHoliday(Protocol):
    """One [[holidays]] of config.toml."""

    @property
    def name(self) -> str: ...

    @property
    def first(self) -> date: ...

    @property
    def until(self) -> date: ...

    @property
    def makeup(self) -> tuple[date, ...]: ...


def known_days(named: Iterable[NamedHoliday] = ()) -> Holidays:
    """The tables of chinesecalendar (2004 to 2026 in release 1.11) with the days that *named* adds.

    Its functions raise NotImplementedError for a later year; its tables just end, and so do ours.
    """
    off = {day: CHINESE[name] for day, name in constants.holidays.items()}
    makeup = {day: CHINESE[name] for day, name in constants.workdays.items()}
    years = frozenset(range(min(off).year, max(off).year + 1))
    known = Holidays(years, MappingProxyType(off), MappingProxyType(makeup))
    return known.with_days((each.name, each.first, each.until, each.makeup) for each in named)
