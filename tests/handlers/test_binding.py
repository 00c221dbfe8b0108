"""绑定: what makes an account somebody's, and what never does (design D13)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from messages.envelope import Inbound
from programme.codes import bind_code_hash
from storage import audit, people, requests
from storage.people import Account
from tests.handlers.said import listen, person, programme, template_of
from tests.house import KEY, Talk

ZONE = ZoneInfo("Asia/Shanghai")
AT = datetime(2023, 7, 3, 10, 0, tzinfo=ZONE)
CODE = "ABCDEFGHJK"


@pytest.fixture
def unknown(talk: Talk) -> Talk:
    """王小明 and 赵六 are on the roster, but nobody knows their accounts."""
    talk.forget_accounts(["王小明", "赵六"])
    return talk


def accounts(talk: Talk, name: str) -> list[str]:
    him = person(talk, name)
    found = talk.app.database.read(lambda tx: people.accounts_of(tx, him.programme_id, him.person_id))
    return [account.account for account in found]


def issue_code(talk: Talk, name: str, code: str = CODE) -> None:
    him = person(talk, name)
    hashed = bind_code_hash(KEY, code)
    talk.app.database.write(lambda tx: people.set_bind_code(tx, him.programme_id, him.person_id, hashed, AT))


def ask_to_bind(talk: Talk, name: str, number: str, writer: str | None = None) -> str | None:
    """*writer* asks for the account of *name* and confirms; the request is then with the lead."""
    talk.say(writer or name, f"绑定 {name} {number}", AT)
    return talk.say(writer or name, "确认", AT)


def test_a_name_and_a_number_bind_nobody(unknown: Talk) -> None:
    """B02, D13: who knows a number is not yet that person."""
    ask_to_bind(unknown, "王小明", "2023001", writer="路人")

    assert accounts(unknown, "王小明") == []
    assert template_of(unknown, "路人", "我是谁", AT) == "binding/waiting"


def test_a_one_time_code_binds_at_once_and_once(unknown: Talk) -> None:
    issue_code(unknown, "王小明")

    first = template_of(unknown, "王小明", f"绑定 {CODE}", AT)
    second = template_of(unknown, "路人", f"绑定 {CODE}", AT)

    assert (first, second) == ("binding/bound", "binding/bad_code")
    assert accounts(unknown, "王小明") == ["wx-王小明"]
    assert template_of(unknown, "王小明", "我是谁", AT) == "status/who"


def test_a_code_sent_by_eight_at_the_same_instant_binds_one_of_them(unknown: Talk) -> None:
    issue_code(unknown, "王小明")
    unknown.clock.at = AT
    copies = [Inbound("wecom", f"x{n}", f"wx-{n}", AT, "text", f"绑定 {CODE}") for n in range(8)]

    with ThreadPoolExecutor(8) as pool:
        answers = [a.text for a in pool.map(unknown.app.responder.respond, copies) if a]

    assert [answer[:1] for answer in sorted(answers)].count("✅") == 1
    assert len(accounts(unknown, "王小明")) == 1


def test_a_code_is_only_good_for_the_person_it_was_given_to(unknown: Talk) -> None:
    issue_code(unknown, "王小明")

    unknown.say("赵六", f"绑定 {CODE}", AT)

    assert accounts(unknown, "赵六") == []
    assert accounts(unknown, "王小明") == ["wx-赵六"]


def test_a_code_still_binds_while_a_request_waits_for_the_lead(unknown: Talk) -> None:
    ask_to_bind(unknown, "王小明", "2023001")
    issue_code(unknown, "王小明")

    assert template_of(unknown, "王小明", f"绑定 {CODE}", AT) == "binding/bound"
    assert template_of(unknown, "李老师", "同意 1", AT) == "binding/approved"
    assert accounts(unknown, "王小明") == ["wx-王小明"]


def test_the_lead_of_another_group_has_no_such_request(unknown: Talk) -> None:
    ask_to_bind(unknown, "王小明", "2023001")

    assert template_of(unknown, "林见微", "同意 1", AT) == "approval/no_such_number"
    assert template_of(unknown, "周老师", "同意", AT) == "approval/nothing"
    assert accounts(unknown, "王小明") == []


def test_a_rejected_account_stays_unknown_and_may_ask_again(unknown: Talk) -> None:
    ask_to_bind(unknown, "王小明", "2023001")

    rejected = template_of(unknown, "李老师", "驳回 1", AT)
    again = ask_to_bind(unknown, "王小明", "2023001")

    assert rejected == "binding/rejected"
    assert again == "已请李老师核对。确认后我会马上告诉你。"
    assert accounts(unknown, "王小明") == []


def test_a_number_of_a_request_is_never_given_twice(unknown: Talk) -> None:
    """D9: an old 同意 1 must not hit a new request."""
    ask_to_bind(unknown, "王小明", "2023001")
    unknown.say("李老师", "驳回 1", AT)
    ask_to_bind(unknown, "赵六", "2023006")

    assert template_of(unknown, "李老师", "同意 1", AT) == "approval/already_decided"
    assert template_of(unknown, "李老师", "同意 2", AT) == "binding/approved"
    assert (accounts(unknown, "王小明"), accounts(unknown, "赵六")) == ([], ["wx-赵六"])


def test_a_bare_yes_lists_the_requests_when_there_are_several(unknown: Talk) -> None:
    ask_to_bind(unknown, "王小明", "2023001")
    ask_to_bind(unknown, "赵六", "2023006")

    listed = unknown.say("李老师", "同意", AT)

    assert listed == (
        "有 2 件等你确认：\n1 王小明 绑定账号：企业微信，账号尾号 -王小明，7/3 10:00\n"
        "2 赵六 绑定账号：企业微信，账号尾号 x-赵六，7/3 10:00\n回复 同意 编号，或 驳回 编号。"
    )
    assert accounts(unknown, "王小明") == []


def test_only_the_admin_is_asked_when_an_account_changes_hands(talk: Talk) -> None:
    """B04: the lead's yes is not enough for 换绑."""
    ask_to_bind(talk, "王小明", "2023001", writer="新手机")
    talk.say("新手机", "换绑", AT)

    asked = talk.pushes()

    assert list(asked) == ["张老师"]
    assert accounts(talk, "王小明") == ["stu001"]
    assert template_of(talk, "李老师", "同意 1", AT) == "approval/no_such_number"
    assert template_of(talk, "张老师", "同意 1", AT) == "binding/approved"
    assert accounts(talk, "王小明") == ["wx-新手机"]


