"""What to do about each error of the WeCom API: its error table (documents 90313 and 90455) as data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from channels.channel import Delivery

STALE_TOKEN: Final = frozenset({40014, 42001, 41001})
WINDOW_WAIT_S: Final = 60.0
CROWDED_WAIT_S: Final = 5.0

# The platform has forgotten a picture or a file: it is uploaded again and sent once more.
BAD_MEDIA: Final = 40007
CODE_USED: Final = 60140

# After this long one request is no hammering, and finds out whether the console was put right.
PROBE_S: Final = 600.0

BUSY = {-1: "busy", 6000: "version_conflict"}
ALARMS = {
    40001: "bad_secret",
    40091: "bad_secret",
    40013: "bad_corp_id",
    40056: "bad_agent_id",
    301002: "bad_agent_id",
    48001: "no_right",
    48002: "no_right",
    60011: "no_right",
    50003: "app_disabled",
    60020: "ip_not_trusted",
}
# Mended in the platform's console while we run; the others are ours and need a restart.
MENDED_OUTSIDE = frozenset({48001, 48002, 60011, 50003, 60020})
UNREACHABLE = {81013: "all_invalid", 60111: "no_such_user", 40003: "bad_user_id", 40031: "bad_user_id"}
# Ours to mend, and the same for every repetition of these bytes.
BUGS = (
    frozenset({40004, 40005, 40006, 40007, 40008, 40009, 40011, 40032, 40033, 40035, 40058, 40063})
    | frozenset({41016, 44001, 44004, 45001, 45002, 45008, 82001, 82002, 82003})
)  # fmt: skip

# Nothing to mend and nothing to repeat: a contact is not what it was.
OVER = {301005: "contact_error", 301021: "contact_error", 60003: "contact_error"}

_ADDRESS = re.compile(r"from ip: ([0-9A-Fa-f.:]{2,45})")


def delivery_of(answer: Mapping[str, object], errcode: int, recipients: tuple[str, ...]) -> Delivery:
    """What became of a send to *recipients* that was answered with *errcode*.

    Judged by errcode alone: errmsg carries hints and addresses. An unknown code may pass by itself,
    so it is tried again; whoever counts the tries ends that.
    """
    if errcode == 0:
        return Delivery(
            "delivered",
            0,
            unreachable=_unreachable(answer, recipients),
            msgid=_text(answer, "msgid"),
            response_code=_text(answer, "response_code"),
        )
    if errcode == CODE_USED:
        # Only the update of a card has a code: an earlier attempt came through, or the card is days old.
        return Delivery("delivered", errcode, "code_used")
    if errcode == 60020:
        found = _ADDRESS.search(str(answer.get("errmsg", "")))
        return Delivery("alarm", errcode, found[1] if found else "ip_not_trusted", PROBE_S)
    if errcode == 45009:
        return Delivery("wait", errcode, "too_often", WINDOW_WAIT_S)
    if errcode == 45033:
        return Delivery("wait", errcode, "too_many_at_once", CROWDED_WAIT_S)
    if errcode in UNREACHABLE:
        named = _unreachable(answer, recipients) or dict.fromkeys(recipients, "invalid_user")
        return Delivery("permanent", errcode, UNREACHABLE[errcode], unreachable=named)
    return _plain(errcode)


ROBOT_GONE = {93000: "robot_gone", 93004: "robot_disabled", 93008: "robot_not_in_group"}


def robot_delivery_of(errcode: int) -> Delivery:
    """What became of a message of a group robot that was answered with *errcode* (document 99110)."""
    if errcode == 0:
        return Delivery("delivered", 0)
    if errcode in ROBOT_GONE:
        return Delivery("alarm", errcode, ROBOT_GONE[errcode])
    return delivery_of({}, errcode, ())


def _plain(errcode: int) -> Delivery:
    if errcode in ALARMS:
        return Delivery("alarm", errcode, ALARMS[errcode], PROBE_S if errcode in MENDED_OUTSIDE else 0.0)
    if errcode in OVER:
        return Delivery("permanent", errcode, OVER[errcode])
    if errcode in BUGS:
        return Delivery("permanent", errcode, "bad_request")
    return Delivery("retry", errcode, BUSY.get(errcode, "unknown_error"))


def _text(answer: Mapping[str, object], field: str) -> str | None:
    found = answer.get(field)
    return found if isinstance(found, str) and 0 < len(found) <= 512 else None


def _unreachable(answer: Mapping[str, object], recipients: tuple[str, ...]) -> Mapping[str, str] | None:
    """Recipients that errcode 0 hides: they come back lower-cased, and are given as they were sent."""
    sent = {recipient.lower(): recipient for recipient in recipients}
    found: dict[str, str] = {}
    for field, reason in (("unlicenseduser", "unlicensed"), ("invaliduser", "invalid_user")):
        named = answer.get(field)
        if isinstance(named, str):
            found |= {sent[user.lower()]: reason for user in named.split("|") if user.lower() in sent}
    return found or None
