"""The outgoing side of a WeCom app: exact request bytes, sent once, judged by the platform's error table."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import requests
from wechatpy.enterprise import WeChatClient
from wechatpy.exceptions import WeChatClientException

from channels.access_token import AccessToken, Fetched, RefreshedTooOften, TokenStore
from channels.answers import Unanswered, errcode_of, is_certain
from channels.channel import ButtonCard, Delivery, Uploaded
from channels.transport import PlatformTransport, mount
from channels.wecom import CAPABILITIES
from channels.wecom_errors import STALE_TOKEN, delivery_of
from channels.wecom_requests import (
    card_request,
    media_request,
    path_of,
    recall_request,
    text_request,
    update_request,
    upload_request,
    with_media_id,
)
from messages.envelope import Attachment

PLATFORM: Final = "https://qyapi.weixin.qq.com"
_BANNED_WAIT_S = 600.0


@dataclass(frozen=True)
class _Answered:
    errcode: int
    fields: Mapping[str, object]


class _NoToken(Exception):
    """gettoken did not give a token; *delivery* says what that means for the send that wanted one."""

    def __init__(self, delivery: Delivery) -> None:
        super().__init__(delivery.detail)
        self.delivery = delivery


class WeComGateway:
    """Push channel of one app. No exception and no log line of it ever holds the secret or a token.

    *api_base* redirects every call, gettoken included. *shows_cards* False: all that is sent is text,
    pictures and files. *clock* (aware, real time) judges tokens.
    """

    def __init__(
        self,
        corp_id: str,
        agent_id: int,
        secret: str,
        tokens: TokenStore,
        clock: Callable[[], datetime],
        api_base: str = PLATFORM,
        name: str = "wecom",
        *,
        shows_cards: bool = False,
    ) -> None:
        self.name = name
        self.capabilities = replace(CAPABILITIES, cards=shows_cards)
        self._corp_id = corp_id
        self._agent_id = agent_id
        self._secret = secret
        # auto_retry would recurse without bound on a permanent 40001: 487 sends in 43 s, then the ban.
        self._client = WeChatClient(corp_id, secret, auto_retry=False)
        mount(self._client._http, PlatformTransport(PLATFORM, api_base))
        self._token = AccessToken(f"{name}:{corp_id}:{agent_id}", tokens, self._fetch_token, clock)

    def __repr__(self) -> str:
        return f"WeComGateway({self.name})"

    # Exact bytes; the platform's duplicate check compares whole requests. Each raises ValueError for
    # no recipient or more than 1,000, and for an id that is no member's id.

    def text_body(self, recipients: tuple[str, ...], text: str) -> bytes:
        """One text, at most 2,048 bytes."""
        return text_request(self._agent_id, recipients, text)

    def card_body(self, recipients: tuple[str, ...], card: ButtonCard) -> bytes:
        """A card whose buttons come back as events; a plain text where it would be cut."""
        return card_request(self._agent_id, recipients, card)

    def update_body(self, account: str, response_code: str, shown: str) -> bytes:
        """The buttons of a card give way to *shown*; each code works once, within 72 hours."""
        return update_request(self._agent_id, (account,), response_code, shown)

    def media_body(self, recipients: tuple[str, ...], attachment: Attachment, media_id: str) -> bytes:
        """A picture or a file that was uploaded."""
        return media_request(self._agent_id, recipients, attachment, media_id)

    def with_media_id(self, body: bytes, media_id: str) -> bytes:
        return with_media_id(body, media_id)

    # Requests; none raises for what a platform or a network does

    def send(self, body: bytes) -> Delivery:
        """Send stored bytes once; once more only after a stale token was renewed. See PushChannel."""
        return self._judged(*path_of(body), body)

    def recall(self, msgid: str) -> Delivery:
        """Take a message back, within 24 hours and from WeCom clients only (document 94867)."""
        return self._judged("message/recall", (), recall_request(msgid))

    def upload(self, attachment: Attachment, content: bytes) -> Uploaded | Delivery:
        """Hand over a picture or a file; the platform holds it for three days."""
        boundary = f"qiyue-{attachment.sha256[:32]}"
        answer = self._answer(
            "media/upload",
            upload_request(attachment.name, content, boundary),
            f"multipart/form-data; boundary={boundary}",
            [("type", attachment.kind)],
        )
        if isinstance(answer, Delivery):
            return answer
        media_id = answer.fields.get("media_id")
        if answer.errcode == 0 and isinstance(media_id, str) and media_id:
            return Uploaded(media_id)
        if answer.errcode == 0:
            return Delivery("retry", 0, "media_id_missing")
        return delivery_of(answer.fields, answer.errcode, ())

    def check(self) -> Delivery:
        """Fetch a token, as `doctor` does: "delivered" when the secret and the address are accepted."""
        try:
            self._fetch_token()
        except _NoToken as missing:
            return missing.delivery
        return Delivery("delivered", 0)

    def _judged(self, path: str, recipients: tuple[str, ...], body: bytes) -> Delivery:
        answer = self._answer(path, body, "application/json; charset=utf-8")
        if isinstance(answer, Delivery):
            return answer
        return delivery_of(answer.fields, answer.errcode, recipients)

    def _answer(
        self, path: str, body: bytes, content_type: str, params: Sequence[tuple[str, str]] = ()
    ) -> _Answered | Delivery:
        """What the platform said; a Delivery where it said nothing of use or did not take our token."""

        def post(token: str) -> _Answered:
            return self._call(
                lambda: self._client.post(
                    path,
                    # A list, not a dict: to a dict wechatpy would add a token of its own.
                    params=[("access_token", token), *params],
                    data=body,
                    headers={"Content-Type": content_type},
                )
            )

        try:
            token = self._token.current()
            answer = post(token.value)
            if answer.errcode in STALE_TOKEN:
                answer = post(self._token.renewed(token).value)
        except _NoToken as missing:
            return missing.delivery
        except RefreshedTooOften as refused:
            return Delivery("retry", None, "token_refused", refused.wait_s)
        except Unanswered as unanswered:
            return Delivery("retry" if unanswered.is_certain else "unknown", None, unanswered.detail)
        if answer.errcode in STALE_TOKEN:
            return Delivery("retry", answer.errcode, "token_refused", 60.0)
        return answer

    def _fetch_token(self) -> Fetched:
        try:
            answer = self._call(
                lambda: self._client.get(
                    "gettoken", params=[("corpid", self._corp_id), ("corpsecret", self._secret)]
                )
            )
        except Unanswered as unanswered:
            # Whatever happened to the token call, the message itself was not sent.
            raise _NoToken(Delivery("retry", None, f"token_{unanswered.detail}")) from None
        value, expires_in = answer.fields.get("access_token"), answer.fields.get("expires_in")
        if answer.errcode == 0 and isinstance(value, str) and value:
            return Fetched(value, expires_in if isinstance(expires_in, int) else 0)
        delivery = delivery_of(answer.fields, answer.errcode, ())
        if delivery.outcome == "delivered":
            delivery = Delivery("retry", 0, "token_missing")
        if delivery.outcome == "wait":
            # From gettoken this is the one-hour ban of an address that tried a wrong secret.
            delivery = Delivery("wait", answer.errcode, "token_too_often", _BANNED_WAIT_S)
        raise _NoToken(delivery) from None

    def _call(self, request: Callable[[], object]) -> _Answered:
        """One request through wechatpy. Raises only Unanswered, cut off from the errors that quote URLs."""
        try:
            return _answered(request())
        except WeChatClientException as error:
            if error.errcode is None:
                status = getattr(error.response, "status_code", "")
                raise Unanswered(f"http_{status}") from None
            return _Answered(error.errcode, _json_object(error.response))
        except (requests.ConnectTimeout, requests.exceptions.InvalidURL):
            raise Unanswered("not_connected", is_certain=True) from None
        except requests.RequestException as error:
            raise Unanswered(type(error).__name__, is_certain=is_certain(error)) from None
        except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
            # wechatpy's own reading of an answer that is JSON but not the platform's.
            raise Unanswered("bad_answer") from None


def _answered(result: object) -> _Answered:
    errcode = errcode_of(result)
    return _Answered(errcode, result if isinstance(result, dict) else {})


def _json_object(response: requests.Response) -> Mapping[str, object]:
    try:
        found = json.loads(response.content)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
