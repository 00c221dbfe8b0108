"""What a chat text asks for: one label, its slots and dates. Stateless and pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from types import MappingProxyType

from language.commands import command
from language.decision import NO_ACTION, Decision
from language.fallback import fallback, is_ours
from language.frames_calendar import calendar_link, calendar_renewal
from language.frames_lead import approve, grade
from language.frames_own import bind, withdraw
from language.frames_presence import check_in, leave
from language.frames_session import broadcast, reminder, session_change
from language.frames_work import choose_topic, submit
from language.labels import public_label
from language.long_stories import request_of
from language.mood import Mood, mood_of
from language.normalise import is_bot, normalise
from language.people_asked import people_asked
from language.queries_help import how_to
from language.queries_own import my_status
from language.queries_people import summary
from language.queries_plan import schedule_query
from language.queries_rules import rewards, rules
from language.queries_topics import topic_query
from language.reading import Reading, read
from language.short_questions import short_question
from language.two_requests import joined, split
from language.understood import Slot, Span, SpeakerRole, Understood
from language.web_address import without_address
from language.weighing import weighed
from language.whole_text import whole_text

Step = Callable[[Reading, Mood], Decision | None]

# Texts of a fixed shape: nothing else can be meant.
_EXACT: tuple[Step, ...] = (people_asked, short_question, command, calendar_renewal)
# The first that knows the text decides: what is surely a question, what acts, what asks.
_STEPS: tuple[Step, ...] = (
    broadcast,
    grade,
    rewards,
    reminder,
    approve,
    withdraw,
    choose_topic,
    session_change,
    bind,
    leave,
    check_in,
    submit,
    calendar_link,
    how_to,
    summary,
    my_status,
    rules,
    topic_query,
    schedule_query,
)
_GREETING_AROUND = re.compile(
    r"^(?:(?:老师|大家|同学们?|各位(?:老师|同学)?|小?助手|机器人|张老师|亲)?(?:你好|您好|早上好|上午好|中午好|下午好|晚上好|早安|哈喽|嗨|hello|hi|早|在吗|在么|打扰(?:一下|了)?|不好意思(?:打扰(?:了|一下)?)?|抱歉|请问(?:一下)?|问一下|想问(?:一下|下)?|麻烦问下?)(?:老师|助手|啊|呀|哈)?(?:[,。!~\s]+|(?=我|请|今|明|周|签|想|这|下|本|帮|学)))+"
)
_THANKS_AROUND = re.compile(
    r"[,。!~\s]*(?:谢谢|多谢|感谢|谢了|谢啦|辛苦了?|麻烦了|thx|3q|拜托了?)(?:你|您|老师|啦|了|啊|哈|大家|各位|助手)*[。!~\s]*$"
)


def understand(text: str, now: datetime, role: SpeakerRole) -> Understood:
    """What *text* asks for, seen from *now* (aware). Never raises for any text.

    The label is one of the 25 or a finer one of language/labels.py. *role* decides bare words of decision only (T7).
    """
    beside = without_address(text)
    if beside:
        # 提交报告 https://pan…?pwd=1 is no question: what hands in a link is read without it.
        heard = understand(beside, now, role)
        if heard.intent == "submit":
            return replace(heard, text=text)
    normal = normalise(text)
    whole = whole_text(normal, role)
    is_passed_on = normal.is_only_quote or normal.is_forwarded
    if whole is not None and not is_passed_on:
        return _understood(text, whole, None)
    inner = replace(normal, text=unwrapped(normal.text))
    if inner.text != normal.text:
        whole = whole_text(inner, role)
        if whole is not None and not is_passed_on:
            return _understood(text, whole, None)
    reading = read(inner, now, role)
    mood = mood_of(reading)
    if inner.text != normal.text and _is_thanked(normal.text, inner.text, mood):
        return _understood(text, Decision("thanks"), None)
    return (
        _two(reading, mood)
        or _at_its_end(text, reading)
        or _understood(text, _decide(reading, mood), reading)
    )


_TOLD_AS_DONE = re.compile(
    r"(?:成功|[好上完到齐]|过|收到|看到|解决|登记|明白|清楚|搞定|弄好|记上|补上|批|通过|撤回|取消|知道|找到)了(?:啊|呀|哈|啦)?$|^收到"
)
_WANTS = re.compile(r"请(?!假)|帮|麻烦|能不能|可以|想|要|吧|吗|[?]|改|换")


def _is_thanked(text: str, told: str, mood: Mood) -> bool:
    """提醒收到了，谢谢: thanks for what is told as done; 到了，谢谢 is a check-in (T1)."""
    is_last = text.startswith(told) or not text.endswith(told)
    return (
        is_last
        and _THANKS_AROUND.search(text) is not None
        and not mood.is_question
        and _TOLD_AS_DONE.search(told) is not None
        and _WANTS.search(told) is None
        and re.fullmatch(
            r"(?:我|人|老师|已经?|也|都|,)*(?:签|打卡|签到|到|来)(?:到|上)?了(?:啊|呀|哈|啦)?", told
        )
        is None
    )


def _two(reading: Reading, mood: Mood) -> Understood | None:
    """A check-in with a question beside it."""
    shell = reading.normal
    if shell.quoted is not None or shell.mentioned or shell.calls_everybody:
        return None
    pair = split(reading, mood)
    if pair is None:
        return None
    act, question = (understand(part, reading.now, reading.role) for part in pair)
    return joined(act, question)


def unwrapped(text: str) -> str:
    """The text without the greeting before and the thanks after a request (T1)."""
    without = _GREETING_AROUND.sub("", text, count=1)
    unthanked = _THANKS_AROUND.sub("", without, count=1)
    without = unthanked if len(unthanked) > 1 else without
    return without.strip(" ,。!~") or text


def _decide(reading: Reading, mood: Mood) -> Decision:
    if reading.normal.is_forwarded:
        return _forwarded(reading)
    if reading.normal.is_only_quote:
        speaks_of_us = is_ours(reading) or is_bot(reading.normal.quoted_by)
        return NO_ACTION if speaks_of_us else Decision("out_of_scope")
    if reading.normal.mentioned is not None and not is_ours(reading):
        return Decision("out_of_scope")
    if _THANKS_ONLY.match(reading.plain) and not mood.is_question:
        return Decision("thanks")
    if (
        not mood.is_question
        and _NOT_DONE.match(reading.text)
        and (reading.role == "student" or "我" in reading.text)
    ):
        return NO_ACTION
    for step in _EXACT:
        decision = step(reading, mood)
        if decision is not None:
            return decision
    return weighed(_first_reading(reading, mood), reading, mood)


def _at_its_end(text: str, reading: Reading) -> Understood | None:
    """The request that ends a long story, an act asked back; None where there is none of its own."""
    part = request_of(reading.text)
    shell = reading.normal
    if part is None or shell.calls_everybody or shell.is_only_quote or shell.is_forwarded or shell.mentioned:
        return None
    last = read(replace(shell, text=part), reading.now, reading.role)
    mood = mood_of(last)
    decision = weighed(_first_reading(last, mood), last, mood)
    if public_label(decision.intent) in _SAYS_NOTHING:
        return None
    if not last.dates:
        coming = (
            found
            for found in reading.dates
            if found.span is not None and not _is_past(found.span, reading.now)
        )
        last = replace(last, dates=tuple(coming)[-1:])
    if decision.intent == "leave":
        # The story is the reason; what stands around the request itself is no more than politeness.
        story = reading.text.removesuffix(part).strip(" ,。")[-60:]
        decision = replace(decision, slots={**decision.slots, "reason": story})
    return _understood(text, replace(decision, is_sure=False), last)


def _is_past(span: Span, now: datetime) -> bool:
    end = _as_day(span.end) or _as_day(span.start)
    return end is not None and end < now.date()


_SAYS_NOTHING = frozenset({"out_of_scope", "no_action", "ack", "deny", "greeting", "thanks"})


def _first_reading(reading: Reading, mood: Mood) -> Decision:
    for step in _STEPS:
        decision = step(reading, mood)
        if decision is not None:
            return decision
    return fallback(reading, mood)


def _forwarded(reading: Reading) -> Decision:
    """What somebody passes on asks for nothing (T14), unless those who lead pass it on to be sent (T2)."""
    if reading.role != "student" and is_ours(reading):
        return Decision("broadcast", {"message": reading.text}, is_sure=False)
    return NO_ACTION if is_ours(reading) else Decision("out_of_scope")


_THANKS_ONLY = re.compile(
    r"^(?:太|真是?|非常|十分|万分|好的?|嗯|哈哈|那|就|先|收到|明白|哇|老师)*(?:谢谢|感谢|多谢|谢了|谢过|辛苦|麻烦|谢)(?:你|您|老师|大家|各位|助手|们|的|帮助|帮忙|解答|提醒|回复|通知|指导|啦|了|啊|呀|哈|太|真|支持|关心|理解|耐心|及时|照顾|这么|热心)*$"
)

_NOT_DONE = re.compile(
    r"^(?:我)?(?:今天|昨天|现在)?(?:还|都)?(?:没有?|未)(?:选题|签到|打卡|提交|交报告|交ppt|请假|绑定)(?:呢|啊|呀)?[。!~]*$"
)

_WITHOUT_DATE = frozenset({"greeting", "thanks", "ack", "deny", "bind", "grade"})


def _understood(text: str, decision: Decision, reading: Reading | None) -> Understood:
    slots: dict[str, Slot] = dict(decision.slots)
    if decision.intent == "answer_question":
        slots["answer"] = _as_typed(text, str(slots["answer"]))
    span = decision.span or (reading.span if reading is not None else None)
    if span is not None and "date" not in slots and public_label(decision.intent) not in _WITHOUT_DATE:
        written = written_days(span)
        if written is not None:
            slots["date"] = written
    return Understood(
        intent=decision.intent,
        text=text,
        slots=MappingProxyType(slots),
        span=span,
        spans=() if reading is None else tuple(f.span for f in reading.dates if f.span is not None),
        is_sure=decision.is_sure,
        suggestions=decision.suggestions,
    )


def _as_typed(text: str, answer: str) -> str:
    """*answer* in the letters it was typed in: a room is A301, not a301."""
    typed = unicodedata.normalize("NFKC", text)
    at = typed.lower().rfind(answer)
    return typed[at : at + len(answer)] if at >= 0 and len(typed) == len(typed.lower()) else answer


def written_days(span: Span) -> str | None:
    """The days of a span as YYYY-MM-DD or START/END; None while an end is open."""
    first, last = _as_day(span.start), _as_day(span.end)
    if first is None or last is None:
        return (first or last).isoformat() if first or last else None  # type: ignore[union-attr]
    return first.isoformat() if first == last else f"{first.isoformat()}/{last.isoformat()}"


def _as_day(value: date | datetime | None) -> date | None:
    return value.date() if isinstance(value, datetime) else value
