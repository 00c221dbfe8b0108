"""收件表: every push by person and minute, as a page."""

from __future__ import annotations

from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from fakes.clock import SHANGHAI, SimulatedClock
from fakes.demo import DemoPlatform
from fakes.received import received
from fakes.sealing import AppIdentity
from fakes.transport import WsgiTransport
from tests.fakes.standin import AGENT, CORP, StandIn

MEMBERS = {"admin01": "张老师", "stu001": "王小明", "stu004": "李四"}


def at(day: int, hour: int, minute: int, second: int = 0) -> datetime:
    return datetime(2023, 7, day, hour, minute, second, tzinfo=SHANGHAI)


@pytest.fixture
def demo(identity: AppIdentity, clock: SimulatedClock) -> DemoPlatform:
    """Two evenings: both students hear the first time, one of them the second time."""
    demo = DemoPlatform(
        "http://127.0.0.1:9/", CORP, AGENT, identity.token, identity.aes_key, MEMBERS, clock,
        transport=WsgiTransport(StandIn(identity)),
    )  # fmt: skip
    for moment, to, text in (
        (at(3, 20, 7, 1), "stu001|stu004", "提醒：明天<b>写作</b>"),
        (at(4, 14, 3), "stu001", "快开始了"),
    ):
        clock.set(moment)
        body = f'{{"touser":"{to}","agentid":{AGENT},"msgtype":"text","text":{{"content":"{text}"}}}}'
        demo.wecom.send(body.encode())
    demo.phones.add("stu001", "own", "签到")
    demo.phones.add("stu001", "reply", "已签到")
    return demo


@pytest.fixture
def client(demo: DemoPlatform) -> FlaskClient:
    app = Flask(__name__)
    app.register_blueprint(demo.blueprint())
    return app.test_client()


def test_a_column_is_a_minute_and_a_cell_what_was_received_then(demo: DemoPlatform) -> None:
    found = received(demo.phones.pushed())

    assert [(column.date, column.time) for column in found.columns] == [("7/3", "20:07"), ("7/4", "14:03")]
    assert {userid: found.cells(userid) for userid in MEMBERS} == {
        "admin01": ["", ""],
        "stu001": ["提醒：明天<b>写作</b>", "快开始了"],
        "stu004": ["提醒：明天<b>写作</b>", ""],
    }


def test_answers_are_not_pushes(demo: DemoPlatform) -> None:
    found = received(demo.phones.pushed())

    assert (found.total, found.count("stu001")) == (3, 2)


def test_the_page_shows_everybody_and_one_person_in_full(client: FlaskClient) -> None:
    page = client.get("/simulator/received?who=stu001").text

    assert page.count('class="got"') == 3
    assert "7月3日 周一 20:07" in page
    assert "提醒：明天&lt;b&gt;写作&lt;/b&gt;" in page
    assert "<b>写作" not in page


def test_whoever_received_nothing_comes_last(client: FlaskClient) -> None:
    page = client.get("/simulator/received").text

    assert page.index("王小明") < page.index("李四") < page.index("张老师")


def test_nobody_of_that_name_is_a_404(client: FlaskClient) -> None:
    assert client.get("/simulator/received?who=nobody").status_code == 404


def test_the_phones_lead_to_the_table_and_back(client: FlaskClient) -> None:
    assert 'href="/simulator/received"' in client.get("/simulator").text
    assert 'href="/simulator"' in client.get("/simulator/received").text
