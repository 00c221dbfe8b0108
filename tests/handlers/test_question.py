"""回复 2 14:00: only the admin, only after 确认, and nothing half done."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from programme.sessions import Session
from storage import audit, decided, programmes
from tests.handlers.said import person, programme, template_of
from tests.house import Talk

ZONE = ZoneInfo("Asia/Shanghai")
AT = datetime(2023, 7, 3, 9, 0, tzinfo=ZONE)


def session(talk: Talk, session_id: str) -> Session:
    return next(s for s in programme(talk).sessions if s.session_id == session_id)


def answer(talk: Talk, text: str) -> str | None:
    talk.say("张老师", text, AT)
    return talk.say("张老师", "确认", AT)


@pytest.mark.parametrize("name", ["王小明", "周九", "李老师", "周老师"])
@pytest.mark.parametrize("text", ["待办", "回复 3 7/6 15:00"])
def test_only_the_admin_sees_and_answers_what_is_open(talk: Talk, name: str, text: str) -> None:
    assert template_of(talk, name, text, AT) == "question/only_admin"
    assert session(talk, "S03").start is None


def test_nothing_changes_before_the_confirmation(talk: Talk) -> None:
    """R05, R11: an hour is unknown until the admin sets it."""
    asked = template_of(talk, "张老师", "回复 3 7/6 15:00", AT)
    before = session(talk, "S03").start
    confirmed = template_of(talk, "张老师", "确认", AT)

    assert (asked, before) == ("question/confirm", None)
    assert (confirmed, session(talk, "S03").start) == ("question/answered", time(15, 0))


def test_an_answer_put_down_changes_nothing(talk: Talk) -> None:
    talk.say("张老师", "回复 3 7/6 15:00", AT)
    talk.say("张老师", "取消", AT)

    assert template_of(talk, "张老师", "确认", AT) == "guide/nothing_to_confirm"
    assert session(talk, "S03").start is None


def test_an_answer_about_one_day_leaves_the_other_days_open(talk: Talk) -> None:
    answer(talk, "回复 3 7/6 15:00")

    assert [session(talk, name).start for name in ("S03", "S06", "S09")] == [time(15, 0), None, None]
    assert next(q for q in programme(talk).questions if q.number == 3).state == "open"


def test_an_answer_for_all_closes_the_question(talk: Talk) -> None:
    answer(talk, "回复 3 15:00")

    assert [session(talk, name).start for name in ("S03", "S06", "S09")] == [time(15, 0)] * 3
    assert next(q for q in programme(talk).questions if q.number == 3).state == "answered"


def test_a_closed_question_may_be_answered_again(talk: Talk) -> None:
    answer(talk, "回复 3 15:00")
    answer(talk, "回复 3 16:00")

    entries = talk.app.database.read(lambda tx: audit.entries(tx, programme(talk).programme_id))
    assert [session(talk, name).start for name in ("S03", "S06", "S09")] == [time(16, 0)] * 3
    assert session(talk, "S03").version == 3
    assert {(e.action, e.old, e.new) for e in entries} == {
        ("answer_question", None, "15:00"),
        ("answer_question", "15:00", "16:00"),
    }


def test_two_answers_about_one_session_make_one_new_version(talk: Talk) -> None:
    answer(talk, "回复 3 15:00；回复 4 A301；回复 5 17:00")

    third = session(talk, "S03")
    assert (third.start, third.end, third.place, third.version) == (time(15), time(17), "A301", 2)


def test_an_answer_taken_back_leaves_no_word_of_it(talk: Talk) -> None:
    answer(talk, "回复 4 A301")
    answer(talk, "回复 4 待定")

    assert {s.place for s in programme(talk).sessions} == {None}
    assert [key for key in programme(talk).settings if key.startswith(("session:", "printed:"))] == []


def test_who_is_second_hears_who_was_first(talk: Talk) -> None:
    """B59: two admins about the same question; 确认 once more goes over it."""
    talk.say("张老师", "回复 3 15:00", AT)
    programme_id = programme(talk).programme_id
    other = person(talk, "李老师").person_id
    talk.app.database.write(
        partial(
            decided.answer_question,
            programme_id=programme_id,
            number=3,
            answer="16:00",
            by_person_id=other,
            at=AT,
        )
    )

    second = talk.say("张老师", "确认", AT)
    third = talk.say("张老师", "确认", AT)

    assert (second or "").startswith("没有改动：问题 3 刚由李老师定")
    assert (third or "").startswith("✅")
    assert session(talk, "S03").start == time(15)


def test_the_meetings_of_the_groups_follow_their_session(talk: Talk) -> None:
    """R13: every group's own meeting of 10 July moves with the table (notice L13, L20)."""
    answer(talk, "回复 2 14:30")

    groups = [o for o in programme(talk).occurrences if o.session_id == "S04"]

    assert {o.start for o in groups} == {time(14, 30)}
    assert {o.version for o in groups} == {2}
    assert len(groups) == 5


