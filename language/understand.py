"""What a chat text asks for: one label, its slots and dates. Stateless and pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime
from types import MappingProxyType

from language.aspects import phrase_slots
from language.commands import command
from language.decision import NO_ACTION, Decision
from language.frames_lead import approve, grade
from language.frames_own import bind, withdraw
from language.frames_presence import check_in, leave
from language.frames_session import broadcast, reminder, session_change
from language.frames_work import choose_topic, submit
from language.labels import public_label
from language.lexicon import lexicon
from language.mood import Mood, is_negated, mood_of
from language.normalise import Normal, is_bot, normalise
from language.queries_people import how_to, my_status, summary
from language.queries_programme import rewards, rules, schedule_query, topic_query
from language.reading import Reading, read
from language.short_questions import short_question
from language.understood import Slot, Span, SpeakerRole, Understood

Step = Callable[[Reading, Mood], Decision | None]

# The first that knows the text decides: what is surely a question, what acts, what asks.
_STEPS: tuple[Step, ...] = (
    short_question,
    command,
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
    how_to,
    summary,
    my_status,
    rules,
    topic_query,
    schedule_query,
)
_TRIM = re.compile(r"[\s,.。;!、~…\"'“”()]+")
_PARTICLES = re.compile(r"(?:[啊呀哦哈呢吧哟嘛噢诶嘞啦~!。.]|哈哈)+$")
_GREETING_AROUND = re.compile(
    r"^(?:(?:老师|大家|同学们?|各位(?:老师|同学)?|小?助手|机器人|张老师|亲)?(?:你好|您好|早上好|上午好|中午好|下午好|晚上好|早安|哈喽|嗨|hello|hi|早|在吗|在么|打扰(?:一下|了)?|不好意思(?:打扰(?:了|一下)?)?|抱歉|请问(?:一下)?|问一下|想问(?:一下|下)?|麻烦问下?)(?:老师|助手|啊|呀|哈)?(?:[,。!~\s]+|(?=我|请|今|明|周|签|想|这|下|本|帮|学)))+"
)
_THANKS_AROUND = re.compile(
    r"[,。!~\s]*(?:谢谢|多谢|感谢|谢了|谢啦|辛苦了?|麻烦了|thx|3q|拜托了?)(?:你|您|老师|啦|了|啊|哈|大家|各位|助手)*[。!~\s]*$"
)


_CHECKIN_FROM_AFAR = re.compile(r"签.{0,4}(?:线上|网上|远程)")
_NUMBERED_DECISION = re.compile(
    r"(?:不?同意|批准|不?通过|驳回|拒绝|撤回)\s*(?:第|编号|#)?\s*\d{1,4}\s*[号条个]?"
)


def understand(text: str, now: datetime, role: SpeakerRole) -> Understood:
    """What *text* asks for, seen from *now* (aware). Never raises for any text.

    The label is one of the 25 or a finer one of language/labels.py. *role* decides bare words of decision only (T7).
    """
    normal = normalise(text)
    whole = _whole(normal, role)
    if whole is not None and not normal.is_only_quote:
        return _understood(text, whole, None)
    unwrapped = Normal(
        text=_unwrapped(normal.text),
        quoted=normal.quoted,
        quoted_by=normal.quoted_by,
        is_only_quote=normal.is_only_quote,
        mentioned=normal.mentioned,
        calls_everybody=normal.calls_everybody,
        stickers=normal.stickers,
        bare=normal.bare,
    )
    if unwrapped.text != normal.text:
        whole = _whole(unwrapped, role)
        if whole is not None and not normal.is_only_quote:
            return _understood(text, whole, None)
    reading = read(unwrapped, now, role)
    decision = _decide(reading)
    return _understood(text, decision, reading)


def _unwrapped(text: str) -> str:
    """The text without the greeting before and the thanks after a request (T1)."""
    without = _GREETING_AROUND.sub("", text, count=1)
    unthanked = _THANKS_AROUND.sub("", without, count=1)
    without = unthanked if len(unthanked) > 1 else without
    return without.strip(" ,。!~") or text


def _whole(normal: Normal, role: SpeakerRole) -> Decision | None:
    """The answer for a text that is one known word or phrase, or nothing but stickers."""
    words = lexicon()
    if not normal.text:
        return _sticker(normal, words.stickers)
    plain = _TRIM.sub("", normal.text)
    if _CHECKIN_FROM_AFAR.search(plain):
        return None
    if _NUMBERED_DECISION.fullmatch(plain):
        return None  # the number is part of it: 同意 1 is not 同意 and the 1 that says yes
    if not plain:
        return Decision("help") if "?" in normal.text else None
    intent = (
        _known(_TRIM.sub("", normal.bare), words.whole)
        or _known(plain, words.whole)
        or _asked(plain, words.whole)
        or _by_clauses(normal.text, words.whole)
    )
    if intent is None or (normal.mentioned and intent in ("greeting", "thanks", "ack", "deny")):
        return Decision("out_of_scope") if intent is not None else None
    return _by_role(intent, plain, role)


_ASKABLE = frozenset(
    [
        "schedule_query",
        "topic_query",
        "rewards",
        "rules",
        "my_status",
        "summary",
        "help",
        "evidence",
        "who_am_i",
        "questions",
        "more",
        "greeting",
        "my_data",
        "delivery",
    ]
)


def _asked(plain: str, whole: Mapping[str, str]) -> str | None:
    """A known phrase with a question mark; 签到? is a question about the action and not the action (T3)."""
    intent = _known(plain.rstrip("?"), whole) if plain.endswith("?") else None
    return intent if intent in _ASKABLE else None


_VOCATIVE = r"(?:各位)?(?:老师|助手|小助手|大家|同学们?|您|你|机器人|张老师|李老师|亲)"
_WITH_VOCATIVE = re.compile(rf"^{_VOCATIVE}(?P<rest>.{{2,}})$")
_BEFORE_VOCATIVE = re.compile(rf"^(?P<rest>.{{2,}}?){_VOCATIVE}$")
_POLITE = frozenset({"greeting", "thanks", "ack"})


def _known(plain: str, whole: Mapping[str, str]) -> str | None:
    """The intent of a known phrase, said once or twice, with a particle or a vocative around it."""
    half = plain[: len(plain) // 2]
    said_twice = len(plain) >= 4 and half * 2 == plain
    for form in (plain, _PARTICLES.sub("", plain), half if said_twice else plain):
        if form in whole:
            return whole[form]
    if 4 <= len(plain) <= 12:
        for cut in range(1, len(plain)):
            first, second = whole.get(plain[:cut]), whole.get(plain[cut:])
            if first in _POLITE_OR_NO and second in _POLITE_OR_NO:
                return second if _weight(second) >= _weight(first) else first
    for pattern in (_WITH_VOCATIVE, _BEFORE_VOCATIVE):
        found = pattern.match(plain)
        if found is not None:
            intent = whole.get(found["rest"]) or whole.get(_PARTICLES.sub("", found["rest"]))
            if intent in _POLITE:
                return intent
    return None


_POLITE_OR_NO = frozenset({"greeting", "thanks", "ack", "deny"})


def _weight(intent: str | None) -> int:
    return _MILDEST_FIRST.index(intent) if intent in _MILDEST_FIRST else len(_MILDEST_FIRST)


_MILDEST_FIRST = ("greeting", "thanks", "ack", "confirm", "deny", "cancel_dialog")


def _by_clauses(text: str, whole: Mapping[str, str]) -> str | None:
    """The intent of a text whose every clause is a known phrase: 行，准假 is a decision, 不用了，谢谢 a no."""
    clauses = [c for c in re.split(r"[\s,.。;!、~…]+", text) if c]
    if not 2 <= len(clauses) <= 4:
        return None
    intents = [_known(clause, whole) for clause in clauses]
    if None in intents:
        return None
    known = [intent for intent in intents if intent is not None]
    if known[-1] in ("deny", "cancel_dialog"):
        return "deny"
    weights = [_weight(intent) for intent in known]
    return known[weights.index(max(weights))]


def _sticker(normal: Normal, meanings: Mapping[str, str]) -> Decision:
    for sticker in normal.stickers:
        intent = meanings.get(sticker) or meanings.get(sticker[:1])
        if intent == "farewell":
            return Decision("out_of_scope")
        if intent is not None:
            return Decision(intent)
    return (
        Decision("broadcast", is_sure=False)
        if normal.calls_everybody and normal.text
        else Decision("out_of_scope")
    )


def _by_role(intent: str, plain: str, role: SpeakerRole) -> Decision:
    if intent == "approve_yes":
        return Decision("ack") if role == "student" else Decision("approve", {"decision": "approve"})
    if intent == "approve_no":
        return Decision("deny") if role == "student" else Decision("approve", {"decision": "reject"})
    if intent == "hold_over":
        return Decision("hold_over") if role != "student" else NO_ACTION
    if intent == "schedule_query":
        return Decision(intent, phrase_slots(plain))
    if intent in ("reminder_on", "reminder_off"):
        return Decision("reminder", {"action": intent.removeprefix("reminder_")})
    if intent == "leave":
        mode = (
            "late"
            if "迟到" in plain or "晚到" in plain
            else "online"
            if "线上" in plain or "远程" in plain
            else "absent"
        )
        return Decision("leave", {} if plain == "早退" else {"mode": mode})
    if intent == "submit":
        kind = next(
            (
                k
                for w, k in (("ppt", "ppt"), ("报告", "report"), ("论文", "paper"), ("专利", "patent"))
                if w in plain
            ),
            None,
        )
        slots: dict[str, Slot] = {"kind": kind} if kind else {}
        return Decision("submit", slots | ({"late": True} if "补" in plain else {}))
    if intent == "withdraw":
        target = next(
            (
                t
                for w, t in (
                    ("签到", "check_in"),
                    ("假", "leave"),
                    ("选", "topic"),
                    ("题", "topic"),
                    ("提交", "submit"),
                    ("报告", "submit"),
                )
                if w in plain
            ),
            None,
        )
        return Decision("withdraw", {"target": target} if target else {})
    if (
        intent in ("summary", "export")
        and plain in ("考勤", "出勤", "出勤率", "提交情况", "签到情况", "考勤情况", "出勤情况", "请假情况")
        and role == "student"
    ):
        return Decision("my_status")
    if intent in ("summary", "export"):
        return Decision(intent, _summary_kind(plain))
    return Decision(intent)


def _summary_kind(plain: str) -> dict[str, Slot]:
    slots: dict[str, Slot] = {}
    if re.search(r"交|提交|报告", plain):
        slots["kind"] = "submission"
    elif re.search(r"考勤|签|到|勤|请假|来", plain):
        slots["kind"] = "attendance"
    if re.search(r"没|未|缺", plain):
        slots["filter"] = "missing"
    return slots


def _decide(reading: Reading) -> Decision:
    if reading.normal.is_only_quote:
        is_ours = _is_ours(reading) or is_bot(reading.normal.quoted_by)
        return NO_ACTION if is_ours else Decision("out_of_scope")
    mood = mood_of(reading)
    if reading.normal.mentioned is not None and not _is_ours(reading):
        return Decision("out_of_scope")
    if _THANKS_ONLY.match(reading.plain) and not mood.is_question:
        return Decision("thanks")
    if (
        not mood.is_question
        and _NOT_DONE.match(reading.text)
        and (reading.role == "student" or "我" in reading.text)
    ):
        return NO_ACTION
    for step in _STEPS:
        decision = step(reading, mood)
        if decision is not None:
            return decision
    return _fallback(reading, mood)


_THANKS_ONLY = re.compile(
    r"^(?:太|真是?|非常|十分|万分|好的?|嗯|哈哈|那|就|先|收到|明白|哇|老师)*(?:谢谢|感谢|多谢|谢了|谢过|辛苦|麻烦|谢)(?:你|您|老师|大家|各位|助手|们|的|帮助|帮忙|解答|提醒|回复|通知|指导|啦|了|啊|呀|哈|太|真|支持|关心|理解|耐心|及时|照顾|这么|热心)*$"
)

_NOT_DONE = re.compile(
    r"^(?:我)?(?:今天|昨天|现在)?(?:还|都)?(?:没有?|未)(?:选题|签到|打卡|提交|交报告|交ppt|请假|绑定)(?:呢|啊|呀)?[。!~]*$"
)

_OURS = (
    "checkin", "report", "ppt", "paper", "patent", "leave", "absent", "online", "late", "topic", "session", "plan", "attendance",
    "submission", "reward", "collect", "code_word", "grade", "approve", "reject", "broadcast", "remind", "cancel", "move", "place",
    "choose",
)  # fmt: skip


def _is_ours(reading: Reading) -> bool:
    """Whether the text speaks of the programme at all."""
    return reading.has(*_OURS) and not (
        reading.has("foreign") and not reading.has("checkin", "report", "ppt", "topic", "leave", "session")
    )


_NAMED_ACTS = re.compile(r"签|交|选|请假|迟到|线上|早退|撤|通知|提醒|评分|打分|绑定|批|同意|缺席|上传")
_NAMES_ACTION = re.compile(r"签到|交报告|交ppt|选题|请假|绑定|评分|打分|补签|迟到")


def _fallback(reading: Reading, mood: Mood) -> Decision:
    """Nothing fits: thanks or greeting inside, an action that was only named, or an honest 没听懂."""
    text = reading.text
    if reading.has("foreign") and not reading.has("checkin", "report", "ppt"):
        return Decision("out_of_scope", suggestions=suggestions(text))
    if (
        mood.is_question
        and _NAMED_ACTS.search(text)
        and not reading.has("foreign")
        and sum(map(len, reading.unknown)) <= 4
    ):
        return Decision("my_status") if mood.did_ask and reading.has("takeback") else Decision("rules")
    if not mood.is_question and _NAMES_ACTION.search(text):
        return NO_ACTION
    is_told = is_negated(text, _NAMED_ACTS.pattern) or (
        mood.is_future
        or mood.has_failed
        or mood.is_undecided
        or mood.is_past
        or mood.is_hypothetical
        or mood.is_reported
    )
    if (
        not mood.is_question
        and is_told
        and reading.has(
            "submit",
            "choose",
            "checkin",
            "topic",
            "leave",
            "bind",
            "grade",
            "approve",
            "remind",
            "broadcast",
            "report",
        )
    ):
        return NO_ACTION
    if reading.has("thank") and not mood.is_question and len(reading.plain) <= 16:
        return Decision("thanks")
    if (
        reading.has("greet")
        and len(reading.plain) <= 8
        and sum(map(len, reading.unknown)) <= 1
        and not mood.is_question
    ):
        return Decision("greeting")
    return Decision("out_of_scope", suggestions=suggestions(text))


def suggestions(text: str, limit: int = 3) -> tuple[str, ...]:
    """Two or three real commands nearest to *text*, for the honest 没听懂."""
    commands = lexicon().commands
    scored = [
        (sum(len(word) for word in near if word in text), -place, name)
        for place, (name, near) in enumerate(commands)
    ]
    near = [name for score, _, name in sorted(scored, reverse=True) if score]
    rest = [name for _, _, name in sorted(scored, key=lambda s: -s[1]) if name not in near]
    return tuple((near + rest)[:limit])


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
