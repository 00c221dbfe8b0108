"""/c/<token>, where a camera outside the chat leads: honest about what it cannot do, and about devices."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from flask.testing import FlaskClient

from handlers.arrival import Arrival, Outcome
from programme.sessions import Item
from web.application import create_app
from web.arrival import arrival_pages

ITEMS = (Item(None, "科研论文写作"),)


@dataclass
class Arrives:
    outcome: Outcome = "code"
    keeps_devices: bool = False
    devices: list[str | None] = field(default_factory=list)

    def arrive(self, token: str, device: str | None) -> Arrival:
        self.devices.append(device)
        return Arrival(self.outcome, ITEMS, "12345678" if self.outcome == "code" else None)


def client(arrives: Arrives) -> FlaskClient:
    return create_app([arrival_pages(arrives)]).test_client()


def test_the_page_says_that_nothing_is_recorded_yet_and_what_to_reply() -> None:
    page = client(Arrives()).get("/c/token").get_data(as_text=True)

    assert '<p class="digits">签到 12345678</p>' in page
    assert "打开这一页还没有签到" in page


@pytest.mark.parametrize(
    ("outcome", "status", "title"),
    [
        ("old", 410, "二维码已经换了"),
        ("closed", 200, "现在不能签到"),
        ("plain", 200, "请在聊天里签到"),
        ("unknown", 403, "没有权限打开这一页"),
    ],
)
def test_a_page_without_a_number_says_why_and_what_to_do(outcome: Outcome, status: int, title: str) -> None:
    answer = client(Arrives(outcome)).get("/c/token")

    assert answer.status_code == status
    assert f"<h1>{title}</h1>" in answer.get_data(as_text=True)
    assert "12345678" not in answer.get_data(as_text=True)


def test_a_browser_gets_no_cookie_unless_the_lab_wants_signs() -> None:
    arrives = Arrives()

    answer = client(arrives).get("/c/token")

    assert "Set-Cookie" not in answer.headers
    assert arrives.devices == [None]


def test_a_browser_gets_one_cookie_that_scripts_cannot_read_and_brings_it_again() -> None:
    arrives = Arrives(keeps_devices=True)
    browser = client(arrives)

    first, second = browser.get("/c/token"), browser.get("/c/token")

    assert "HttpOnly" in first.headers["Set-Cookie"]
    assert "SameSite=Lax" in first.headers["Set-Cookie"]
    assert "Set-Cookie" not in second.headers
    assert arrives.devices[0] == arrives.devices[1] is not None


def test_a_preview_of_the_address_uses_up_no_number() -> None:
    arrives = Arrives()

    answer = client(arrives).head("/c/token")

    assert (answer.status_code, arrives.devices) == (200, [])


def test_the_page_is_never_kept_by_a_cache() -> None:
    assert client(Arrives()).get("/c/token").headers["Cache-Control"] == "no-store"
