"""规定: what the lab has decided for itself, and 规定 迟到 10分钟 of the admin to decide it."""

from __future__ import annotations

from handlers import rules
from handlers.asking import ask
from handlers.context import Context
from handlers.names import name_of
from language.understood import Understood
from messages.envelope import Reply
from programme.policy import (
    LAB_RULES,
    LabRule,
    Wrong,
    default_of,
    is_printed,
    options_of,
    read_value,
    split_command,
    spoken,
    value_of,
)
from storage import audit, decided, pending
from storage.pending import Pending

DEFAULT_WORDS = ("默认", "恢复默认", "还原", "取消")


def show(understood: Understood, context: Context) -> Reply:
    """规定: the list with numbers for the admin; everybody else asks what is required."""
    if "admin" not in context.person.roles:
        return rules.overview(context)
    named, _ = split_command(understood.text.strip().removeprefix("本组").removeprefix("规定"))
    if named is not None:
        return Reply("lab_rules/one", {"rule": shown(named, context)})
    return Reply("lab_rules/list", {"rules": [shown(rule, context) for rule in LAB_RULES]})


def shown(rule: LabRule, context: Context) -> dict[str, object]:
    defaults = context.setup.lab_defaults
    decided = context.programme.decided.get(rule.key)
    default = default_of(rule, context.programme, defaults)
    return {
        "number": LAB_RULES.index(rule) + 1,
        "name": rule.name,
        "value": spoken(rule, value_of(rule, context.programme, defaults)),
        "default": spoken(rule, default) if default else None,
        "is_printed": is_printed(rule, context.programme),
        "is_set": rule.key in context.programme.settings,
        "by": name_of(decided.by, context) if decided else None,
        "at": decided.at.astimezone(context.setup.zone) if decided else None,
        "options": options_of(rule, context.programme),
        "example": rule.example,
    }


def propose(understood: Understood, context: Context) -> Reply:
    """Old → new; 确认 stores it."""
    if "admin" not in context.person.roles:
        return Reply("question/only_admin")
    rule, text = split_command(str(understood.slots.get("text") or ""))
    if rule is None:
        return Reply("lab_rules/no_such_rule", {"rules": [shown(rule, context) for rule in LAB_RULES]})
    if not text:
        return Reply("lab_rules/one", {"rule": shown(rule, context)})
    new = new_value(rule, text, context)
    if isinstance(new, Wrong):
        return Reply("lab_rules/wrong", {"rule": shown(rule, context), "hint": new.hint})
    if new == context.programme.settings.get(rule.key) or new == shown_value(rule, context):
        return Reply("lab_rules/same", {"rule": shown(rule, context)})
    ask(context, "lab_rule", {"key": rule.key, "value": new or ""})
    values = {"rule": shown(rule, context), "new": new_words(rule, new, context)}
    return Reply("lab_rules/confirm", values | {"key": rule.key, "is_zero": new == "0"})


def shown_value(rule: LabRule, context: Context) -> str:
    return value_of(rule, context.programme, context.setup.lab_defaults)


def new_value(rule: LabRule, text: str, context: Context) -> str | Wrong | None:
    """The value to store; None goes back to the default."""
    if text in DEFAULT_WORDS:
        return None
    return read_value(rule, text, context.programme, context.setup.lab_defaults)


def new_words(rule: LabRule, new: str | None, context: Context) -> str:
    return spoken(rule, new or default_of(rule, context.programme, context.setup.lab_defaults))


def confirmed(understood: Understood, context: Context, asked: Pending) -> Reply | None:
    if understood.intent != "confirm":
        return None
    rule = next((rule for rule in LAB_RULES if rule.key == asked.data["key"]), None)
    if rule is None:
        return Reply("guide/question_gone")
    pending.close(context.tx, context.inbound.channel, context.inbound.sender)
    new = str(asked.data["value"]) or None
    store(rule, new, context)
    return Reply("lab_rules/set", {"rule": shown(rule, context), "new": new_words(rule, new, context)})


def store(rule: LabRule, new: str | None, context: Context) -> None:
    """The row, the question of the import that asked the same, and the audit."""
    programme_id, by, at = context.programme.programme_id, context.person.person_id, context.at
    old = context.programme.settings.get(rule.key)
    asked = next((q for q in context.programme.questions if q.subject == f"setting:{rule.key}"), None)
    if new is None:
        decided.drop_setting(context.tx, programme_id, rule.key)
        if asked:
            decided.reopen_question(context.tx, programme_id, asked.number)
    else:
        decided.set_setting(context.tx, programme_id, rule.key, new, by, at)
        if asked:
            decided.answer_question(context.tx, programme_id, asked.number, new, by, at)
    audit.write(context.tx, programme_id, at, by, "lab_rule", f"setting:{rule.key}", old, new, None)
