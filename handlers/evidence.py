"""依据: the words of the notice behind the last answer, or behind what is named."""

from __future__ import annotations

from handlers import rewards, rules, schedule, topic
from handlers.context import Context, Handle
from handlers.recall import Recall
from language.subjects import money_subject, rule_subject
from language.understood import Understood
from messages.envelope import Reply
from programme.evidence import quote
from programme.sessions import Source


def show(sources: tuple[Source, ...], context: Context) -> Reply:
    told = [source for source in dict.fromkeys(sources) if source.phrase]
    quotes = [quote(context.programme, source) for source in told if source.origin == "notice"]
    lab = [rules.lab_fact(source, context) for source in told if source.origin == "lab"]
    return Reply("evidence/quotes" if told else "evidence/none", {"quotes": quotes, "lab": lab})


def handler(recall: Recall) -> Handle:
    """依据 alone asks about the last answer, which *recall* remembers; 依据 周四 names the subject."""

    def handle(understood: Understood, context: Context) -> Reply:
        named = about(understood, context)
        if named is not None:
            return show(named, context)
        last = recall.sources(context.inbound.channel, context.inbound.sender)
        if last is None:
            return Reply("evidence/which")
        return show(last, context)

    return handle


def about(understood: Understood, context: Context) -> tuple[Source, ...] | None:
    """The sources of what the text itself names; None when it names nothing."""
    if understood.span is not None:
        return schedule.handle(understood, context).sources
    text = understood.text
    if rule_subject(text):
        return rules.handle(understood, context).sources
    if money_subject(text):
        return rewards.handle(understood, context).sources
    if "topic_no" in understood.slots:
        return topic.query(understood, context).sources
    return None
