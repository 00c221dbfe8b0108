"""When no frame and no query fits: thanks or a greeting inside, an action only named, or an honest 没听懂."""

from __future__ import annotations

import re

from language.decision import NO_ACTION, Decision
from language.lexicon import lexicon
from language.mood import Mood, is_negated
from language.reading import Reading

_OURS = (
    "checkin", "report", "ppt", "paper", "patent", "leave", "absent", "online", "late", "topic", "session", "plan", "attendance",
    "submission", "reward", "collect", "code_word", "grade", "approve", "reject", "broadcast", "remind", "cancel", "move", "place",
    "choose",
)  # fmt: skip


def is_ours(reading: Reading) -> bool:
    """Whether the text speaks of the programme at all."""
    return reading.has(*_OURS) and not (
        reading.has("foreign") and not reading.has("checkin", "report", "ppt", "topic", "leave", "session")
    )


_NAMED_ACTS = re.compile(r"签|交|选|请假|迟到|线上|早退|撤|通知|提醒|评分|打分|绑定|批|同意|缺席|上传")
_NAMES_ACTION = re.compile(r"签到|交报告|交ppt|选题|请假|绑定|评分|打分|补签|迟到")


def fallback(reading: Reading, mood: Mood) -> Decision:
    """Nothing fits: thanks or greeting inside, an action that was only named, or an honest 没听懂."""
    text = reading.text
    strange = sum(map(len, reading.unknown))
    if reading.has("foreign") and not reading.has("checkin", "report", "ppt"):
        return Decision("out_of_scope", suggestions=suggestions(text))
    if mood.is_question and _NAMED_ACTS.search(text) and not reading.has("foreign") and strange <= 4:
        return Decision("my_status") if mood.did_ask and reading.has("takeback") else Decision("rules")
    if not mood.is_question and (_NAMES_ACTION.search(text) or _tells_of_an_act(reading, mood)):
        return NO_ACTION
    if reading.has("thank") and not mood.is_question and len(reading.plain) <= 16:
        return Decision("thanks")
    if reading.has("greet") and len(reading.plain) <= 8 and strange <= 1 and not mood.is_question:
        return Decision("greeting")
    return Decision("out_of_scope", suggestions=suggestions(text))


_ACT_TAGS = (
    "submit", "choose", "checkin", "topic", "leave", "bind", "grade", "approve", "remind", "broadcast", "report",
)  # fmt: skip


def _tells_of_an_act(reading: Reading, mood: Mood) -> bool:
    """Whether an act is told of as not done, to come, past, doubtful, heard of or failed (T5)."""
    is_told = (
        mood.is_future
        or mood.has_failed
        or mood.is_undecided
        or mood.is_past
        or mood.is_hypothetical
        or mood.is_reported
        or is_negated(reading.text, _NAMED_ACTS.pattern)
    )
    return is_told and reading.has(*_ACT_TAGS)


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
