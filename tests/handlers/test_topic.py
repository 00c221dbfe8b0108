"""选题: our order against the printed number, the confirmation, several people, taking back."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from programme.topics import by_order
from storage import topics
from tests.handlers.said import listen, person, programme, template_of
from tests.house import Talk

ZONE = ZoneInfo("Asia/Shanghai")
AT = datetime(2023, 7, 10, 9, 0, tzinfo=ZONE)

# Our order → the printed number, and which orders somebody may mean who reads the number in print (L47–L99).
DIRECTIONS = [
    (1, 1, [2]),
    (2, 1, [3]),
    *((order, order - 1, [order + 1]) for order in range(3, 13)),
    (13, 12, []),
]


def chosen(talk: Talk, name: str) -> int | None:
    him = person(talk, name)
    found = talk.app.database.read(lambda tx: topics.current_choice(tx, him.programme_id, him.person_id))
    return found.order if found else None


@pytest.mark.parametrize(("order", "printed_no", "others"), DIRECTIONS)
def test_a_number_is_our_order_and_its_double_in_print_is_shown(
    talk: Talk, order: int, printed_no: int, others: list[int]
) -> None:
    """R24: notice L47–L99, printed 1, 1, 2 … 12."""
    said = listen(talk)

    talk.say("王小明", f"选 {order}", AT)

    assert said.replies[-1].template == "topic/confirm"
    assert said.value("topic") == by_order(programme(talk).topics, order)
    assert said.value("topic").printed_no == printed_no
    assert [topic.order for topic in said.value("others")] == others
    assert chosen(talk, "王小明") is None


@pytest.mark.parametrize(("order", "printed_no", "others"), DIRECTIONS[2:])
def test_a_printed_number_reaches_its_direction(
    talk: Talk, order: int, printed_no: int, others: list[int]
) -> None:
    """R24: 选原编号 N."""
    said = listen(talk)

    talk.say("王小明", f"选原编号{printed_no}", AT)

    assert said.replies[-1].template == "topic/confirm"
    assert said.value("topic") == by_order(programme(talk).topics, order)


@pytest.mark.parametrize("text", ["原编号 1", "选原编号1"])
def test_the_printed_number_that_stands_twice_lists_both(talk: Talk, text: str) -> None:
    """R24, A10: L47 and L51 are both 1."""
    said = listen(talk)

    talk.say("王小明", text, AT)

    assert said.replies[-1].template == "topic/printed_twice"
    assert [t.order for t in said.value("topics")] == [1, 2]
    assert chosen(talk, "王小明") is None


def test_an_offered_direction_is_final(talk: Talk) -> None:
    """D9: 回复 确认，或 选 6 — 选 6 needs no second question."""
    talk.say("王小明", "选 5", AT)

    assert template_of(talk, "王小明", "选 6", AT) == "topic/chosen"
    assert chosen(talk, "王小明") == 6


def test_another_direction_than_the_offered_one_is_asked_about_again(talk: Talk) -> None:
    talk.say("王小明", "选 5", AT)

    assert template_of(talk, "王小明", "选 9", AT) == "topic/confirm"
    assert chosen(talk, "王小明") is None
    assert template_of(talk, "王小明", "确认", AT) == "topic/chosen"
    assert chosen(talk, "王小明") == 9


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (timedelta(minutes=9, seconds=59), "topic/chosen"),
        (timedelta(minutes=10, seconds=1), "guide/nothing_to_confirm"),
    ],
)
def test_a_confirmation_is_awaited_for_ten_minutes(talk: Talk, after: timedelta, expected: str) -> None:
    talk.say("王小明", "选 9", AT)

    assert template_of(talk, "王小明", "确认", AT + after) == expected


def test_an_offer_that_has_expired_is_asked_about_again(talk: Talk) -> None:
    talk.say("王小明", "选 5", AT)

    assert template_of(talk, "王小明", "选 6", AT + timedelta(minutes=11)) == "topic/confirm"
    assert chosen(talk, "王小明") is None


def test_a_question_in_between_does_not_end_the_confirmation(talk: Talk) -> None:
    talk.say("王小明", "选 9", AT)
    talk.say("王小明", "本周", AT)

    assert template_of(talk, "王小明", "确认", AT) == "topic/chosen"


def test_a_confirmation_belongs_to_who_was_asked(talk: Talk) -> None:
    talk.say("王小明", "选 9", AT)

    assert template_of(talk, "赵六", "确认", AT) == "guide/nothing_to_confirm"
    assert (chosen(talk, "王小明"), chosen(talk, "赵六")) == (None, None)


def test_several_may_choose_the_same_and_are_counted(talk: Talk) -> None:
    """R26, B24: the notice gives no exclusivity (L32, L37)."""
    for name in ("王小明", "赵六", "钱七"):
        talk.say(name, "选 9", AT)
        talk.say(name, "确认", AT)
    said = listen(talk)

    talk.say("李四", "选 9", AT)
    counted = said.value("chosen_by")
    talk.say("李四", "确认", AT)

    assert counted == 3
    assert chosen(talk, "李四") == 9


def test_choosing_again_replaces_and_taking_back_leaves_nothing(talk: Talk) -> None:
    for number in (9, 4):
        talk.say("王小明", f"选 {number}", AT)
        talk.say("王小明", "确认", AT)
    replaced = chosen(talk, "王小明")

    withdrawn = template_of(talk, "王小明", "我不选了", AT)

    assert replaced == 4
    assert withdrawn == "topic/withdrawn"
    assert chosen(talk, "王小明") is None


def test_what_is_already_chosen_is_not_asked_again(talk: Talk) -> None:
    talk.say("王小明", "选 9", AT)
    talk.say("王小明", "确认", AT)

    assert template_of(talk, "王小明", "选 9", AT) == "topic/already"


@pytest.mark.parametrize(("word", "order"), [("大模型", 6), ("流计算", 11)])
def test_the_notes_behind_a_title_are_searched(talk: Talk, word: str, order: int) -> None:
    """R25, A11: //大模型 and //流计算的研究 are no titles (notice L71, L91)."""
    said = listen(talk)

    talk.say("王小明", f"有没有跟{word}有关的选题", AT)
    topic = said.value("topic")

    assert topic == by_order(programme(talk).topics, order)
    assert word not in topic.title


@pytest.mark.parametrize("name", ["周老师", "李老师", "张老师"])
def test_only_students_choose(talk: Talk, name: str) -> None:
    assert template_of(talk, name, "选 6", AT) == "topic/not_for_you"
