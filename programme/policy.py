"""本组规定: the rules that a lab sets for itself, their names in chat, and what they say now (design D14).

config.toml holds the defaults; a row (programme, key, value, who, when) wins over them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from programme.attendance import CheckinRules
from programme.notice.answers import option_of
from programme.notice.dates import scan_dates
from programme.notice.marks import cohorts, fold, large_number
from programme.people import Person
from programme.programme import Programme
from programme.sessions import UNCLEAR, Source

Kind = Literal["minutes", "days", "pages", "people", "cohorts", "choice", "deadline", "words"]
UNITS: Mapping[str, str] = {"minutes": "分钟", "days": "天", "pages": "页", "people": "人"}
NOBODY = "无"
LONGEST = 60


@dataclass(frozen=True)
class LabRule:
    """One thing a lab may decide. *subject* is the question about rules that it answers
    (language/subjects.toml); *most* bounds a number; *words* are other names for it in chat."""

    key: str
    name: str
    kind: Kind
    subject: str
    words: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    most: int = 1440
    least: int = 0
    example: str = ""


LAB_RULES = (
    LabRule(
        "opens_min_before", "签到提前", "minutes", "late", ("提前签到", "提前", "开放签到"), example="20分钟"
    ),
    LabRule("late_after_min", "迟到", "minutes", "late", ("算迟到", "迟到时间"), example="10分钟"),
    LabRule(
        "closes_min_after", "签到关闭", "minutes", "late", ("关闭签到", "关闭", "签到截止"), example="30分钟"
    ),
    LabRule(
        "online_guarantee_cohorts", "线上担保", "cohorts", "online", ("担保", "担保年级"), example="研0、研1"
    ),
    LabRule("leave_cohorts", "请假年级", "cohorts", "leave", ("请假",), example="研0、研1"),
    LabRule("leave_min_before", "请假提前", "minutes", "leave", ("提前请假", "请假截止"), example="60分钟"),
    LabRule("explain_within_days", "事后说明", "days", "leave", ("说明",), most=60, example="3天"),
    LabRule(
        "min_pages", "报告页数", "pages", "pages", ("页数", "最少页数"), most=1000, least=1, example="20页"
    ),
    LabRule(
        "report_deadline", "报告截止", "deadline", "deadline", ("截止", "截止时间"), example="7/24 18:00"
    ),
    LabRule(
        "report_once",
        "汇报次数",
        "choice",
        "report_days",
        ("汇报",),
        ("每人一次", "每天都报"),
        example="每人一次",
    ),
    LabRule("rating_scale", "评级", "words", "rating", ("评级办法", "等级"), example="优/良/中/差，良以上"),
    LabRule("raters", "评委", "words", "rating", ("谁评", "评分人"), example="各组导师"),
    LabRule(
        "writing_fee_unit",
        "撰写费",
        "choice",
        "",
        ("撰写费用",),
        ("每篇一次", "每人一次"),
        example="每篇一次",
    ),
    LabRule(
        "own_topic",
        "自拟选题",
        "choice",
        "topics",
        ("自拟", "选题"),
        ("可以自拟，须经同意", "只能在方向内选"),
        example="只能在方向内选",
    ),
    LabRule(
        "group_meeting_scope",
        "组会",
        "choice",
        "group_meeting",
        ("组会范围",),
        ("各组自己开", "全体一起"),
        example="各组自己开",
    ),
    LabRule(
        "optional_duties",
        "加入后任务",
        "choice",
        "attendance",
        ("自愿参加", "自愿", "加入后", "加入"),
        ("加入后才要", "不要"),
        example="加入后才要",
    ),
    LabRule(
        "topic_cap",
        "选题上限",
        "people",
        "topics",
        ("每题上限", "每个方向人数", "每题人数", "选题人数"),
        most=1000,
        least=1,
        example="4人",
    ),
)
# Who is told these facts as part of another answer, too.
ALSO = {"report_type": ("min_pages",), "slides": (), "template": ()}
ASSETS = ("template", "slides", "report_type")  # the questions that a missing paper's answer is for


@dataclass(frozen=True)
class Wrong:
    """Why a value is not taken, in Chinese."""

    hint: str


def find_rule(named: str) -> LabRule | None:
    """The rule of that name or number (1 is the first of the list)."""
    if named.isdecimal():
        number = int(named)
        return LAB_RULES[number - 1] if 1 <= number <= len(LAB_RULES) else None
    return next((rule for rule in LAB_RULES if named == rule.name or named in rule.words), None)


def split_command(text: str) -> tuple[LabRule | None, str]:
    """迟到 10分钟 · 签到提前 20 分钟 · 2 10 → the rule that *text* begins with, and the value after it."""
    text = text.strip(" \t:：,，")
    numbered = re.match(r"(\d{1,2})(?:[ \t:：.、]+(.*))?$", text, re.DOTALL)
    if numbered is not None:
        return find_rule(numbered[1]), (numbered[2] or "").strip()
    names = [(word, rule) for rule in LAB_RULES for word in (rule.name, *rule.words)]
    fitting = [(word, rule) for word, rule in names if text.startswith(word)]
    if not fitting:
        return None, text
    word, rule = max(fitting, key=lambda pair: len(pair[0]))
    return rule, re.sub(r"^(?:[\s:：,，]|改成|改为|为|是)+", "", text[len(word) :]).strip()


def value_of(rule: LabRule, programme: Programme, defaults: Mapping[str, str]) -> str:
    """What holds now, as stored; "" where nobody has decided and nothing is the default."""
    return programme.settings.get(rule.key, default_of(rule, programme, defaults))


def default_of(rule: LabRule, programme: Programme, defaults: Mapping[str, str]) -> str:
    """The notice's own number where it prints one, else the configuration's."""
    printed = _printed(rule, programme)
    return str(printed) if printed is not None else defaults.get(rule.key, "")


def is_printed(rule: LabRule, programme: Programme) -> bool:
    """Whether the default is the notice's own."""
    return _printed(rule, programme) is not None


