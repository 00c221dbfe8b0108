from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from programme.people import Person
from programme.programme import Programme
from programme.reminders import (
    DEFAULT_RULES,
    Audience,
    BadOffset,
    BeforeStart,
    DaysBefore,
    ReminderRule,
    audience,
    due_moment,
    events_of,
    is_meant,
    parse_offset,
    reminders_of,
    values_of,
)
from programme.schedule import Event
from programme.sessions import Item, Kind, Occurrence, Session, Source, Status
from programme.speakers import speakers_of

ZONE = ZoneInfo("Asia/Shanghai")
UNTIMED_AT = time(9, 7)
TUESDAY = date(2023, 7, 4)
EVENING = DEFAULT_RULES[0]


def session(
    held_on: date = TUESDAY,
    start: time | None = time(14, 30),
    kind: Kind = "lecture",
    status: Status = "tentative",
) -> Session:
    return Session(
        session_id="s1",
        held_on=held_on,
        start=start,
        end=None,
        period="afternoon",
        kind=kind,
        scope="own_project_group" if kind == "group_meeting" else "everyone",
        items=(Item(None, "科研论文写作"),),
        place=None,
        required=("研0", "研1"),
        optional=("研2",),
        status=status,
        version=1,
        source=Source(19, "4 日 下午 14:30 《科研论文写作》"),
    )


def occurrence(
    group: str | None = None, held_on: date = TUESDAY, start: time | None = time(14, 30), name: str = "o1"
) -> Occurrence:
    return Occurrence(name, "s1", group, held_on, start, None, None, 1)


def event(held: Session | None = None, at: Occurrence | None = None) -> Event:
    held = held or session()
    return Event(held, at or occurrence(held_on=held.held_on, start=held.start))


def person(
    name: str,
    cohort: str | None = "研0",
    group: str | None = "甲组",
    opted_in: bool = False,
    muted: bool = False,
) -> Person:
    return Person(name, "p", name, None, cohort, group, frozenset({"student"}), None, opted_in, muted)


def shanghai(day: int, hour: int, minute: int) -> datetime:
    return datetime(2023, 7, day, hour, minute, tzinfo=ZONE)


def rule(
    offset: str,
    weekdays: tuple[int, ...] = (),
    kinds: tuple[Kind, ...] = (),
    useless_after_s: int = 0,
    audience: Audience = "obliged",
) -> ReminderRule:
    return ReminderRule(
        "r", weekdays, kinds, parse_offset(offset), audience, "reminder/soon", useless_after_s
    )


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("-1d 20:07", DaysBefore(1, time(20, 7))),
        ("-10d 8:05", DaysBefore(10, time(8, 5))),
        ("0d 08:07", DaysBefore(0, time(8, 7))),
        ("-27m", BeforeStart(timedelta(minutes=27))),
        ("-2h", BeforeStart(timedelta(hours=2))),
    ],
)
def test_an_offset_has_two_forms(text: str, offset: object) -> None:
    assert parse_offset(text) == offset


@pytest.mark.parametrize(
    "text", ["", "27m", "+27m", "1d 20:07", "-1d", "-1d 24:00", "-1d 20:60", "-1d20:07", "-1w", "-²m"]
)
def test_any_other_offset_is_refused(text: str) -> None:
    with pytest.raises(BadOffset):
        parse_offset(text)


@pytest.mark.parametrize(
    ("offset", "due_at"),
    [
        ("-1d 20:07", shanghai(3, 20, 7)),
        ("-27m", shanghai(4, 14, 3)),
        ("-2h", shanghai(4, 12, 30)),
        ("0d 08:07", shanghai(4, 8, 7)),
    ],
)
def test_a_moment_counts_back_from_the_session(offset: str, due_at: datetime) -> None:
    assert due_moment(occurrence(), rule(offset), ZONE, UNTIMED_AT) == due_at


def test_a_moment_after_the_start_is_none() -> None:
    assert due_moment(occurrence(), rule("0d 20:07"), ZONE, UNTIMED_AT) is None


