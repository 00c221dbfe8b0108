"""The fake WeCom refuses, cuts, drops and breaks as the real one does."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
import requests
from flask import Flask
from wechatpy.enterprise import WeChatClient

from fakes.api import api_blueprint
from fakes.clock import SimulatedClock
from fakes.faults import FAULTS
from fakes.platform import FakeWeCom
from tests.fakes.standin import AGENT, CORP, SECRET


class Client:
    """What the tests type at the API."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._session = requests.Session()
        self.token = ""

    def log_in(self) -> None:
        self.token = str(self.get("gettoken", corpid=CORP, corpsecret=SECRET)["access_token"])

    def get(self, path: str, **query: str) -> dict[str, object]:
        return read(self.raw("GET", path, query))

    def post(self, path: str, body: Mapping[str, object] | bytes, **query: str) -> dict[str, object]:
        data = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        return read(self.raw("POST", path, query, data))

    def raw(
        self, method: str, path: str, query: Mapping[str, str], data: bytes | None = None
    ) -> requests.Response:
        params = {"access_token": self.token, **query}
        return self._session.request(
            method, f"{self._url}/cgi-bin/{path}", params=params, data=data, timeout=10
        )

    def upload(self, kind: str, content: bytes, name: str = "a.txt") -> dict[str, object]:
        response = self._session.post(
            f"{self._url}/cgi-bin/media/upload",
            params={"access_token": self.token, "type": kind},
            files={"media": (name, content)},
            timeout=10,
        )
        return read(response)

    def close(self) -> None:
        self._session.close()


def read(response: requests.Response) -> dict[str, object]:
    answer: dict[str, object] = response.json()
    return answer


@pytest.fixture
def client(api: str) -> Iterator[Client]:
    client = Client(api)
    client.log_in()
    yield client
    client.close()


def text(content: str = "今天 14:30 科研论文写作", to: str = "stu001", **more: object) -> dict[str, object]:
    return {"touser": to, "agentid": AGENT, "msgtype": "text", "text": {"content": content}, **more}


def card(task_id: str = "rem-1", kind: str = "button_interaction", **more: object) -> dict[str, object]:
    body = {
        "card_type": kind,
        "main_title": {"title": "周二 14:30 科研论文写作"},
        "button_list": [{"text": "签到", "style": 1, "key": "checkin:1"}],
        "task_id": task_id,
        **more,
    }
    return {"touser": "stu001", "agentid": AGENT, "msgtype": "template_card", "template_card": body}


# Tokens


def test_the_same_token_is_given_again_within_its_life(client: Client) -> None:
    again = client.get("gettoken", corpid=CORP, corpsecret=SECRET)

    assert again["access_token"] == client.token


def test_a_token_is_refused_after_two_hours(client: Client, clock: SimulatedClock) -> None:
    clock.set(clock.now() + timedelta(hours=2))

    assert client.post("message/send", text())["errcode"] == 42001


@pytest.mark.parametrize(("token", "errcode"), [("", 41001), ("made-up", 40014)])
def test_a_missing_or_unknown_token_is_refused(client: Client, token: str, errcode: int) -> None:
    client.token = token

    assert client.post("message/send", text())["errcode"] == errcode


def test_a_revoked_token_is_replaced_by_another(client: Client, platform: FakeWeCom) -> None:
    before = client.token
    platform.revoke_token()

    client.log_in()

    assert client.token != before


def test_ten_wrong_secrets_ban_the_address_for_an_hour(client: Client, clock: SimulatedClock) -> None:
    codes = [client.get("gettoken", corpid=CORP, corpsecret="wrong")["errcode"] for _ in range(10)]

    banned = client.get("gettoken", corpid=CORP, corpsecret=SECRET)["errcode"]
    clock.set(clock.now() + timedelta(hours=1))
    later = client.get("gettoken", corpid=CORP, corpsecret=SECRET)["errcode"]

    assert (codes, banned, later) == ([40001] * 10, 45009, 0)


def test_another_corp_gets_no_token(client: Client) -> None:
    assert client.get("gettoken", corpid="wwother", corpsecret=SECRET)["errcode"] == 40013


# message/send


