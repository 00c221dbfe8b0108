"""Handing in against the real server: a kill −9 in the middle, and what a large file costs."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from fakes.delivery import CallbackDelivery
from storage import submissions
from storage.engines import open_database
from tests.documents.files.made import made
from tests.documents.files.pdfs import scan
from tests.wiring.running import ROOT, Service, copied, furnished, serving, wait_until

PIECE = 64 * 1024
MEASURE = """
import json, resource, sys
from pathlib import Path
from documents.apart import examine_apart
pages = examine_apart(Path(sys.argv[1]), "a.pdf", wall_s=120).pages
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([pages, used.ru_utime + used.ru_stime, used.ru_maxrss]))
"""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template") / "data"
    furnished(folder)
    return folder


class Page:
    """What the script of the page does, by hand. *link* keeps its path over a restart on another port."""

    def __init__(self, delivery: CallbackDelivery, who: str, text: str = "交报告") -> None:
        said = delivery.text(who, text).said() or ""
        found = re.search(r"(/u/\S+)", said)
        assert found is not None, said
        self.path = found[1]

    def call(
        self, service: Service, method: str, path: str, body: bytes | None = None
    ) -> tuple[int, dict[str, object]]:
        headers = {"Content-Type": "application/json"} if method == "POST" else {}
        request = urllib.request.Request(service.base + self.path + path, body, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, {}

    def begin(self, service: Service, name: str, size: int) -> str:
        said = json.dumps({"part": "report", "kind": "", "name": name, "size": size}).encode()
        return str(self.call(service, "POST", "/files", said)[1]["upload"])

    def send(self, service: Service, upload: str, data: bytes, until: int | None = None) -> dict[str, object]:
        stand = self.call(service, "GET", f"/files/{upload}")[1]
        end = len(data) if until is None else until
        while stand.get("state") == "receiving" and int(str(stand["offset"])) < end:
            offset = int(str(stand["offset"]))
            piece = data[offset : min(offset + PIECE, end)]
            stand = self.call(service, "PUT", f"/files/{upload}?offset={offset}", piece)[1]
        return stand

    def verdict(self, service: Service, upload: str) -> str:
        found: list[str] = []

        def is_judged() -> bool:
            stand = self.call(service, "GET", f"/files/{upload}")[1]
            found.append(str(stand.get("said") or ""))
            return stand.get("state") == "judged"

        wait_until(is_judged, "the verdict")
        return found[-1]


def rows_without_their_file(folder: Path) -> list[str]:
    database = open_database(f"sqlite:///{folder / 'qiyue.db'}")
    named = database.read(submissions.files)
    database.close()
    return sorted(name for name in named if not (folder / "uploads" / "kept" / name).is_file())


def kill(service: Service) -> None:
    os.killpg(service.process.pid, signal.SIGKILL)
    service.process.wait()


def test_an_upload_goes_on_after_a_kill_and_no_row_lacks_its_file(template: Path, tmp_path: Path) -> None:
    """C3: killed in the middle of the body, and again right after the last piece."""
    folder, data = tmp_path / "data", scan(21, 30_000)
    env = copied(template, folder)
    with serving(folder, "serve", env=env) as service:
        page = Page(service.delivery, "stu001")
        upload = page.begin(service, "扫描.pdf", len(data))
        page.send(service, upload, data, until=200_000)
        kill(service)
    with serving(folder, "serve", env=env) as service:
        there = page.call(service, "GET", f"/files/{upload}")[1]
        page.send(service, upload, data)
        kill(service)
    missing = rows_without_their_file(folder)
    with serving(folder, "serve", env=env) as service:
        said = page.verdict(service, upload)

    assert (there["state"], there["offset"]) == ("receiving", 200_000)
    assert missing == rows_without_their_file(folder) == []
    assert said.startswith("✅ 报告已提交：21 页，第1次提交")


def test_a_verdict_comes_in_seconds(template: Path, tmp_path: Path) -> None:
    folder, data = tmp_path / "data", made("报告.pdf", 12)
    env = copied(template, folder)
    with serving(folder, "serve", env=env) as service:
        page = Page(service.delivery, "stu002")
        upload = page.begin(service, "报告.pdf", len(data))
        page.send(service, upload, data)
        said = page.verdict(service, upload)

    assert said.startswith("收到 报告.pdf：12 页，要求 20 页以上（通知第32行），差 8 页。")


def test_twenty_megabytes_are_judged_in_seconds_and_little_memory(tmp_path: Path) -> None:
    """Measured 0.5 s and 54 MB; promised are 5 s and 500 MB. The machine's seconds, not the clock's: the
    child gives way to everything else."""
    path = tmp_path / "upload"
    path.write_bytes(scan(100, 200_000))
    measured = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path)], cwd=ROOT, capture_output=True, text=True, check=True
    )

    pages, seconds, kilobytes = json.loads(measured.stdout)

    assert (path.stat().st_size > 20_000_000, pages) == (True, 100)
    assert seconds < 5
    assert kilobytes < 500 * 1024
