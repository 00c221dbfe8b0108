"""Every outcome can be said: what conversations rarely reach is reached here, word by word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from handlers import intents
from handlers.context import Context
from handlers.recall import Recall
from language.understood import Slot, Span, Understood
from messages.envelope import Inbound, Reply
from messages.render import Renderer
from programme.programme import Programme
from scheduler.plan import enqueue_due
from storage import outbox
from storage.database import Tx
from tests.handlers.said import person, programme, template_of
from tests.house import Talk

ZONE = ZoneInfo("Asia/Shanghai")
AT = datetime(2023, 7, 5, 9, 0, tzinfo=ZONE)


def answer(
    talk: Talk,
    name: str,
    understood: Understood,
    at: datetime = AT,
    in_programme: Programme | None = None,
) -> tuple[str, str]:
    """The template and the words that *understood* of *name* gets, in a programme that may differ."""
    him, plan = person(talk, name), in_programme or programme(talk)
    inbound = Inbound("wecom", "x", talk.account(name), at, "text", understood.text)

    def work(tx: Tx) -> tuple[str, str]:
        context = Context(talk.app.setup, talk.app.snapshot, inbound, at, at, him, plan, tx)
        reply = intents(Recall())[understood.intent].handle(understood, context)
        return reply.template, Renderer().render(reply)

    return talk.app.database.write(work)


@pytest.mark.parametrize(
    ("about", "first"),
    [
        ("check_in", "到场后回复 签到。"),
        ("choose_topic", "回复 选题 看全部方向"),
        ("topic_query", "回复 选题 看全部方向"),
        ("bind", "你已经绑定了。"),
        ("submit", "回复 交报告 或 交PPT，我给你一个上传链接"),
        ("leave", "请假就发日期和原因，例：请假 7/13 发烧。"),
        ("rewards", "回复 补贴 看通知里有哪些钱"),
        ("schedule_query", "直接问就行"),
        ("nothing known", "我能做这些"),
    ],
)
def test_help_is_about_what_was_asked(talk: Talk, about: str, first: str) -> None:
    _, words = answer(talk, "王小明", Understood("help", "怎么办", {"about": about}))

    assert words.startswith(first)


@pytest.mark.parametrize(
    ("text", "outcome", "words"),
    [
        (
            "评级标准",
            "rules/rating",
            "通知没有写怎么评级、由谁评，请问张老师。回复 补贴 看和评级有关的条款。",
        ),
        (
            "不来怎么算",
            "rules/leave",
            "通知没有写请假的规定。请假就发日期和原因，例：请假 7/13 发烧，我转给李老师，同意了就不计缺勤。",
        ),
        (
            "组会怎么开",
            "rules/group_meeting",
            "“每周一各项目组内部开会交流项目进展情况”（学习形式，第13行）\n\n各组的时间地点以自己组为准。",
        ),
        (
            "两天都要讲吗",
            "rules/report_days",
            "汇报日：7/25（周二）、7/27（周四）。\n“7.25 日、7.27 日全体做汇报”（学习要求，第32行）\n\n"
            "谁在哪一天、第几个，通知没有写；先按每人讲一次理解，请问张老师。",
        ),
        (
            "定了吗",
            "rules/tentative",
            "现在的安排是拟定的。\n“拟计划安排如下”（学习形式，第14行）\n\n有变动我会告诉你。",
        ),
    ],
)
def test_a_question_about_a_requirement(talk: Talk, text: str, outcome: str, words: str) -> None:
    """R43, B33: in the notice's words, or said to be unsaid (notice L13, L14, L32)."""
    assert answer(talk, "王小明", Understood("rules", text)) == (outcome, words)


@pytest.mark.parametrize(
    ("text", "outcome"), [("两天都要讲吗", "talks/count"), ("我哪天汇报", "rules/report_days")]
)
def test_the_days_of_the_reports_are_no_question_about_this_week(talk: Talk, text: str, outcome: str) -> None:
    """B33: it is recognised as a question about the plan."""
    assert template_of(talk, "王小明", text, AT) == outcome


