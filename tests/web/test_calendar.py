"""/calendar/<token>.ics: what calendar programs get, and how little when nothing changed."""

from __future__ import annotations

from typing import Literal

import pytest
from flask.testing import FlaskClient

from web.application import create_app
from web.calendar import calendar_pages

BODY = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"


def client(found: bytes | Literal["unknown", "expired", "away"] = BODY) -> FlaskClient:
    return create_app([calendar_pages(lambda token: found)]).test_client()


def test_a_calendar_program_gets_the_file_and_its_type() -> None:
    answer = client().get("/calendar/token.ics")

    assert (answer.status_code, answer.data) == (200, BODY)
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.headers["Content-Disposition"] == 'inline; filename="qiyue.ics"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_token_reaches_whoever_opens_it_as_it_was_given() -> None:
    app = create_app([calendar_pages(lambda token: token.encode())])

    assert app.test_client().get("/calendar/WyJ.a-b_c.ics.ics").data == b"WyJ.a-b_c.ics"


def test_who_has_it_already_gets_304_without_the_file() -> None:
    tag = client().get("/calendar/token.ics").headers["ETag"]

    answer = client().get("/calendar/token.ics", headers={"If-None-Match": f'"other", {tag}'})

    assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", tag)


def test_who_has_an_older_one_gets_the_file_under_another_tag() -> None:
    tag = client(BODY + b"X").get("/calendar/token.ics").headers["ETag"]

    answer = client().get("/calendar/token.ics", headers={"If-None-Match": tag})

    assert (answer.status_code, answer.data) == (200, BODY)
    assert answer.headers["ETag"] != tag


def test_head_says_how_long_it_is_and_sends_nothing() -> None:
    answer = client().head("/calendar/token.ics")

    assert (answer.status_code, answer.data) == (200, b"")
    assert answer.headers["Content-Length"] == str(len(BODY))
    assert answer.headers["ETag"] == client().get("/calendar/token.ics").headers["ETag"]


@pytest.mark.parametrize(
    ("found", "status", "title"),
    [("unknown", 403, "没有权限打开这一页"), ("expired", 410, "链接已经过期")],
)
def test_a_forged_and_an_ended_link_get_a_chinese_page_and_no_calendar(
    found: Literal["unknown", "expired"], status: int, title: str
) -> None:
    answer = client(found).get("/calendar/token.ics")

    assert answer.status_code == status
    assert f"<h1>{title}</h1>" in answer.get_data(as_text=True)


def test_without_the_database_programs_are_told_to_ask_again_and_keep_what_they_have() -> None:
    answer = client("away").get("/calendar/token.ics")

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")


@pytest.mark.parametrize("path", ["/calendar/", "/calendar/.ics", "/calendar/token", "/calendar/a/b.ics"])
def test_another_path_is_no_calendar(path: str) -> None:
    assert client().get(path).status_code == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_nothing_can_be_written_to_it(method: str) -> None:
    assert client().open("/calendar/token.ics", method=method).status_code == 405


@pytest.mark.parametrize("tag", ['W/"x"', "x", '"', "*x", ",,,", "\x00" * 3, '"' * 500])
def test_a_strange_if_none_match_gets_the_file(tag: str) -> None:
    answer = client().get("/calendar/token.ics", environ_overrides={"HTTP_IF_NONE_MATCH": tag})

    assert (answer.status_code, answer.data) == (200, BODY)
