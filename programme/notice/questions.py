"""What the notice leaves open, as numbered questions: the year first, then hours, place, end, papers, rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from programme.notice.notice import Anomaly
from programme.notice.oddities import Facts, missing_details, pending
from programme.notice.sessions_of import outliers
from programme.notice.spoken import CONFIRM, DROP, IGNORE, LATER, PERIOD_NAMES, spoken_day
from programme.programme import Question, Rule
from programme.sessions import Session


@dataclass(frozen=True)
class Unclear:
    """A rule with two readings: *key* of the setting that decides, *options* with the default first."""

    key: str
    text: str
    options: tuple[str, ...]
    lines: tuple[int, ...]


@dataclass(frozen=True)
class _Draft:
    code: str
    text: str
    subject: str
    options: tuple[str, ...]
    lines: tuple[int, ...]


def ask(
    facts: Facts, anomalies: tuple[Anomaly, ...], year: int | None, candidates: tuple[int, ...]
) -> tuple[Question, ...]:
    """The numbered questions. Number 1 is always the year, answered when it is known."""
    drafts = [*_about_hours(facts), *_about_details(facts)]
    drafts += [
        _Draft("rule_unclear", item.text, f"setting:{item.key}", item.options, item.lines)
        for item in unclear(facts)
    ]
    drafts += _about_days(facts, anomalies)
    drafts += _about_lines(facts, anomalies)
    found = next((a for a in anomalies if a.code in ("year_missing", "implausible_year")), None)
    text = "通知是哪一年的？" if found is None else f"{found.what}。是哪一年？"
    options = tuple(str(value) for value in candidates)
    first = Question(
        1,
        "year_missing",
        text,
        "year",
        options,
        found.lines if found else (),
        "answered" if year is not None else "open",
        str(year) if year is not None else None,
    )
    return (
        first,
        *(
            Question(number, d.code, d.text, d.subject, d.options, d.lines)
            for number, d in enumerate(drafts, 2)
        ),
    )


def _about_hours(facts: Facts) -> list[_Draft]:
    drafts = []
    for session, usual in outliers(list(facts.sessions)):
        if session.start is None:
            continue
        text = (
            f"{spoken_day(session)}写的是{session.start:%H:%M}，同类的其他场次是{usual:%H:%M}。以哪个为准？"
        )
        drafts.append(
            _Draft(
                "start_outlier",
                text,
                f"start:{session.session_id}",
                (f"{session.start:%H:%M}", f"{usual:%H:%M}"),
                _line(session),
            )
        )
    waiting = pending(facts)
    for session in facts.sessions:
        code = _broken(facts, session)
        if (
            code in ("contradictory_time", "impossible_time")
            and session.start is None
            and session not in waiting
        ):
            drafts.append(
                _Draft(
                    code,
                    f"{spoken_day(session)}的时间读不通（{session.source.phrase[:30]}）。几点开始？",
                    f"start:{session.session_id}",
                    (),
                    _line(session),
                )
            )
        elif code == "end_before_start":
            drafts.append(
                _Draft(
                    code,
                    f"{spoken_day(session)}的结束时间不晚于开始时间（{session.source.phrase[:30]}）。几点结束？",
                    f"end:{session.session_id}",
                    (),
                    _line(session),
                )
            )
        elif code == "contradictory_time":
            drafts.append(
                _Draft(
                    code,
                    f"{spoken_day(session)}写了不同的时间（{session.source.phrase[:30]}）。几点开始？",
                    f"start:{session.session_id}",
                    (),
                    _line(session),
                )
            )
    if waiting:
        days = "、".join(f"{spoken_day(s)}{PERIOD_NAMES.get(s.period or '', '')}" for s in waiting)
        names = ",".join(s.session_id for s in waiting)
        lines = tuple(sorted({line for s in waiting for line in _line(s)}))
        drafts.append(
            _Draft(
                "time_pending",
                f"{days}没有写几点。几点开始？只改其中一场就带上日期",
                f"start:{names}",
                (),
                lines,
            )
        )
    return drafts


def _broken(facts: Facts, session: Session) -> str | None:
    for item in facts.found:
        if (
            item.code in ("contradictory_time", "impossible_time", "end_before_start")
            and item.cell == session.source.phrase
        ):
            return item.code
    return None


def _line(session: Session) -> tuple[int, ...]:
    return (session.source.line,) if session.source.line is not None else ()


def _about_details(facts: Facts) -> list[_Draft]:
    missing = missing_details(facts)
    drafts = []
    for key, question in (("place", "在哪里？"), ("end", "几点结束？")):
        same = missing[key]
        if same:
            whole = "全部" if len(same) == len(facts.sessions) else ""
            lines = tuple(sorted({line for s in same for line in _line(s)}))
            name = "地点" if key == "place" else "结束时间"
            drafts.append(
                _Draft(
                    "details_missing",
                    f"{whole}{len(same)}场没有写{name}。{question}只改其中一场就带上日期",
                    key,
                    (),
                    lines,
                )
            )
    for item in facts.attachments:
        if not item.present:
            drafts.append(
                _Draft(
                    "attachment_missing",
                    f"通知提到“{item.name}”但没有附上。由谁提供、在哪里？",
                    f"asset:{item.name}",
                    (),
                    item.lines,
                )
            )
    return drafts


def _about_days(facts: Facts, anomalies: tuple[Anomaly, ...]) -> list[_Draft]:
    drafts = []
    for anomaly in anomalies:
        if anomaly.code != "weekday_mismatch" or anomaly.done != "asked":
            continue
        for session in facts.sessions:
            if session.source.line in anomaly.lines and anomaly.cell in (
                session.source.phrase,
                session.source.cell,
            ):
                drafts.append(
                    _Draft(
                        "weekday_mismatch",
                        f"{anomaly.what}。是哪一天？",
                        f"date:{session.session_id}",
                        _near_days(session, anomaly.what),
                        anomaly.lines,
                    )
                )
    return drafts


def _near_days(session: Session, what: str) -> tuple[str, ...]:
    """The printed day first, then the nearest day of the printed weekday."""
    days = [session.held_on]
    for offset in (1, -1, 2, -2, 3, -3):
        day = session.held_on + timedelta(days=offset)
        if (
            f"周{'一二三四五六日'[day.weekday()]}写的" in what
            or f"写的是周{'一二三四五六日'[day.weekday()]}" in what
        ):
            days.append(day)
            break
    return tuple(_spoken(day) for day in days)


def _spoken(day: date) -> str:
    return f"{day.month}/{day.day}"


_LINE_CODES = {
    "impossible_date",
    "merged_cell_two_dates",
    "ambiguous_exception",
    "extra_cell",
    "missing_cells",
    "oversize_cell",
    "number_as_date",
    "bad_type",
    "formula",
    "duplicate_date",
    "implausible_number",
    "no_title",
    "rule_unclear",
    "formula_text",
}


_FEW = 2
# What a series lacks, and how it would be written.
_MISSING = {
    "没有写到哪天结束": "至12月25日，或共16次",
    "没有写从哪天开始": "从9月4日起",
    "没有写从哪天到哪天": "9月4日至12月25日",
    "没有写第1周从哪天开始": "第1周从9月2日开始",
}
_ASK_FEW = "现在排的没错就回复“对”，这几场不要就回复“不排”，别的改动请改通知后重新导入"
_ASK_MANY = "现在排的没错就回复“对”，要改就回复“待定”，再改那一场或改好通知重新导入"
_ASK_TITLE = "不用名称就回复“忽略”，要名称就回复“待定”、在通知第一行写上标题再导入"
_ASK_LEFT_OUT = "用不上就回复“忽略”，要排就回复“待定”、改好通知再导入"

# What the completeness audit asks about a line under codes that elsewhere speak of whole notices.
_UNREAD_CODES = {"details_missing", "contact_incomplete"}


def _about_lines(facts: Facts, anomalies: tuple[Anomaly, ...]) -> list[_Draft]:
    """Cells and lines that look like schedule and could not be read, or were laid out with a doubt: never silence."""
    lines = [session.source.line for session in facts.sessions]
    return [
        _line_question(a, sum(line in a.lines for line in lines))
        for a in anomalies
        if a.done == "asked"
        and (a.code in _LINE_CODES or (a.what.startswith("第") and a.code in _UNREAD_CODES))
        and not (a.code == "rule_unclear" and not a.what.startswith("第"))
    ]


def _line_question(anomaly: Anomaly, held: int) -> _Draft:
    """*held*: how many sessions stand on its lines; a whole series is never dropped by one word."""
    if anomaly.code == "no_title":
        ask, options = _ASK_TITLE, (IGNORE[0], LATER)
    elif not held:
        missing = next((words for mark, words in _MISSING.items() if mark in anomaly.what), None)
        ask = _ASK_LEFT_OUT if missing is None else f"请在通知里补上再导入，例：{missing}；用不上就回复“忽略”"
        options = (IGNORE[0], LATER)
    elif held <= _FEW:
        ask, options = _ASK_FEW, (CONFIRM[0], DROP[0])
    else:
        ask, options = _ASK_MANY, (CONFIRM[0], LATER)
    return _Draft(anomaly.code, f"{anomaly.what}。{ask}", f"line:{anomaly.line or 0}", options, anomaly.lines)


def unclear(facts: Facts) -> tuple[Unclear, ...]:
    """Rules that can be read in two ways, each with the setting that decides."""
    checks = (_report_days, _group_meetings, _scale, _fee, _own_topic, _volunteers, _guarantee)
    return tuple(item for check in checks if (item := check(facts)) is not None)


def _rule_lines(*rules: Rule | None) -> tuple[int, ...]:
    return tuple(
        sorted(
            {
                r.source.line
                for r in rules
                if r is not None and r.source is not None and r.source.line is not None
            }
        )
    )


def _report_days(facts: Facts) -> Unclear | None:
    rule = facts.rule("report_days")
    if rule is None or not isinstance(rule.value, list) or len(rule.value) < 2:
        return None
    lines = {line for s in facts.sessions if s.held_on.isoformat() in rule.value for line in _line(s)}
    days = "、".join(
        f"{date.fromisoformat(day).month}月{date.fromisoformat(day).day}日" for day in rule.value
    )
    return Unclear(
        "report_once",
        f"{days}全体汇报：每人只报一次，还是每天都报？",
        ("每人一次", "每天都报"),
        tuple(sorted({*lines, *_rule_lines(rule)})),
    )


def _group_meetings(facts: Facts) -> Unclear | None:
    rule = facts.rule("_group_meeting")
    meeting = next((s for s in facts.sessions if s.kind == "group_meeting"), None)
    if rule is None or meeting is None:
        return None
    track = next((item.track for item in meeting.items if item.track), "")
    if track and str(rule.value) in track:
        return None
    text = f"正文写“{rule.value}”开会，表里写“{track}”：各组自己开，还是全体一起？"
    return Unclear(
        "group_meeting_scope",
        text,
        ("各组自己开", "全体一起"),
        tuple(sorted({*_rule_lines(rule), *_line(meeting)})),
    )


def _scale(facts: Facts) -> Unclear | None:
    reward = next(
        (
            r
            for r in facts.rewards
            if r.amount is not None
            and any(mark in r.condition for mark in ("优", "良", "评级", "等级", "合格", "达标"))
        ),
        None,
    )
    if reward is None or "优良" not in reward.condition:
        return None
    text = f"“{reward.condition}”没有写等级怎么分、每份按什么算。按哪种？"
    return Unclear(
        "rating_scale",
        text,
        ("优/良/中/差，良以上，每人一份", "优/良/中/差，良以上，报告和汇报各算一份"),
        (reward.source.line,) if reward.source.line else (),
    )


def _fee(facts: Facts) -> Unclear | None:
    reward = next(
        (r for r in facts.rewards if r.name == "writing_fee" and r.amount is not None and r.unit is None),
        None,
    )
    if reward is None:
        return None
    return Unclear(
        "writing_fee_unit",
        f"“{reward.source.phrase[:40]}”没有写按篇还是按人。按哪种？",
        ("每篇一次", "每人一次"),
        (reward.source.line,) if reward.source.line else (),
    )


def _own_topic(facts: Facts) -> Unclear | None:
    free, within = facts.rule("topic_choice_free"), facts.rule("topic_choice_within_directions")
    if free is None or within is None:
        return None
    return Unclear(
        "own_topic",
        f"一处写“{free.value}”，一处写“{within.value}”：能不能自拟选题？",
        ("可以自拟，须经同意", "只能在方向内选"),
        _rule_lines(free, within),
    )


def _volunteers(facts: Facts) -> Unclear | None:
    optional, both, days = (
        facts.rule("attendance_optional"),
        facts.rule("both_abilities_required"),
        facts.rule("report_days"),
    )
    if optional is None or (both is None and days is None):
        return None
    names = "、".join(optional.applies_to)
    return Unclear(
        "optional_duties",
        f"{names}不做硬性要求，参加后要不要完成全部任务和汇报？",
        ("加入后才要", "不要"),
        _rule_lines(optional, both, days),
    )


def _guarantee(facts: Facts) -> Unclear | None:
    rule, required = facts.rule("online_needs_guarantee"), facts.rule("attendance_required")
    if rule is None or required is None or not set(rule.applies_to) < set(required.applies_to):
        return None
    options = ("、".join(required.applies_to), "、".join(rule.applies_to))
    return Unclear(
        "online_guarantee_cohorts",
        f"线上参加要有人担保，原文只说{options[1]}。哪些年级要担保？",
        options,
        _rule_lines(rule),
    )