def test_a_text_reaches_the_member_with_the_platforms_time(
    client: Client, platform: FakeWeCom, clock: SimulatedClock
) -> None:
    answer = client.post("message/send", text("周二 14:30"))

    (push,) = platform.pushes_of("stu001")
    assert (push.text, push.at, push.msgid) == ("周二 14:30", clock.now(), answer["msgid"])


def test_everybody_in_the_visible_range_is_reached_by_at_all(client: Client, platform: FakeWeCom) -> None:
    client.post("message/send", text(to="@all"))

    assert [push.userid for push in platform.pushes] == ["stu001", "stu002", "Lead01"]


def test_a_userid_is_compared_without_case_and_delivered_as_stored(
    client: Client, platform: FakeWeCom
) -> None:
    client.post("message/send", text(to="LEAD01"))

    assert [push.userid for push in platform.pushes] == ["Lead01"]


def test_unknown_recipients_come_back_in_lower_case_beside_errcode_0(client: Client) -> None:
    answer = client.post("message/send", text(to="stu001|Wang.Fang"))

    assert (answer["errcode"], answer["invaliduser"]) == (0, "wang.fang")


def test_only_unknown_recipients_are_81013(client: Client) -> None:
    answer = client.post("message/send", text(to="Wang.Fang"))

    assert (answer["errcode"], answer["invaliduser"]) == (81013, "wang.fang")


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        (text(to=""), 82001),
        (text(to="|".join(f"u{number}" for number in range(1001))), 40032),
        (text(toparty="|".join(str(number) for number in range(101))), 82002),
        (text(totag="|".join(str(number) for number in range(101))), 82003),
        (text(agentid=1000008), 301002),
        (text(agentid=str(AGENT)), 40056),
        (text(msgtype="sticker"), 40008),
        (text(content=""), 44004),
        (text(text="not an object"), 40063),
        (text(enable_duplicate_check=1, duplicate_check_interval=14401), 40035),
        ({**text(), "msgtype": "markdown", "markdown": {"content": "字" * 683}}, 45002),
        (card(task_id="rem-20260707pm-li.ming@1"), 40058),
        (card(task_id="a" * 129), 40058),
        (card(task_id=""), 40058),
        (card(kind="text_notice"), 40058),
        (card(kind="poster"), 40058),
        (card(button_list=[{"text": "签到", "key": "k"}] * 7), 40058),
        (b"{", 40035),
        (b"[]", 40035),
        (b"\xff", 40035),
    ],
)
def test_a_bad_request_is_refused_with_its_code(
    client: Client, body: dict[str, object] | bytes, errcode: int
) -> None:
    assert client.post("message/send", body)["errcode"] == errcode


def test_a_thousand_recipients_are_accepted(client: Client) -> None:
    to = "|".join(["stu001", *(f"u{number}" for number in range(999))])

    assert client.post("message/send", text(to=to))["errcode"] == 0


def test_a_text_beyond_2048_bytes_is_cut_without_half_a_character(
    client: Client, platform: FakeWeCom
) -> None:
    client.post("message/send", text("字" * 700))

    assert platform.pushes[0].text == "字" * 682


def test_the_31st_message_of_a_minute_is_dropped_silently(
    client: Client, platform: FakeWeCom, clock: SimulatedClock
) -> None:
    codes = [client.post("message/send", text(f"第 {number} 条"))["errcode"] for number in range(31)]
    clock.set(clock.now() + timedelta(minutes=1))
    client.post("message/send", text("一分钟以后"))

    assert (set(codes), len(platform.pushes), len(platform.dropped)) == ({0}, 31, 1)


def test_an_identical_request_is_swallowed_within_its_interval(client: Client, platform: FakeWeCom) -> None:
    body = text(enable_duplicate_check=1, duplicate_check_interval=14400)

    first, second = client.post("message/send", body), client.post("message/send", body)

    assert (first, len(platform.pushes), platform.swallowed) == (second, 1, 1)


def test_an_identical_request_is_delivered_again_after_its_interval(
    client: Client, platform: FakeWeCom, clock: SimulatedClock
) -> None:
    body = text(enable_duplicate_check=1, duplicate_check_interval=60)
    client.post("message/send", body)
    clock.set(clock.now() + timedelta(seconds=61))

    client.post("message/send", body)

    assert len(platform.pushes) == 2


