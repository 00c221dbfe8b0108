"""What the platform accepts as a message or a menu, and the error codes of what it refuses."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

TEXT_BYTES = 2048
USERS = 1000
PARTIES = 100
MAX_DUPLICATE_INTERVAL_S = 14400
TASK_ID = re.compile(r"[0-9A-Za-z_@-]{1,128}")
INTERACTIVE = frozenset({"button_interaction", "vote_interaction", "multiple_interaction"})
CARD_TYPES = INTERACTIVE | {"text_notice", "news_notice"}
NEEDS_MEDIA = frozenset({"image", "voice", "file", "video"})
MSG_TYPES = NEEDS_MEDIA | {"text", "textcard", "news", "mpnews", "markdown", "template_card"}
PICTURE_TYPES = frozenset({"pic_sysphoto", "pic_photo_or_album", "pic_weixin"})
SCAN_TYPES = frozenset({"scancode_push", "scancode_waitmsg"})
MENU_TYPES = PICTURE_TYPES | SCAN_TYPES | {"click", "view", "location_select", "view_miniprogram"}

Json = Mapping[str, object]


class ApiError(Exception):
    """An error of the API: HTTP 200, this code, and *extra* fields beside it."""

    def __init__(self, errcode: int, errmsg: str, **extra: str) -> None:
        super().__init__(f"{errcode} {errmsg}")
        self.errcode = errcode
        self.errmsg = errmsg
        self.extra = extra


def cut_text(text: str, limit_bytes: int = TEXT_BYTES) -> str:
    """*text* as a member sees it: cut at the limit, without half a character."""
    return text.encode()[:limit_bytes].decode(errors="ignore")


def recipients(body: Json) -> tuple[str, ...]:
    """The userids of touser as sent, duplicates removed. Raises ApiError."""
    users = _split(body.get("touser"))
    parties, tags = _split(body.get("toparty")), _split(body.get("totag"))
    if not users and not parties and not tags:
        raise ApiError(82001, "user & party & tag all empty")
    if len(users) > USERS:
        raise ApiError(40032, "invalid userid list size")
    if len(parties) > PARTIES:
        raise ApiError(82002, "invalid party list size")
    if len(tags) > PARTIES:
        raise ApiError(82003, "invalid tag list size")
    return tuple(dict.fromkeys(users))


def duplicate_interval_s(body: Json) -> int | None:
    """How long an identical request is swallowed; None without the check. Raises ApiError."""
    if body.get("enable_duplicate_check", 0) != 1:
        return None
    interval = body.get("duplicate_check_interval", 1800)
    if not isinstance(interval, int) or not 0 < interval <= MAX_DUPLICATE_INTERVAL_S:
        raise ApiError(40035, "invalid parameter: duplicate_check_interval")
    return interval


def check_message(body: Json) -> None:
    """Raises ApiError for a message that the platform would refuse."""
    kind = body.get("msgtype")
    if kind not in MSG_TYPES:
        raise ApiError(40008, "invalid message type")
    payload = body.get(str(kind))
    if not isinstance(payload, Mapping):
        raise ApiError(40063, f"some parameters are empty: {kind}")
    if body.get("safe", 0) not in (0, 1, 2):
        raise ApiError(40035, "invalid parameter: safe")
    if kind in ("text", "markdown"):
        _check_content(str(kind), payload)
    if kind in NEEDS_MEDIA:
        _text_of(payload, "media_id", 1024)
    if kind == "textcard":
        _check_textcard(payload)
    if kind == "news":
        _check_news(payload)
    if kind == "template_card":
        _check_card(payload)


def check_menu(body: Json) -> None:
    """Raises ApiError for a menu that the platform would refuse."""
    buttons = body.get("button")
    if not isinstance(buttons, Sequence) or isinstance(buttons, str) or not 1 <= len(buttons) <= 3:
        raise ApiError(40016, "invalid button size")
    for button in buttons:
        children = button.get("sub_button") if isinstance(button, Mapping) else None
        if not children:
            _check_button(button, name_bytes=16)
            continue
        _check_name(button, 16)
        if len(children) > 5:
            raise ApiError(40023, "invalid sub button size")
        for child in children:
            _check_button(child, name_bytes=40)


def _check_content(kind: str, payload: Json) -> None:
    content = payload.get("content")
    if not isinstance(content, str) or not content:
        raise ApiError(44004, "empty text content")
    # A text that is too long is delivered cut; a markdown is refused.
    if kind == "markdown" and len(content.encode()) > TEXT_BYTES:
        raise ApiError(45002, "message content size out of limit")


def _check_textcard(payload: Json) -> None:
    _text_of(payload, "title", 128)
    _text_of(payload, "description", 512)
    url = _text_of(payload, "url", 2048)
    if "://" not in url:
        raise ApiError(40058, "invalid parameter: textcard.url")
    if len(str(payload.get("btntxt", ""))) > 4:
        raise ApiError(40058, "invalid parameter: textcard.btntxt")


def _check_news(payload: Json) -> None:
    articles = payload.get("articles")
    if not isinstance(articles, Sequence) or isinstance(articles, str) or not articles:
        raise ApiError(40063, "some parameters are empty: news.articles")
    if len(articles) > 8:
        raise ApiError(45008, "article count out of limit")
    for article in articles:
        _text_of(article, "title", 128)


def _check_card(card: Json) -> None:
    kind = card.get("card_type")
    if kind not in CARD_TYPES:
        raise ApiError(40058, "invalid parameter: template_card.card_type")
    if kind not in INTERACTIVE and not card.get("card_action"):
        raise ApiError(40058, "missing parameter: template_card.card_action")
    task_id = card.get("task_id")
    if task_id is None:
        if kind in INTERACTIVE or card.get("action_menu"):
            raise ApiError(40058, "missing parameter: template_card.task_id")
    elif not isinstance(task_id, str) or not TASK_ID.fullmatch(task_id):
        raise ApiError(40058, "invalid parameter: template_card.task_id")
    if kind == "button_interaction":
        buttons = card.get("button_list")
        if not isinstance(buttons, Sequence) or not 1 <= len(buttons) <= 6:
            raise ApiError(40058, "invalid parameter: template_card.button_list")
        for button in buttons:
            _text_of(button, "text", 1024)
            _text_of(button, "key", 1024)
    title = card.get("main_title")
    if not (isinstance(title, Mapping) and title.get("title")) and not card.get("sub_title_text"):
        raise ApiError(40058, "missing parameter: template_card.main_title")


def _check_button(button: object, *, name_bytes: int) -> None:
    _check_name(button, name_bytes)
    assert isinstance(button, Mapping)  # noqa: S101 (narrowing; _check_name has refused everything else)
    kind = button.get("type")
    if kind not in MENU_TYPES:
        raise ApiError(40017, "invalid button type")
    if kind == "view":
        if not 0 < len(str(button.get("url", "")).encode()) <= 1024:
            raise ApiError(40020, "invalid button url size")
    elif not 0 < len(str(button.get("key", "")).encode()) <= 128:
        raise ApiError(40019, "invalid button key size")


def _check_name(button: object, name_bytes: int) -> None:
    name = button.get("name") if isinstance(button, Mapping) else None
    if not isinstance(name, str) or not 0 < len(name.encode()) <= name_bytes:
        raise ApiError(40018, "invalid button name size")


def _text_of(payload: object, name: str, limit_bytes: int) -> str:
    value = payload.get(name) if isinstance(payload, Mapping) else None
    if not isinstance(value, str) or not value:
        raise ApiError(40063, f"some parameters are empty: {name}")
    if len(value.encode()) > limit_bytes:
        raise ApiError(45002, f"content size out of limit: {name}")
    return value


def _split(value: object) -> tuple[str, ...]:
    if value is None or value == "":
        return ()
    if not isinstance(value, str):
        raise ApiError(40031, "invalid userid list")
    return tuple(part for part in value.split("|") if part)
