"""Questions about requirements: the notice's words, 本组规定, or honestly 通知没有写."""

from __future__ import annotations

import re
from dataclasses import replace

from handlers import schedule, submission
from handlers.contacts import leads_of, nearest, whom
from handlers.context import Context
from handlers.lab_facts import lab_fact
from language.cohorts import cohorts_in
from language.subjects import asks_penalty, pages_named, rule_subject
from language.understood import Understood
from messages.envelope import Reply
from programme.attendance import may_come, must_come
from programme.evidence import quote
from programme.policy import facts_about, needs_guarantee, windows_fact
from programme.rules import rules_about

# Words that ask for all requirements; what names something else is a fact that the notice does not tell.
IN_GENERAL = re.compile("要求|规则|规定|注意|纪律|制度|须知|标准|要做(?:什么|啥|哪些)|要交(?:什么|啥|哪些)")

MAKES_UP = re.compile("补签|补打卡|补登记|补记")
UNSAID_OF_REPORT = re.compile(
    "字(?:数|$|吗)|多少字|几千字|打印|盖章|装订|签名|签字|封面|字体|字号|行距|参考文献|查重|英文|中文"
)
ABSENCE = re.compile("不(?:去|来|参加|到)")
HANDOUTS = re.compile(
    "(?:刚才|今天|昨天|上次|上一?场|老师|讲座|分享|主讲|周[一二四]).{0,8}(?:ppt|课件|资料|讲义|录屏|录像|回放)"
    "|课件|讲义|录屏|录像|回放",
    re.IGNORECASE,
)


def handle(understood: Understood, context: Context) -> Reply:
    if asks_penalty(understood.text):
        return Reply("rules/penalty", whom(context))
    if MAKES_UP.search(understood.text):
        return Reply("rules/makeup", {"checkin": context.setup.checkin, "nearest": nearest(context)})
    if HANDOUTS.search(understood.text):
        return Reply("rules/handouts", whom(context))
    subject = "report_days" if understood.intent == "report_days" else rule_subject(understood.text)
    if subject == "template" and (found := submission.template(understood, context)) is not None:
        return found
    if subject is None:
        return (
            overview(context) if IN_GENERAL.search(understood.text) else Reply("rules/unsaid", whom(context))
        )
    rules = rules_about(context.programme, subject)
    sources = tuple(rule.source for rule in rules if rule.source and rule.source.phrase)
    values = whom(context) | {
        "nearest": nearest(context),
        "is_student": "student" in context.person.roles,
        "is_unsaid": UNSAID_OF_REPORT.search(understood.text) is not None,
        "asks_absence": ABSENCE.search(understood.text) is not None,
        "rules": {rule.rule: rule for rule in rules},
        "quotes": [quote(context.programme, source) for source in sources],
        "checkin": context.setup.checkin,
        "asked_pages": pages_named(understood.text),
        "group": context.person.group,
        "leads": [lead.name for lead in leads_of(context.person.group, context)],
        "duties": [duty(cohort, context) for cohort in cohorts_asked(understood.text, context)],
        "missing": [a.name for a in context.programme.attachments if not a.present],
        "report_days": [s.held_on for s in context.programme.sessions if s.kind == "report_day"],
    }
    decided = facts_about(context.programme, subject)
    if decided:
        values |= {
            "lab": [lab_fact(fact, context) for fact in decided],
            "subject": subject,
            "cohort": context.person.cohort,
            "needs_guarantee": needs_guarantee(context.programme, context.person, context.setup.lab_defaults),
        }
        return Reply("rules/lab", values, (*decided, *sources))
    if subject == "late":
        sources = (windows_fact(context.setup.checkin),)
    reply = Reply(f"rules/{subject}", values, sources)
    return of_a_day(reply, understood, context) if subject == "attendance" and understood.span else reply


def of_a_day(duty: Reply, understood: Understood, context: Context) -> Reply:
    """明天要去吗: whether one must come, and what is on; on a free day only that nothing is."""
    day = schedule.handle(replace(understood, slots={}), context)
    is_free = day.template in ("schedule/free_day", "schedule/free_days")
    return day if is_free else replace(duty, then=day)


def cohorts_asked(text: str, context: Context) -> tuple[str | None, ...]:
    """The cohorts that the text names, else the sender's own."""
    return cohorts_in(text, cohorts_of(context)) or (context.person.cohort,)


def cohorts_of(context: Context) -> tuple[str, ...]:
    """Every cohort that the plan speaks of, each once."""
    named = (c for s in context.programme.sessions for c in (*s.required, *s.optional))
    return tuple(sorted(set(named)))


def duty(cohort: str | None, context: Context) -> dict[str, object]:
    """Whether *cohort* must come, may come, or is not spoken of (notice L9)."""
    like = replace(context.person, cohort=cohort)
    is_own = cohort == context.person.cohort
    return {
        "cohort": cohort,
        "is_obliged": must_come(context.programme, like),
        "is_optional": may_come(context.programme, like),
        "may_join": is_own and not context.person.opted_in,
        "has_joined": is_own and context.person.opted_in,
    }


def overview(context: Context) -> Reply:
    """要求 without a subject: who must come and what is handed in, in the notice's words."""
    subjects = ("attendance", "report_type", "online", "engineering")
    rules = [rule for subject in subjects for rule in rules_about(context.programme, subject) if rule.source]
    sources = tuple(rule.source for rule in rules if rule.source and rule.source.phrase)
    return Reply("rules/overview", {"quotes": [quote(context.programme, s) for s in sources]}, sources)
