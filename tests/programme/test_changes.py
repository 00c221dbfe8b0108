"""A session changed by hand: what becomes of it, what differs, whom it concerns."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time

import pytest

from programme.changes import (
    Difference,
    NotPossible,
    Wish,
    changed,
    concerned,
    differences,
    following_occurrences,
    item_meant,
    same_day,
)
from programme.people import Person, Role
from programme.programme import Programme
from programme.sessions import Session

NOW = datetime(2023, 7, 10, 9, 0)  # noqa: DTZ001 - the programme's own wall clock


def session_on(july: Programme, day: int) -> Session:
    return next(s for s in july.sessions if s.held_on == date(2023, 7, day))


def after(session: Session, wish: Wish, now: datetime = NOW) -> Session:
    result = changed(session, wish, now)
    assert isinstance(result, Session)
    return result


def test_what_is_not_named_stays_as_it_is(july: Programme) -> None:
    """Notice L20: Thursday has two talks and no hour."""
    before = session_on(july, 13)

    new = after(before, Wish(start=time(15), place="A301"))

    assert new == replace(before, start=time(15), place="A301", version=before.version + 1)


def test_the_end_moves_with_the_start(july: Programme) -> None:
    before = replace(session_on(july, 18), end=time(16, 30))

    assert after(before, Wish(shift_min=30)).end == time(17)
    assert after(before, Wish(start=time(9))).end == time(11)


def test_a_shift_of_days_keeps_the_hour(july: Programme) -> None:
    new = after(session_on(july, 18), Wish(shift_days=7))

    assert (new.held_on, new.start) == (date(2023, 7, 25), time(14, 30))


def test_an_hour_can_become_open_again(july: Programme) -> None:
    new = after(session_on(july, 18), Wish(is_time_open=True))

    assert (new.start, new.end, new.period) == (None, None, "afternoon")


@pytest.mark.parametrize(
    ("day", "wish", "why"),
    [
        (13, Wish(), "nothing_new"),
        (18, Wish(start=time(15), end=time(14)), "end_before_start"),
        (13, Wish(shift_min=30), "no_hour_to_shift"),
        (18, Wish(status="tentative"), "not_cancelled"),
        (18, Wish(to_date=date(2023, 7, 7)), "past"),
        (10, Wish(start=time(8)), "past"),
        (6, Wish(status="cancelled"), "over"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(july: Programme, day: int, wish: Wish, why: str) -> None:
    assert changed(session_on(july, day), wish, NOW) == NotPossible(why)  # type: ignore[arg-type]


def test_a_room_may_change_after_the_start_and_a_session_be_called_off(july: Programme) -> None:
    during = datetime(2023, 7, 10, 14, 40)  # noqa: DTZ001 - as above

    assert after(session_on(july, 10), Wish(place="B205"), during).place == "B205"
    assert after(session_on(july, 10), Wish(status="cancelled"), during).status == "cancelled"


def test_a_cancelled_session_must_be_restored_before_it_is_moved(july: Programme) -> None:
    cancelled = after(session_on(july, 18), Wish(status="cancelled"))

    assert changed(cancelled, Wish(start=time(15)), NOW) == NotPossible("cancelled")
    assert after(cancelled, Wish(status="tentative")).status == "tentative"


def test_the_differences_name_old_and_new(july: Programme) -> None:
    before = session_on(july, 13)
    new = after(before, Wish(to_date=date(2023, 7, 14), start=time(15), place="A301"))

    assert differences(before, new) == (
        Difference("day", date(2023, 7, 13), date(2023, 7, 14)),
        Difference("time", None, time(15)),
        Difference("place", None, "A301"),
    )


def test_a_new_speaker_belongs_to_one_of_the_two_talks(july: Programme) -> None:
    before = session_on(july, 13)
    place = item_meant(before, ["工程"])
    assert place == 1

    new = after(before, Wish(item=place, speaker="赵博士"))

    assert differences(before, new) == (Difference("speaker", None, "赵博士", "工程项目开发分享"),)
    assert item_meant(before, []) is None


def test_a_talk_that_falls_out_leaves_the_other_one(july: Programme) -> None:
    before = session_on(july, 13)

    new = after(before, Wish(item=0, drops_item=True))

    assert [item.title for item in new.items] == ["AI 平台"]
    assert differences(before, new) == (Difference("talk", "下一代人工智能方法", None, "前沿研究分享"),)


def person(name: str, role: Role, cohort: str | None = None, group: str | None = None) -> Person:
    return Person(name, "july", name, None, cohort, group, frozenset({role}))


MING = replace(person("王小明", "student", "研0", "视频压缩组"), muted=True)
QIAN = person("钱七", "student", "研1", "AI平台组")
CHEN = person("陈一怡", "student", "研2", "视频压缩组")
XIE = replace(person("谢俊轩", "student", "研2", "AI平台组"), opted_in=True)
LI = person("李老师", "lead", None, "视频压缩组")
ZHAO = person("赵博士", "speaker")
ALL = (MING, QIAN, CHEN, XIE, LI, ZHAO)


def test_a_change_concerns_who_must_come_and_the_speaker_even_when_muted(july: Programme) -> None:
    """Notice L9: 研2 only when they joined."""
    before = session_on(july, 13)
    new = after(before, Wish(item=1, speaker="赵博士"))

    assert concerned(new, following_occurrences(july, before, new), ALL) == (MING, QIAN, XIE, ZHAO)


def test_a_change_concerns_whoever_asked_for_reminders_though_nobody_obliges_them(july: Programme) -> None:
    before = session_on(july, 13)
    new = after(before, Wish(start=time(15)))
    asked = replace(CHEN, asked_reminders=True)
    mentor = replace(person("周老师", "mentor"), asked_reminders=True)

    told = concerned(new, following_occurrences(july, before, new), (CHEN, LI, asked, mentor))

    assert told == (asked, mentor)


def test_a_group_meeting_concerns_its_group_and_its_lead(july: Programme) -> None:
    """Notice L13: 各项目组内部开会."""
    meeting = session_on(july, 17)
    own = [o for o in july.occurrences if o.session_id == meeting.session_id and o.group == "视频压缩组"]

    assert concerned(meeting, own, ALL) == (MING, LI)


def test_a_group_that_set_its_own_hour_keeps_it_but_not_after_a_cancellation(july: Programme) -> None:
    meeting = session_on(july, 17)
    apart = tuple(
        replace(o, start=time(9)) if o.session_id == meeting.session_id and o.group == "AI平台组" else o
        for o in july.occurrences
    )
    programme = replace(july, occurrences=apart)

    moved = following_occurrences(programme, meeting, after(meeting, Wish(start=time(16))))
    called_off = following_occurrences(programme, meeting, after(meeting, Wish(status="cancelled")))

    assert [(o.group, o.start) for o in moved] == [("视频压缩组", time(16))]
    assert [(o.group, o.start, o.version) for o in called_off] == [
        ("视频压缩组", time(14, 30), 2),
        ("AI平台组", time(9), 2),
    ]


def test_sessions_at_the_same_time_are_named(july: Programme) -> None:
    new = after(session_on(july, 18), Wish(to_date=date(2023, 7, 25)))

    assert same_day(july, new) == (session_on(july, 25),)
    assert same_day(july, replace(new, start=time(9), period="morning")) == ()