@pytest.mark.parametrize("offset", ["-1d 20:07", "-27m"])
def test_a_session_without_an_hour_is_announced_on_its_morning(offset: str) -> None:
    """Notice L19: 6 日 前沿研究分享 names no hour (R05, R06)."""
    thursday = occurrence(held_on=date(2023, 7, 6), start=None)

    assert due_moment(thursday, rule(offset), ZONE, UNTIMED_AT) == shanghai(6, 9, 7)


def test_a_session_without_an_hour_is_announced_once_and_not_by_every_rule() -> None:
    found = reminders_of(event(session(start=None)), DEFAULT_RULES, ZONE, UNTIMED_AT)

    assert [(r.kind, r.template, r.due_at, r.useless_after) for r in found] == [
        ("untimed", "reminder/untimed", shanghai(4, 9, 7), shanghai(4, 13, 7))
    ]


def test_a_session_with_an_hour_is_announced_by_every_rule_and_never_after_its_start() -> None:
    found = reminders_of(event(), DEFAULT_RULES, ZONE, UNTIMED_AT)

    assert [(r.kind, r.due_at, r.useless_after) for r in found] == [
        ("前一晚", shanghai(3, 20, 7), shanghai(4, 0, 0)),
        ("开始前", shanghai(4, 14, 3), shanghai(4, 14, 30)),
    ]


@pytest.mark.parametrize(
    ("useless_after_s", "limit"),
    [(0, shanghai(4, 14, 30)), (-300, shanghai(4, 14, 25)), (600, shanghai(4, 14, 40))],
)
def test_usefulness_is_counted_from_the_start(useless_after_s: int, limit: datetime) -> None:
    found = reminders_of(event(), [rule("-27m", useless_after_s=useless_after_s)], ZONE, UNTIMED_AT)

    assert [r.useless_after for r in found] == [limit]


def test_a_cancelled_session_is_not_announced() -> None:
    assert reminders_of(event(session(status="cancelled")), DEFAULT_RULES, ZONE, UNTIMED_AT) == ()


def test_a_session_moved_to_a_wednesday_is_announced_by_the_defaults() -> None:
    moved = event(at=occurrence(held_on=date(2023, 7, 5)))

    found = reminders_of(moved, DEFAULT_RULES, ZONE, UNTIMED_AT)

    assert [r.due_at for r in found] == [shanghai(4, 20, 7), shanghai(5, 14, 3)]


@pytest.mark.parametrize(
    ("weekdays", "kinds", "meant"),
    [
        ((), (), True),
        ((1,), (), True),
        ((0, 3), (), False),
        ((), ("lecture", "talks"), True),
        ((), ("talks",), False),
        ((1,), ("talks",), False),
    ],
)
def test_a_rule_speaks_of_its_weekdays_and_kinds(
    weekdays: tuple[int, ...], kinds: tuple[Kind, ...], meant: bool
) -> None:
    assert is_meant(rule("-27m", weekdays, kinds), event()) is meant


def heard(
    of: Event,
    people: list[Person],
    siblings: tuple[Event, ...] = (),
    there: tuple[str, ...] = (),
    meant: Audience = "obliged",
    on_leave: tuple[str, ...] = (),
) -> list[str]:
    [reminder] = reminders_of(of, [rule("-27m", audience=meant)], ZONE, UNTIMED_AT)
    speakers = speakers_of(of.session, people)
    return [
        hearer.name for hearer in audience(reminder, siblings or (of,), people, there, on_leave, speakers)
    ]


def test_the_obliged_and_those_who_opted_in_are_told() -> None:
    """Notice L9: 研0、研1 必须按时参加；研2 不做硬性要求."""
    people = [
        person("研零", "研0"),
        person("研一", "研1"),
        person("研二", "研2"),
        person("研二加入", "研2", opted_in=True),
        person("导师", None, None),
    ]

    assert heard(event(), people) == ["研零", "研一", "研二加入"]


