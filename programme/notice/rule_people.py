"""Rules about people: who must come, in which way, to what end, and whom they turn to."""

from __future__ import annotations

import re
from collections.abc import Iterator

from programme.notice.dates import scan_dates
from programme.notice.marks import cohorts, weekday_list
from programme.notice.rule_text import ALL, PARTICIPANTS, WEEKDAY_ENGLISH, RuleText, domain_of, rule_at
from programme.programme import Rule

_MODE = {
    "线下": "offline",
    "线上": "online",
    "现场": "offline",
    "面对面": "offline",
    "在线": "online",
    "远程": "online",
    "网络": "online",
}

_MODES = "|".join(_MODE)

_REQUIRED = re.compile(
    r"(?:必须|均?须|均?需要?|应当?|务必|要求|一律|都要|原则上)\s*(?:全部|全程|全员|按时|准时|按期|到场|现场|均|都)*\s*(?:参加|出席|到场|参与|到会|到课|签到|到(?=[,。;!\s]|$))"
    r"|(?:准时|按时)(?:参加|出席|到场|参会|到会)"
)

_VOLUNTARY = re.compile(
    r"不[做作]?\s*(?:硬性|强制|统一)?\s*要求(?!之外)|不强制|自愿(?:参加|参与|报名)?|可(?:自愿|自行|选择|酌情|不)?(?:选择)?参加|(?:鼓励|欢迎|建议|可以?)(?:积极)?(?:参加|参与|旁听)|选择性参加|不必参加|无需参加"
)

_STOP = re.compile(r"[,。;()\n]")


def attendance(text: RuleText) -> Iterator[Rule]:
    for start, end in _clauses(text.folded):
        clause = text.folded[start:end]
        for pattern, name in ((_VOLUNTARY, "attendance_optional"), (_REQUIRED, "attendance_required")):
            match = pattern.search(clause)
            if match is None or (name == "attendance_required" and _VOLUNTARY.search(clause)):
                continue
            names, at = cohorts(clause[: match.start()])
            if not names:
                names, at = cohorts(clause[match.end() :])
                at = match.start() if names else -1
            if names:
                yield rule_at(
                    text, name, _whole(names), True, start + max(at, 0), start + max(match.end(), at)
                )


def _whole(names: tuple[str, ...]) -> tuple[str, ...]:
    return ALL if names and all(re.match(r"(?:全体|所有)", name) for name in names) else names


def _clauses(folded: str) -> list[tuple[int, int]]:
    spans, start = [], 0
    for match in _STOP.finditer(folded):
        spans.append((start, match.start()))
        start = match.end()
    spans.append((start, len(folded)))
    return [(a, b) for a, b in spans if a < b]


def modes(text: RuleText) -> Iterator[Rule]:
    main = re.search(
        rf"以({_MODES})[^,。;]{{0,14}}?(?:为主|开展|进行|举行|方式|形式)|({_MODES})(?:为主|授课|举行|进行)",
        text.folded,
    )
    both = re.search(r"线上线下(?:相?结合|同步)|线下线上(?:相?结合|同步)", text.folded)
    second = re.search(
        rf"(?:辅以|辅之以|兼顾|同时提供|辅助)({_MODES})(?:[^,。;]{{0,4}}?(?:参与|参加|交流|方式|直播))?|({_MODES})(?:[^,。;]{{0,4}}?)为辅",
        text.folded,
    )
    if both is not None:
        yield rule_at(text, "mode_default", ALL, "offline", *both.span())
        yield rule_at(text, "mode_secondary", ALL, "online", *both.span())
        return
    if main is not None:
        start = max(text.folded.rfind(mark, 0, main.start()) for mark in ",。;") + 1
        yield rule_at(text, "mode_default", ALL, _MODE[main[1] or main[2]], start, main.end())
    if second is not None:
        yield rule_at(text, "mode_secondary", ALL, _MODE[second[1] or second[2]], *second.span())


_GUARANTEE = re.compile(
    r"(?P<reason>[^,。;:]{2,30}?的)\s*,?\s*(?:需要?|须|应|必须|可)?\s*(?:在|由|经|征得)\s*(?P<who>[^,。;]{2,24}?)\s*(?P<what>(?:保证|担保|确保|负责(?!人))[^,。;]{0,20}?)(?:的)?(?:基础上|前提下|后|情况下|,)\s*,?\s*(?:方可|可|才能)?(?:以)?(?P<how>线上|在线|远程)(?:方式)?(?:参加|参与|学习)"
)


def guarantee(text: RuleText) -> Iterator[Rule]:
    match = _GUARANTEE.search(text.folded)
    if match is None:
        return
    names, _ = cohorts(text.folded[: match.start()])
    guarantors: list[object] = [
        part.strip() for part in re.split(r"[或、和及/]|以及", match["who"]) if part.strip()
    ]
    value: dict[str, object] = {
        "reason": text.raw[match.start("reason") : match.end("reason")].strip(),
        "guarantor": guarantors,
        "guarantee": text.raw[match.start("what") : match.end("what")].strip(),
    }
    yield rule_at(text, "online_needs_guarantee", names or ALL, value, *match.span())