def test_one_different_byte_makes_another_request(client: Client, platform: FakeWeCom) -> None:
    body = json.dumps(text(enable_duplicate_check=1)).encode()
    client.post("message/send", body)

    client.post("message/send", body + b" ")

    assert len(platform.pushes) == 2


def test_without_the_check_an_identical_request_is_delivered_twice(
    client: Client, platform: FakeWeCom
) -> None:
    client.post("message/send", text())
    client.post("message/send", text())

    assert len(platform.pushes) == 2


def test_a_task_id_is_used_once(client: Client) -> None:
    codes = [client.post("message/send", card())["errcode"] for _ in range(2)]

    assert codes == [0, 40058]


def test_a_response_code_works_once(client: Client) -> None:
    code = client.post("message/send", card())["response_code"]
    update = {
        "userids": ["stu001"],
        "agentid": AGENT,
        "response_code": code,
        "button": {"replace_name": "已签到 14:28"},
    }

    codes = [client.post("message/update_template_card", update)["errcode"] for _ in range(2)]

    assert codes == [0, 60140]


def test_a_recalled_message_is_gone_from_the_phone(client: Client, platform: FakeWeCom) -> None:
    msgid = client.post("message/send", text())["msgid"]

    answer = client.post("message/recall", {"msgid": msgid})

    assert (answer["errcode"], platform.pushes) == (0, [])


def test_a_message_is_not_recalled_after_a_day(
    client: Client, platform: FakeWeCom, clock: SimulatedClock
) -> None:
    msgid = client.post("message/send", text())["msgid"]
    clock.set(clock.now() + timedelta(hours=25))
    client.log_in()

    answer = client.post("message/recall", {"msgid": msgid})

    assert (answer["errcode"], len(platform.pushes)) == (40058, 1)


# Media, people, menu, app


def test_an_uploaded_file_comes_back_byte_for_byte(client: Client) -> None:
    media_id = str(client.upload("file", b"six bytes and more")["media_id"])

    response = client.raw("GET", "media/get", {"media_id": media_id})

    assert (response.content, response.headers["Content-Disposition"]) == (
        b"six bytes and more",
        f'attachment; filename="{media_id}.txt"',
    )


@pytest.mark.parametrize(
    ("kind", "content", "errcode"),
    [
        ("file", b"", 44001),
        ("file", b"five!", 40006),
        ("voice", b"x" * ((2 << 20) + 1), 40006),
        ("sticker", b"x" * 9, 40004),
    ],
)
def test_a_bad_upload_is_refused(client: Client, kind: str, content: bytes, errcode: int) -> None:
    assert client.upload(kind, content)["errcode"] == errcode


def test_a_file_name_in_the_form_of_rfc_2231_is_refused(client: Client) -> None:
    body = (
        b"--B\r\nContent-Disposition: form-data; name=\"media\"; filename*=UTF-8''%E6%B1%87.xlsx\r\n"
        b"Content-Type: application/octet-stream\r\n\r\nmore than five bytes\r\n--B--\r\n"
    )
    request = requests.post(
        f"{client._url}/cgi-bin/media/upload",
        params={"access_token": client.token, "type": "file"},
        data=body,
        headers={"Content-Type": "multipart/form-data; boundary=B"},
        timeout=10,
    )

    assert request.json()["errcode"] == 40058


def test_media_is_gone_after_three_days(client: Client, clock: SimulatedClock) -> None:
    media_id = str(client.upload("file", b"six bytes and more")["media_id"])
    clock.set(clock.now() + timedelta(days=3, seconds=1))
    client.log_in()

    assert client.get("media/get", media_id=media_id)["errcode"] == 40007


def test_a_member_is_found_without_regard_to_case(client: Client) -> None:
    answer = client.get("user/get", userid="lead01")

    assert (answer["userid"], answer["name"]) == ("Lead01", "李老师")


def test_an_unknown_member_is_60111(client: Client) -> None:
    assert client.get("user/get", userid="nobody")["errcode"] == 60111


MENU: dict[str, object] = {
    "button": [
        {"type": "click", "name": "签到", "key": "checkin"},
        {"name": "更多", "sub_button": [{"type": "view", "name": "看板", "url": "http://127.0.0.1/board"}]},
    ]
}


