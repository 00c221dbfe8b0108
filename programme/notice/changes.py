"""What changed between two readings of one programme (D21), and moving one to another year by weekday."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from typing import Literal

from programme.notice.notice import FreeDay, Notice
from programme.programme import Attachment, Contact, Programme, Question, Reward, Rule, RuleValue, Topic
from programme.sessions import Session

_Listed = Topic | Rule | Reward | Contact | Attachment
ChangeKind = Literal["added", "removed", "changed"]
_SESSION_FIELDS = (
    "held_on",
    "start",
    "end",
    "period",
    "kind",
    "scope",
    "items",
    "place",
    "required",
    "optional",
    "status",
)
_LISTS = (
    ("topic", "topics", "order"),
    ("rule", "rules", "rule"),
    ("reward", "rewards", "name"),
    ("contact", "contacts", "name"),
    ("attachment", "attachments", "name"),
)


@dataclass(frozen=True)
class Change:
    """One difference. *noun*: session, topic, rule, reward, contact, attachment or programme; *key* names it
    (a session by its id in the old programme, or in the new one when added); *old* and *new* are values
    of the field *field*, or whole objects for added and removed."""

    kind: ChangeKind
    noun: str
    key: str
    field: str | None
    old: object
    new: object


def diff(old: Programme, new: Programme) -> tuple[Change, ...]:
    """Differences from *old* to *new*, sessions first; empty when nothing a reader would see has changed.

    A session is the same one when its day and titles agree, else its day alone, else its titles alone:
    then it was moved. Values set by hand where the new notice is silent (place, end, start) are no change.
    """
    changes = [
        Change("changed", "programme", old.programme_id, name, getattr(old, name), getattr(new, name))
        for name in ("title", "year")
        if getattr(old, name) != getattr(new, name)
    ]
    pairs, added, removed = paired(old.sessions, new.sessions)
    for before, after in pairs:
        changes.extend(_session_changes(before, after))
    changes += [Change("removed", "session", session.session_id, None, session, None) for session in removed]
    changes += [Change("added", "session", session.session_id, None, None, session) for session in added]
    for noun, attribute, key in _LISTS:
        changes.extend(_list_changes(noun, key, getattr(old, attribute), getattr(new, attribute)))
    return tuple(changes)


def _session_changes(before: Session, after: Session) -> list[Change]:
    found = []
    for name in _SESSION_FIELDS:
        was, now = getattr(before, name), getattr(after, name)
        set_by_hand = now is None and before.version > 1 and name in ("start", "end", "place")
        confirmed = name == "status" and was != "cancelled" and now == "tentative"
        if was != now and not set_by_hand and not confirmed:
            found.append(Change("changed", "session", before.session_id, name, was, now))
    return found


def _titles(session: Session) -> tuple[tuple[str | None, str | None], ...]:
    return tuple((item.track, item.title) for item in session.items)


def paired(
    old: tuple[Session, ...], new: tuple[Session, ...]
) -> tuple[list[tuple[Session, Session]], list[Session], list[Session]]:
    left, right = list(old), list(new)
    pairs: list[tuple[Session, Session]] = []
    keys = (
        lambda s: (s.held_on, s.start, _titles(s)),
        lambda s: (s.held_on, _titles(s)),
        lambda s: (s.held_on, s.start),
        lambda s: s.held_on,
        _titles,
    )
    for key in keys:
        for before in list(left):
            after = next((s for s in right if key(s) == key(before)), None)
            if after is not None:
                pairs.append((before, after))
                left.remove(before)
                right.remove(after)
    pairs.sort(key=lambda pair: pair[0].session_id)
    return pairs, right, left


def _list_changes(noun: str, key: str, old: tuple[_Listed, ...], new: tuple[_Listed, ...]) -> list[Change]:
    before = _keyed(old, key)
    after = _keyed(new, key)
    found = [
        Change("removed", noun, name, None, item, None) for name, item in before.items() if name not in after
    ]
    found += [
        Change("added", noun, name, None, None, item) for name, item in after.items() if name not in before
    ]
    for name, item in before.items():
        other = after.get(name)
        if other is None:
            continue
        for spot in fields(item):
            was, now = getattr(item, spot.name), getattr(other, spot.name)
            if was != now and spot.name not in (
                "source",
                "line",
                "lines",
                "heading_line",
                "body_lines",
                "rule_id",
                "reward_id",
                "account",
            ):
                found.append(Change("changed", noun, name, spot.name, was, now))
    return found


def _keyed(items: tuple[_Listed, ...], key: str) -> dict[str, _Listed]:
    keyed: dict[str, _Listed] = {}
    for item in items:
        name = str(getattr(item, key))
        number = sum(1 for known in keyed if known == name or known.startswith(f"{name}#"))
        keyed[name if not number else f"{name}#{number + 1}"] = item
    return keyed


def shift(notice: Notice, year: int) -> Notice:
    """*notice* moved to *year* by weekday: the first day goes to the nearest day of the same weekday, all
    others keep their distance. Rules that name days move along; printed source lines stay as they are.
    Raises ValueError for a notice without days."""
    if notice.refused or not notice.days or notice.year is None:
        raise ValueError("notice has no days to move")
    first = notice.days[0]
    target = _same_weekday_near(first, year)
    move = target - first
    return replace(
        notice,
        year=year,
        year_is_printed=False,
        sessions=tuple(replace(session, held_on=session.held_on + move) for session in notice.sessions),
        free_days=tuple(_moved_free(free, move) for free in notice.free_days),
        rules=tuple(replace(rule, value=_moved_value(rule.value, move)) for rule in notice.rules),
        questions=tuple(_moved_question(question, year) for question in notice.questions),
        month=(target if not notice.sessions else min(s.held_on for s in notice.sessions) + move).month,
    )


def _same_weekday_near(day: date, year: int) -> date:
    """The day of *day*'s weekday nearest to the same month and day of *year*."""
    base = date(year, day.month, min(day.day, 28)) + timedelta(days=max(day.day - 28, 0))
    ahead = (day.weekday() - base.weekday()) % 7
    return base + timedelta(days=ahead if ahead <= 3 else ahead - 7)


def _moved_free(free: FreeDay, move: timedelta) -> FreeDay:
    held_on = free.held_on + move
    return replace(free, held_on=held_on, printed_day=held_on.day)


def _moved_value(value: RuleValue, move: timedelta) -> RuleValue:
    if isinstance(value, list):
        return [_moved_text(item, move) for item in value]
    return _moved_text(value, move) if isinstance(value, str) else value


def _moved_text(value: str, move: timedelta) -> str:
    if len(value) in (10, 16) and value[4:5] == "-":
        try:
            return (date.fromisoformat(value[:10]) + move).isoformat() + value[10:]
        except ValueError:
            return value
    return value


def _moved_question(question: Question, year: int) -> Question:
    return replace(question, state="answered", answer=str(year)) if question.subject == "year" else question