def weekly(text: RuleText) -> Iterator[Rule]:
    listed = weekday_list(text.folded)
    if listed is None or scan_dates(text.folded):
        return
    days, start, end = listed
    name = "_".join(WEEKDAY_ENGLISH[day] for day in days)
    tail = text.folded[end:]
    if text.folded[max(0, start - 1) : start] == "每":
        start -= 1
    meeting = re.match(
        r"\s*(?:[上下]午|晚上?|早上|中午)?\s*(?P<who>各?[^,。;\d:]{0,12}?(?:组|室|团队)(?:内部)?)\s*(?:召?开|举行|进行)?(?:开会|组会|例会|会议|会|讨论|交流)[^,。;]*",
        tail,
    )
    if meeting is not None:
        yield rule_at(text, f"{name}_group_meeting", ALL, meeting["who"].strip(), start, end + meeting.end())
        return
    talks = re.match(
        r"\s*(?P<part>[上下]午|晚上?|早上|中午)?[,:]?\s*[^。;]{0,24}?(?:专题分享|分享|讲座|报告会|报告|授课|讲授)",
        tail,
    )
    if talks is not None and talks["part"]:
        phrase = text.raw[listed[1] : end + talks.end("part")].strip()
        yield rule_at(text, f"{name}_talks", ALL, phrase, listed[1], end + talks.end())


def tentative(text: RuleText) -> Iterator[Rule]:
    match = re.search(
        r"拟(?:定)?(?:计划)?安排(?:如下)?|(?:暂定|初步)(?:安排|计划|方案)?(?:如下)?|如有(?:变动|变化|调整)[^。;]*|以实际(?:通知|安排)为准|以(?:最终|届时)通知为准",
        text.folded,
    )
    if match is not None:
        yield rule_at(text, "plan_is_tentative", ALL, True, *match.span())


def abilities(text: RuleText) -> Iterator[Rule]:
    match = re.search(
        r"(?<![^,。;:\n])[^,。;]{0,30}?均?(?:需|须|应|必须)(?:同时)?(?:完成|具备|达到|掌握)\s*(?P<list>[^,。;+、和与]{2,10}能力(?:\s*(?:\+|、|和|与|及)\s*[^,。;+、和与]{2,10}能力)+)",
        text.folded,
    )
    if match is not None:
        value = [
            part.strip()
            for part in re.split(
                r"[+、和与及]", text.raw[match.start("list") : match.end("list")].replace("＋", "+")
            )
        ]
        yield rule_at(text, "both_abilities_required", PARTICIPANTS, value, *match.span())


def assessment(text: RuleText) -> Iterator[Rule]:
    match = re.search(
        r"(?:就|按照?|根据|以)([^,。;()]{2,20}?)(?:为依据)?(?:进行|作为)?(?:考核|评估|考评)(?:依据|标准)?",
        text.folded,
    )
    if match is not None:
        domain = domain_of(text.folded[: match.start()])
        yield rule_at(
            text,
            f"{domain}_assessment" if domain else "assessment",
            PARTICIPANTS,
            match[1].strip(),
            *match.span(),
        )
    goal = re.search(r"在[^,。;]{2,24}?(?:带领|指导|帮助)下\s*,\s*(掌握[^。;]+?)(?=[。;]|$)", text.folded)
    if goal is not None:
        domain = domain_of(text.folded[: goal.start()])
        yield rule_at(
            text,
            f"{domain}_goal" if domain else "goal",
            PARTICIPANTS,
            text.raw[goal.start(1) : goal.end(1)].strip(),
            *goal.span(),
        )


_CONTACT = re.compile(
    r"请\s*(?:(?:加|通过|用|以)?(微信|电话|邮件|邮箱|QQ|企业微信|手机))?\s*(?:方式)?\s*(?:直接|尽快|及时)?\s*(?:联系|咨询|添加|询问|找)\s*([\u4e00-\u9fff]{1,3}?(?:老师|教授|博士|同学|主任|学长|学姐|师兄|师姐))"
)


def contact(text: RuleText) -> Iterator[Rule]:
    match = _CONTACT.search(text.folded)
    if match is None:
        return
    names, _ = cohorts(text.folded[: match.start()])
    domain = domain_of(text.folded) or domain_of(text.before)
    value: dict[str, object] = {"name": match[2], "channel": match[1], "account": None}
    yield rule_at(
        text,
        f"{domain}_contact" if domain else "programme_contact",
        names or PARTICIPANTS,
        value,
        *match.span(),
    )
    groups = re.search(r"([^,。;]{0,12}?)(?:学习)?分(?:小组|组|成小组)(?:进行|开展|学习)", text.folded)
    if groups is not None:
        domain = domain_of(groups[0]) or domain
        yield rule_at(
            text,
            f"{domain}_in_groups" if domain else "in_groups",
            names or PARTICIPANTS,
            True,
            *groups.span(),
        )


def in_groups(text: RuleText) -> Iterator[Rule]:
    if _CONTACT.search(text.folded):
        return
    match = re.search(r"([^,。;]{0,12}?)(?:学习)?分(?:小组|组|成小组)(?:进行|开展|学习)", text.folded)
    if match is not None:
        domain = domain_of(match[0])
        names, _ = cohorts(text.folded[: match.start()])
        yield rule_at(
            text, f"{domain}_in_groups" if domain else "in_groups", names or PARTICIPANTS, True, *match.span()
        )
