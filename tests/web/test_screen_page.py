"""The check-in screen and the page behind its QR code in a real browser, on a projector and on a phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Response
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from documents.qr import qr_svg
from fakes.server import serving
from handlers.arrival import Arrival
from handlers.screen import ScreenView
from programme.grid import grid_of
from programme.sessions import Item
from tests.browser import chromium, keep
from web.application import create_app
from web.arrival import arrival_pages
from web.screen import screen_pages

PROJECTOR, PHONE = (1920, 1080), (375, 667)
KEY = b"a made-up signing key for tests only"
CODE = ScreenView(
    items=(Item("前沿研究分享", "AI+脑科学+安全"), Item("工程项目开发分享", "视频压缩+AI")),
    held_on=date(2023, 7, 6),
    start=time(14, 30),
    period="afternoon",
    group=None,
    place="实验楼 A301",
    code="012345",
    changes_in_s=13,
    rotate_s=20,
    arrived=37,
    expected=42,
)
GRID = replace(CODE, code=None, grid=grid_of(KEY, "p:S03", 84_423_000))
QR = replace(CODE, code=None, qr="http://127.0.0.1:8000/c/" + "x" * 90)
NONE = replace(CODE, code=None)
CLOSED = replace(NONE, state="closed", until=datetime(2023, 7, 6, 7, 0, tzinfo=UTC))
VIEWS = {"code": CODE, "grid": GRID, "qr": QR, "none": NONE, "closed": CLOSED}


@dataclass
class Projected:
    """What is shown now; *is_down*: the server answers nothing but errors."""

    view: ScreenView = CODE
    is_down: bool = False
    url: str = ""


class Arrives:
    keeps_devices = False

    def arrive(self, token: str, device: str | None) -> Arrival:
        return Arrival("old" if token == "old" else "code", CODE.items, "12345678")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def projected() -> Iterator[Projected]:
    shown = Projected()
    app = create_app([screen_pages(lambda token: shown.view, qr_svg), arrival_pages(Arrives())])

    @app.before_request
    def _fail() -> Response | None:
        return Response("", 503) if shown.is_down else None

    with serving(app) as shown.url:
        yield shown


@pytest.fixture
def open_page(browser: Browser, projected: Projected) -> Iterator[Callable[..., Page]]:
    """A page of a size, free of script errors and of requests to anywhere else."""
    problems: list[str] = []
    contexts = []

    def opened(size: tuple[int, int], path: str = "/s/token", *, bypass_csp: bool = False) -> Page:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, bypass_csp=bypass_csp, locale="zh-CN"
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda line: problems.append(line.text) if is_an_error(line) else None)
        page.on(
            "request",
            lambda r: None if r.url.startswith((projected.url, "data:")) else problems.append(r.url),
        )
        page.goto(projected.url + path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert problems == []


def is_an_error(line: ConsoleMessage) -> bool:
    """What the browser complains about; refused and failed requests are part of these tests."""
    expected = ("503", "410", "Response Status Error", "htmx:", "ERR_")
    return line.type == "error" and not any(word in line.text for word in expected)


def measured(page: Page, what: str, selector: str) -> list[float]:
    """*what* of each element, read in one go: the page exchanges them every second."""
    found: list[float] = page.eval_on_selector_all(selector, f"all => all.map(each => {what})")
    return found


FONT_SIZE = "parseFloat(getComputedStyle(each).fontSize)"
IS_CUT = "Number(each.scrollWidth > each.clientWidth)"
BOTTOM = "each.getBoundingClientRect().bottom"
WORDS = ".grid tbody td"


@pytest.mark.parametrize("size", [PROJECTOR, PHONE], ids=["projector", "phone"])
@pytest.mark.parametrize("name", VIEWS)
def test_the_screen_fits_whole_and_nothing_is_cut(
    open_page: Callable[..., Page], projected: Projected, name: str, size: tuple[int, int], tmp_path: Path
) -> None:
    projected.view = VIEWS[name]

    page = open_page(size)
    expect(page.locator(".count")).to_be_visible()
    keep(page, f"screen-{name}-{size[0]}", tmp_path)

    assert page.evaluate("document.documentElement.scrollWidth") == size[0]
    assert page.evaluate("document.documentElement.scrollHeight") <= size[1]
    assert max(measured(page, BOTTOM, ".count")) <= size[1]


def test_the_words_of_the_grid_are_readable_from_the_last_row(
    open_page: Callable[..., Page], projected: Projected
) -> None:
    """On a screen 1.6 m high a character of 1/13 of the height is 12 cm: legible from 20 m and more."""
    projected.view = GRID

    sizes, cut = (measured(open_page(PROJECTOR), what, WORDS) for what in (FONT_SIZE, IS_CUT))

    assert len(sizes) == 30
    assert min(sizes) >= 1080 / 13
    assert max(cut) == 0


def test_on_a_phone_the_words_of_the_grid_stand_whole_in_their_cells(
    open_page: Callable[..., Page], projected: Projected
) -> None:
    projected.view = GRID

    sizes, cut = (measured(open_page(PHONE), what, WORDS) for what in (FONT_SIZE, IS_CUT))

    assert min(sizes) >= 20
    assert max(cut) == 0


def test_a_check_in_appears_by_itself(open_page: Callable[..., Page], projected: Projected) -> None:
    page = open_page(PROJECTOR)
    expect(page.locator(".count")).to_have_text("已签到 37 人 / 应到 42")

    projected.view = replace(CODE, arrived=38, code="987654")

    expect(page.locator(".count")).to_have_text("已签到 38 人 / 应到 42")
    expect(page.locator(".code")).to_have_text("987654")


def test_a_lost_connection_keeps_the_last_picture_says_so_and_comes_back(
    open_page: Callable[..., Page], projected: Projected, tmp_path: Path
) -> None:
    projected.view = GRID
    page = open_page(PROJECTOR)
    word = page.locator(".grid tbody td").first.inner_text()

    projected.is_down = True
    expect(page.locator("#offline")).to_be_visible()
    expect(page.locator("#offline")).to_contain_text("连接中断，正在重连…")
    keep(page, "screen-offline-1920", tmp_path)
    assert max(measured(page, BOTTOM, "#offline")) <= PROJECTOR[1]
    expect(page.locator(".grid tbody td").first).to_have_text(word)
    expect(page.locator("#live")).not_to_have_class("stale")
    projected.is_down = False

    expect(page.locator("#offline")).to_be_hidden()


def test_a_picture_that_is_no_longer_taken_is_greyed(
    open_page: Callable[..., Page], projected: Projected
) -> None:
    projected.view = replace(CODE, changes_in_s=1, rotate_s=1)
    page = open_page(PROJECTOR)

    projected.is_down = True

    expect(page.locator("#live.stale")).to_be_attached()
    expect(page.locator("#old")).to_be_visible()


@pytest.mark.parametrize("name", ["code", "grid", "qr"])
def test_the_screen_has_no_serious_accessibility_violation(
    open_page: Callable[..., Page], projected: Projected, name: str
) -> None:
    projected.view = VIEWS[name]
    page = open_page(PROJECTOR, bypass_csp=True)

    violations = Axe().run(page).response["violations"]

    assert [each["id"] for each in violations if each["impact"] in ("serious", "critical")] == []


@pytest.mark.parametrize("token", ["now", "old"])
def test_the_page_behind_the_qr_code_fits_a_phone(
    open_page: Callable[..., Page], token: str, tmp_path: Path
) -> None:
    page = open_page(PHONE, f"/c/{token}")

    keep(page, f"arrival-{token}-375", tmp_path)

    assert page.evaluate("document.documentElement.scrollWidth") == PHONE[0]
