"""The demonstration's platform over its HTTP face: what the page may ask, and what it is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from fakes.clock import SimulatedClock
from fakes.demo import STRANGER, DemoPlatform
from fakes.sealing import AppIdentity
from fakes.server import serving
from fakes.transport import HttpTransport, Transport, WsgiTransport
from tests.fakes.standin import AGENT, CORP, StandIn

MEMBERS = {"stu001": "王小明", "stu004": "李四", "lead01": "李老师", "admin01": "张老师", "stu006": "周九"}
Build = Callable[[Transport | None], DemoPlatform]


@pytest.fixture
def build(identity: AppIdentity, clock: SimulatedClock) -> Iterator[Build]:
    built: list[DemoPlatform] = []

    def build(transport: Transport | None) -> DemoPlatform:
        url = "http://127.0.0.1:9/wecom/callback"
        demo = DemoPlatform(
            url, CORP, AGENT, identity.token, identity.aes_key, MEMBERS, clock, transport=transport
        )
        demo.delivery.pause = lambda seconds: None
        built.append(demo)
        return demo

    yield build
    for demo in built:
        demo.close()


@pytest.fixture
def demo(build: Build, identity: AppIdentity) -> DemoPlatform:
    return build(WsgiTransport(StandIn(identity)))


@pytest.fixture
def client(demo: DemoPlatform) -> FlaskClient:
    return application(demo).test_client()


def application(demo: DemoPlatform) -> Flask:
    app = Flask(__name__)
    app.register_blueprint(demo.blueprint())
    return app


def texts(demo: DemoPlatform, userid: str) -> list[str]:
    return [line.text for line in demo.phones.since(-1, [userid])]


def test_a_text_goes_to_the_bot_and_its_answer_to_the_phone(client: FlaskClient, demo: DemoPlatform) -> None:
    answer = client.post("/simulator/send", json={"userid": "stu001", "text": "签到"}).json

    assert (answer, texts(demo, "stu001")) == ({"answered": True}, ["签到", "收到：签到"])


def test_one_server_can_be_platform_and_bot_at_once(build: Build, identity: AppIdentity) -> None:
    demo = build(None)
    both = DispatcherMiddleware(application(demo), {"/wecom/callback": StandIn(identity)})

    with serving(both) as url:
        demo.delivery.transport = HttpTransport(f"{url}/wecom/callback")
        demo.type("stu001", "签到").result(5)

    assert texts(demo, "stu001") == ["签到", "收到：签到"]


def test_the_stranger_is_a_member_of_the_corp_but_on_no_roster(demo: DemoPlatform) -> None:
    assert (demo.member(STRANGER).role, STRANGER in demo.wecom.members) == ("不在名单里", True)


def test_the_first_four_members_have_a_phone(client: FlaskClient) -> None:
    page = client.get("/simulator").text

    assert [userid in page for userid in ('id="phone-admin01"', 'id="phone-stu006"')] == [True, False]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("send", {"userid": "nobody", "text": "签到"}, 404),
        ("send", {"userid": "stu001", "text": "  "}, 400),
        ("send", {"userid": "stu001"}, 400),
        ("send", ["stu001"], 400),
        ("other", {"userid": "stu001", "kind": "hologram"}, 404),
        ("tap", {"userid": "stu001", "place": "0"}, 404),
        ("press", {"userid": "stu001", "line": 0, "key": "k"}, 404),
        ("clock", {"action": "next"}, 409),
        ("fault", {"name": "earthquake", "on": True}, 404),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_reason(
    client: FlaskClient, path: str, body: Any, status: int
) -> None:
    answer = client.post(f"/simulator/{path}", json=body)

    assert (answer.status_code, answer.is_json) == (status, True)


def test_a_form_of_a_foreign_page_changes_nothing(client: FlaskClient, demo: DemoPlatform) -> None:
    answer = client.post("/simulator/send", data={"userid": "stu001", "text": "签到"})

    assert (answer.status_code, texts(demo, "stu001")) == (415, [])


def test_the_page_allows_nothing_from_elsewhere(client: FlaskClient) -> None:
    headers = client.get("/simulator").headers

    assert headers["Content-Security-Policy"] == (
        "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'"
    )


@pytest.mark.parametrize("path", ["", "/static/simulator.js", "/static/simulator.css"])
def test_no_file_of_the_page_names_another_host(client: FlaskClient, path: str) -> None:
    with client.get(f"/simulator{path}") as response:
        named = [word for word in ("http://", "https://", "//cdn") if word in response.get_data(as_text=True)]

    assert named == []


def test_the_address_without_a_path_leads_to_the_phones(client: FlaskClient) -> None:
    answer = client.get("/")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/simulator")


def test_the_platforms_api_stands_beside_the_page(client: FlaskClient) -> None:
    answer = client.get("/cgi-bin/gettoken", query_string={"corpid": CORP, "corpsecret": "demo-secret"}).json

    assert answer is not None
    assert answer["errcode"] == 0


def test_a_token_outlives_a_leap_of_the_demonstrations_clock(
    client: FlaskClient, demo: DemoPlatform, clock: SimulatedClock
) -> None:
    token = demo.wecom.get_token(CORP, "demo-secret")["access_token"]
    clock.set(clock.now() + timedelta(days=7))

    answer = client.get("/cgi-bin/getcallbackip", query_string={"access_token": token}).json

    assert answer is not None
    assert answer["errcode"] == 0