def test_nobody_loses_their_account_to_one_that_has_become_somebody_elses(talk: Talk) -> None:
    talk.say("新手机", "绑定 王小明 2023001", AT)
    talk.say("新手机", "换绑", AT)
    other = person(talk, "赵六")
    talk.forget_accounts(["赵六"])
    taken = Account("wecom", "wx-新手机", other.programme_id, other.person_id)
    talk.app.database.write(lambda tx: people.bind(tx, taken, "roster", AT))

    assert template_of(talk, "张老师", "同意 1", AT) == "binding/of_another"
    assert accounts(talk, "王小明") == ["stu001"]


def test_two_strangers_who_ask_for_the_same_person_do_not_both_get_it(unknown: Talk) -> None:
    ask_to_bind(unknown, "王小明", "2023001", writer="路人甲")
    ask_to_bind(unknown, "王小明", "2023001", writer="路人乙")

    first = template_of(unknown, "李老师", "同意 1", AT)
    second = template_of(unknown, "李老师", "同意 2", AT)

    assert (first, second) == ("binding/approved", "approval/already_decided")
    assert accounts(unknown, "王小明") == ["wx-路人甲"]


def test_a_request_said_yes_to_by_eight_messages_at_once_is_decided_once(unknown: Talk) -> None:
    ask_to_bind(unknown, "王小明", "2023001")
    lead = unknown.account("李老师")
    copies = [Inbound("wecom", f"x{n}", lead, AT, "text", "同意 1") for n in range(8)]

    with ThreadPoolExecutor(8) as pool:
        answers = [a.text for a in pool.map(unknown.app.responder.respond, copies) if a]

    assert sum(answer.startswith("✅") for answer in answers) == 1
    assert answers.count("编号 1 已经处理过了，没有改动。") == 7


def test_somebody_whom_the_roster_gives_no_number_is_not_found_by_a_made_up_one(talk: Talk) -> None:
    talk.forget_accounts(["徐南乔"])

    assert template_of(talk, "路人", "绑定 徐南乔 0000000", AT) == "binding/not_listed"
    assert template_of(talk, "路人", "确认", AT) == "binding/guide"


def test_no_at_the_question_puts_it_down(unknown: Talk) -> None:
    """What is offered with 是你就回复 确认，不是请回复 取消 is kept."""
    unknown.say("王小明", "绑定 王小明 2023001", AT)

    cancelled = template_of(unknown, "王小明", "取消", AT)
    confirmed = template_of(unknown, "王小明", "确认", AT)

    assert (cancelled, confirmed) == ("guide/cancelled", "binding/guide")
    assert template_of(unknown, "李老师", "同意", AT) == "approval/nothing"


def test_a_yes_after_ten_minutes_asks_nobody(unknown: Talk) -> None:
    unknown.say("王小明", "绑定 王小明 2023001", AT)

    assert template_of(unknown, "王小明", "确认", AT + timedelta(minutes=10, seconds=1)) == "binding/guide"
    assert template_of(unknown, "李老师", "同意", AT) == "approval/nothing"


def test_a_number_that_belongs_to_another_name_is_not_told_whose_it_is(unknown: Talk) -> None:
    """B03: neither a near name nor a foreign number betrays its owner."""
    said = listen(unknown)

    unknown.say("路人", "绑定 某某人 2023001", AT)

    assert said.replies[-1].template == "binding/not_listed"
    assert said.replies[-1].values == {"name": "某某人", "near": None}


def test_what_was_decided_about_an_account_is_on_record(unknown: Talk) -> None:
    ask_to_bind(unknown, "王小明", "2023001")
    unknown.say("李老师", "同意 1", AT)
    lead, him = person(unknown, "李老师"), person(unknown, "王小明")

    entries = unknown.app.database.read(lambda tx: audit.entries(tx, programme(unknown).programme_id))
    request = unknown.app.database.read(lambda tx: requests.find(tx, lead.person_id, 1))

    assert [(e.actor_person_id, e.action, e.object) for e in entries if e.action == "bind"] == [
        (lead.person_id, "bind", f"person:{him.person_id}")
    ]
    assert request is not None
    assert (request.state, request.decided_by) == ("approved", lead.person_id)