@pytest.mark.parametrize(
    ("intent", "slots", "outcome"),
    [
        ("schedule_query", {"topic": "量子计算"}, "schedule/no_such_title"),
        ("schedule_query", {"topic": "科研论文写做"}, "schedule/titles"),
        ("answer_question", {"number": 3}, "question/needs_answer"),
        ("answer_question", {"number": 99, "answer": "x"}, "question/no_such_number"),
        ("topic_query", {"printed_no": 15}, "topic/no_such_printed_number"),
        ("topic_query", {"keyword": "养猪"}, "topic/not_found"),
        ("topic_query", {"keyword": "机器学习"}, "topic/found"),
        ("withdraw", {"target": "check_in"}, "topic/cannot_withdraw"),
        ("withdraw", {"target": "leave"}, "leave/none_to_withdraw"),
        ("open_checkin", {}, "checkin/nothing_to_open"),
    ],
)
def test_what_was_understood_is_answered(
    talk: Talk, intent: str, slots: Mapping[str, Slot], outcome: str
) -> None:
    assert answer(talk, "张老师", Understood(intent, "", slots))[0] == outcome


@pytest.mark.parametrize(
    ("name", "text", "outcome"),
    [
        ("路人", "绑定", "binding/how"),
        ("路人", "绑定 王小明", "binding/how"),
        ("王小明", "8月有什么", "schedule/free_days"),
        ("王小明", "选 联邦学习在医疗影像中的应用", "topic/own_title"),
        ("王小明", "好的", "guide/ack"),
    ],
)
def test_these_words_are_answered(talk: Talk, name: str, text: str, outcome: str) -> None:
    assert template_of(talk, name, text, AT) == outcome


@pytest.mark.parametrize(
    ("planned_at", "words"),
    [
        (
            datetime(2023, 7, 3, 20, 10, tzinfo=ZONE),
            "提醒：明天7/4（周二）14:30《科研论文写作》。地点待通知，为拟定安排。",
        ),
        (
            datetime(2023, 7, 4, 14, 5, tzinfo=ZONE),
            "快开始了：14:30《科研论文写作》。地点待通知。到场请回复 签到。",
        ),
        (
            datetime(2023, 7, 6, 9, 10, tzinfo=ZONE),
            "提醒：今天7/6（周四）下午（具体时间待定）前沿研究分享《AI+脑科学+安全》；工程项目开发分享《视频压缩+AI》。"
            "地点待通知，时间定了我会告诉你。",
        ),
    ],
)
def test_a_reminder_reads_as_a_sentence_and_names_no_hour_that_is_not_printed(
    talk: Talk, planned_at: datetime, words: str
) -> None:
    """R05, R11, R12, R15, R44: notice L14, L19."""
    app, plan = talk.app, programme(talk)
    untimed_at = app.settings.programme.untimed_at
    for now in (planned_at - timedelta(minutes=30), planned_at):
        enqueue_due(app.database, [plan], app.snapshot.people_in, app.rules, now, untimed_at=untimed_at)

    due = app.database.read(lambda tx: outbox.due(tx, planned_at, 1000))
    found = {row.person_id: Renderer().render(Reply(row.template, row.values)) for row in due}

    assert found[person(talk, "王小明").person_id] == words
    assert person(talk, "陈一怡").person_id not in found  # 研2, never asked for reminders


def test_whom_nobody_can_confirm_is_sent_to_the_organisers(talk: Talk) -> None:
    """A roster without lead and admin: the one-time code is the only way."""
    talk.forget_accounts(["王小明"])
    for staff in ("李老师", "张老师"):
        leaver = person(talk, staff).person_id
        talk.app.database.write(
            lambda tx, gone=leaver: tx.execute(  # type: ignore[misc]
                "update person set roles = :none where person_id = :id", {"none": "[]", "id": gone}
            )
        )
    talk.restart()
    talk.say("王小明", "绑定 王小明 2023001", AT)

    assert template_of(talk, "王小明", "确认", AT) == "binding/nobody_to_ask"


