"""Debian's Chromium for the tests of pages; its absence is loud, and a failure in CI."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = shutil.which("chromium")
MISSING = "Chromium is missing: no page was tested in a browser (apt-get install chromium)"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def found_or_said(program: str | None, *, is_ci: bool, say: TextIO | None) -> str:
    """*program*; without one the test fails in CI, and elsewhere is skipped with a line on *say*."""
    if program is not None:
        return program
    if is_ci:
        pytest.fail(MISSING)
    print(f"\n*** SKIPPED: {MISSING} ***", file=say)
    pytest.skip(MISSING)


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser. Missing: one loud line and a skip; in CI a failure, which skips nothing."""
    program = found_or_said(CHROMIUM, is_ci=os.environ.get("CI") == "true", say=sys.__stderr__)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


def keep(page: Page, name: str, folder: Path) -> None:
    """A screenshot in *folder*, or in the one that QIYUE_SCREENSHOTS names."""
    kept = Path(os.environ.get("QIYUE_SCREENSHOTS", folder))
    page.screenshot(path=kept / f"{name}.png")
