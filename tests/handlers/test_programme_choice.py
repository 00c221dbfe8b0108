"""Somebody in two programmes: bound in both, answered about the nearer one, and 换项目 (design D14)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from programme.codes import bind_code_hash
from storage import people
from tests.handlers.said import template_of
from tests.house import KEY, ROOT, Talk, furnish
from wiring.application import everybody

ZONE = ZoneInfo("Asia/Shanghai")
TUESDAY = datetime(2023, 7, 4, 10, 0, tzinfo=ZONE)
CODE = "ABCDEFGHJK"


@pytest.fixture
def both(talk: Talk, tmp_path: Path) -> Talk:
    """The sample programme and a second one of another title, whose sessions are in the morning."""
    text = (ROOT / "samples" / "notice.txt").read_text("utf-8")
    title = text.lstrip().splitlines()[0]
    second = tmp_path / "second.txt"
    text = text.replace(title, "七月晨间研讨安排", 1).replace("14:30", "9:30").replace("下午", "上午")
    second.write_text(text, "utf-8")
    furnish(talk.app, second)
    return talk


def titles(talk: Talk, account: str) -> list[str]:
    found = talk.app.snapshot.people_for("wecom", account)
    programmes = [talk.app.snapshot.programme(person.programme_id) for person in found]
    return sorted(programme.title for programme in programmes if programme)


def both_titles(talk: Talk) -> list[str]:
    programmes = map(talk.app.snapshot.programme, talk.app.snapshot.programme_ids())
    return sorted(programme.title for programme in programmes if programme)


def test_a_confirmed_account_is_bound_in_both_programmes(both: Talk) -> None:
    both.forget_accounts(["王小明"])
    both.say("王小明", "绑定 王小明 2023001", TUESDAY)
    both.say("王小明", "确认", TUESDAY)

    said = both.say("李老师", "同意", TUESDAY)

    assert "另外也绑定了" in (said or "")
    assert titles(both, "wx-王小明") == both_titles(both)


def test_a_one_time_code_binds_in_both_programmes(both: Talk) -> None:
    both.forget_accounts(["王小明"])
    him = next(p for p in everybody(both.app) if p.name == "王小明")
    hashed = bind_code_hash(KEY, CODE)
    both.app.database.write(
        lambda tx: people.set_bind_code(tx, him.programme_id, him.person_id, hashed, TUESDAY)
    )

    both.say("王小明", f"绑定 {CODE}", TUESDAY)

    assert titles(both, "wx-王小明") == both_titles(both)


def test_a_programme_that_came_later_takes_in_who_is_bound_already(both: Talk) -> None:
    two = [p for p in everybody(both.app) if p.name == "王小明"]
    both.app.database.write(lambda tx: people.unbind(tx, "wecom", two[1].person_id))
    both.app.snapshot.refresh(both.app.database)
    before = titles(both, "stu001")

    both.say("王小明", "绑定", TUESDAY)

    assert len(before) == 1
    assert titles(both, "stu001") == both_titles(both)


def test_the_programme_with_the_nearest_session_answers(both: Talk) -> None:
    morning = both.say("王小明", "签到", TUESDAY.replace(hour=9, minute=20))
    afternoon = both.say("王小明", "签到", TUESDAY.replace(hour=14, minute=40))

    assert (morning or "").startswith("✅ 09:20 已签到")
    assert (afternoon or "").startswith("⏰ 14:40 已签到")


def test_the_list_names_both_and_a_number_switches(both: Talk) -> None:
    listed = both.say("王小明", "换项目", TUESDAY.replace(hour=14, minute=20))
    switched = both.say("王小明", "2", TUESDAY.replace(hour=14, minute=21))
    after = both.say("王小明", "今天", TUESDAY.replace(hour=14, minute=22))
    back = both.say("王小明", "换项目 1", TUESDAY.replace(hour=14, minute=23))
    then = both.say("王小明", "今天", TUESDAY.replace(hour=14, minute=24))

    assert (listed or "").count("《") == 2
    assert (listed or "").count("← 现在") == 1
    assert (switched or "").startswith("好，接下来说的是《")
    assert switched != back
    assert {("09:30" in (text or ""), "14:30" in (text or "")) for text in (after, then)} == {
        (True, False),
        (False, True),
    }


def test_a_title_switches_and_an_unknown_one_lists(both: Talk) -> None:
    assert template_of(both, "王小明", "换项目 七月晨间研讨安排", TUESDAY) == "programme_choice/switched"
    assert template_of(both, "王小明", "换项目 不存在的名字", TUESDAY) == "programme_choice/list"
    assert template_of(both, "王小明", "换项目 9", TUESDAY) == "programme_choice/list"


def test_a_choice_ends_after_twelve_hours(both: Talk) -> None:
    both.say("王小明", "换项目 1", TUESDAY.replace(hour=9, minute=0))
    both.say("王小明", "换项目 2", TUESDAY.replace(hour=9, minute=1))

    week_later = datetime(2023, 7, 11, 9, 20, tzinfo=ZONE)
    morning = both.say("王小明", "签到", week_later)
    afternoon = both.say("王小明", "签到", week_later.replace(hour=14, minute=20))

    assert (morning or "").startswith("✅ 09:20 已签到")
    assert (afternoon or "").startswith("✅ 14:20 已签到")


def test_who_is_in_one_programme_hears_that(talk: Talk) -> None:
    assert template_of(talk, "王小明", "换项目", TUESDAY) == "programme_choice/only_one"
