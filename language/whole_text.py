"""A text that is one known word or phrase, or nothing but stickers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from language.aspects import phrase_slots
from language.decision import NO_ACTION, Decision
from language.labels import STATE_CHANGING
from language.lexicon import lexicon
from language.normalise import Normal, is_bot
from language.queries_own import own_slots
from language.queries_people import form_asked
from language.understood import Slot, SpeakerRole

_TRIM = re.compile(r"[\s,.。;!、~…\"'“”()]+")
_PARTICLES = re.compile(r"(?:[啊呀哦哈呢吧哟嘛噢诶嘞啦~!。.]|哈哈)+$")
_CHECKIN_FROM_AFAR = re.compile(r"签.{0,4}(?:线上|网上|远程)")
_LAB_RULE = re.compile(r"^(?:本组)?规定[ :,]+\S")
_NUMBERED_DECISION = re.compile(
    r"(?:不?同意|批准|不?通过|驳回|拒绝|撤回)\s*(?:第|编号|#)?\s*\d{1,4}\s*[号条个]?"
)


def whole_text(normal: Normal, role: SpeakerRole) -> Decision | None:
    """The answer for a text that is one known word or phrase, or nothing but stickers.

    A yes confirms an open question, so it must be a short yes and nothing else; else it is an ack.
    """
    decision = _known_text(normal, role)
    if decision is not None and decision.intent == "yes" and not _is_plain_yes(normal):
        return Decision("ack")
    return decision


_HESITANT = re.compile(r"…|\.\.|。。|~~|[?]")


def _is_plain_yes(normal: Normal) -> bool:
    """好, 👌 and their like by themselves: no hesitation, no other sticker, no answer to somebody else."""
    words = lexicon()
    if normal.mentioned or normal.calls_everybody or _HESITANT.search(normal.bare):
        return False
    if normal.quoted is not None and not is_bot(normal.quoted_by):
        return False
    meanings = {words.stickers.get(s) or words.stickers.get(s[:1]) for s in normal.stickers}
    if not meanings <= {"yes", "ack", "thanks"}:
        return False
    said = _TRIM.sub("", normal.bare)
    return said in _AGREED or words.whole.get(said) == "yes" if said else meanings == {"yes"}


_TOLD = (
    r"(?:刚才|刚刚|刚|上一?[条个]|那一?[条个]|这一?[条个]|我|发|的|群发?)*(?:通知|公告|消息|群发|广播|发送)"
)
_TAKE_BACK = re.compile(rf"(?:请|麻烦|帮我|把|我要|我想)*(?:撤回|撤销|撤掉|收回|取消){_TOLD}(?:吧|了)?")
_TOLD_BACK = re.compile(
    rf"(?:请|麻烦|帮我|把|将)*{_TOLD}(?:给我)?(?:撤回|撤销|撤掉|收回|取消)(?:吧|了|掉|一下)?"
)
_NOT_SENT = re.compile(
    rf"(?:先|还是|算了)*(?:别|不要|不用|不|停止|暂停)(?:先|急着)?(?:发|群发|发送)(?:了|出去|送|吧|这条|那条|{_TOLD})*"
)


def _stops_telling(plain: str) -> Decision | None:
    """取消刚才的通知, 别发了, of those who may announce: for them it is about what they announced."""
    if _TAKE_BACK.fullmatch(plain) or _TOLD_BACK.fullmatch(plain):
        return Decision("withdraw")
    if plain in lexicon().whole:
        return None  # 别发了 by itself is also said of one's reminders
    return Decision("deny") if _NOT_SENT.fullmatch(plain) else None


def _known_text(normal: Normal, role: SpeakerRole) -> Decision | None:
    words = lexicon()
    if not normal.text:
        return _sticker(normal, words.stickers)
    plain = _TRIM.sub("", normal.text)
    if _CHECKIN_FROM_AFAR.search(plain):
        return None
    if _NUMBERED_DECISION.match(plain):
        return None  # the number is part of it: 同意 1 is not 同意 and the 1 that says yes
    if _LAB_RULE.match(normal.text):
        return None  # 规定 组会 1: what stands after it is its value and no word of its own
    if role != "student" and (stops := _stops_telling(plain)) is not None:
        return stops
    if not plain:
        return Decision("help") if "?" in normal.text else None
    intent = (
        _known(_TRIM.sub("", normal.bare), words.whole)
        or _known(plain, words.whole)
        or _asked(plain, words.whole)
        or _by_clauses(normal.text, words.whole)
    )
    if intent is None or (normal.mentioned and intent in _POLITE_OR_NO):
        return Decision("out_of_scope") if intent is not None else None
    return _by_role(intent, plain, role)


_ASKABLE = frozenset(
    [
        "schedule_query",
        "topic_query",
        "rewards",
        "rules",
        "lab_rules",
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
_POLITE = frozenset({"greeting", "thanks", "ack", "yes"})


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


_POLITE_OR_NO = _POLITE | {"deny"}


def _weight(intent: str | None) -> int:
    return _MILDEST_FIRST.index(intent) if intent in _MILDEST_FIRST else len(_MILDEST_FIRST)


_MILDEST_FIRST = ("greeting", "thanks", "ack", "yes", "confirm", "deny", "cancel_dialog")


def _by_clauses(text: str, whole: Mapping[str, str]) -> str | None:
    """The intent of a text whose every clause is a known phrase: 行，准假 is a decision, 不用了，谢谢 a no."""
    clauses = [c for c in re.split(r"[\s,.。;!、~…]+", text) if c]
    if not 2 <= len(clauses) <= 4:
        return None
    intents = [_known(clause, whole) for clause in clauses]
    if None in intents:
        return None
    known = [intent for intent in intents if intent is not None]
    if _ASKABLE & set(known) - _POLITE and STATE_CHANGING & set(known):
        return None  # 签到，怎么弄 is a question about the act
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


_AGREED = frozenset({"同意", "我同意"})


def _by_role(intent: str, plain: str, role: SpeakerRole) -> Decision:
    """The decision for a known phrase: bare words of decision depend on who says them (T7)."""
    if intent in ("approve_yes", "approve_no", "hold_over"):
        return _of_decision(intent, plain, is_student=role == "student")
    if intent in ("reminder_on", "reminder_off"):
        return Decision("reminder", {"action": intent.removeprefix("reminder_")})
    if intent in ("summary", "export", "attendance_file"):
        is_own = plain in _OWN_WHEN_BARE and role == "student"
        if is_own:
            return Decision("my_status", own_slots(plain))
        kind = _summary_kind(plain)
        return Decision(intent, kind)
    slots = _PHRASE_SLOTS.get(intent)
    return Decision(intent, slots(plain)) if slots is not None else Decision(intent)


def _of_decision(intent: str, plain: str, *, is_student: bool) -> Decision:
    if intent == "hold_over":
        return NO_ACTION if is_student else Decision("hold_over")
    if not is_student:
        return Decision("approve", {"decision": "approve" if intent == "approve_yes" else "reject"})
    if intent == "approve_no":
        return Decision("deny")
    return Decision("yes" if plain in _AGREED else "ack")


def _named(pairs: tuple[tuple[str, str], ...], plain: str) -> str | None:
    return next((meaning for word, meaning in pairs if word in plain), None)


_KINDS = (("ppt", "ppt"), ("报告", "report"), ("论文", "paper"), ("专利", "patent"))
_TARGETS = (
    ("签到", "check_in"),
    ("假", "leave"),
    ("选", "topic"),
    ("题", "topic"),
    ("提交", "submit"),
    ("报告", "submit"),
)
_MODES = (("迟到", "late"), ("晚到", "late"), ("线上", "online"), ("远程", "online"))


def _leave_slots(plain: str) -> dict[str, Slot]:
    return {} if plain == "早退" else {"mode": _named(_MODES, plain) or "absent"}


def _submit_slots(plain: str) -> dict[str, Slot]:
    kind = _named(_KINDS, plain)
    slots: dict[str, Slot] = {"kind": kind} if kind else {}
    return slots | ({"late": True} if "补" in plain else {})


def _withdraw_slots(plain: str) -> dict[str, Slot]:
    target = _named(_TARGETS, plain)
    return {"target": target} if target else {}


def _status_slots(plain: str) -> dict[str, Slot]:
    """Which part of the own record is meant: 我的考勤, 我的担保, 我的报告."""
    return own_slots(plain) or ({"about": "submit"} if re.search("报告|提交|ppt", plain) else {})


_PHRASE_SLOTS: Mapping[str, Callable[[str], dict[str, Slot]]] = {
    "schedule_query": phrase_slots,
    "leave": _leave_slots,
    "submit": _submit_slots,
    "withdraw": _withdraw_slots,
    "my_status": _status_slots,
}
_OWN_WHEN_BARE = frozenset(
    {"考勤", "出勤", "出勤率", "提交情况", "签到情况", "考勤情况", "出勤情况", "请假情况"}
)


def _summary_kind(plain: str) -> dict[str, Slot]:
    slots: dict[str, Slot] = {}
    if re.search(r"交|提交|报告", plain):
        slots["kind"] = "submission"
    elif re.search(r"考勤|签|到|勤|请假|来", plain):
        slots["kind"] = "attendance"
    if re.search(r"没|未|缺", plain):
        slots["filter"] = "missing"
    form = form_asked(plain)
    return slots | ({"form": form} if form else {})
