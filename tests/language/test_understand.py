"""Every case of the definition and of our own sets: labels, slots, false actions, finer commands."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from language.labels import FINER, LABELS, STATE_CHANGING, changes_state, public_label
from language.understand import understand
from language.understood import Understood

FIXTURES = Path(__file__).parents[1] / "fixtures" / "nlu"
CASES = Path(__file__).with_name("cases")
NOW = datetime.fromisoformat("2023-07-10T09:00:00+08:00")


def cases(*files: Path) -> Iterator[dict[str, Any]]:
    for file in files:
        for line in file.read_text(encoding="utf-8").splitlines():
            yield json.loads(line)


def understood(case: dict[str, Any]) -> Understood:
    return understand(case["text"], datetime.fromisoformat(case["now"]), case["role"])


def without_marks(value: object) -> str:
    return str(value).replace(" ", "").replace("《", "").replace("》", "").lower()


def slot_is_right(key: str, wanted: object, got: object) -> bool:
    for value in wanted if isinstance(wanted, list) else [wanted]:
        if got == value and type(got) is type(value):
            return True
        if key in ("topic", "keyword") and got:
            a, b = without_marks(got), without_marks(value)
            if a in b or b in a:
                return True
    return False


def named(case: dict[str, Any]) -> str:
    return f"{case['id']}-{case['text'][:12]}"


SAMPLE = list(cases(FIXTURES / "sample.jsonl"))
OWN = list(cases(*sorted(CASES.glob("intents*.jsonl"))))


@pytest.mark.parametrize("case", SAMPLE + OWN, ids=named)
def test_a_text_gets_its_label_and_slots(case: dict[str, Any]) -> None:
    answer = understood(case)

    label = public_label(answer.intent)
    assert label in (case.get("accept") or [case["intent"]])
    wrong = {
        key: (answer.slots.get(key), wanted)
        for key, wanted in case["slots"].items()
        if label == case["intent"] and not slot_is_right(key, wanted, answer.slots.get(key))
    }
    assert wrong == {}


def test_no_harmless_text_is_taken_for_an_action() -> None:
    harmless = [c for c in SAMPLE + OWN if not STATE_CHANGING & set(c.get("accept") or [c["intent"]])]

    taken = [c["text"] for c in harmless if changes_state(understood(c).intent)]

    assert taken == []


def test_our_own_set_is_wide_enough() -> None:
    labels = {case["intent"] for case in OWN}
    roles = {case["role"] for case in OWN}

    assert (labels, roles) == (set(LABELS), {"student", "mentor", "admin"})
    assert len(OWN) >= 1700


@pytest.mark.parametrize(
    ("text", "role", "intent", "slots"),
    [
        ("依据", "student", "evidence", {}),
        ("为什么这么说", "student", "evidence", {}),
        ("哪里写的？", "student", "evidence", {}),
        ("回复 2 14:00", "admin", "answer_question", {"number": 2, "answer": "14:00"}),
        ("回复 1 2023", "admin", "answer_question", {"number": 1, "answer": "2023"}),
        ("确认", "student", "confirm", {}),
        ("取消", "student", "cancel_dialog", {}),
        ("选原编号1", "student", "topic_by_printed_no", {"printed_no": "1", "choose": True}),
        ("原编号 5", "student", "topic_by_printed_no", {"printed_no": "5", "choose": False}),
        ("更多", "student", "more", {}),
        ("开始签到", "mentor", "open_checkin", {}),
        ("换绑", "student", "rebind", {}),
        ("加入", "student", "opt_in", {}),
        ("待办", "admin", "questions", {}),
        ("还有哪些问题", "admin", "questions", {}),
        ("我是谁", "student", "who_am_i", {}),
        ("担保 李老师 家中有事", "student", "guarantee", {"name": "李老师", "reason": "家中有事"}),
        ("换 李四", "student", "swap", {"name": "李四"}),
        ("不换", "student", "refuse_swap", {}),
        ("进度 完成编码器移植 60%", "student", "progress", {"text": "完成编码器移植", "percent": 60}),
        (
            "验收 王小明 通过 编码器移植完成",
            "mentor",
            "accept_work",
            {"name": "王小明", "decision": "approve", "reason": "编码器移植完成"},
        ),
        ("验收 王小明 不通过", "mentor", "accept_work", {"name": "王小明", "decision": "reject"}),
        ("催", "mentor", "nudge", {}),
        ("导出", "admin", "export", {}),
        ("订阅日历", "student", "calendar", {}),
        ("日历", "student", "calendar", {}),
        ("怎么加到日历", "student", "calendar", {}),
        ("能把安排同步到苹果日历吗", "student", "calendar", {}),
        ("給我日曆連結", "student", "calendar", {}),
        ("怎么换日历链接", "student", "calendar", {}),
        ("别人拿到我的日历链接了", "student", "calendar", {}),
        ("换一个日历链接", "student", "calendar_renew", {}),
        ("旧的日历链接作废", "student", "calendar_renew", {}),
        ("帮我重新生成日历链接吧", "student", "calendar_renew", {}),
        ("我的数据", "student", "my_data", {}),
        ("删除我的数据", "student", "delete_my_data", {}),
        (
            "改 王小明 7/4 到场 手机没电",
            "admin",
            "correct_record",
            {"name": "王小明", "state": "到场", "date": "2023-07-04", "reason": "手机没电"},
        ),
        (
            "改 7/13 15:00 A301",
            "admin",
            "reschedule",
            {"date": "2023-07-13", "time": "15:00", "place": "A301"},
        ),
        (
            "移 7/18 到 7/19 14:30",
            "admin",
            "reschedule",
            {"date": "2023-07-18", "to_date": "2023-07-19", "time": "14:30"},
        ),
        ("说明 公交坏了", "student", "explain", {"reason": "公交坏了"}),
        ("补签 手机没电了", "student", "late_checkin", {"reason": "手机没电了"}),
        ("线上签到", "student", "online_checkin", {}),
        ("撤回 3", "mentor", "withdraw", {"number": 3}),
        ("同意 3", "mentor", "approve", {"decision": "approve", "number": 3}),
        ("时间 15:00", "mentor", "opening_time", {"time": "15:00"}),
        (
            "排汇报 14:30-17:30 每人10",
            "admin",
            "plan_talks",
            {"from": "14:30", "until": "17:30", "minutes": 10},
        ),
        (
            "选题 自拟 《联邦学习在医疗影像中的应用》",
            "student",
            "own_topic",
            {"topic": "联邦学习在医疗影像中的应用"},
        ),
        (
            "选题 自拟 数据编程框架的流水线",
            "student",
            "own_topic",
            {"topic": "数据编程框架的流水线"},
        ),
        ("我想自拟题目：如何评价大模型", "student", "own_topic", {"topic": "如何评价大模型"}),
        ("我想自拟题目", "student", "own_topic", {}),
        ("上传报告模板", "admin", "upload_template", {"kind": "report"}),
        ("更新一下PPT模板", "admin", "upload_template", {"kind": "ppt"}),
        ("看看王小明的报告", "mentor", "submission_of", {"name": "王小明"}),
        ("王小明的PPT发我", "mentor", "submission_of", {"name": "王小明"}),
        ("报告交了吗", "student", "my_status", {"about": "submit"}),
        ("提交记录", "student", "my_status", {"about": "submit"}),
        ("送达情况", "admin", "delivery", {}),
        ("换项目", "student", "switch_programme", {}),
        ("先放着", "mentor", "hold_over", {}),
        ("同意换", "student", "accept_swap", {}),
        ("退出参加", "student", "opt_out", {}),
        ("绑定 k7QX2M9p4t", "student", "bind", {"code": "K7QX2M9P4T"}),
    ],
)
def test_a_command_of_our_own_has_its_finer_label(
    text: str, role: Any, intent: str, slots: dict[str, Any]
) -> None:
    answer = understand(text, NOW, role)

    assert answer.intent == intent
    assert {key: answer.slots.get(key) for key in slots} == slots


def test_every_finer_label_stands_for_one_of_the_25() -> None:
    assert {label for label in FINER.values() if label not in LABELS} == set()


def test_there_are_25_labels_and_11_change_state() -> None:
    assert (len(LABELS), len(STATE_CHANGING)) == (25, 11)


def test_what_is_not_understood_comes_with_three_real_commands() -> None:
    answer = understand("明天吃啥", NOW, "student")

    assert (answer.intent, len(answer.suggestions)) == ("out_of_scope", 3)


def test_the_text_of_the_answer_is_the_text_as_typed() -> None:
    text = "　签到\u200b！"

    assert understand(text, NOW, "student").text == text


def test_understanding_is_a_function_of_its_arguments() -> None:
    first = understand("明天请假", NOW, "student")
    understand("选5", NOW, "student")

    assert understand("明天请假", NOW, "student") == first


@pytest.mark.parametrize(
    "text",
    [
        "不要换日历链接",
        "怎么换日历链接",
        "换日历链接会怎样",
        "如果换日历链接呢",
        "我已经换日历链接了",
        "要不要换日历链接",
    ],
)
def test_speaking_of_another_calendar_link_is_not_asking_for_one(text: str) -> None:
    assert understand(text, NOW, "student").intent != "calendar_renew"


@pytest.mark.parametrize(
    "text", ["不订阅日历了", "校历", "把7月13号的分享加到周五", "取消7月13号的安排", "本周安排"]
)
def test_not_everything_about_days_is_about_the_calendar(text: str) -> None:
    assert understand(text, NOW, "admin").intent not in ("calendar", "calendar_renew")


@pytest.mark.parametrize("text", ["自拟题目需要审批吗", "可以自拟题目吗", "上传报告模板"])
def test_a_question_about_own_topics_or_templates_hands_nothing_in(text: str) -> None:
    assert understand(text, NOW, "student").intent == "rules"
