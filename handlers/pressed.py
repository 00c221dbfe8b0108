"""A button of a card that was pressed: what came of it is shown in its place."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from messages.envelope import Inbound, Reply
from storage import tasks
from storage.database import Tx

# Short enough for a button, ten characters; anything else leaves the button to be pressed again.
SHOWN: Mapping[str, str] = {
    "checkin/present": "已签到",
    "checkin/late": "已签到（迟到）",
    "checkin/already": "已签到",
    "checkin/to_verify": "到场，待核对",
}


def note(tx: Tx, inbound: Inbound, reply: Reply, at: datetime) -> None:
    """Queue the card's update, once: in the transaction that claims the message."""
    code = inbound.details.get("ResponseCode", "")
    shown = SHOWN.get(reply.template)
    if inbound.event != "template_card_event" or not code or shown is None:
        return
    data = {
        "channel": inbound.channel,
        "account": inbound.sender,
        "response_code": code,
        "shown": shown,
    }
    tasks.add(tx, None, "card", data, at)