def test_a_group_that_set_its_own_hour_keeps_it(talk: Talk) -> None:
    """R13: each group may set its own time."""
    own = next(o for o in programme(talk).occurrences if (o.session_id, o.group) == ("S04", "视频压缩组"))
    moved = replace(own, start=time(16, 0), version=own.version + 1)
    talk.app.database.write(lambda tx: programmes.change_occurrence(tx, programme(talk).programme_id, moved))
    talk.app.snapshot.refresh(talk.app.database)

    answer(talk, "回复 2 14:30")

    kept = next(o for o in programme(talk).occurrences if o.occurrence_id == own.occurrence_id)
    assert kept.start == time(16, 0)


def test_an_answer_that_comes_second_changes_nothing_at_all(talk: Talk) -> None:
    """The place of all twelve sessions, while somebody changes the third: none of the twelve gets it."""
    talk.say("张老师", "回复 4 A301", AT)
    third = session(talk, "S03")
    changed = replace(third, start=time(15, 0), version=third.version + 1)
    programme_id = programme(talk).programme_id
    talk.app.database.write(partial(programmes.change_session, programme_id=programme_id, session=changed))

    late = template_of(talk, "张老师", "确认", AT)
    places = {s.place for s in programme(talk).sessions}

    assert late == "question/changed_meanwhile"
    assert places == {None}
    assert session(talk, "S03").start == time(15, 0)


def test_the_same_answer_given_again_after_that_is_stored(talk: Talk) -> None:
    talk.say("张老师", "回复 4 A301", AT)
    third = session(talk, "S03")
    changed = replace(third, start=time(15, 0), version=third.version + 1)
    programme_id = programme(talk).programme_id
    talk.app.database.write(partial(programmes.change_session, programme_id=programme_id, session=changed))
    talk.say("张老师", "确认", AT)

    answer(talk, "回复 4 A301")

    assert {s.place for s in programme(talk).sessions} == {"A301"}
    assert session(talk, "S03").start == time(15, 0)


def test_a_confirmed_answer_delivered_again_is_stored_once(talk: Talk) -> None:
    """R46."""
    first = answer(talk, "回复 3 7/6 15:00")
    again = talk.again("张老师", AT)
    entries = talk.app.database.read(lambda tx: audit.entries(tx, programme(talk).programme_id))

    assert again == first
    assert [entry.action for entry in entries] == ["answer_question"]
    assert session(talk, "S03").version == 2


def test_students_hear_the_new_hour_and_place_at_once(talk: Talk) -> None:
    """R11: 待通知 until set, then what was set."""
    before = talk.say("王小明", "周四几点", AT)
    answer(talk, "回复 3 7/6 15:00")
    answer(talk, "回复 4 A301")

    assert (before or "").splitlines()[-1] == "地点待通知。以上为拟定安排。"
    assert talk.say("王小明", "周四几点", AT) == (
        "7/6（周四）15:00 前沿研究分享《AI+脑科学+安全》；工程项目开发分享《视频压缩+AI》，A301\n以上为拟定安排。"
    )