def _printed(rule: LabRule, programme: Programme) -> int | None:
    if rule.key != "min_pages":
        return None
    value = next((r.value for r in programme.rules if r.rule == "report_min_pages"), None)
    return value if isinstance(value, int) else None


def spoken(rule: LabRule, value: str) -> str:
    """10 → 10分钟; "" → 未定."""
    if not value:
        return "不限" if rule.kind == "people" else "未定"
    if rule.kind == "people" and value == NOBODY:
        return "不限"
    return f"{value}{UNITS.get(rule.kind, '')}"


def options_of(rule: LabRule, programme: Programme) -> tuple[str, ...]:
    """The readings that the import offered, else our own."""
    asked = (q.options for q in programme.questions if q.subject == f"setting:{rule.key}" and q.options)
    return next(asked, rule.options)


def read_value(rule: LabRule, text: str, programme: Programme, defaults: Mapping[str, str]) -> str | Wrong:
    """*text* as the value to store, or why it is none."""
    if len(text) > LONGEST:
        return Wrong("太长了")
    if rule.kind == "people" and re.fullmatch(r"不限|无|没有|取消|不设|不限制|无上限", text):
        return NOBODY
    if rule.kind in UNITS:
        return _number(rule, text, programme, defaults)
    if rule.kind == "cohorts":
        names, _ = cohorts(text)
        if names:
            return "、".join(names)
        return NOBODY if re.fullmatch(r"无|都不用|不用|没有|谁都不用", text) else Wrong("没有读到年级")
    if rule.kind == "choice":
        options = options_of(rule, programme)
        chosen = option_of(options, text)
        return chosen if chosen else Wrong(f"请从这几个里选：{' / '.join(options)}")
    if rule.kind == "deadline" and not scan_dates(fold(text), bare_dates=True):
        return Wrong("没有读到日期")
    return option_of(options_of(rule, programme), text) or text


def _number(rule: LabRule, text: str, programme: Programme, defaults: Mapping[str, str]) -> str | Wrong:
    number = _amount(fold(text), rule)
    unit = UNITS[rule.kind]
    if number is None:
        return Wrong(f"没有读到几{unit}，要在 {rule.least} 到 {rule.most} {unit}之间")
    if not rule.least <= number <= rule.most:
        return Wrong(f"要在 {rule.least} 到 {rule.most} {unit}之间")
    rows = {**defaults, **programme.settings, rule.key: str(number)}
    late, closes = (rows.get(key, "") for key in ("late_after_min", "closes_min_after"))
    if rule.key in CHECKIN and late.isdecimal() and closes.isdecimal() and int(late) > int(closes):
        if rule.key == "late_after_min":
            return Wrong(f"算迟到不能晚于签到关闭（{closes}分钟），现在可以填 {rule.least} 到 {closes}")
        return Wrong(f"签到关闭不能早于算迟到（{late}分钟）")
    return str(number)


