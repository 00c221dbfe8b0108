"""Proof of presence: what is asked of whom, what a forwarded, old, foreign or guessed answer brings."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from handlers.arrival import Arrivals
from handlers.links import qr_link, qr_of, token_in
from messages.envelope import Inbound
from programme.codes import checkin_code
from programme.grid import Cell, cell_of, grid_of, step_of, word_in
from programme.people import Person
from storage import checkins, device_codes, people
from storage.people import Account
from tests.handlers.said import listen, person, programme
from tests.handlers.test_checkin import occurrence_id
from tests.house import IMPORTED_AT, KEY, Talk

ZONE = ZoneInfo("Asia/Shanghai")
AT = datetime(2023, 7, 4, 14, 26, tzinfo=ZONE)
MONDAY = datetime(2023, 7, 3, 14, 31, tzinfo=ZONE)
ROTATE_S = 20
OLD = timedelta(seconds=2 * ROTATE_S)

TalkWith = Callable[..., Talk]


def opened(talk_with: TalkWith, proof: str, at: datetime = AT, **more: str) -> Talk:
    talk = talk_with(proof=proof, **more)
    talk.say("李老师", "开始签到", at)
    talk.pushes()
    return talk


def cell_asked(answer: str | None) -> Cell:
    assert answer is not None
    row, column = answer.split("第")[1][0], answer.split("第")[2][0]
    return Cell(int(row), int(column))


def word(talk: Talk, cell: Cell, at: datetime, session: str = "S02", group: str | None = None) -> str:
    return word_in(grid_of(KEY, occurrence_id(talk, session, group), step_of(at, ROTATE_S)), cell)


def link(talk: Talk, at: datetime, session: str = "S02", group: str | None = None) -> str:
    occurrence = occurrence_id(talk, session, group)
    return qr_link("http://127.0.0.1:8000", KEY, occurrence, step_of(at, ROTATE_S))


def arrive(talk: Talk, at: datetime, device: str | None = None, drawn: int = 12345678) -> str | None:
    """The number on the page behind the QR code that the screen shows at *at*."""
    app = talk.app
    arrivals = Arrivals(app.database, app.snapshot, app.setup, (lambda: at, lambda: at), lambda _n: drawn)
    token = token_in(link(talk, at))
    assert token is not None
    return arrivals.arrive(token, device).code


def rows(talk: Talk, session: str = "S02", group: str | None = None) -> list[tuple[str, str, str]]:
    found = talk.app.database.read(lambda tx: checkins.of_occurrence(tx, occurrence_id(talk, session, group)))
    people = [(talk.app.snapshot.person(row.person_id), row) for row in found]
    return [(who.name if who else "?", row.state, row.proof) for who, row in people]


# A right answer, sent again by somebody else


def test_a_right_code_sent_on_to_somebody_else_is_refused_once_it_has_changed_twice(
    talk_with: TalkWith,
) -> None:
    """C1, R14: the same digits for all are good for two steps; what is sent on later is refused."""
    talk = opened(talk_with, "code")
    code = checkin_code(KEY, occurrence_id(talk, "S02"), AT, ROTATE_S)

    mine = talk.say("王小明", f"签到 {code}", AT)
    sent_on = talk.say("赵六", f"签到 {code}", AT + OLD)

    assert (mine or "").startswith("✅ 14:26 已签到")
    assert (sent_on or "").startswith("数字不对，还可以再试 2 次。")
    assert rows(talk) == [("王小明", "present", "code")]


def test_a_right_word_sent_on_to_somebody_else_is_refused_in_the_same_second(talk_with: TalkWith) -> None:
    """C1: everybody has their own cell."""
    talk = opened(talk_with, "grid")
    mine = cell_asked(talk.say("王小明", "签到", AT))
    theirs = cell_asked(talk.say("赵六", "签到", AT))
    assert mine != theirs

    own = talk.say("王小明", word(talk, mine, AT), AT)
    sent_on = talk.say("赵六", word(talk, mine, AT), AT)

    assert (own or "").startswith("✅ 14:26 已签到")
    assert (sent_on or "").startswith("不对，还可以再试 2 次。")
    assert rows(talk) == [("王小明", "present", "grid")]


def test_a_scan_sent_on_to_somebody_else_is_refused_once_the_code_has_changed_twice(
    talk_with: TalkWith,
) -> None:
    talk = opened(talk_with, "qr")
    seen = link(talk, AT)

    own = talk.scan("王小明", seen, AT)
    sent_on = talk.scan("赵六", seen, AT + OLD)

    assert (own or "").startswith("✅ 14:26 已签到")
    assert (sent_on or "").startswith("这个二维码已经换了")
    assert rows(talk) == [("王小明", "present", "qr")]


def test_the_number_of_the_page_behind_the_qr_code_is_good_once(talk_with: TalkWith) -> None:
    talk = opened(talk_with, "qr")
    code = arrive(talk, AT)

    own = talk.say("王小明", f"签到 {code}", AT)
    sent_on = talk.say("赵六", f"签到 {code}", AT)

    assert (own or "").startswith("✅ 14:26 已签到")
    assert (sent_on or "").startswith("数字不对或已经用过，还可以再试 2 次。")


def test_the_number_of_the_page_ends_after_two_minutes_and_belongs_to_its_session(
    talk_with: TalkWith,
) -> None:
    talk = opened(talk_with, "qr")
    late, elsewhere = arrive(talk, AT), "87654321"
    other = occurrence_id(talk, "S05")
    pid = programme(talk).programme_id
    talk.app.database.write(lambda tx: device_codes.issue(tx, pid, other, elsewhere, None, AT))

    too_late = talk.say("王小明", f"签到 {late}", AT + timedelta(minutes=2, seconds=1))
    foreign = talk.say("赵六", f"签到 {elsewhere}", AT)

    assert (too_late or "").startswith("数字不对或已经用过")
    assert (foreign or "").startswith("数字不对或已经用过")
    assert rows(talk) == []


# Another step, session, group, person


def test_a_word_of_another_step_or_session_does_not_count(talk_with: TalkWith) -> None:
    talk = opened(talk_with, "grid")
    cell = cell_asked(talk.say("王小明", "签到", AT))

    old = talk.say("王小明", word(talk, cell, AT - OLD), AT)
    foreign = talk.say("王小明", word(talk, cell, AT, "S05"), AT)
    one_before = talk.say("王小明", word(talk, cell, AT - timedelta(seconds=ROTATE_S)), AT)

    assert (old or "").startswith("不对，还可以再试 2 次。")
    assert (foreign or "").startswith("不对，还可以再试 1 次。")
    assert (one_before or "").startswith("✅ 14:26 已签到")


@pytest.mark.parametrize("proof", ["code", "grid", "qr"])
def test_what_another_groups_screen_shows_does_not_count(talk_with: TalkWith, proof: str) -> None:
    """R13: each group has its own meeting, screen and answers (notice L13)."""
    talk = opened(talk_with, proof, MONDAY)
    talk.say("何沐阳", "开始签到", MONDAY)
    asked = talk.say("王小明", "签到", MONDAY)
    theirs = occurrence_id(talk, "S01", "AI平台组")

    answer = {
        "code": lambda: talk.say("王小明", checkin_code(KEY, theirs, MONDAY, ROTATE_S), MONDAY),
        "grid": lambda: talk.say("王小明", word(talk, cell_asked(asked), MONDAY, "S01", "AI平台组"), MONDAY),
        "qr": lambda: talk.scan("王小明", link(talk, MONDAY, "S01", "AI平台组"), MONDAY),
    }[proof]()

    assert (answer or "").startswith(("数字不对，", "不对，", "这是别的场次的二维码"))
    assert rows(talk, "S01", "视频压缩组") == []
    assert rows(talk, "S01", "AI平台组") == []


@pytest.mark.parametrize(
    "scanned",
    ["", "https://example.com/", "http://127.0.0.1:8000/c/" + "x" * 60, "http://127.0.0.1:8000/c/<script>"],
)
def test_another_qr_code_is_no_guess_and_no_check_in(talk_with: TalkWith, scanned: str) -> None:
    talk = opened(talk_with, "qr")

    answer = talk.scan("王小明", scanned, AT)

    assert answer == "这不是签到的二维码，没有记录。请扫现场大屏上的二维码。"
    assert rows(talk) == []
    me = person(talk, "王小明").person_id
    assert talk.app.database.read(lambda tx: checkins.code_tries(tx, occurrence_id(talk, "S02"), me)) == 0


def test_a_qr_code_with_one_letter_changed_is_none_of_ours(talk_with: TalkWith) -> None:
    token = token_in(link(opened(talk_with, "qr"), AT))
    assert token is not None

    changed = [
        token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :] for at in range(len(token) - 1)
    ]

    assert qr_of(KEY, token) is not None
    assert [each for each in changed if qr_of(KEY, each) is not None] == []


@pytest.mark.parametrize("proof", ["code", "grid"])
def test_a_scan_where_no_qr_code_is_asked_for_is_a_plain_check_in(talk_with: TalkWith, proof: str) -> None:
    talk = opened(talk_with, proof)

    answer = talk.scan("王小明", link(talk, AT), AT)

    assert (answer or "").startswith("请看大屏，回复")


# Guessing


def crowd(talk: Talk, count: int) -> list[str]:
    """*count* more students of one group, each with an account; their names."""
    pid = programme(talk).programme_id
    new = tuple(
        Person(
            f"crowd{n}",
            pid,
            f"学生{n}",
            f"2024{n:04d}",
            "研0",
            "视频压缩组",
            frozenset({"student"}),
            "周老师",
        )
        for n in range(count)
    )
    accounts = {each.person_id: ("wecom", f"acc-{each.person_id}") for each in new}
    old = talk.app.snapshot.people_in(pid)
    talk.app.database.write(lambda tx: people.save_roster(tx, pid, (*old, *new), accounts, IMPORTED_AT))
    talk.app.snapshot.refresh(talk.app.database)
    return [each.name for each in new]


def test_ten_thousand_guesses_of_two_hundred_accounts_are_compared_six_hundred_times(
    template: Path, tmp_path: Path
) -> None:
    """D20, T5: nobody else is disturbed, nobody is locked out for good, and the lead hears once."""
    overlay = {"QIYUE_CHECKIN__PROOF": "grid", "QIYUE_LIMITS__PER_PERSON_A_MINUTE": "10000"}
    talk = Talk(tmp_path, template, overlay)
    names = crowd(talk, 200)
    talk.say("李老师", "开始签到", AT)
    talk.pushes()
    said = listen(talk)
    app, accounts = talk.app, [talk.account(name) for name in names]
    talk.clock.at = AT

    def guess(account: str) -> None:
        for n in range(51):
            text = "签到" if n == 0 else "白云"
            app.responder.respond(Inbound("wecom", f"{account}-{n}", account, AT, "text", text))

    with ThreadPoolExecutor(16) as threads:
        list(threads.map(guess, accounts))

    templates = [reply.template for reply in said.replies]
    wrong = templates.count("checkin/wrong_word")
    assert templates.count("checkin/too_many") == 200 * 48
    assert wrong == 200 * 2  # and the third wrong one of each is the last that is compared: 600
    told = {name: texts for name, texts in talk.pushes().items() if name == "李老师"}
    assert [len(texts) for texts in told.values()] == [1]
    cell = cell_asked(talk.say("王小明", "签到", AT))
    assert (talk.say("王小明", word(talk, cell, AT), AT) or "").startswith("✅ 14:26 已签到")
    talk.close()


def test_after_three_wrong_answers_a_scan_is_not_looked_at_either(talk_with: TalkWith) -> None:
    talk = opened(talk_with, "qr")
    for wrong in ("签到 12121212", "签到 23232323", "签到 34343434"):
        talk.say("王小明", wrong, AT)

    answer = talk.scan("王小明", link(talk, AT), AT)

    assert (answer or "").startswith("今天的数字已输错 3 次，改为人工核对")
    assert rows(talk) == [("王小明", "to_verify", "none")]


# The plan changes under an open question


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("取消 7/4", "7/4（周二）《科研论文写作》已取消，不用签到。"),
        ("移 7/4 到 7/5 14:30", "今天没有需要签到的安排，没有记录。"),
    ],
)
def test_an_answer_after_the_session_was_called_off_or_moved_records_nothing(
    talk_with: TalkWith, command: str, expected: str
) -> None:
    talk = opened(talk_with, "grid")
    cell = cell_asked(talk.say("王小明", "签到", AT))
    talk.say("张老师", command, AT)
    talk.say("张老师", "确认", AT)

    answer = talk.say("王小明", word(talk, cell, AT), AT + timedelta(seconds=5))

    assert (answer or "").startswith(expected)
    assert rows(talk) == []


def test_who_had_checked_in_before_a_move_checks_in_again_on_the_new_day(talk_with: TalkWith) -> None:
    """R45: an opening and a check-in of the old day say nothing about the new one."""
    talk = opened(talk_with, "code")
    code = checkin_code(KEY, occurrence_id(talk, "S02"), AT, ROTATE_S)
    talk.say("王小明", f"签到 {code}", AT)
    talk.say("张老师", "移 7/4 到 7/5 14:30", AT)
    talk.say("张老师", "确认", AT)

    early = talk.say("王小明", "签到", AT.replace(day=5, hour=9))
    on_time = talk.say("王小明", "签到", AT.replace(day=5))

    assert (early or "").startswith("还早：7/5（周三）《科研论文写作》 14:15 开放签到")
    assert (on_time or "").startswith("14:26 已记：7/5（周三）《科研论文写作》，到场（待核对）。")


# Devices and kinds of messages


def test_the_same_second_from_two_devices_is_one_check_in(talk: Talk) -> None:
    me, first = person(talk, "王小明"), talk.account("王小明")
    second = Account("terminal", "second-phone", me.programme_id, me.person_id)
    talk.app.database.write(lambda tx: people.bind(tx, second, "code", AT))
    talk.app.snapshot.refresh(talk.app.database)
    talk.clock.at = AT
    both = [
        Inbound("wecom", "d1", first, AT, "text", "签到"),
        Inbound("terminal", "d2", "second-phone", AT, "text", "签到"),
    ]

    with ThreadPoolExecutor(2) as threads:
        answers = [answer.text for answer in threads.map(talk.app.responder.respond, both) if answer]

    assert sorted(answer.startswith("✅ 14:26 已签到") for answer in answers) == [False, True]
    assert sorted(answer.startswith("你已在 14:26 签到") for answer in answers) == [False, True]
    assert rows(talk) == [("王小明", "present", "none")]


def test_a_location_is_not_used_and_that_is_said(talk_with: TalkWith) -> None:
    talk = opened(talk_with, "grid")

    answer = talk.say("王小明", "", AT, "location")

    assert (answer or "").startswith("位置我不使用，也没有保存。")
    assert rows(talk) == []


def test_a_reported_location_is_met_with_silence(talk: Talk) -> None:
    assert talk.event("王小明", "location", "", AT) is None


@pytest.mark.parametrize("event", ["click", "template_card_event"])
def test_a_menu_button_and_a_button_of_a_card_check_in(talk: Talk, event: str) -> None:
    answer = talk.event("王小明", event, "签到", AT)

    assert (answer or "").startswith("✅ 14:26 已签到")


# Signs


def test_signs_are_listed_to_the_lead_and_never_decide(talk_with: TalkWith) -> None:
    talk = opened(talk_with, "qr", signals="true")
    for name, drawn in (("王小明", 12345678), ("赵六", 23456789)):
        code = arrive(talk, AT, "one phone", drawn)
        talk.say(name, f"签到 {code}", AT)

    listed = talk.say("李老师", "签到疑点", AT)
    elsewhere = talk.say("何沐阳", "签到疑点", AT)

    assert listed == (
        "以下只是线索，不是结论，请当面核实：\n《科研论文写作》\n· 同一台设备签到：王小明、赵六"
    )
    assert elsewhere == "今天没有发现疑点。"
    assert [(state, proof) for _, state, proof in rows(talk)] == [("present", "qr"), ("present", "qr")]


def test_a_burst_after_the_close_and_answers_of_another_cell_are_signs(talk_with: TalkWith) -> None:
    talk = opened(talk_with, "grid", signals="true")
    mine = cell_asked(talk.say("王小明", "签到", AT))
    theirs = cell_of(KEY, occurrence_id(talk, "S02"), person(talk, "赵六").person_id, step_of(AT, ROTATE_S))
    assert mine != theirs
    talk.say("王小明", word(talk, theirs, AT), AT)
    late = AT.replace(hour=15, minute=1)
    for name in ("钱七", "马嘉琪", "曾欣辰", "曹晓杰", "司马欣"):
        talk.say(name, "签到", late)

    listed = talk.say("李老师", "签到疑点", late)

    assert listed == (
        "以下只是线索，不是结论，请当面核实：\n《科研论文写作》\n"
        "· 关闭后一分钟内扎堆签到：钱七、马嘉琪、曾欣辰、曹晓杰、司马欣\n"
        "· 答了别人的格子（也可能看错行列）：王小明"
    )


def test_nothing_is_kept_about_devices_unless_the_lab_wants_it(talk_with: TalkWith) -> None:
    talk = opened(talk_with, "qr")
    for name, drawn in (("王小明", 12345678), ("赵六", 23456789)):
        talk.say(name, f"签到 {arrive(talk, AT, 'one phone', drawn)}", AT)

    shared = talk.app.database.read(partial(device_codes.shared, occurrence_id=occurrence_id(talk, "S02")))

    assert shared == ()
