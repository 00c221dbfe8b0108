"""/t/<token>: the running order for the last row and the chair's timer, at projector and phone width."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from threading import Thread
from typing import Literal

import pytest
from flask import Flask
from werkzeug.serving import make_server

from handlers.talk_screen import RoomView, TalksView
from programme.talk_clock import standing
from programme.talk_plan import TalkSlot
from tests.browser import chromium, keep
from web.application import create_app
from web.talk_screen import talk_pages

DAY = date(2023, 7, 25)
SLOTS = (
    TalkSlot(1, DAY, "A301", 1, time(14, 30), time(14, 40), "s1"),
    TalkSlot(2, DAY, "A301", 2, time(14, 43), time(14, 53), "s2"),
    TalkSlot(3, DAY, "A301", 3, time(14, 56), time(15, 6), "s3"),
)
NAMES = ("王小明", "欧阳思宁", "<b>李四</b>")


def view(hour: int, minute: int, second: int = 0) -> TalksView:
    now = datetime.combine(DAY, time(hour, minute, second))
    room = RoomView("A301", tuple(zip(SLOTS, NAMES, strict=True)), standing(SLOTS, now))
    return TalksView("集中学习", DAY, now.time(), (room,))


def application(found: TalksView | Literal["expired", "unknown"]) -> Flask:
    return create_app([talk_pages(lambda token: found)])


def page(found: TalksView) -> str:
    return application(found).test_client().get("/t/token").get_data(as_text=True)


def test_the_page_names_who_speaks_how_long_still_and_who_is_next() -> None:
    text = page(view(14, 45, 30))

    assert '<p class="who">2. 欧阳思宁</p>' in text
    assert ">7:30</p>" in text
    assert "下一位：&lt;b&gt;李四&lt;/b&gt;（14:56）" in text


def test_between_two_talks_the_next_one_is_counted_down_to() -> None:
    text = page(view(14, 41))

    assert "准备：欧阳思宁" in text
    assert ">2:00</p>" in text


def test_the_last_minute_is_marked_and_the_end_is_said() -> None:
    assert '<section class="talk last">' in page(view(14, 52, 30))
    assert "今天的汇报结束了" in page(view(15, 6))


@pytest.mark.parametrize(("found", "status"), [("unknown", 403), ("expired", 410)])
def test_a_foreign_link_and_an_old_one_show_nothing(
    found: Literal["expired", "unknown"], status: int
) -> None:
    assert application(found).test_client().get("/t/token").status_code == status


@pytest.fixture
def address() -> Iterator[str]:
    server = make_server("127.0.0.1", 0, application(view(14, 45, 30)), threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/t/token"
    server.shutdown()
    thread.join()
    server.server_close()


def test_nothing_runs_off_the_side_and_the_time_is_large_on_a_phone_and_a_projector(
    address: str, tmp_path: Path
) -> None:
    found = []
    with chromium() as browser:
        for width, height in ((375, 667), (1280, 720)):
            shown = browser.new_page(viewport={"width": width, "height": height})
            shown.goto(address)
            fits = shown.evaluate("document.documentElement.scrollWidth <= innerWidth")
            size = shown.evaluate("parseFloat(getComputedStyle(document.querySelector('.left')).fontSize)")
            keep(shown, f"talks-{width}", tmp_path)
            found.append((fits, size >= min(width, height) / 6))
            shown.close()

    assert found == [(True, True), (True, True)]