def test_a_menu_is_stored_returned_and_deleted(client: Client) -> None:
    agent = str(AGENT)
    before = client.get("menu/get", agentid=agent)["errcode"]
    client.post("menu/create", MENU, agentid=agent)
    stored = client.get("menu/get", agentid=agent)["button"]
    client.get("menu/delete", agentid=agent)
    after = client.get("menu/get", agentid=agent)["errcode"]

    assert (before, stored, after) == (46003, MENU["button"], 46003)


@pytest.mark.parametrize(
    ("button", "errcode"),
    [
        ([], 40016),
        ([{"type": "click", "name": "签到", "key": "k"}] * 4, 40016),
        ([{"type": "click", "name": "名字超过十六字节", "key": "k"}], 40018),
        ([{"type": "click", "name": "签到", "key": "k" * 129}], 40019),
        ([{"type": "view", "name": "看板"}], 40020),
        ([{"type": "shake", "name": "签到", "key": "k"}], 40017),
        ([{"name": "更多", "sub_button": [{"type": "click", "name": "签到", "key": "k"}] * 6}], 40023),
    ],
)
def test_a_bad_menu_is_refused(client: Client, button: list[object], errcode: int) -> None:
    assert client.post("menu/create", {"button": button}, agentid=str(AGENT))["errcode"] == errcode


def test_the_app_names_its_visible_range(client: Client) -> None:
    answer = client.get("agent/get", agentid=str(AGENT))

    assert answer["allow_userinfos"] == {
        "user": [{"userid": "stu001"}, {"userid": "stu002"}, {"userid": "Lead01"}]
    }


def test_the_callback_addresses_are_listed(client: Client) -> None:
    assert client.get("getcallbackip")["ip_list"] == ["127.0.0.1"]


def test_wechatpys_own_client_can_talk_to_it(api: str, platform: FakeWeCom) -> None:
    wechat = WeChatClient(CORP, SECRET, access_token=None, timeout=5, auto_retry=False)
    wechat.API_BASE_URL = f"{api}/cgi-bin/"
    wechat._http.mount("https://", _Redirected(api))

    wechat.post(
        "message/send",
        data={"touser": "stu001", "agentid": AGENT, "msgtype": "text", "text": {"content": "你好"}},
    )

    assert [push.text for push in platform.pushes] == ["你好"]
    wechat._http.close()


class _Redirected(requests.adapters.HTTPAdapter):
    """The token address is written into wechatpy's class; this sends it here all the same."""

    def __init__(self, api: str) -> None:
        super().__init__()
        self._api = api

    def get_connection_with_tls_context(self, request: Any, *rest: Any, **more: Any) -> Any:
        request.url = request.url.replace("https://qyapi.weixin.qq.com", self._api)
        return super().get_connection_with_tls_context(request, *rest, **more)


# The fault menu


@pytest.mark.parametrize(
    ("fault", "errcodes"),
    [
        ("busy_twice", [-1, -1, 0, 0]),
        ("busy", [-1, -1, -1, -1]),
        ("token_expired_once", [42001, 0, 0, 0]),
        ("token_expired", [42001, 42001, 42001, 42001]),
        ("bad_secret", [40001, 40001, 40001, 40001]),
        ("ip_not_trusted", [60020, 60020, 60020, 60020]),
        ("too_often", [45009, 45009, 45009, 45009]),
        ("concurrency", [45033, 45033, 45033, 45033]),
        ("string_errcode", ["0", "0", "0", "0"]),
    ],
)
def test_a_fault_answers_its_code_as_often_as_the_menu_says(
    client: Client, platform: FakeWeCom, fault: str, errcodes: list[object]
) -> None:
    platform.faults.switch_on(fault, at=platform.clock.now().timestamp())

    answers = [client.post("message/send", text())["errcode"] for _ in range(4)]

    assert answers == errcodes


def test_a_fault_can_be_asked_for_a_number_of_calls(client: Client, platform: FakeWeCom) -> None:
    platform.faults.switch_on("busy", calls=3)

    answers = [client.post("message/send", text())["errcode"] for _ in range(4)]

    assert answers == [-1, -1, -1, 0]


