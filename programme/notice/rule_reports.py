"""Rules about work: reports and their length, talks, topics, formats, deadlines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from programme.notice.dates import scan_dates
from programme.notice.marks import large_number
from programme.notice.rule_text import ALL, COUNT, PARTICIPANTS, REPORT, RuleText, iso_day, rule_at
from programme.notice.sentences import is_deadline
from programme.notice.times import scan_times
from programme.programme import Rule


def report_days(text: RuleText) -> Iterator[Rule]:
    mentions = [mention for mention in scan_dates(text.folded) if not is_deadline(text.folded, mention)]
    if not mentions:
        return
    last = mentions[-1].end
    match = re.match(
        r"\s*(?:全体|全员|所有(?:同学|人员)?|大家|每人|参加人员)(?:同学|人员)?\s*(?:做|作|进行|参加)?\s*(?:成果|总结|学习)?(?:汇报|答辩|报告)",
        text.folded[last:],
    )
    if match is None:
        return
    days = [iso_day(mention, text.season) for mention in mentions]
    value = [day for day in days if day is not None]
    yield rule_at(text, "report_days", ALL, value or None, mentions[0].start, last + match.end())


def reports(text: RuleText) -> Iterator[Rule]:
    kinds = re.search(
        rf"(?:写|撰写|提交|完成)一?(?:个|篇|份)?([^,。;()、]{{2,16}}?{REPORT})\s*(?:、|,)?\s*或者?\s*(?:一?(?:个|篇|份))?([^,。;()、]{{2,16}}?{REPORT})",
        text.folded,
    )
    if kinds is not None:
        yield rule_at(text, "report_type", PARTICIPANTS, [kinds[1].strip(), kinds[2].strip()], *kinds.span())
    yield from _lengths(text)
    slides = re.search(
        r"(?:配合|准备|制作|提交|使用|附|带|配)\s*(?:好|有|相应|汇报|展示|的)*\s*(?:ppt|幻灯片|演示文稿|slides)",
        text.folded,
        re.IGNORECASE,
    )
    if slides is not None:
        yield rule_at(text, "slides_required", PARTICIPANTS, True, *slides.span())


def _lengths(text: RuleText) -> Iterator[Rule]:
    for unit, low, high in (
        ("页", "report_min_pages", "report_max_pages"),
        ("字", "report_min_words", "report_max_words"),
    ):
        least = re.search(
            rf"{COUNT}\s*{unit}\s*(?:及|或)?\s*(?:以上|起)|(?:不少于|不低于|至少|不得少于|最少|≥|大于)\s*{COUNT}\s*{unit}",
            text.folded,
        )
        if least is not None:
            value = large_number(least[1] or least[2])
            if value is not None:
                yield rule_at(text, low, PARTICIPANTS, value, *least.span())
        most = re.search(
            rf"{COUNT}\s*{unit}\s*(?:以内|以下|之内)|(?:不超过|不多于|最多|不得超过|≤|至多)\s*{COUNT}\s*{unit}",
            text.folded,
        )
        if most is not None:
            value = large_number(most[1] or most[2])
            if value is not None:
                yield rule_at(text, high, PARTICIPANTS, value, *most.span())
        span = re.search(rf"{COUNT}\s*[-至到]\s*{COUNT}\s*{unit}", text.folded)
        if span is not None and least is None and most is None:
            first, last = large_number(span[1]), large_number(span[2])
            if first is not None and last is not None and first <= last:
                yield rule_at(text, low, PARTICIPANTS, first, *span.span())
                yield rule_at(text, high, PARTICIPANTS, last, *span.span())


_TALK_NEAR = r"汇报|报告|展示|答辩|分享|演讲|讲解|陈述|pre|发言|介绍"


def talk_minutes(text: RuleText) -> Iterator[Rule]:
    near = rf"(?=[^。;]{{0,12}}?(?:{_TALK_NEAR}))|(?<=分钟)"
    for match in re.finditer(
        rf"(?:作|做|进行)?\s*{COUNT}\s*(?:分钟)?\s*[-至到]\s*{COUNT}\s*分钟", text.folded
    ):
        around = text.folded[max(0, match.start() - 14) : match.end() + 12]
        low, high = large_number(match[1]), large_number(match[2])
        if low is None or high is None or not re.search(_TALK_NEAR, around, re.IGNORECASE):
            continue
        tail = re.match(
            rf"\s*(?:的)?\s*(?:[^,。;()]{{0,4}}?)(?:{_TALK_NEAR})", text.folded[match.end() :], re.IGNORECASE
        )
        yield rule_at(
            text,
            "talk_minutes",
            PARTICIPANTS,
            {"min": low, "max": high},
            match.start(),
            match.end() + (tail.end() if tail else 0),
        )
        return
    del near
    match_one = re.search(
        rf"(?:(?P<most>不超过|控制在|限时|最多|不多于|限)|(?P<least>不少于|至少))?\s*(?:约)?{COUNT}\s*分钟\s*(?P<in>以内|之内|内|以下)?(?P<up>以上)?",
        text.folded,
    )
    if match_one is None:
        return
    around = text.folded[max(0, match_one.start() - 14) : match_one.end() + 12]
    value = large_number(match_one[3])
    if (
        value is None
        or not re.search(_TALK_NEAR, around, re.IGNORECASE)
        or re.search(r"提前|迟到|签到|休息|间隔|提问|历时|时长", around)
    ):
        return
    least = match_one["least"] or match_one["up"]
    low_value: object = value if least or not (match_one["most"] or match_one["in"]) else None
    high_value: object = value if not least else None
    yield rule_at(
        text, "talk_minutes", PARTICIPANTS, {"min": low_value, "max": high_value}, *match_one.span()
    )


def topic_choice(text: RuleText) -> Iterator[Rule]:
    free = re.search(
        r"(?:领域|题目|选题|方向|主题|内容)(?:可)?(?:自行选择|自选|自拟|自定|不限|自由选择)(?:\s*,\s*见附件[^)。;]*)?|(?:自拟|自选|自由选择)(?:题目|选题|主题)|自由选题",
        text.folded,
    )
    if free is not None:
        words = re.match(r"[^,]*", text.raw[free.start() : free.end()].replace("，", ","))
        yield rule_at(
            text, "topic_choice_free", PARTICIPANTS, words[0].strip() if words else True, *free.span()
        )
    within = re.search(
        r"(?:[^,。;:]{0,12}提供(?:方向|选题|题目|课题)\s*,\s*)?(?:大家|同学们?|学生)?\s*(在[^,。;()]{1,14}?(?:内|中|范围内)(?:自选|选择|自行选择|选题|任选))",
        text.folded,
    )
    if within is not None:
        yield rule_at(
            text,
            "topic_choice_within_directions",
            PARTICIPANTS,
            text.raw[within.start(1) : within.end(1)].strip(),
            *within.span(),
        )


def formats(text: RuleText) -> Iterator[Rule]:
    report = re.search(
        rf"并?(?:按照?|参照|依照|严格按照?)\s*(?:统一|规定|附件)?(?:的)?\s*(?:报告)?(?:格式|模板|范文)(?:要求)?\s*(?:完成|撰写|提交|写)[^,。;]{{0,8}}?{REPORT}",
        text.folded,
    )
    if report is not None:
        yield rule_at(text, "report_format_required", PARTICIPANTS, True, *report.span())
    slides = re.search(
        r"(?:按照?|参照|使用|套用|统一使用)\s*(?:统一|规定|附件)?(?:的)?\s*(?:ppt|幻灯片|演示文稿)\s*模[板版](?:要求)?\s*(?:完成制作|制作|完成)?",
        text.folded,
        re.IGNORECASE,
    )
    if slides is not None:
        yield rule_at(text, "slides_template_required", PARTICIPANTS, True, *slides.span())


_OF_PARTICIPANTS = ("report_deadline", "topic_deadline")
_DUE = (
    ("other_deadline", re.compile(r"录取|公布|公示|发出|缴费|缴纳|退款")),
    ("report_deadline", re.compile(rf"(?:提交|上交|交|发送)[^,]{{0,8}}{REPORT}")),
    (
        "registration_deadline",
        re.compile(r"报名|注册|登记|回执|预约|register|registration|sign\s?up", re.IGNORECASE),
    ),
    ("topic_deadline", re.compile(rf"(?:选题|课题|题目|选定方向)(?![^,]{{0,6}}{REPORT})")),
    (
        "report_deadline",
        re.compile(rf"{REPORT}|提交|上交|交至|交给|发送|发至|ppt|材料|投稿|submit", re.IGNORECASE),
    ),
)


def _due(words: str) -> str | None:
    """What a deadline is for, by the words beside it; None when they do not say."""
    return next((name for name, pattern in _DUE if pattern.search(words)), None)


def deadlines(text: RuleText) -> Iterator[Rule]:
    for mention in scan_dates(text.folded):
        if not is_deadline(text.folded, mention):
            continue
        clause_start = max(text.folded.rfind(mark, 0, mention.start) for mark in ",。;\n") + 1
        clause_end = min(
            (at for mark in "。;\n" if (at := text.folded.find(mark, mention.end)) >= 0),
            default=len(text.folded),
        )
        clause = text.folded[clause_start:clause_end]
        last = mention.until or mention
        day = iso_day(last if last.month else replace(last, month=mention.month), text.season)
        if day is None:
            continue
        near = re.split(r"[,)]", text.folded[mention.end : clause_end])[0]
        name = (
            _due(text.folded[clause_start : mention.end] + near)
            or _due(clause)
            or _due(text.folded)
            or "other_deadline"
        )
        sentence = max(text.folded.rfind(mark, 0, mention.start) for mark in "。;\n") + 1
        has_address = re.search(r"@|https?:|www\.", text.folded[sentence : mention.start])
        start = sentence if has_address else mention.start
        times = scan_times(text.folded[mention.end : mention.end + 12])
        value = f"{day}T{times[0].begin:%H:%M}" if times and times[0].begin is not None else day
        yield rule_at(text, name, PARTICIPANTS if name in _OF_PARTICIPANTS else ALL, value, start, clause_end)
