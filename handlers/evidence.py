"""依据: the words of the notice behind the last answer, or behind what is named."""

from __future__ import annotations

from collections.abc import Mapping

from handlers.context import Context, Handle
from handlers.lab_facts import lab_fact
from handlers.recall import Recall
from language.subjects import money_subject, rule_subject
from language.understood import Understood
from messages.envelope import Reply
from programme.evidence import quote
from programme.sessions import Source


def show(sources: tuple[Source, ...], context: Context) -> Reply:
    told = [source for source in dict.fromkeys(sources) if source.phrase]
    quotes = [quote(context.programme, source) for source in told if source.origin == "notice"]
    lab = [lab_fact(source, context) for source in told if source.origin == "lab"]
    return Reply("evidence/quotes" if told else "evidence/none", {"quotes": quotes, "lab": lab})


def handler(recall: Recall, answers: Mapping[str, Handle]) -> Handle:
    """依据 alone asks about the last answer, which *recall* remembers; 依据 周四 names the subject,
    and then the sources are those of the answer that *answers* (label → handler) would give."""

    def handle(understood: Understood, context: Context) -> Reply:
        label = named(understood)
        if label is not None:
            return show(answers[label](understood, context).sources, context)
        last = recall.sources(context.inbound.channel, context.inbound.sender)
        if last is None:
            return Reply("evidence/which")
        return show(last, context)

    return handle


def named(understood: Understood) -> str | None:
    """The label of the question that the text itself names; None when it names nothing."""
    if understood.span is not None:
        return "schedule_query"
    if rule_subject(understood.text):
        return "rules"
    if money_subject(understood.text):
        return "rewards"
    return "topic_query" if "topic_no" in understood.slots else None