@pytest.mark.parametrize("label", sorted(intents(Recall())))
def test_every_label_is_answered_in_words_even_without_any_detail(talk: Talk, label: str) -> None:
    """Silence never happens, whatever the words were."""
    _, words = answer(talk, "王小明", Understood(label, "随便"))

    assert words


def test_a_notice_with_nothing_but_sessions_is_said_to_say_nothing(talk: Talk) -> None:
    """R43: no money, no topics, no rules, no questions, no contact."""
    bare = replace(
        programme(talk), topics=(), rules=(), rewards=(), contacts=(), attachments=(), questions=()
    )
    asked = {
        "rewards": Understood("rewards", "我能拿多少"),
        "topic_query": Understood("topic_query", "选题"),
        "choose_topic": Understood("choose_topic", "选 6", {"topic_no": 6}),
        "pages": Understood("rules", "报告要几页"),
        "engineering": Understood("rules", "工程怎么开始"),
        "template": Understood("rules", "模板"),
        "deadline": Understood("rules", "截止"),
        "online": Understood("rules", "线上"),
        "questions": Understood("questions", "待办"),
    }

    words = {name: answer(talk, "张老师", heard, in_programme=bare)[1] for name, heard in asked.items()}

    assert words == {
        "rewards": "通知没有写补贴或奖励，要由您来定。",
        "topic_query": "这次的通知没有附选题范围，我不知道有哪些方向。请问一下负责人。",
        "choose_topic": "这次的通知没有附选题范围，我不知道有哪些方向。请问一下负责人。",
        "pages": "通知没有写报告的页数，要由您来定。",
        "engineering": "通知没有写工程能力的要求，要由您来定。",
        "template": "通知没有写格式和模板，要由您来定。",
        "deadline": "通知没有写截止时间。汇报日是 7/25（周二）、7/27（周四），最好在自己汇报前交。要由您来定。",
        "online": "通知没有写能不能线上参加，要由您来定。",
        "questions": "通知里没有还没定的事了。",
    }


@pytest.mark.parametrize(
    "subject",
    [
        "模板", "ppt几页", "几页", "几分钟", "截止", "迟到", "线上", "请假", "哪天汇报", "ppt", "报告", "选题",
        "工程", "组会", "评级", "拟定", "必须",
    ],
)  # fmt: skip
def test_every_subject_is_answered_where_the_notice_says_nothing(talk: Talk, subject: str) -> None:
    """R43."""
    bare = replace(programme(talk), rules=(), attachments=(), contacts=())

    assert answer(talk, "王小明", Understood("rules", subject), in_programme=bare)[1]


def test_a_cancelled_session_is_not_checked_in_to(talk: Talk) -> None:
    plan = programme(talk)
    sessions = tuple(replace(s, status="cancelled") if s.session_id == "S02" else s for s in plan.sessions)
    at = datetime(2023, 7, 4, 14, 26, tzinfo=ZONE)

    found = answer(talk, "王小明", Understood("check_in", "签到"), at, replace(plan, sessions=sessions))

    assert found == ("checkin/cancelled", "7/4（周二）《科研论文写作》已取消，不用签到。")


def test_a_check_in_for_another_day_is_none(talk: Talk) -> None:
    heard = Understood("check_in", "7/18 签到", span=Span(date(2023, 7, 18), date(2023, 7, 18)))

    assert answer(talk, "王小明", heard) == (
        "checkin/another_day",
        "只能签今天的到，7/18（周二）没有记录。到那天再回复 签到。",
    )


@pytest.mark.parametrize("text", ["完成良好有多少钱", "我们能拿到科研经费吗", "有资助吗"])
def test_no_sum_is_named_for_doing_well_and_no_funding_is_promised(talk: Talk, text: str) -> None:
    """R40, R41: notice L11 and L45 pay nobody."""
    words = talk.say("王小明", text, AT) or ""

    assert "第11行" not in words
    assert "第45行" not in words
    assert "您将" not in words
    assert "资助" not in words
