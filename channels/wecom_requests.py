"""The bytes of every request that a WeCom app sends: canonical, so that a repetition is the same request."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Final

from channels.channel import ButtonCard
from channels.xml import cut, legal
from messages.envelope import Attachment

MAX_RECIPIENTS: Final = 1000
DUPLICATE_INTERVAL_S: Final = 14400  # the platform's longest
TEXT_BYTES: Final = 2048
# In characters: what is longer the client cuts (template_card, document 90236).
CARD_TITLE, CARD_TEXT = 36, 160
MAX_BUTTONS: Final = 6

_USERID = re.compile(r"[A-Za-z0-9_.@-]{1,64}\Z")
_TASK_ID = re.compile(r"[0-9A-Za-z_@-]{1,128}\Z")


def is_userid(account: str) -> bool:
    """Whether *account* can be one member's id; "@all" and anything that could join two ids is not."""
    return _USERID.match(account) is not None and account.lower() != "@all"


def text_request(agent_id: int, recipients: Sequence[str], text: str) -> bytes:
    return _send(agent_id, recipients, "text", {"content": cut(legal(text), TEXT_BYTES)})


def card_request(agent_id: int, recipients: Sequence[str], card: ButtonCard) -> bytes:
    """A button_interaction card; a plain text where the client would cut something off.

    Raises ValueError for a task id or a number of buttons that no card can have.
    """
    if not _TASK_ID.match(card.task_id) or not 1 <= len(card.buttons) <= MAX_BUTTONS:
        raise ValueError("the platform does not take this card")
    title, said = legal(card.title), legal(card.text)
    if not 0 < len(title) <= CARD_TITLE or not 0 < len(said) <= CARD_TEXT:
        return text_request(agent_id, recipients, card.text)
    shown = {
        "card_type": "button_interaction",
        "main_title": {"title": title},
        "sub_title_text": said,
        "button_list": [{"text": words, "key": key, "style": 1} for words, key in card.buttons],
        "task_id": card.task_id,
    }
    return _send(agent_id, recipients, "template_card", shown)


def media_request(agent_id: int, recipients: Sequence[str], attachment: Attachment, media_id: str) -> bytes:
    return _send(agent_id, recipients, attachment.kind, {"media_id": media_id})


def with_media_id(body: bytes, media_id: str) -> bytes:
    """The stored request of a picture or a file, under another id."""
    request = json.loads(body)
    return as_bytes({**request, request["msgtype"]: {"media_id": media_id}})


def recall_request(msgid: str) -> bytes:
    return as_bytes({"msgid": msgid})


def update_request(agent_id: int, userids: Sequence[str], response_code: str, shown: str) -> bytes:
    """The buttons of a card give way to *shown*, for these members."""
    return as_bytes(
        {
            "agentid": agent_id,
            "userids": _checked(userids),
            "response_code": response_code,
            "button": {"replace_name": shown},
        }
    )


def upload_request(name: str, content: bytes, boundary: str) -> bytes:
    """One multipart part. The name goes as plain UTF-8: the platform refuses RFC 2231's filename*."""
    safe = re.sub(r'[\x00-\x1f"\\\r\n]', "_", name)
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="media"; filename="{safe}";'
        f" filelength={len(content)}\r\nContent-Type: application/octet-stream\r\n\r\n"
    )
    return head.encode() + content + f"\r\n--{boundary}--\r\n".encode()


def path_of(body: bytes) -> tuple[str, tuple[str, ...]]:
    """Which call of the API a stored request is for, and whom it reaches."""
    request = json.loads(body)
    if "response_code" in request:
        return "message/update_template_card", tuple(request["userids"])
    return "message/send", tuple(request["touser"].split("|"))


def as_bytes(request: Mapping[str, object]) -> bytes:
    return json.dumps(request, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _send(agent_id: int, recipients: Sequence[str], kind: str, payload: Mapping[str, object]) -> bytes:
    return as_bytes(
        {
            "agentid": agent_id,
            "duplicate_check_interval": DUPLICATE_INTERVAL_S,
            "enable_duplicate_check": 1,
            "msgtype": kind,
            kind: payload,
            "touser": "|".join(_checked(recipients)),
        }
    )


def _checked(recipients: Sequence[str]) -> list[str]:
    """Sorted, each once. Raises ValueError for none, more than 1,000, or what is no member's id."""
    if not 1 <= len(recipients) <= MAX_RECIPIENTS:
        raise ValueError(f"a send has 1 to {MAX_RECIPIENTS} recipients, not {len(recipients)}")
    if not all(map(is_userid, recipients)):
        raise ValueError("a recipient is not a member's id")
    return sorted(set(recipients))