@pytest.mark.parametrize(
    ("meant", "names"),
    [
        ("obliged", ["研零"]),
        ("everyone", ["研零", "研二", "负责人", "导师", "管理员", "讲者"]),
        ("leads", ["负责人"]),
        ("mentors", ["导师"]),
        ("admins", ["管理员"]),
        ("speakers", ["讲者"]),
    ],
)
def test_a_rule_names_its_audience(meant: Audience, names: list[str]) -> None:
    talk = replace(
        session(kind="talks"), items=(Item("前沿研究分享", "AI", "讲者"), Item("工程", "平台", None))
    )
    people = [
        person("研零"),
        person("研二", "研2"),
        replace(person("负责人", None), roles=frozenset({"lead"})),
        replace(person("导师", None, None), roles=frozenset({"mentor"})),
        replace(person("管理员", None, None), roles=frozenset({"admin"})),
        replace(person("讲者", None, None), roles=frozenset({"speaker"})),
    ]

    assert heard(event(talk), people, meant=meant) == names


def test_the_muted_those_on_leave_and_those_already_there_are_not_told() -> None:
    people = [person("甲"), person("静", muted=True), person("到"), person("假")]

    assert heard(event(), people, there=("到",), on_leave=("假",)) == ["甲"]


def test_a_group_meeting_concerns_its_group_only() -> None:
    """Notice L13: 每周一各项目组内部开会."""
    held = session(kind="group_meeting")
    first = Event(held, occurrence("甲组", name="o1"))
    second = Event(held, occurrence("乙组", start=time(16, 0), name="o2"))
    printed = Event(held, occurrence(None, name="o3"))
    people = [person("甲", group="甲组"), person("乙", group="乙组"), person("散", group=None)]
    siblings = (first, second, printed)

    table = [heard(of, people, siblings) for of in siblings]

    assert table == [["甲"], ["乙"], ["散"]]


def test_a_group_without_hours_of_its_own_meets_as_printed() -> None:
    held = session(kind="group_meeting")
    programme = Programme(
        "p", 1, "七月", 2023, "Asia/Shanghai", TUESDAY, TUESDAY,
        sessions=(held,),
        occurrences=(occurrence("甲组"),),
        topics=(), rules=(), rewards=(), contacts=(), attachments=(), questions=(),
    )  # fmt: skip
    people = [person("甲", group="甲组"), person("新", group="新组")]

    events = events_of(programme)

    assert [(of.occurrence.group, heard(of, people, events)) for of in events] == [
        ("甲组", ["甲"]),
        (None, ["新"]),
    ]


def test_the_words_of_a_reminder_rest_on_what_is_known() -> None:
    evening = reminders_of(event(), [EVENING], ZONE, UNTIMED_AT)[0]

    assert values_of(evening, ZONE) == {
        "occurrence_id": "o1",
        "version": 1,
        "held_on": "2023-07-04",
        "days_ahead": 1,
        "start": "14:30",
        "end": None,
        "period": "afternoon",
        "kind": "lecture",
        "group": None,
        "place": None,
        "status": "tentative",
        "day_note": None,
        "lead_min": None,
        "slot": None,
        "items": [{"track": None, "title": "科研论文写作", "speaker": None}],
    }


def test_no_hour_is_among_the_words_when_the_notice_gives_none() -> None:
    untimed = reminders_of(event(session(start=None)), DEFAULT_RULES, ZONE, UNTIMED_AT)[0]

    values = values_of(untimed, ZONE)

    assert (values["start"], values["end"], values["days_ahead"]) == (None, None, 0)


def test_the_defaults_keep_off_the_crowded_minutes() -> None:
    """Most apps push at :00 and :30, so delivery is late then (design D7)."""
    starts = [time(14, 0), time(14, 30), time(9, 0), time(16, 30)]
    minutes = {
        r.due_at.minute
        for start in starts
        for r in reminders_of(event(session(start=start)), DEFAULT_RULES, ZONE, UNTIMED_AT)
    }

    assert minutes == {7, 3, 33}
