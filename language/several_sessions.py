"""A change of more than one session in one sentence: 周一都改到15:00, 每周四改成15点, 7/17和7/24改到15:00."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from language.dates import Found, find_spans
from language.normalise import date_form

_TURN = re.compile(
    r"(?:改|推迟|推后|延后|延期|延|提前|提早|挪|移|调整|调|换|变更|顺延|定)(?:期)?(?:到|至|成|为|在|:)"
    r"|推迟|推后|延后|延期|提前|提早|->|→|=>"
)
_ALL = re.compile(
    r"(?<!首)都(?!市)|所有|全部|全都|一律|统一|每(?:个|次|场)?|各(?:个|次|场)|以后的?|后面的|之后的|剩下的|其余"
)
_WEEKDAY = re.compile(r"(?P<of>这|本|下|上|这个|下个|本个|上个)?(?:周|星期|礼拜)(?P<day>[一二三四五六日天])")
_BETWEEN = re.compile(r"[\s]*(?:[、，,;；和与及跟]|还有|以及)+[\s把]*")
_NAMES_DAY = re.compile(r"[号日天周]|星期|礼拜|月|\d\s*[/.]\s*\d")
# What a reason or a title says is not about which sessions are meant.
_ASIDE = re.compile(r"《[^》]*》|(?:因为|由于|原因).*$")
_NUMBERS = {name: at for at, name in enumerate("一二三四五六日")} | {"天": 6}


@dataclass(frozen=True)
class Several:
    """Which days are meant: those listed, the stretches (both ends included), the *weekdays* (Monday
    is 0) from today on; all three empty where only 都 or 所有 was said."""

    days: tuple[date, ...] = ()
    stretches: tuple[tuple[date, date], ...] = ()
    weekdays: tuple[int, ...] = ()

    def holds(self, day: date, today: date) -> bool:
        """Whether a session on *day* is one of them."""
        if not (self.days or self.stretches or self.weekdays):
            return day >= today
        return (
            day in self.days
            or any(first <= day <= last for first, last in self.stretches)
            or (day.weekday() in self.weekdays and day >= today)
        )


def several_meant(text: str, now: datetime) -> Several | None:
    """The sessions that *text* wants changed or called off; None where it is one. Never raises."""
    plain = _ASIDE.sub(lambda found: " " * len(found[0]), date_form(text))
    turn = _TURN.search(plain)
    head = plain[: turn.start()] if turn is not None and plain[: turn.start()].strip("把将请 ") else plain
    listed = _listed(head, now)
    is_all = _ALL.search(head) is not None
    weekdays = [_NUMBERS[found["day"]] for found in _WEEKDAY.finditer(head) if not found["of"]]
    if is_all and weekdays:
        return Several(weekdays=tuple(dict.fromkeys(weekdays)))
    if len(listed) > 1:
        return Several(days=listed)
    if not is_all:
        return None
    stretches = _stretches(head, now)
    if any(first != last for first, last in stretches):
        return Several(stretches=stretches)
    return Several(days=listed) if listed else Several()


def _listed(head: str, now: datetime) -> tuple[date, ...]:
    """The days that stand side by side, as in 7/17和7/24; a single one else."""
    found = [f for f in find_spans(head, now, join_ranges=False) if f.span is not None and f.span.start]
    days: list[date] = []
    end = 0
    for item in found:
        words = head[item.start : item.end]
        if days and not _BETWEEN.fullmatch(head[end : item.start]):
            break
        day = _single_day(item, words)
        if day is None:
            break
        if days and day < days[-1]:  # 下周二和周四: the second belongs to the week of the first
            again = next(iter(find_spans(words, datetime.combine(days[-1], time(0), now.tzinfo))), None)
            day = (_single_day(again, words) if again is not None else None) or day
        days.append(day)
        end = item.end
    return tuple(dict.fromkeys(days))


def _single_day(found: Found, words: str) -> date | None:
    if found.span is None or found.span.start is None or _NAMES_DAY.search(words) is None:
        return None
    start = found.span.start
    if isinstance(start, datetime):
        return start.date()
    return start if found.span.end == start else None


def _stretches(head: str, now: datetime) -> tuple[tuple[date, date], ...]:
    spans = [found.span for found in find_spans(head, now) if found.span is not None]
    return tuple(
        (span.start, span.end or span.start + timedelta(days=366))
        for span in spans
        if span.start is not None
        and not isinstance(span.start, datetime)
        and not isinstance(span.end, datetime)
    )
