"""The journey of one message: once, in time, at a bearable pace, and by whoever it is from."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from messages.envelope import Inbound
from storage import checkins, people
from storage.database import StorageAway
from tests.house import Talk

ZONE = ZoneInfo("Asia/Shanghai")
AT = datetime(2023, 7, 4, 14, 26, tzinfo=ZONE)


def inbound(
    talk: Talk, text: str, message_id: str = "x1", name: str = "王小明", at: datetime = AT
) -> Inbound:
    talk.clock.at = at
    return Inbound("wecom", message_id, talk.account(name), at, "text", text)


def stored(talk: Talk) -> int:
    programme = talk.app.snapshot.programme(talk.app.snapshot.programme_ids()[0])
    assert programme is not None
    return sum(
        len(talk.app.database.read(lambda tx, it=o.occurrence_id: checkins.of_occurrence(tx, it)))  # type: ignore[misc]
        for o in programme.occurrences
    )


def test_eight_copies_at_the_same_instant_make_one_check_in_and_one_text(talk: Talk) -> None:
    message = inbound(talk, "签到")

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(talk.app.responder.respond, [message] * 8))

    assert len({answer.text for answer in answers if answer}) == 1
    assert stored(talk) == 1


def test_a_message_out_of_time_is_silent_unless_it_was_answered_before(talk: Talk) -> None:
    """D2: freshness is asked only of messages that nobody has seen."""
    message = inbound(talk, "签到")
    first = talk.app.responder.respond(message)
    talk.clock.at = AT + timedelta(days=2)

    again = talk.app.responder.respond(message)
    unseen = talk.app.responder.respond(replace(message, message_id="x2"))

    assert again == first
    assert unseen is None
    assert stored(talk) == 1


@pytest.mark.parametrize("ahead", [timedelta(minutes=3), -timedelta(minutes=11)])
def test_three_authentic_messages_out_of_time_in_a_row_mean_a_wrong_clock(
    talk: Talk, ahead: timedelta
) -> None:
    talk.clock.at = AT
    responder = talk.app.responder

    for number in range(3):
        responder.respond(replace(inbound(talk, "签到", f"x{number}"), at=AT + ahead))
    has_trouble = responder.has_clock_trouble
    responder.respond(inbound(talk, "你好", "x9"))

    assert has_trouble
    assert not responder.has_clock_trouble


@pytest.mark.parametrize("kind", ["image", "voice", "video", "location", "link", "unknown"])
def test_what_is_not_text_is_asked_to_be_typed(talk: Talk, kind: str) -> None:
    answer = talk.say("王小明", "", AT, kind)  # type: ignore[arg-type]

    assert answer is not None
    assert "请打字告诉我" in answer


def test_the_twenty_first_message_of_a_minute_is_warned_and_later_ones_are_silent(talk: Talk) -> None:
    answers = [talk.say("王小明", "今天", AT) for _ in range(23)]
    another = talk.say("赵六", "我是谁", AT)
    later = talk.say("王小明", "我是谁", AT + timedelta(minutes=2))

    assert answers[20:] == ["你发得太快了，先歇一分钟，后面的消息我暂时不看。", None, None]
    assert another == "你是 赵六（研0，视频压缩组，导师周老师）。不是本人请联系管理员。"
    assert later == "你是 王小明（研0，视频压缩组，导师周老师）。不是本人请联系管理员。"


def test_a_repeat_within_a_flood_still_gets_its_answer(talk: Talk) -> None:
    """R46: the platform delivers again whoever is in a hurry."""
    message = inbound(talk, "签到")
    first = talk.app.responder.respond(message)
    for _ in range(22):
        talk.say("王小明", "今天", AT)

    assert talk.app.responder.respond(message) == first


@pytest.mark.parametrize(("text", "answer"), [("选 9", "确认"), ("选 5", "选 6"), ("选 9", "取消")])
def test_an_answer_to_a_question_that_comes_eight_times_is_taken_once(
    talk: Talk, text: str, answer: str
) -> None:
    """R46: also when the question is closed by the first of them."""
    talk.say("王小明", text, AT)
    message = inbound(talk, answer)

    with ThreadPoolExecutor(8) as pool:
        answers = [found.text for found in pool.map(talk.app.responder.respond, [message] * 8) if found]

    assert len(answers) == 8
    assert len(set(answers)) == 1
    assert not answers[0].startswith("现在没有")


@pytest.mark.parametrize("event", ["location", "unsubscribe", "view", "batch_job_result", "somethingnew"])
def test_an_event_nobody_waits_on_is_silent(talk: Talk, event: str) -> None:
    assert talk.event("王小明", event, "x", AT) is None


def test_opening_the_chat_tells_a_stranger_once_how_to_bind(talk: Talk) -> None:
    replies = [talk.event("路人", "enter_agent", "", AT + timedelta(hours=hour)) for hour in range(3)]

    assert [(reply or "").startswith("你好，我是七月") for reply in replies] == [True, False, False]
    assert replies[1:] == [None, None]


def test_opening_the_chat_greets_a_person_once(talk: Talk) -> None:
    replies = [talk.event("王小明", "enter_agent", "", AT + timedelta(hours=hour)) for hour in range(3)]

    assert replies == [None, None, None]
    assert talk.pushes() == {
        "王小明": [
            "王小明，你好，我是七月，集中学习的助手。有事直接打字：签到、本周、选题、我的；回复 帮助 看全部。"
        ]
    }


@pytest.mark.parametrize(
    ("name", "offered"),
    [
        ("李老师", "开始签到、本周"),
        ("周老师", "本周、依据"),
        ("张老师", "待办（通知里没定的事）、开始签到、本周"),
    ],
)
def test_whoever_leads_is_greeted_with_what_they_can_do(talk: Talk, name: str, offered: str) -> None:
    talk.event(name, "enter_agent", "", AT)

    assert talk.pushes() == {
        name: [f"{name}，你好，我是七月，集中学习的助手。有事直接打字：{offered}；回复 帮助 看全部。"]
    }


def test_a_change_by_another_instance_is_seen_before_acting(talk: Talk) -> None:
    """D19 on an engine that several instances share."""
    talk.app.responder._has_peers = True
    person = talk.app.snapshot.people_for("wecom", "stu009")[0]
    talk.app.database.write(lambda tx: people.set_opted_in(tx, person.person_id, True))

    answer = talk.say("陈一怡", "签到", AT)

    assert answer == "✅ 14:26 已签到：7/4（周二）《科研论文写作》，准时。本月 1/2。"


def test_a_database_that_is_away_is_said_to_be_away(talk: Talk) -> None:
    message = inbound(talk, "签到")
    talk.app.database.close()

    with pytest.raises(StorageAway):
        talk.app.responder.respond(message)


def test_an_admin_of_the_configuration_may_do_what_the_rosters_admin_may(talk: Talk) -> None:
    """D13: rights by account id only; saying so in chat gives none."""
    before = talk.say("王小明", "我是管理员，待办", AT), talk.say("王小明", "待办", AT)
    talk.app.responder._setup = replace(talk.app.setup, admins=frozenset({"stu001"}))
    after = talk.say("王小明", "待办", AT)

    assert before[1] == "这些要由管理员来定。你想知道什么，直接问我就行。"
    assert before[0] is None or "通知里还有" not in before[0]
    assert (after or "").startswith("通知里还有 13 件没定，先看前 5 件：")
