"""A session as it stands on paper, before the calendar has said which day it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from programme.notice.dates import DateMention
from programme.notice.events import Event


@dataclass(frozen=True)
class Printed:
    """One printed date with what stands beside it.

    *weekdays*: what its column or its own words claim (empty: nothing). *row*: 1-based data row of its
    table. *week*: cells of one grid row share it, so neighbours can prove a misprint. *event* None: the
    cell holds a date and nothing else. *fixed_on*: a date that a series has already computed.
    *is_in_week*: the cell prints no day; it is the column's weekday between this day and *until*.
    *after_month*: the month in which the notice begins, when its first days are printed elsewhere.
    *is_borrowed*: the day is printed elsewhere, in the row above or the header.
    """

    year: int | None
    month: int | None
    day: int
    weekdays: tuple[int, ...]
    line: int
    cell: str
    event: Event | None
    row: int | None = None
    week: tuple[int, int] | None = None
    cell_name: str | None = None
    is_from_table: bool = False
    weekday_is_own: bool = False
    is_several: bool = False
    until: DateMention | None = None
    is_in_week: bool = False
    is_borrowed: bool = False
    fixed_on: date | None = None
    after_month: int | None = None


def printed_from(
    mention: DateMention,
    event: Event | None,
    *,
    line: int,
    cell: str,
    weekdays: tuple[int, ...] = (),
    row: int | None = None,
    week: tuple[int, int] | None = None,
    cell_name: str | None = None,
    is_from_table: bool = False,
    is_several: bool = False,
) -> Printed:
    """A Printed of *mention*; a weekday printed beside the date itself outweighs the column's."""
    own = mention.weekday is not None
    return Printed(
        year=mention.year,
        month=mention.month,
        day=mention.day,
        weekdays=(mention.weekday,) if mention.weekday is not None else weekdays,
        line=line,
        cell=cell,
        event=event,
        row=row,
        week=week,
        cell_name=cell_name,
        is_from_table=is_from_table,
        weekday_is_own=own,
        is_several=is_several,
        until=mention.until,
    )
