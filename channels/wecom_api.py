"""The outgoing side of a WeCom app: exact request bytes, sent once, judged by the platform's error table."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import requests
from wechatpy.enterprise import WeChatClient
from wechatpy.exceptions import WeChatClientException

from channels.access_token import AccessToken, Fetched, RefreshedTooOften, TokenStore
from channels.answers import Unanswered, errcode_of, is_certain
from channels.channel import Delivery
from channels.transport import PlatformTransport, mount
from channels.wecom import CAPABILITIES, TEXT_BYTES
from channels.wecom_errors import STALE_TOKEN, delivery_of
from channels.xml import cut, legal

PLATFORM: Final = "https://qyapi.weixin.qq.com"
MAX_RECIPIENTS: Final = 1000
DUPLICATE_INTERVAL_S: Final = 14400  # the platform's longest
_BANNED_WAIT_S = 600.0
_USERID = re.compile(r"[A-Za-z0-9_.@-]{1,64}\Z")


def is_userid(account: str) -> bool:
    """Whether *account* can be one member's id; "@all" and anything that could join two ids is not."""
    return _USERID.match(account) is not None and account.lower() != "@all"


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

    *api_base* redirects every call, gettoken included. *clock* (aware, real time) judges tokens.
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
    ) -> None:
        self.name = name
        self.capabilities = CAPABILITIES
        self._corp_id = corp_id
        self._agent_id = agent_id
        self._secret = secret
        # auto_retry would recurse without bound on a permanent 40001: 487 sends in 43 s, then the ban.
        self._client = WeChatClient(corp_id, secret, auto_retry=False)
        mount(self._client._http, PlatformTransport(PLATFORM, api_base))
        self._token = AccessToken(f"{name}:{corp_id}:{agent_id}", tokens, self._fetch_token, clock)

    def __repr__(self) -> str:
        return f"WeComGateway({self.name})"

    def text_body(self, recipients: tuple[str, ...], text: str) -> bytes:
        """The canonical bytes of one text send; the platform's duplicate check compares whole requests.

        Raises ValueError for no recipient or more than 1,000, and for an id that is no member's id.
        """
        if not 1 <= len(recipients) <= MAX_RECIPIENTS:
            raise ValueError(f"a send has 1 to {MAX_RECIPIENTS} recipients, not {len(recipients)}")
        if not all(map(is_userid, recipients)):
            raise ValueError("a recipient is not a member's id")
        request = {
            "agentid": self._agent_id,
            "duplicate_check_interval": DUPLICATE_INTERVAL_S,
            "enable_duplicate_check": 1,
            "msgtype": "text",
            "text": {"content": cut(legal(text), TEXT_BYTES)},
            "touser": "|".join(sorted(set(recipients))),
        }
        return json.dumps(request, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()

    def send(self, body: bytes) -> Delivery:
        """Send stored bytes once; once more only after a stale token was renewed. See PushChannel."""
        try:
            answer = self._with_fresh_token(body)
        except _NoToken as missing:
            return missing.delivery
        except RefreshedTooOften as refused:
            return Delivery("retry", None, "token_refused", refused.wait_s)
        except Unanswered as unanswered:
            return Delivery("retry" if unanswered.is_certain else "unknown", None, unanswered.detail)
        if answer.errcode in STALE_TOKEN:
            return Delivery("retry", answer.errcode, "token_refused", 60.0)
        return delivery_of(answer.fields, answer.errcode, recipients_of(body))

    def check(self) -> Delivery:
        """Fetch a token, as `doctor` does: "delivered" when the secret and the address are accepted."""
        try:
            self._fetch_token()
        except _NoToken as missing:
            return missing.delivery
        return Delivery("delivered", 0)

    def _with_fresh_token(self, body: bytes) -> _Answered:
        token = self._token.current()
        answer = self._post(token.value, body)
        if answer.errcode in STALE_TOKEN:
            answer = self._post(self._token.renewed(token).value, body)
        return answer

    def _post(self, token: str, body: bytes) -> _Answered:
        return self._call(
            lambda: self._client.post(
                "message/send",
                # A list, not a dict: to a dict wechatpy would add a token of its own.
                params=[("access_token", token)],
                data=body,
                headers={"Content-Type": "application/json; charset=utf-8"},
            )
        )

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


def recipients_of(body: bytes) -> tuple[str, ...]:
    """Who a stored request goes to."""
    touser: str = json.loads(body).get("touser", "")
    return tuple(touser.split("|")) if touser else ()


def _answered(result: object) -> _Answered:
    errcode = errcode_of(result)
    return _Answered(errcode, result if isinstance(result, dict) else {})


def _json_object(response: requests.Response) -> Mapping[str, object]:
    try:
        found = json.loads(response.content)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
