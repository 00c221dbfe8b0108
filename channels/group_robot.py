"""A robot in a group chat: it speaks through one secret address, and hears nothing."""

from __future__ import annotations

import json
from typing import Final

import requests

from channels.answers import Unanswered, errcode_of, is_certain
from channels.channel import Delivery
from channels.transport import PlatformTransport, mount
from channels.wecom_api import PLATFORM
from channels.wecom_errors import robot_delivery_of
from channels.wecom_requests import as_bytes, is_userid
from channels.xml import cut, legal
from messages.envelope import Capabilities

TEXT_BYTES: Final = 2048
EVERYBODY: Final = "@all"
# 20 messages a minute for each robot, no duplicate check, no recall (document 99110 of 2025-08-07).
CAPABILITIES: Final = Capabilities(
    text_bytes=TEXT_BYTES,
    cards=False,
    markdown=True,
    buttons=False,
    calls_a_minute=20,
    everybody=EVERYBODY,
)


class GroupRobot:
    """Push channel of one robot. The key is its whole right: no exception and no log line holds it.

    A request of unknown outcome must never be repeated here: the chat would read it twice.
    """

    def __init__(self, name: str, key: str, api_base: str = PLATFORM) -> None:
        self.name = name
        self.capabilities = CAPABILITIES
        self._key = key
        self._http = requests.Session()
        mount(self._http, PlatformTransport(PLATFORM, api_base))

    def __repr__(self) -> str:
        return f"GroupRobot({self.name})"

    def text_body(self, recipients: tuple[str, ...], text: str) -> bytes:
        """A text for the chat; *recipients* are mentioned: members' ids, or "@all".

        Raises ValueError for an id that is no member's id.
        """
        if not all(one == EVERYBODY or is_userid(one) for one in recipients):
            raise ValueError("a mention is not a member's id")
        said: dict[str, object] = {"content": cut(legal(text), TEXT_BYTES)}
        if recipients:
            said["mentioned_list"] = sorted(set(recipients))
        return as_bytes({"msgtype": "text", "text": said})

    def send(self, body: bytes) -> Delivery:
        """Send stored bytes once. See PushChannel."""
        try:
            response = self._http.post(
                f"{PLATFORM}/cgi-bin/webhook/send",
                params=[("key", self._key)],
                data=body,
                headers={"Content-Type": "application/json; charset=utf-8"},
            )
        except requests.RequestException as error:
            detail = type(error).__name__
            return Delivery("retry" if is_certain(error) else "unknown", None, detail)
        if response.status_code != 200:
            return Delivery("unknown", None, f"http_{response.status_code}")
        try:
            return robot_delivery_of(errcode_of(_answer(response)))
        except Unanswered as unanswered:
            return Delivery("unknown", None, unanswered.detail)


def _answer(response: requests.Response) -> object:
    try:
        return json.loads(response.content)
    except (ValueError, RecursionError):
        return None
