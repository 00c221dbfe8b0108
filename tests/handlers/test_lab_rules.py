"""规定: only the admin sets one, only after 确认; it wins at once and the audit keeps who did it."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from storage import audit
from tests.handlers.said import programme, template_of
from tests.house import Talk

ZONE = ZoneInfo("Asia/Shanghai")
AT = datetime(2023, 7, 3, 9, 0, tzinfo=ZONE)


def set_rule(talk: Talk, text: str) -> str | None:
    talk.say("张老师", text, AT)
    return talk.say("张老师", "确认", AT)


@pytest.mark.parametrize("name", ["王小明", "周九", "李老师", "周老师"])
def test_nobody_but_the_admin_sets_a_rule(talk: Talk, name: str) -> None:
    assert template_of(talk, name, "规定 迟到 10分钟", AT) == "question/only_admin"
    assert template_of(talk, name, "确认", AT) == "guide/nothing_to_confirm"
    assert dict(programme(talk).settings) == {}


def test_a_rule_holds_after_the_confirmation_and_not_before(talk: Talk) -> None:
    """R19, D14: the programme's own row wins over the configuration."""
    talk.say("张老师", "规定 迟到 10分钟", AT)
    before = dict(programme(talk).settings)
    talk.say("张老师", "确认", AT)

    late = talk.say("王小明", "签到", datetime(2023, 7, 4, 14, 39, tzinfo=ZONE))
    assert (before, dict(programme(talk).settings)) == ({}, {"late_after_min": "10"})
    assert (late or "").startswith("✅ 14:39 已签到")


def test_a_rule_put_back_to_its_default_leaves_no_row(talk: Talk) -> None:
    set_rule(talk, "规定 迟到 10分钟")
    set_rule(talk, "规定 迟到 默认")

    assert dict(programme(talk).settings) == {}


def test_the_audit_keeps_old_and_new(talk: Talk) -> None:
    set_rule(talk, "规定 迟到 10分钟")
    set_rule(talk, "规定 迟到 12分钟")

    entries = talk.app.database.read(lambda tx: audit.entries(tx, programme(talk).programme_id))
    assert {(e.action, e.object, e.old, e.new) for e in entries} == {
        ("lab_rule", "setting:late_after_min", None, "10"),
        ("lab_rule", "setting:late_after_min", "10", "12"),
    }


def test_a_rule_answers_the_question_that_the_import_asked_about_it(talk: Talk) -> None:
    """R18: whether 研1 needs a guarantee."""
    set_rule(talk, "规定 线上担保 研0")

    question = next(q for q in programme(talk).questions if q.subject == "setting:online_guarantee_cohorts")
    assert (question.state, question.answer) == ("answered", "研0")


def test_an_answer_to_the_import_is_that_rule(talk: Talk) -> None:
    talk.say("张老师", "回复 14 研0", AT)
    talk.say("张老师", "确认", AT)

    assert (talk.say("张老师", "规定 线上担保", AT) or "").startswith("线上担保现在是 研0（张老师 7/3 定")


def test_a_rule_of_one_programme_is_seen_after_a_restart(talk: Talk) -> None:
    set_rule(talk, "规定 签到提前 20 分钟")
    talk.restart()

    early = talk.say("王小明", "签到", datetime(2023, 7, 4, 14, 11, tzinfo=ZONE))
    assert (early or "").startswith("✅ 14:11 已签到")
