"""Full pages: who finds no place is asked to come again, and callbacks never wait for them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest
from flask import Blueprint, Flask
from werkzeug.test import TestResponse

from web.application import create_app
from web.places import FREE, Places

PATIENCE_S = 10.0


@dataclass
class House:
    """One upload and two pages at once; /slow and /u/slow stay until *leave* is set."""

    places: Places = field(default_factory=lambda: Places(uploads=1, pages=2))
    leave: threading.Event = field(default_factory=threading.Event)
    inside: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def __post_init__(self) -> None:
        self.app: Flask = create_app([self.pages()], places=self.places)
        self.pool = ThreadPoolExecutor(8)

    def pages(self) -> Blueprint:
        pages = Blueprint("pages", __name__)

        def slow() -> str:
            self.inside.release()
            assert self.leave.wait(PATIENCE_S)
            return "好"

        def fault() -> str:
            raise ValueError("a defect")

        for path, view in (("/slow", slow), ("/u/slow", slow), ("/fault", fault)):
            pages.add_url_rule(path, endpoint=path, view_func=view, methods=["GET", "PUT"])
        for path in ("/quick", "/healthz", "/readyz", "/metrics"):
            pages.add_url_rule(path, endpoint=path, view_func=lambda: "好")
        return pages

    def get(self, path: str) -> TestResponse:
        return self.app.test_client().get(path)

    def put(self, path: str) -> TestResponse:
        return self.app.test_client().put(path)

    def enter(self, path: str, times: int) -> None:
        """*times* requests that are inside and stay there."""
        for _ in range(times):
            self.pool.submit(self.put if path.startswith("/u/") else self.get, path)
        for _ in range(times):
            assert self.inside.acquire(timeout=PATIENCE_S)


@pytest.fixture
def house() -> Iterator[House]:
    house = House()
    yield house
    house.leave.set()
    house.pool.shutdown()


def test_who_finds_no_place_is_told_in_chinese_when_to_come_again(house: House) -> None:
    house.enter("/slow", 2)

    answer = house.get("/quick")

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "3")
    assert "现在有点忙" in answer.get_data(as_text=True)
    assert house.places.refused == 1


def test_uploads_and_other_pages_have_places_of_their_own(house: House) -> None:
    house.enter("/u/slow", 1)

    assert house.put("/u/slow").status_code == 503
    assert house.get("/quick").status_code == 200


def test_the_upload_page_opens_while_all_places_for_uploads_are_taken(house: House) -> None:
    house.enter("/u/slow", 1)
    house.leave.set()

    assert house.get("/u/slow").status_code == 200


def test_the_operators_pages_need_no_place(house: House) -> None:
    house.enter("/slow", 2)

    found = {path: house.get(path).status_code for path in FREE if not path.endswith("/")}

    assert found == {"/healthz": 200, "/readyz": 200, "/metrics": 200}
    assert house.app.test_client().get("/static/page.css", buffered=True).status_code == 200


def test_a_place_is_free_again_after_the_answer(house: House) -> None:
    house.enter("/slow", 2)
    house.leave.set()
    house.pool.shutdown()

    assert [house.get("/quick").status_code for _ in range(5)] == [200] * 5


def test_a_page_that_fails_or_is_not_there_gives_its_place_back(house: House) -> None:
    house.app.logger.disabled = True

    missing = [house.get("/nothing").status_code for _ in range(5)]
    broken = [house.get("/fault").status_code for _ in range(5)]

    assert (missing, broken) == ([404] * 5, [500] * 5)
    assert house.get("/quick").status_code == 200
    assert house.places.refused == 0


def test_a_refused_request_gives_back_no_place_that_it_never_had(house: House) -> None:
    house.enter("/slow", 2)

    refused = [house.get("/quick").status_code for _ in range(5)]

    assert refused == [503] * 5
    house.leave.set()
    house.pool.shutdown()
    assert house.get("/quick").status_code == 200
