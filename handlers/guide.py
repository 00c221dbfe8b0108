"""帮助, greetings, thanks, small words, and what is not understood: each gets an answer and a next step."""

from __future__ import annotations

import re

from handlers import topic
from handlers.contacts import contact, nearest, whom
from handlers.context import C, Context, Handle
from handlers.recall import Recall
from language.subjects import rule_subject
from language.understood import Understood
from messages.envelope import Reply
from storage import pending

MISSED = re.compile("补|没赶上|错过|忘了?记?签|过了?时间|关闭|来不及")
FALLBACK = ("今天", "本周", "签到", "选题", "我的", "帮助")


def help_(understood: Understood, context: Context) -> Reply:
    about = str(understood.slots.get("about") or "")
    if about == "change_topic":
        return topic.may_change(understood, context)
    if about == "leave" and rule_subject(understood.text) == "late":
        return Reply("guide/help_late", values(context))
    if about == "check_in" and MISSED.search(understood.text):
        return Reply("rules/makeup", values(context))
    known = {
        "approve",
        "broadcast",
        "cancel",
        "reschedule",
        "roster",
        "screen",
        "check_in",
        "choose_topic",
        "topic_query",
        "bind",
        "submit",
        "leave",
        "rewards",
        "schedule_query",
        "reminder",
    }
    if about in known:
        return Reply(f"guide/help_{about}", values(context))
    return Reply("guide/help", values(context))


def values(context: Context) -> dict[str, object]:
    return {
        "is_admin": "admin" in context.person.roles,
        "is_student": "student" in context.person.roles,
        "is_lead": "lead" in context.person.roles,
        "is_mentor": "mentor" in context.person.roles,
        "may_open": bool(context.person.roles & {"lead", "admin"}),
        "nearest": nearest(context),
        "is_staff": bool(context.person.roles & {"lead", "mentor", "admin"}),
        "checkin": context.setup.checkin,
    } | whom(context)


def about_bot(understood: Understood, context: Context) -> Reply:
    """你是谁: what it is, in one sentence, and the one way on."""
    return Reply("guide/about_bot", values(context))


def complaint(understood: Understood, context: Context) -> Reply:
    """An angry word: no 没听懂, but whom to turn to."""
    return Reply("guide/complaint", whom(context))


def greeting(understood: Understood, context: Context) -> Reply:
    return Reply("guide/greeting", {"name": context.person.name} | values(context))


def thanks(understood: Understood, context: Context) -> Reply:
    return Reply("guide/thanks")


def ack(understood: Understood, context: Context) -> Reply:
    """收到: no answer to an open question, which asks for 确认; then it is said again what to reply."""
    asked = pending.open_question(context.tx, context.inbound.channel, context.inbound.sender, context.moment)
    if asked is not None and asked.kind != "checkin_code":
        return Reply("guide/still_open", {"kind": asked.kind})
    return Reply("guide/ack")


def no_action(understood: Understood, context: Context) -> Reply:
    """Something was named but nothing was asked for now: say plainly that nothing was recorded."""
    return Reply("guide/no_action", {"span": understood.span})


def not_understood(understood: Understood, context: Context) -> Reply:
    suggestions = understood.suggestions or FALLBACK[:5]
    return Reply("guide/not_understood", {"suggestions": suggestions, "contact": contact(context)})


def nothing_to_confirm(understood: Understood, context: Context) -> Reply:
    """确认 with no open question."""
    return Reply("guide/nothing_to_confirm")


def deny(understood: Understood, context: C) -> Reply:
    """取消: ends the open question, if there is one."""
    asked = pending.open_question(context.tx, context.inbound.channel, context.inbound.sender, context.moment)
    if asked is None:
        return Reply("guide/nothing_to_cancel", {"has_joined": has_joined(context)})
    pending.close(context.tx, context.inbound.channel, context.inbound.sender)
    return Reply("guide/cancelled", {"kind": asked.kind})


def has_joined(context: C) -> bool:
    """Whether 退出 could mean the programme itself: only for somebody whom nothing obliged."""
    return isinstance(context, Context) and context.person.opted_in


def more(recall: Recall) -> Handle:
    """更多: the rest of a long answer."""

    def handle(understood: Understood, context: Context) -> Reply:
        rest = recall.rest(context.inbound.channel, context.inbound.sender)
        return Reply("guide/rest" if rest else "guide/no_more", {"rest": rest})

    return handle
