"""The pages' frame: headers, limits, and errors in Chinese that suit a phone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from flask import Blueprint, Flask, Response, abort, redirect, request
from flask.typing import ResponseReturnValue

from web.application import HEADERS, create_app
from web.health import health_pages

NOW = datetime(2023, 7, 4, 6, 20, tzinfo=UTC)


def pages() -> Blueprint:
    blueprint = Blueprint("pages", __name__)

    @blueprint.get("/good")
    def good() -> str:
        return "好"

    @blueprint.get("/own")
    def own() -> Response:
        return Response("x", headers={"Cache-Control": "max-age=60", "Referrer-Policy": "no-referrer"})

    @blueprint.get("/fault")
    def fault() -> str:
        raise ValueError("张三")

    @blueprint.get("/abort/<int:status>")
    def stop(status: int) -> str:
        abort(status)

    @blueprint.get("/moved")
    def moved() -> ResponseReturnValue:
        return redirect("/good")

    @blueprint.post("/form")
    def form() -> str:
        return str(len(request.form))

    return blueprint


@pytest.fixture
def app() -> Flask:
    return create_app([pages()])


def test_every_page_has_the_secure_headers(app: Flask) -> None:
    for path in ("/good", "/nothing", "/fault", "/static/page.css"):
        response = app.test_client().get(path, buffered=True)
        assert {name: response.headers[name] for name in HEADERS} == HEADERS


def test_a_page_is_not_kept_by_caches_unless_it_says_so(app: Flask) -> None:
    client = app.test_client()

    assert client.get("/good").headers["Cache-Control"] == "no-store"
    assert client.get("/own").headers["Cache-Control"] == "max-age=60"
    assert client.get("/own").headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("path", "status", "title"),
    [
        ("/nothing", 404, "没有这一页"),
        ("/fault", 500, "程序出了点问题"),
        ("/form", 405, "这一页不能这样打开"),
        ("/abort/410", 410, "链接已经过期"),
        ("/abort/403", 403, "没有权限打开这一页"),
        ("/abort/503", 503, "现在有点忙"),
        ("/abort/418", 418, "打不开这一页"),
    ],
)
def test_an_error_is_a_chinese_page_that_suits_a_phone(
    app: Flask, path: str, status: int, title: str
) -> None:
    response = app.test_client().get(path, buffered=True)

    assert response.status_code == status
    assert f"<h1>{title}</h1>" in response.text
    assert '<html lang="zh-CN">' in response.text
    assert 'name="viewport" content="width=device-width, initial-scale=1' in response.text
    assert response.mimetype == "text/html"


def test_an_error_page_tells_nothing_of_the_error(app: Flask) -> None:
    response = app.test_client().get("/fault")

    assert "张三" not in response.text
    assert "ValueError" not in response.text


def test_an_error_keeps_the_headers_that_belong_to_it(app: Flask) -> None:
    allowed = app.test_client().get("/form").headers["Allow"]

    assert set(allowed.split(", ")) == {"OPTIONS", "POST"}


def test_a_redirect_stays_a_redirect(app: Flask) -> None:
    assert app.test_client().get("/moved").headers["Location"] == "/good"


def test_pages_need_nothing_that_the_policy_forbids(app: Flask) -> None:
    page = app.test_client().get("/nothing").text

    assert "<script" not in page
    assert "style=" not in page
    assert "http" not in page.replace("http-equiv", "")
    assert app.test_client().get("/static/page.css", buffered=True).status_code == 200


def test_a_body_of_more_than_a_megabyte_is_refused(app: Flask) -> None:
    assert app.test_client().post("/form", data={"a": "x" * (1 << 20)}).status_code == 413


def test_a_form_of_many_parts_is_refused(app: Flask) -> None:
    parts = {f"p{number}": "x" for number in range(60)}

    response = app.test_client().post("/form", data=parts, content_type="multipart/form-data")

    assert response.status_code == 413


def test_one_trusted_proxy_is_believed_about_the_address() -> None:
    blueprint = Blueprint("where", __name__)

    @blueprint.get("/where")
    def where() -> str:
        return f"{request.remote_addr} {request.scheme}"

    forwarded = {"X-Forwarded-For": "198.51.100.7", "X-Forwarded-Proto": "https"}
    bare = create_app([blueprint]).test_client().get("/where", headers=forwarded).text
    behind = create_app([blueprint], trusted_proxies=1).test_client().get("/where", headers=forwarded).text

    assert (bare, behind) == ("127.0.0.1 http", "198.51.100.7 https")


class Vitals:
    """A process whose signs of life a test decides."""

    def __init__(self) -> None:
        self.now = NOW
        self.last_tick_at: datetime | None = None
        self.is_writer_alive = True
        self.has_clock_trouble = False
        self.readiness: Mapping[str, bool] = {"database": True, "snapshot": True}
        self.client = create_app(
            [
                health_pages(
                    is_writer_alive=lambda: self.is_writer_alive,
                    last_tick_at=lambda: self.last_tick_at,
                    readiness=lambda: self.readiness,
                    clock=lambda: self.now,
                    has_clock_trouble=lambda: self.has_clock_trouble,
                )
            ]
        ).test_client()

    def health(self) -> tuple[int, object]:
        response = self.client.get("/healthz")
        return response.status_code, response.json


def test_a_process_is_healthy_while_its_writer_lives_and_somebody_ticks() -> None:
    vitals = Vitals()
    vitals.now = NOW + timedelta(hours=1)
    vitals.last_tick_at = vitals.now - timedelta(seconds=15)

    assert vitals.health() == (200, {"ok": True, "writer": True, "tick": True, "clock_trouble": False})


def test_a_tick_older_than_15_seconds_is_red() -> None:
    vitals = Vitals()
    vitals.now = NOW + timedelta(hours=1)
    vitals.last_tick_at = vitals.now - timedelta(seconds=15.1)

    assert vitals.health() == (503, {"ok": False, "writer": True, "tick": False, "clock_trouble": False})


@pytest.mark.parametrize(("age_s", "status"), [(15, 200), (16, 503)])
def test_a_process_that_has_just_started_has_15_seconds_for_its_first_tick(age_s: int, status: int) -> None:
    vitals = Vitals()
    vitals.now = NOW + timedelta(seconds=age_s)

    assert vitals.health()[0] == status


def test_a_suspect_clock_is_shown_and_stays_green() -> None:
    vitals = Vitals()
    vitals.has_clock_trouble = True

    assert vitals.health() == (200, {"ok": True, "writer": True, "tick": True, "clock_trouble": True})


def test_a_dead_writer_is_red() -> None:
    vitals = Vitals()
    vitals.is_writer_alive = False

    assert vitals.health() == (503, {"ok": False, "writer": False, "tick": True, "clock_trouble": False})


@pytest.mark.parametrize(("is_draining", "status"), [(False, 200), (True, 503)])
def test_a_process_that_drains_is_not_ready(is_draining: bool, status: int) -> None:
    vitals = Vitals()
    vitals.readiness = {"database": True, "draining": not is_draining}

    response = vitals.client.get("/readyz")

    assert response.status_code == status
    assert response.headers["Cache-Control"] == "no-store"
