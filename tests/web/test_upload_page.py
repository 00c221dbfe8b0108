"""The upload page in a real browser at phone width: WeChat's look, progress, going on, the verdict."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask, Response, request
from playwright.sync_api import Browser, Page, ViewportSize, expect

from fakes.server import serving
from handlers.links import UPLOAD, personal_token
from storage.database import StorageAway
from tests.browser import chromium, keep
from tests.documents.files.made import made
from tests.documents.files.pdfs import scan
from tests.house import KEY, Talk, build_template
from web.application import create_app
from web.upload import upload_pages
from wiring.handing_in import examiner, uploads

AT = datetime(2023, 7, 22, 12, 0, tzinfo=UTC)
PHONE: ViewportSize = {"width": 375, "height": 812}
PATIENCE_MS = 20_000


class Shop:
    """The page being served over a real socket, with an examiner that runs beside it."""

    def __init__(self, folder: Path) -> None:
        template = folder / "template"
        template.mkdir()
        data = folder / "data"
        data.mkdir()
        self.talk = Talk(data, build_template(template))
        self.talk.clock.at = AT
        app = self.talk.app
        self.flask: Flask = create_app([upload_pages(uploads(app), app.renderer.render, (StorageAway,))])
        self.flask.before_request(self._fail)
        self.failures = 0
        self.puts: list[int] = []
        self._stop = threading.Event()
        self._examiner = threading.Thread(target=self._examine)
        self._examiner.start()

    def _fail(self) -> Response | None:
        """The next *failures* pieces meet a server that has no place."""
        if request.method != "PUT":
            return None
        self.puts.append(int(request.args["offset"]))
        if not self.failures:
            return None
        self.failures -= 1
        return Response("busy", 503)

    def _examine(self) -> None:
        worker = examiner(self.talk.app, "tests")
        while not self._stop.wait(0.1):
            worker.run(AT)

    def token(self, part: str = "report") -> str:
        programme_id = self.talk.app.snapshot.programme_ids()[0]
        person = next(p for p in self.talk.app.snapshot.people_in(programme_id) if p.name == "王小明")
        return personal_token(KEY, UPLOAD, (person.person_id, part, ""), AT + timedelta(hours=2))

    def close(self) -> None:
        self._stop.set()
        self._examiner.join()
        self.talk.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    shop = Shop(tmp_path)
    yield shop
    shop.close()


@pytest.fixture
def url(shop: Shop) -> Iterator[str]:
    with serving(shop.flask) as address:
        yield address


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=PHONE, device_scale_factor=2, bypass_csp=False, locale="zh-CN")
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield page
    context.close()
    assert problems == []


def choose(page: Page, name: str, data: bytes) -> None:
    page.set_input_files("#file", {"name": name, "mimeType": "application/octet-stream", "buffer": data})


def test_a_good_report_and_a_short_one_are_judged_on_the_page(
    page: Page, shop: Shop, url: str, tmp_path: Path
) -> None:
    """B26, B27: the draft says what is missing, the report its version and checksum."""
    page.goto(f"{url}/u/{shop.token()}")
    keep(page, "upload-empty", tmp_path)
    choose(page, "报告v1.pdf", made("报告v1.pdf", 12))
    expect(page.locator(".upload__said").first).to_contain_text("差 8 页", timeout=PATIENCE_MS)

    choose(page, "报告v2.pdf", made("报告v2.pdf", 23))

    expect(page.locator(".upload__said").first).to_contain_text("✅ 报告已提交：23 页", timeout=PATIENCE_MS)
    keep(page, "upload-judged", tmp_path)
    page.reload()
    expect(page.locator(".line", has_text="报告 · 第1次提交 · 23 页")).to_be_visible()
    keep(page, "upload-again", tmp_path)


def test_a_file_of_many_pieces_survives_a_full_house_and_a_lost_network(
    page: Page, shop: Shop, url: str, tmp_path: Path
) -> None:
    page.goto(f"{url}/u/{shop.token()}")
    shop.failures = 3
    data = scan(20, 150_000)

    choose(page, "扫描.pdf", data)

    said = page.locator(".upload__said").first
    expect(said).to_contain_text("%", timeout=PATIENCE_MS)
    page.context.set_offline(True)
    expect(said).to_contain_text("连接断了", timeout=PATIENCE_MS)
    keep(page, "upload-broken", tmp_path)
    page.context.set_offline(False)
    expect(said).to_contain_text("✅ 报告已提交：20 页", timeout=PATIENCE_MS)
    assert shop.puts == sorted(shop.puts)


def test_a_wrong_file_is_told_without_being_sent(page: Page, shop: Shop, url: str) -> None:
    page.goto(f"{url}/u/{shop.token('slides')}")

    choose(page, "病毒.exe", b"MZ")

    expect(page.locator(".upload__said").first).to_have_text(
        "病毒.exe 这种文件不收。可以交：pdf、docx、pptx。报告请导出成 PDF 再交。", timeout=PATIENCE_MS
    )
    assert shop.puts == []


@pytest.mark.parametrize("part", ["report", "slides"])
def test_the_page_fits_a_phone_and_has_no_fault_that_axe_finds(
    browser: Browser, shop: Shop, url: str, part: str
) -> None:
    context = browser.new_context(viewport=PHONE, bypass_csp=True)
    page = context.new_page()
    page.goto(f"{url}/u/{shop.token(part)}")

    faults = Axe().run(page).response["violations"]
    width = page.evaluate("document.documentElement.scrollWidth")
    context.close()

    assert ([fault["id"] for fault in faults], width) == ([], 375)


def test_the_kind_of_report_is_asked_for_a_report_only(page: Page, shop: Shop, url: str) -> None:
    """R22."""
    page.goto(f"{url}/u/{shop.token()}")
    expect(page.locator("#kinds")).to_be_visible()

    page.locator("label[for=part-slides]").click()

    expect(page.locator("#kinds")).to_be_hidden()
