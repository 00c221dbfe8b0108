"""Debian's Chromium for the tests of pages; its absence is loud, and a failure in CI."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@contextmanager
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Chromium is missing, and CI skips nothing")
        pytest.skip("没有找到 chromium，页面的测试没有运行（apt-get install chromium）")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


def keep(page: Page, name: str, folder: Path) -> None:
    """A screenshot in *folder*, or in the one that QIYUE_SCREENSHOTS names."""
    kept = Path(os.environ.get("QIYUE_SCREENSHOTS", folder))
    page.screenshot(path=kept / f"{name}.png")