def test_a_fault_lasts_until_it_is_switched_off(client: Client, platform: FakeWeCom) -> None:
    platform.faults.switch_on("busy")
    before = client.post("message/send", text())["errcode"]
    platform.faults.switch_off("busy")

    after = client.post("message/send", text())["errcode"]

    assert (before, after, platform.faults.on()) == (-1, 0, ())


def test_the_frequency_limit_ends_after_60_seconds(
    client: Client, platform: FakeWeCom, clock: SimulatedClock
) -> None:
    platform.faults.switch_on("too_often", at=clock.now().timestamp())
    before = client.post("message/send", text())["errcode"]
    clock.set(clock.now() + timedelta(seconds=60))

    after = client.post("message/send", text())["errcode"]

    assert (before, after) == (45009, 0)


def test_a_fault_that_is_not_on_the_menu_is_a_mistake_of_the_caller(platform: FakeWeCom) -> None:
    with pytest.raises(KeyError):
        platform.faults.switch_on("earthquake")


@pytest.mark.parametrize(("fault", "status"), [("http_500", 500), ("http_502", 502), ("html_200", 200)])
def test_a_page_comes_instead_of_json(client: Client, platform: FakeWeCom, fault: str, status: int) -> None:
    platform.faults.switch_on(fault)

    response = client.raw("POST", "message/send", {}, json.dumps(text()).encode())

    assert (response.status_code, response.headers["Content-Type"], platform.pushes) == (
        status,
        "text/html",
        [],
    )


def test_half_of_the_json_comes_although_the_message_was_delivered(
    client: Client, platform: FakeWeCom
) -> None:
    platform.faults.switch_on("truncated_json")

    with pytest.raises(requests.exceptions.JSONDecodeError):
        client.post("message/send", text())

    assert len(platform.pushes) == 1


@pytest.mark.parametrize(("fault", "delivered"), [("closed", 0), ("closed_after", 1), ("cut_body", 1)])
def test_the_connection_is_lost_before_or_after_the_work(
    client: Client, platform: FakeWeCom, fault: str, delivered: int
) -> None:
    platform.faults.switch_on(fault)

    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        client.post("message/send", text())

    assert len(platform.pushes) == delivered


def test_half_of_the_recipients_turn_out_invalid(client: Client, platform: FakeWeCom) -> None:
    platform.faults.switch_on("some_invalid")

    answer = client.post("message/send", text(to="stu001|Lead01"))

    assert (answer["invaliduser"], [push.userid for push in platform.pushes]) == ("lead01", ["stu001"])


def test_a_token_can_come_with_a_negative_life(client: Client, platform: FakeWeCom) -> None:
    platform.faults.switch_on("negative_expiry")

    answer = client.get("gettoken", corpid=CORP, corpsecret=SECRET)

    assert answer["expires_in"] == -7200


def test_an_answer_can_be_larger_than_anybody_should_read(
    client: Client, platform: FakeWeCom, api: str
) -> None:
    platform.faults.switch_on("huge_answer")
    body = json.dumps(text()).encode()

    with requests.post(
        f"{api}/cgi-bin/message/send?access_token={client.token}", data=body, stream=True, timeout=10
    ) as response:
        first = sum(len(chunk) for _, chunk in zip(range(3), response.iter_content(1 << 20), strict=False))

    assert first > 1 << 20


def test_delay_waits_before_the_work(clock: SimulatedClock, platform: FakeWeCom) -> None:
    waited: list[float] = []
    app = Flask(__name__)
    app.register_blueprint(api_blueprint(platform, pause=waited.append))
    platform.faults.switch_on("delay", calls=1)

    app.test_client().get("/cgi-bin/getcallbackip")

    assert waited == [3.0]


def test_every_fault_of_the_menu_has_a_chinese_title() -> None:
    titles = [fault.title for fault in FAULTS.values()]

    assert (len(set(titles)), [title for title in titles if title.isascii()]) == (len(FAULTS), [])


def test_every_call_is_written_down_with_its_code(client: Client, platform: FakeWeCom) -> None:
    platform.calls.clear()
    client.post("message/send", text(to="nobody"))

    assert [(call.path, call.errcode) for call in platform.calls] == [("message/send", 81013)]