def _amount(text: str, rule: LabRule) -> int | None:
    found = re.fullmatch(
        r"(?:提前|开始后?|前|后|至少|最少|不少于|以前|之后)*\s*(?P<n>\d{1,9}|[零一二两三四五六七八九十百]{1,4}|半)?\s*个?\s*(?P<half>半)?\s*"
        r"(?P<unit>分钟?|小时|钟头|天|日|页|人|min)?(?:以内|之内|内|前|后|以上|起)?",
        text.strip().lower(),
    )
    if found is None or not (found["n"] or found["half"]):
        return None
    unit = found["unit"] or ""
    fits = {
        "minutes": ("", "分", "分钟", "min", "小时", "钟头"),
        "days": ("", "天", "日"),
        "pages": ("", "页"),
        "people": ("", "人"),
    }
    if unit not in fits[rule.kind]:
        return None
    whole = 0 if found["n"] in (None, "半") else large_number(found["n"])
    if whole is None:
        return None
    has_half = found["n"] == "半" or found["half"] is not None
    if unit in ("小时", "钟头"):
        return whole * 60 + (30 if has_half else 0)
    return None if has_half else whole


CHECKIN = ("opens_min_before", "late_after_min", "closes_min_after")


def checkin_rules(programme: Programme, rules: CheckinRules) -> CheckinRules:
    """*rules* with the programme's own 本组规定 over them."""
    rows = programme.settings
    own = {key: int(rows[key]) for key in CHECKIN if rows.get(key, "").isdecimal()}
    return replace(rules, **own)  # type: ignore[arg-type]


def topic_cap(programme: Programme) -> int | None:
    """How many may choose the same direction; None: as many as like (R26, notice L32: 领域自行选择)."""
    value = programme.settings.get("topic_cap", "")
    return int(value) if value.isdecimal() else None


def needs_guarantee(programme: Programme, person: Person, defaults: Mapping[str, str]) -> bool:
    """Whether somebody must vouch for *person* online (notice L36; for whom is 本组规定)."""
    named = programme.settings.get("online_guarantee_cohorts", defaults.get("online_guarantee_cohorts", ""))
    return person.cohort in named.split("、")


def needs_leave(programme: Programme, person: Person, defaults: Mapping[str, str]) -> bool:
    """Whether *person* must ask before staying away (for whom is 本组规定); who joined (加入) does."""
    named = programme.settings.get("leave_cohorts", defaults.get("leave_cohorts", ""))
    return person.opted_in or person.cohort in named.split("、")


def number_of(programme: Programme, key: str, defaults: Mapping[str, str]) -> int:
    """What holds for a rule that is a number; 0 where nobody has decided."""
    value = programme.settings.get(key, defaults.get(key, ""))
    return int(value) if value.isdecimal() else 0


def windows_fact(rules: CheckinRules) -> Source:
    """The check-in windows that hold by default, for 依据: no words of the notice, and nobody's either."""
    phrase = (
        f"提前{rules.opens_min_before}分钟开放签到，开始{rules.late_after_min}分钟后算迟到，"
        f"{rules.closes_min_after}分钟后关闭"
    )
    return Source(None, phrase, origin="lab")


def facts_about(programme: Programme, subject: str) -> tuple[Source, ...]:
    """What the lab itself has decided about *subject*, as sources that say who and when."""
    found = [
        _fact(programme, rule)
        for rule in LAB_RULES
        if _is_about(rule, subject) and rule.key in programme.settings
    ]
    if subject in ASSETS:
        assets = sorted(key for key in programme.settings if key.startswith("asset:"))
        found += [
            _source(programme, key, f"{key.removeprefix('asset:')}：{programme.settings[key]}")
            for key in assets
        ]
    return tuple(found)


def _is_about(rule: LabRule, subject: str) -> bool:
    return rule.subject == subject or rule.key in ALSO.get(subject, ())


def fact_of(programme: Programme, key: str) -> Source | None:
    """What the lab decided for the rule *key*; None while the default holds."""
    rule = next((rule for rule in LAB_RULES if rule.key == key), None)
    return _fact(programme, rule) if rule is not None and key in programme.settings else None


def _fact(programme: Programme, rule: LabRule) -> Source:
    printed = spoken(rule, default_of(rule, programme, {})) if is_printed(rule, programme) else ""
    if rule.key == "online_guarantee_cohorts":
        printed = "、".join(
            c for r in programme.rules if r.rule == "online_needs_guarantee" for c in r.applies_to
        )
    elif rule.kind == "choice" or rule.key == "rating_scale":
        printed = UNCLEAR
    return _source(programme, rule.key, f"{rule.name}：{spoken(rule, programme.settings[rule.key])}", printed)


def _source(programme: Programme, key: str, phrase: str, printed: str = "") -> Source:
    decided = programme.decided.get(key)
    return Source(
        None,
        phrase,
        origin="lab",
        by=decided.by if decided else None,
        at=decided.at if decided else None,
        printed=printed,
    )
