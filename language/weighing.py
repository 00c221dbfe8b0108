"""Where the two readers differ: what the second may change of the first one's decision (design D8).

It never lets anything happen. A label that changes nothing may become another such label; an act may
be held back; and an act that only the second reader sees becomes a question to the sender
(Decision.is_sure false), which a plain 确认 has to answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from language.decision import Decision, name_in, topic_number, work_kind
from language.fallback import suggestions
from language.frames_lead import decided
from language.frames_presence import leave_slots
from language.frames_session import change_slots
from language.labels import LABELS, STATE_CHANGING, public_label
from language.leaning import odds
from language.mood import Mood, is_after
from language.queries_help import act_named
from language.queries_people import summary_slots
from language.queries_topics import keyword
from language.reading import Reading
from language.understood import Slot

HELD_BACK_BELOW = 0.5
"""An act stands unless all acts together are less likely than this."""
SEEN_ALONE_ABOVE = 0.75
"""An act that only the second reader sees is asked back above this."""
TOO_SHORT = 2
"""Of so few characters the second reader knows no more than the first: a word of the grid is no request."""
LIKELY_ENOUGH = 0.25
CLEARER = 2.5
"""As likely at least, and so many times likelier must another harmless label be to replace the first reader's."""

# One's own reminders are a setting, so the second reader does not set them either.
_HARMLESS = LABELS - STATE_CHANGING - {"reminder"}
# 请假 7/11 忘了: the command with what belongs to it needs no second opinion.
_COMMANDED = re.compile(
    r"(?:请假|销假|签到|补签|选题?|改选|绑定|评|同意|驳回|撤回|取消|改|移|发通知|群发|公告|催|担保|说明|线上签到)"
    r"(?:[\s:]+\S|(?=\d|周|今|明|昨|下周|本周))"
)
_DONE_NOW = frozenset({"check_in", "submit", "choose_topic"})


def weighed(decision: Decision, reading: Reading, mood: Mood) -> Decision:
    """*decision*, or what the second reader makes of it."""
    first = public_label(decision.intent)
    if first != decision.intent:
        return decision  # a finer label is a phrase of its own, known word by word
    if len(reading.plain) <= TOO_SHORT:
        return decision
    shares = odds(reading, mood)
    best = max(shares, key=lambda label: shares[label])
    likeliest = max(_HARMLESS, key=lambda label: (shares[label], label))
    if first in STATE_CHANGING:
        acts = sum(shares[label] for label in STATE_CHANGING)
        return (
            decision
            if acts >= HELD_BACK_BELOW or _COMMANDED.match(reading.text)
            else _harmless(likeliest, reading)
        )
    if (
        best in STATE_CHANGING
        and shares[best] > SEEN_ALONE_ABOVE
        and not _speaks_against(best, reading, mood)
    ):
        return Decision(best, _slots(best, reading), is_sure=False)
    if shares[likeliest] > LIKELY_ENOUGH and shares[likeliest] > CLEARER * shares[first]:
        return _harmless(likeliest, reading)
    return decision


def _speaks_against(act: str, reading: Reading, mood: Mood) -> bool:
    """Whether the mood forbids an act, however much the text looks like one (T3, T5)."""
    if act in _DONE_NOW and is_after(reading, reading.now):
        return True
    return (
        mood.is_question or mood.is_hypothetical or mood.is_undecided or mood.is_reported or mood.has_failed
    )


def _harmless(label: str, reading: Reading) -> Decision:
    hints = suggestions(reading.text) if label == "out_of_scope" else ()
    return Decision(label, _slots(label, reading), suggestions=hints)


def _slots(label: str, reading: Reading) -> Mapping[str, Slot]:
    read = _SLOTS.get(label)
    return {} if read is None else read(reading)


def _of_topic(reading: Reading) -> dict[str, Slot]:
    number = topic_number(reading.text)
    if number is not None:
        return {"topic_no": number}
    word = keyword(reading)
    return {} if word is None else {"keyword": word}


def _of_work(reading: Reading) -> dict[str, Slot]:
    kind = work_kind(reading)
    return {} if kind is None else {"kind": kind}


def _of_person(reading: Reading) -> dict[str, Slot]:
    name = name_in(reading)
    return {} if name is None else {"name": name}


def _of_decision(reading: Reading) -> dict[str, Slot]:
    said = decided(reading.text)
    return _of_person(reading) | ({} if said is None else {"decision": said})


def _of_act(reading: Reading) -> dict[str, Slot]:
    about = act_named(reading.text)
    return {} if about is None else {"about": about}


_SLOTS: Mapping[str, Callable[[Reading], Mapping[str, Slot]]] = {
    "topic_query": _of_topic,
    "choose_topic": _of_topic,
    "submit": _of_work,
    "leave": leave_slots,
    "grade": _of_person,
    "approve": _of_decision,
    "broadcast": lambda reading: {"message": reading.text},
    "reschedule": lambda reading: change_slots(reading.text),
    "summary": lambda reading: summary_slots(reading, name_in(reading)),
    "help": _of_act,
}
