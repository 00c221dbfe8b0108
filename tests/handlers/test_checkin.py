"""Check-in beyond the transcripts: groups, organisers, codes of another place or time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from programme.codes import checkin_code
from programme.programme import Programme
from storage import checkins
from tests.house import KEY, Talk

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2023, 7, 3, 14, 30, tzinfo=ZONE)
TUESDAY = datetime(2023, 7, 4, 14, 26, tzinfo=ZONE)


def programme(talk: Talk) -> Programme:
    found = talk.app.snapshot.programme(talk.app.snapshot.programme_ids()[0])
    assert found is not None
    return found


def occurrence_id(talk: Talk, session_id: str, group: str | None = None) -> str:
    return next(
        o.occurrence_id for o in programme(talk).occurrences if (o.session_id, o.group) == (session_id, group)
    )


def test_a_monday_check_in_belongs_to_the_persons_own_group(talk: Talk) -> None:
    """R13: 各项目组内部开会 (notice L13)."""
    talk.say("王小明", "签到", MONDAY)
    talk.say("孙八", "签到", MONDAY)

    own = occurrence_id(talk, "S01", "视频压缩组")
    rows = talk.app.database.read(lambda tx: checkins.of_occurrence(tx, own))

    assert [talk.app.snapshot.person(row.person_id).name for row in rows] == ["王小明"]  # type: ignore[union-attr]


def test_somebody_of_no_group_has_no_monday_meeting_to_check_in_to(talk: Talk) -> None:
    answer = talk.say("张老师", "签到", MONDAY)

    assert (answer or "").startswith("今天没有需要签到的安排，没有记录。")


def test_a_lead_opens_the_meeting_of_the_own_group_only(talk_with: Callable[..., Talk]) -> None:
    talk = talk_with(proof="code")

    talk.say("李老师", "开始签到", MONDAY)

    assert sorted(talk.pushes()) == sorted(
        p.name
        for p in talk.app.snapshot.people_in(programme(talk).programme_id)
        if p.group == "视频压缩组" and p.cohort in ("研0", "研1")
    )


def test_a_code_of_another_session_or_of_two_steps_ago_does_not_count(talk_with: Callable[..., Talk]) -> None:
    talk = talk_with(proof="code")
    talk.say("李老师", "开始签到", TUESDAY)
    here, there = occurrence_id(talk, "S02"), occurrence_id(talk, "S05")

    foreign = talk.say("王小明", f"签到 {checkin_code(KEY, there, TUESDAY, 20)}", TUESDAY)
    old = talk.say("王小明", f"签到 {checkin_code(KEY, here, TUESDAY - timedelta(seconds=40), 20)}", TUESDAY)
    right = talk.say(
        "王小明", f"签到 {checkin_code(KEY, here, TUESDAY - timedelta(seconds=20), 20)}", TUESDAY
    )

    assert (foreign or "").startswith("数字不对，还可以再试 2 次。")
    assert (old or "").startswith("数字不对，还可以再试 1 次。")
    assert (right or "").startswith("✅ 14:26 已签到")


def test_after_three_wrong_codes_the_right_one_is_not_compared(talk_with: Callable[..., Talk]) -> None:
    """D20: a person decides then; another student is not disturbed."""
    talk = talk_with(proof="code")
    talk.say("李老师", "开始签到", TUESDAY)
    code = checkin_code(KEY, occurrence_id(talk, "S02"), TUESDAY, 20)

    for wrong in ("签到 000001", "签到 000002", "签到 000003"):
        talk.say("王小明", wrong, TUESDAY)
    right = talk.say("王小明", f"签到 {code}", TUESDAY)
    other = talk.say("赵六", f"签到 {code}", TUESDAY)

    assert (right or "").startswith("今天的数字已输错 3 次，改为人工核对")
    assert (other or "").startswith("✅ 14:26 已签到")


def test_the_first_time_is_kept_whatever_comes_later(talk: Talk) -> None:
    talk.say("王小明", "签到", TUESDAY)
    talk.say("王小明", "签到", TUESDAY + timedelta(minutes=20))
    after_the_close = talk.say("王小明", "签到", TUESDAY + timedelta(hours=2))

    rows = talk.app.database.read(lambda tx: checkins.of_occurrence(tx, occurrence_id(talk, "S02")))

    assert [(row.at, row.state) for row in rows] == [(TUESDAY, "present")]
    assert after_the_close == "你已在 14:26 签到（准时），不用重复。"
