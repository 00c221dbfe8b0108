"""/s/<token>: what the projector shows, to whom, and what it says to everybody else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from typing import Literal

import pytest
from flask.testing import FlaskClient

from handlers.screen import ScreenView
from programme.sessions import Item
from web.application import create_app
from web.screen import screen_pages

LECTURE = ScreenView(
    items=(Item(None, "科研论文写作"),),
    held_on=date(2023, 7, 4),
    start=time(14, 30),
    period="afternoon",
    group=None,
    place="A301",
    code="012345",
    changes_in_s=13,
    rotate_s=20,
    arrived=7,
)


def client(view: ScreenView | Literal["expired", "unknown"]) -> FlaskClient:
    return create_app([screen_pages(lambda token: view)]).test_client()


def test_the_screen_shows_what_is_on_where_the_number_and_how_many_are_there() -> None:
    page = client(LECTURE).get("/s/token").get_data(as_text=True)

    assert "<h1>《科研论文写作》</h1>" in page
    assert "<p>7/4（周二）14:30 · A301</p>" in page
    assert "012<span></span>345" in page
    assert "13 秒后换" in page
    assert "已签到 <b>7</b> 人" in page


def test_the_part_that_changes_is_fetched_alone_and_is_in_the_page_word_for_word() -> None:
    browser = client(LECTURE)

    part = browser.get("/s/token/live").get_data(as_text=True)

    assert part.strip() in browser.get("/s/token").get_data(as_text=True)
    assert "<html" not in part


def test_a_lab_without_proof_shows_the_word_to_type_and_no_number() -> None:
    page = client(replace(LECTURE, code=None)).get("/s/token/live").get_data(as_text=True)

    assert '<p class="code word">签到</p>' in page
    assert "progress" not in page


def test_a_session_without_an_hour_says_so_and_a_group_meeting_names_its_group() -> None:
    view = replace(LECTURE, start=None, place=None, group="视频压缩组")

    page = client(view).get("/s/token").get_data(as_text=True)

    assert "<p>7/4（周二）下午（具体时间待定） · 视频压缩组</p>" in page


def test_what_was_printed_in_a_notice_is_text_and_never_markup() -> None:
    view = replace(LECTURE, items=(Item(None, "<script>alert(1)</script>"),), place="<b>A</b>")

    page = client(view).get("/s/token").get_data(as_text=True)

    assert "<script>alert" not in page
    assert "<b>A</b>" not in page


@pytest.mark.parametrize("path", ["/s/token", "/s/token/live"])
@pytest.mark.parametrize(
    ("found", "status", "title"),
    [("unknown", 403, "没有权限打开这一页"), ("expired", 410, "链接已经过期")],
)
def test_a_forged_and_an_old_link_get_a_chinese_page(
    path: str, found: Literal["expired", "unknown"], status: int, title: str
) -> None:
    answer = client(found).get(path)

    assert answer.status_code == status
    assert f"<h1>{title}</h1>" in answer.get_data(as_text=True)


def test_the_screen_is_never_kept_by_a_cache() -> None:
    answer = client(LECTURE).get("/s/token/live")

    assert answer.headers["Cache-Control"] == "no-store"
