"""A small programme and its people, with every kind of value that a field can hold."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType

from messages.envelope import Push
from programme.people import Person
from programme.programme import Attachment, Contact, Programme, Question, Reward, Rule, Topic
from programme.sessions import Item, Occurrence, Session, Source
from storage import people, programmes
from storage.database import Tx

AT = datetime(2023, 7, 4, 6, 25, 0, 123456, UTC)
P = "p2023"

LECTURE = Session(
    session_id="S02",
    held_on=date(2023, 7, 4),
    start=time(14, 30),
    end=None,
    period="afternoon",
    kind="lecture",
    scope="everyone",
    items=(Item(None, "科研论文写作", "周老师"),),
    place="A101",
    required=("研0", "研1"),
    optional=("研2",),
    status="confirmed",
    version=1,
    source=Source(19, "4 日 下午 14:30 《科研论文写作》", "4 日 下午"),
    period_source="cell",
    table_row=1,
)
TALKS = Session(
    session_id="S03",
    held_on=date(2023, 7, 6),
    start=None,
    end=None,
    period="afternoon",
    kind="talks",
    scope="everyone",
    items=(
        Item("前沿研究分享", "AI+脑科学+安全"),
        Item("工程项目开发分享", "视频压缩+AI"),
    ),
    place=None,
    required=("研0", "研1"),
    optional=("研2",),
    status="tentative",
    version=1,
    source=Source(None, "6 日", None),
)
LECTURE_FOR_ALL = Occurrence("p2023-S02", "S02", None, date(2023, 7, 4), time(14, 30), None, "A101", 1)
TALKS_FOR_ALL = Occurrence("p2023-S03", "S03", None, date(2023, 7, 6), None, None, None, 1)


def topic(order: int, printed_no: int | None, title: str) -> Topic:
    return Topic(
        order=order,
        printed_no=printed_no,
        title=title,
        note="大模型" if order == 1 else None,
        heading=f"{printed_no}. {title}",
        heading_line=46 + order,
        paragraphs=("第一段。", "第二段 100%。"),
        body_lines=(50, 51),
    )


PROGRAMME = Programme(
    programme_id=P,
    version=1,
    title="七月 科研训练",
    year=2023,
    timezone="Asia/Shanghai",
    first_date=date(2023, 7, 3),
    last_date=date(2023, 7, 27),
    sessions=(LECTURE, TALKS),
    occurrences=(LECTURE_FOR_ALL, TALKS_FOR_ALL),
    topics=(topic(1, 1, "可信大模型"), topic(2, 1, "流计算"), topic(3, None, "图像压缩")),
    rules=(
        Rule("Q01", "attendance_required", ("研0", "研1"), True, Source(9, "必须按时参加")),
        Rule("Q02", "min_pages", ("研0",), 20, Source(36, "20 页以上")),
        Rule("Q03", "deadline", (), None, None),
        Rule("Q04", "parts", (), ["问题", "方法"], Source(40, "包括")),
        Rule("Q05", "span", (), {"min": 5, "max": 10}, Source(41, "5–10 分钟")),
    ),
    rewards=(
        Reward("W00", "general", "完成良好", None, None, None, ("participants",), Source(11, "进行奖励")),
        Reward("W01", "report", "优良以上", 400, "每份", "元", ("研0",), Source(37, "每份 400")),
    ),
    contacts=(Contact("张老师", "工程", "微信", None, 30),),
    attachments=(Attachment("模板", False, (33, 35)),),
    questions=(
        Question(1, "time_pending", "6 日几点?", "start:S03", ("14:30",), (19,)),
        Question(2, "details_missing", "在哪里?", "place", (), ()),
    ),
    lines=MappingProxyType({9: "研 0、研 1 同学必须按时参加", 19: "4 日"}),
    settings=MappingProxyType({"late_after_min": "5"}),
)

ADMIN = Person("t1", P, "张老师", None, None, None, frozenset({"admin"}))
LEAD = Person("s1", P, "李雷", "2023001", "研1", "视觉组", frozenset({"student", "lead"}), "周老师")
STUDENT = Person("s2", P, "韩梅梅", "2023002", "研0", "视觉组", frozenset({"student"}), "周老师")
GUEST = Person("s3", P, "王五", "2023003", "研2", None, frozenset({"student"}))
PEOPLE = (ADMIN, LEAD, STUDENT, GUEST)
ACCOUNTS = {"t1": ("wecom", "admin01"), "s1": ("wecom", "lilei")}


def store(tx: Tx) -> None:
    programmes.save(tx, PROGRAMME, AT)
    people.save_roster(tx, P, PEOPLE, ACCOUNTS, AT)


def push(key: str, person_id: str = "s1", useless_after: datetime | None = None) -> Push:
    return Push(key, person_id, "reminder/session", {"title": "写作"}, AT, useless_after)


def later(**span: float) -> datetime:
    return AT + timedelta(**span)
