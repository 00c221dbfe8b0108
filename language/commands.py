"""Commands of our own with a fixed shape: 回复 2 14:00, 担保 李老师 原因, 换 李四, 改 7/13 15:00 A301 …"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime

from language.clock import read_time
from language.dates import Found, find_spans
from language.decision import Decision, is_name
from language.mood import Mood
from language.numerals import whole_number
from language.reading import Reading
from language.understood import Slot

_ANSWER = re.compile(r"^(?:回复|回答|答)\s*\d{1,3}(?!\d)")
_ASKS = re.compile(r"[吗呢?]\s*$")
_Reader = Callable[["re.Match[str]", Reading], Decision | None]
_PERSON = r"(?P<name>[\u4e00-\u9fff]{2,4}?(?:老师|教授|博士)?)"


def command(reading: Reading, mood: Mood) -> Decision | None:
    """A text that has the shape of one of our commands, None otherwise."""
    if mood.is_question and not (_ANSWER.match(reading.text) and not _ASKS.search(reading.text)):
        return None  # 回复 7 没有 answers a question, and only looks like one
    for pattern, reader in _COMMANDS:
        found = pattern.match(reading.text)
        if found is not None:
            decided = reader(found, reading)
            if decided is not None:
                return decided
    return None


def _answer(found: re.Match[str], _: Reading) -> Decision:
    answer = (found["answer"] or "").strip()
    return Decision("answer_question", {"number": int(found["number"]), "answer": answer})


def _switch(found: re.Match[str], _: Reading) -> Decision:
    return Decision("switch_programme", {"which": found["which"].strip()})


def _lab_rule(found: re.Match[str], _: Reading) -> Decision:
    return Decision("set_lab_rule", {"text": found["text"].strip()})


def _template(found: re.Match[str], reading: Reading) -> Decision | None:
    """上传报告模板 of an admin; from anybody else it asks for the template."""
    if reading.role != "admin":
        return None
    is_of_slides = re.search("ppt|幻灯|课件|汇报", found[0]) is not None
    return Decision("upload_template", {"kind": "ppt" if is_of_slides else "report"})


def _of_person(found: re.Match[str], reading: Reading) -> Decision | None:
    """王小明的报告: what a student handed in; 周老师的报告 and 周四的报告 are talks."""
    name = found["name"]
    is_talk = name.endswith(("老师", "教授", "博士")) or reading.has("date")
    return None if is_talk or not is_name(name) else Decision("submission_of", {"name": name})


def _guarantee(found: re.Match[str], reading: Reading) -> Decision | None:
    slots: dict[str, Slot] = {}
    if found["name"]:
        slots["name"] = found["name"]
    reason = _undated(found, "reason", reading)
    if reason:
        slots["reason"] = reason
    return Decision("guarantee", slots)


def _no_guarantee(_found: re.Match[str], _reading: Reading) -> Decision:
    return Decision("withdraw", {"target": "guarantee"})


def _undated(found: re.Match[str], group: str, reading: Reading) -> str:
    """The words of *group* without the days that stand in them."""
    if not found[group]:
        return ""
    begin, end = found.span(group)
    out, at = [], begin
    for date_found in reading.dates:
        if begin <= date_found.start and date_found.end <= end and date_found.span is not None:
            out.append(reading.text[at : date_found.start])
            at = date_found.end
    out.append(reading.text[at:end])
    return " ".join("".join(out).split()).strip(" ,:的")


def _swap(found: re.Match[str], _: Reading) -> Decision | None:
    return Decision("swap", {"name": found["name"]}) if is_name(found["name"]) else None


def _plainly(label: str) -> _Reader:
    return lambda _found, _reading: Decision(label)


def _own_topic(found: re.Match[str], _: Reading) -> Decision:
    return Decision("own_topic", {"topic": found["title"].strip(" 《》")})


def _progress(found: re.Match[str], _: Reading) -> Decision | None:
    return Decision(
        "progress", {"text": found["text"].strip(" ,:"), "percent": min(100, int(found["percent"]))}
    )


def _accept(found: re.Match[str], _: Reading) -> Decision:
    slots: dict[str, Slot] = {
        "name": found["name"],
        "decision": "reject" if found["decision"].startswith(("不", "未", "没")) else "approve",
    }
    if found["reason"].strip():
        slots["reason"] = found["reason"].strip()
    return Decision("accept_work", slots)


def _reasoned(label: str) -> _Reader:
    def read(found: re.Match[str], reading: Reading) -> Decision:
        reason = _undated(found, "reason", reading)
        return Decision(label, {"reason": reason} if reason else {})

    return read


def _correct(found: re.Match[str], reading: Reading) -> Decision | None:
    if not is_name(found["name"]):
        return None
    slots: dict[str, Slot] = {"name": found["name"], "state": found["state"]}
    if found["number"]:
        slots["number"] = found["number"]
    if found["hour"]:
        slots["time"] = found["hour"].replace("：", ":")
    spans = [f for f in reading.dates if f.span is not None]
    if not spans:
        return None
    day = _day(spans[0])
    if day is not None:
        slots["date"] = day.isoformat()
    late = _MINUTES.match(found["reason"]) if found["state"] == "迟到" else None
    if late is not None:
        slots["minutes"] = int(late[1])
    reason = found["reason"][late.end() :] if late is not None else found["reason"]
    if reason.strip(" ,:。"):
        slots["reason"] = reason.strip(" ,:。")
    return Decision("correct_record", slots)


def _roll_call(found: re.Match[str], _: Reading) -> Decision | None:
    """点名 王小明 李四 到: the names as they are typed; digits of the number tell two people apart."""
    said = _THERE.search(found["rest"])
    rest = found["rest"][: said.start()] if said else found["rest"]
    names = [name for name in re.split(r"[\s,、;和]+", rest) if name]
    if not names or not all(re.fullmatch(r"[\u4e00-\u9fff]{2,4}\d{0,12}", name) for name in names):
        return None
    is_there = said is None or not said["state"].startswith(("没", "缺", "不", "未"))
    return Decision("roll_call", {"names": "、".join(names), "is_there": is_there})


def _recheck(found: re.Match[str], _: Reading) -> Decision:
    return Decision("recheck", {"minutes": int(found["minutes"])})


_THERE = re.compile(
    r"[\s,、:]*(?:都|已)*(?P<state>到场|到了|在场|来了|到|在|没到|没来|缺勤|不在|未到)[。.!\s]*$"
)
_MINUTES = re.compile(r"\s*(?:了)?\s*(\d{1,3})\s*(?:分钟?|min)")


def _change(found: re.Match[str], reading: Reading) -> Decision | None:
    """改 7/13 15:00 A301: the day, then what is new."""
    # 7/11 题目 is a day and a word, where the date grammar would see the number of a topic.
    text = re.sub(r"题目|标题|主题|讲题", lambda word: "," * len(word[0]), reading.text)
    spans = find_spans(text, reading.now, join_ranges=False)
    possible = [f for f in spans if f.span is not None]
    if not possible or spans[0].span is None:
        return None
    first = possible[0]
    day = _day(first)
    if day is None:
        return None
    rest = reading.text[found.end() :]
    if re.search(r"选题|请假|报告(?!厅|会)|ppt|提醒|号题", rest):
        return None
    slots: dict[str, Slot] = {"date": day.isoformat()}
    at = read_time(rest)
    if at is not None:
        slots["time"] = at.strftime("%H:%M")
    others = [f for f in possible[1:] if (d := _day(f)) is not None and d != day]
    if others and re.search(r"到|至|->|→|改", reading.text[first.end : others[0].start]):
        slots["to_date"] = str(_day(others[0]))
    place = re.search(
        r"(?:^|\s|到|在|,)(?P<place>(?:[a-z]{1,2}-?\d{2,4}[a-z]?|[\u4e00-\u9fffa-z\d]{1,12}(?:会议室|教室|报告厅|楼|机房|实验室|厅|室)|\d{3,4}(?:室|教室|会议室)?))\s*$",
        rest,
    )
    if place is not None:
        slots["place"] = place["place"].upper()
    if len(slots) == 1 and re.search(r"题目|主题|标题|主讲|讲者|地点|时间|结束", rest) is None:
        return None
    return Decision("reschedule", slots, span=first.span)


def _call_off(_: re.Match[str], reading: Reading) -> Decision | None:
    return Decision("cancel") if reading.has("date") else None


def _restore(_: re.Match[str], reading: Reading) -> Decision | None:
    return Decision("restore") if reading.has("date") else None


def _day(found: Found) -> date | None:
    start = found.span.start if found.span is not None else None
    return start.date() if isinstance(start, datetime) else start


def _opening(found: re.Match[str], _: Reading) -> Decision | None:
    at = read_time(found["time"])
    return Decision("opening_time", {"time": at.strftime("%H:%M")}) if at is not None else None


_TALK_NUMBERS = (
    ("minutes", r"每人\s*(\d{1,3})"),
    ("break_min", r"休息\s*(\d{1,3})"),
    ("gap_min", r"间隔\s*(\d{1,3})"),
    ("seed", r"种子\s*(\d{1,12})"),
)


def _plan_talks(found: re.Match[str], _: Reading) -> Decision:
    slots: dict[str, Slot] = {}
    clocks = re.findall(r"\d{1,2}:\d{2}", found[0])
    if clocks:
        slots["from"] = clocks[0]
    if len(clocks) > 1:
        slots["until"] = clocks[1]
    for name, pattern in _TALK_NUMBERS:
        found_number = re.search(pattern, found[0])
        if found_number is not None:
            slots[name] = int(found_number[1])
    rooms = re.search(r"(?<!\d)([一二两三四五六七八\d])\s*(?:间(?!隔)|个(?=教室|会议室|房间))", found[0])
    if rooms is not None:
        slots["room_count"] = whole_number(rooms[1].replace("两", "二")) or 1
    names = re.findall(r"(?<=[\s,、+])([a-zA-Z\u4e00-\u9fff]{1,6}\d{2,4}室?)(?=[\s,、+]|$)", found[0])
    if named := [name.upper() for name in names if not re.match(r"每人|休息|间隔|种子", name)]:
        slots["rooms"] = " ".join(named)
    return Decision("plan_talks", slots)


def _nudge(found: re.Match[str], _: Reading) -> Decision | None:
    name = found["name"]
    return Decision("nudge", {"name": name}) if is_name(name) else None


def _export(found: re.Match[str], _: Reading) -> Decision:
    kinds = (("考勤|签到|出勤", "attendance"), ("提交|报告|论文", "submission"))
    kind = next((kind for words, kind in kinds if re.search(words, found[0])), None)
    return Decision("export", {"kind": kind} if kind else {})


_COMMANDS: tuple[tuple[re.Pattern[str], _Reader], ...] = tuple(
    (re.compile(pattern), reader)
    for pattern, reader in (
        (r"^(?:回复|回答|答)\s*(?P<number>\d{1,3})(?:\s*[ ,:、]\s*(?P<answer>[\s\S]{0,1000}))?$", _answer),
        (r"^(?:换|切换)(?:一个|到)?项目\s*[ :,]?\s*(?P<which>\d{1,2}|\S.{1,40})$", _switch),
        (r"^(?:本组)?规定\s*[ :,]\s*(?P<text>\S[\s\S]{0,200})$", _lab_rule),
        (
            r"^(?:我要|我来|我)?(?:上传|发布|更新|更换|换)(?:一下|新的?|个)*(?:报告|ppt|汇报|幻灯片?|课件)?(?:的)?(?:格式)?模[板版](?:文件)?$",
            _template,
        ),
        (
            r"^(?:我?(?:要|想)?(?:看看?|看一下|打开|下载|查看|查|发我|给我|发一下))?\s*(?P<name>(?![^的]*[交写做改发传这那我你他她哪谁每个两几上下前后最大家])[\u4e00-\u9fff]{2,4}?)(?:同学)?的\s*(?:报告|ppt|论文|专利|提交)(?:文件|记录)?(?:给我|发我|看看|发一下)?$",
            _of_person,
        ),
        (rf"^(?:请)?担保\s*(?:{_PERSON})?(?:$|[\s,:]+(?P<reason>.*)$)", _guarantee),
        (r"^(?:撤回|取消|撤销)(?:我的?)?担保$|^(?:我)?不(?:用|要|需要)\S{0,4}担保了$", _no_guarantee),
        (
            r"^(?:请|找)(?P<name>[\u4e00-\u9fff]{1,4}(?:老师|教授|博士)?)(?:给我|帮我)?担保(?P<reason>.*)$",
            _guarantee,
        ),
        (
            r"^(?:我?想?(?:和|跟|与))?(?P<name>[\u4e00-\u9fff]{2,4}?)(?:换|交换|对换)(?:一下)?(?:时段|汇报|顺序|位置)(?:时间|顺序)?$",
            _swap,
        ),
        (r"^(?:换|交换|调换)\s*(?P<name>[\u4e00-\u9fff]{2,4})$", _swap),
        (r"^(?:项目|工程|任务|我的)?进度\s*[:,]?\s*(?P<text>.*?)\s*(?P<percent>\d{1,3})\s*%\s*$", _progress),
        (
            r"^验收\s*(?P<name>[\u4e00-\u9fff]{2,4}?)\s*(?P<decision>不?通过|不?合格|未通过|没通过|达标|不达标)\s*(?P<reason>.*)$",
            _accept,
        ),
        (r"^(?:迟到|缺勤|事后)?说明\s*[:, ]\s*(?P<reason>.{1,200})$", _reasoned("explain")),
        (r"^(?:提交)?事后说明(?P<reason>)$", _reasoned("explain")),
        (
            r"^(?:申请)?补签(?:到)?\s*[:, ]*(?P<reason>(?!.*(?:怎么|不了|不上|还没|不用|不想)).{0,200})$",
            _reasoned("late_checkin"),
        ),
        (
            r"^(?:把)?(?:改|更正|修正)\s*(?P<name>[\u4e00-\u9fff]{2,4}?)(?P<number>\d{4,12}(?=\s))?\s*(?:的)?\s*(?:[\d./月日号\-]{2,10}|周[一二三四五六日]|昨天|今天|前天|上周[一二三四五六日])\s*(?P<hour>\d{1,2}[:：]\d{2})?\s*(?:的)?(?:为|成|改成|改为)?\s*(?P<state>到场|准时|迟到|请假|缺勤|线上|早退|到)(?P<reason>.*)$",
            _correct,
        ),
        (
            r"^点名[\s:,]+(?P<rest>.{2,1000})$",
            _roll_call,
        ),
        (r"^(?:再次?确认|抽查)\s*[:, ]?\s*(?P<minutes>\d{1,2})\s*(?:分钟?|min)$", _recheck),
        (
            r"^(?:改|移|调|挪|换)\s*(?=\d|周|星期|今|明|后|下|本|这|[一二三四五六七八九十]{1,3}(?:月|号))",
            _change,
        ),
        (r"^时间\s*[: ]?\s*(?P<time>(?:[上下中]午|晚上)?\s*\d{1,2}(?::\d{2}|点.{0,3}))$", _opening),
        (r"^(?:取消|删除|删掉)\s*\d{1,2}\s*[/月.]\s*\d{1,2}\s*[日号]?(?:\s+.{1,60})?$", _call_off),
        (r"^恢复(?!提醒|推送|通知).{1,30}$", _restore),
        (r"^自拟(?:选题|题目|题)?[\s:,]+(?P<title>\S.{1,80})$", _own_topic),
        (r"^排汇报.*$", _plan_talks),
        (r"^(?:看看?|查)?(?:全部|所有人?的?)?汇报(?:的)?(?:顺序|次序|名单|排序)表?$", _plainly("talk_order")),
        (r"^汇报(?:的)?(?:大屏|屏幕|投影|计时|计时器|计时页)$", _plainly("talk_screen")),
        (r"^催(?:一下)?\s*(?P<name>[\u4e00-\u9fff]{2,4}?)(?:同学|交报告|交ppt|的报告|一下)?$", _nudge),
        (r"^导出(?!我的)(?:一下)?[\u4e00-\u9fff]{0,6}(?:表|数据|excel|xlsx|csv)?$", _export),
    )
)
