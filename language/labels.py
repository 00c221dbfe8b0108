"""The 25 labels of the definition, and our finer labels with the label of the 25 that each stands for."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

STATE_CHANGING: Final = frozenset(
    {
        "check_in", "submit", "choose_topic", "leave", "withdraw", "bind", "grade", "approve", "broadcast",
        "reschedule", "cancel",
    }
)  # fmt: skip
"""Taking one of these for anything else is a false action."""

LABELS: Final = STATE_CHANGING | frozenset(
    {
        "schedule_query", "topic_query", "my_status", "summary", "rewards", "rules", "help", "reminder",
        "greeting", "thanks", "ack", "deny", "no_action", "out_of_scope",
    }
)  # fmt: skip

FINER: Final[Mapping[str, str]] = MappingProxyType(
    {
        "evidence": "rules",
        "answer_question": "reschedule",
        "lab_rules": "rules",
        "set_lab_rule": "reschedule",
        "confirm": "ack",
        "confirm_quietly": "ack",
        "cancel_dialog": "deny",
        "topic_by_printed_no": "choose_topic",
        "more": "ack",
        "open_checkin": "check_in",
        "roll_call": "check_in",
        "recheck": "check_in",
        "scan_checkin": "check_in",
        "to_verify": "summary",
        "presence_signals": "summary",
        "rebind": "bind",
        "opt_in": "bind",
        "opt_out": "withdraw",
        "questions": "summary",
        "who_am_i": "my_status",
        "guarantee": "leave",
        "attendance_file": "summary",
        "swap": "reschedule",
        "accept_swap": "approve",
        "refuse_swap": "deny",
        "progress": "submit",
        "accept_work": "grade",
        "nudge": "broadcast",
        "export": "summary",
        "calendar": "schedule_query",
        "calendar_renew": "schedule_query",
        "my_data": "my_status",
        "delete_my_data": "withdraw",
        "correct_record": "grade",
        "explain": "leave",
        "late_checkin": "check_in",
        "online_checkin": "check_in",
        "delivery": "summary",
        "switch_programme": "my_status",
        "opening_time": "reschedule",
        "restore": "reschedule",
        "my_talks": "schedule_query",
        "plan_talks": "reschedule",
        "talk_order": "schedule_query",
        "talk_screen": "schedule_query",
        "talk_count": "rules",
        "own_topic": "choose_topic",
        "upload_template": "submit",
        "submission_of": "summary",
        "hold_over": "no_action",
        "yes": "ack",
        "clock": "out_of_scope",
        "about_bot": "help",
        "contact": "help",
        "checkin_window": "rules",
        "checkin_duty": "rules",
        "checkin_code": "help",
        "may_choose": "rules",
        "may_change": "rules",
        "checkin_told": "no_action",
        "complaint": "out_of_scope",
        "report_days": "schedule_query",
        "person_record": "summary",
        "members": "summary",
    }
)
"""Our finer label → its label of the 25, as the `understand` command and outside checks see it."""


def public_label(intent: str) -> str:
    """The label of the 25 for any label of ours. Raises KeyError for an unknown one."""
    return intent if intent in LABELS else FINER[intent]


def changes_state(intent: str) -> bool:
    """Whether a handler of this label may change something."""
    return public_label(intent) in STATE_CHANGING
