"""/u/<token> and /f/<token>: who may send what, what comes back, and what is never given out."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from handlers.links import FILE, UPLOAD, personal_token
from handlers.uploads import CHUNK_BYTES, Desk, Problem, Progress, UploadRules, Uploads, UploadView
from storage import submissions
from tests.documents.files.made import made
from tests.documents.files.pdfs import scan
from tests.house import KEY, Talk, build_template
from web.application import create_app
from web.upload import upload_pages
from wiring.handing_in import Sweeping, examiner, upload_files, uploads

AT = datetime(2023, 7, 22, 12, 0, tzinfo=UTC)
SOON, GONE = AT + timedelta(hours=2), AT - timedelta(seconds=1)


class Away(Exception):
    pass


class Visit:
    """A student's browser and the house behind the page."""

    def __init__(self, talk: Talk) -> None:
        self.talk = talk
        talk.clock.at = AT
        app = talk.app
        pages = upload_pages(uploads(app), app.renderer.render, (Away,))
        self.browser: FlaskClient = create_app([pages]).test_client()
        self.person_id = next(
            p.person_id for p in app.snapshot.people_in(app.snapshot.programme_ids()[0]) if p.name == "王小明"
        )

    def token(self, part: str = "report", until: datetime = SOON, person_id: str | None = None) -> str:
        return personal_token(KEY, UPLOAD, (person_id or self.person_id, part, ""), until)

    def begin(
        self, token: str, name: str = "报告.pdf", size: int = 100, part: str = "report"
    ) -> TestResponse:
        said = {"part": part, "kind": "", "name": name, "size": size}
        return self.browser.post(f"/u/{token}/files", json=said)

    def put(self, token: str, upload: str, offset: int, data: bytes) -> TestResponse:
        return self.browser.put(f"/u/{token}/files/{upload}?offset={offset}", data=data)

    def send(self, token: str, name: str, data: bytes, part: str = "report") -> str:
        upload = str(self.begin(token, name, len(data), part).get_json()["upload"])
        for offset in range(0, len(data), CHUNK_BYTES):
            self.put(token, upload, offset, data[offset : offset + CHUNK_BYTES])
        return upload

    def stand(self, token: str, upload: str) -> dict[str, object]:
        found: dict[str, object] = self.browser.get(f"/u/{token}/files/{upload}").get_json()
        return found

    def examine(self) -> None:
        while examiner(self.talk.app, "tests").run(self.talk.clock.at):
            continue

    def rows(self) -> list[tuple[str, str]]:
        """(state, name on disk) of everything the student sent."""
        programme_id = self.talk.app.snapshot.programme_ids()[0]
        found = self.talk.app.database.read(
            lambda tx: submissions.of_person(tx, programme_id, self.person_id)
        )
        return [(one.state, one.file or "") for one in found]

    def on_disk(self, folder: str = "kept") -> list[str]:
        root = Path(self.talk.app.settings.storage.uploads) / folder
        return sorted(path.name for path in root.glob("*")) if root.exists() else []


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_template(tmp_path_factory.mktemp("template"))


@pytest.fixture
def visit(tmp_path: Path, template: Path) -> Iterator[Visit]:
    talk = Talk(tmp_path, template)
    yield Visit(talk)
    talk.close()


def test_a_report_sent_in_pieces_is_judged_and_kept(visit: Visit) -> None:
    """B27: pages, version, checksum, and what is missing."""
    token, data = visit.token(), made("报告.pdf", 23)

    upload = visit.send(token, "报告.pdf", data)
    before = visit.stand(token, upload)
    visit.examine()
    after = visit.stand(token, upload)

    assert before == {"state": "received", "offset": len(data), "verdict": "", "said": ""}
    assert (after["state"], after["verdict"]) == ("judged", "submitted")
    assert str(after["said"]).startswith("✅ 报告已提交：23 页，第1次提交，7/22（周六）20:00，校验 ")
    assert [("submitted", name) for name in visit.on_disk()] == visit.rows()


def test_a_broken_connection_goes_on_where_it_stopped(visit: Visit) -> None:
    token, data = visit.token(), scan(3, 200_000)
    upload = visit.begin(token, "a.pdf", len(data)).get_json()["upload"]
    visit.put(token, upload, 0, data[:1000])

    lost = visit.put(token, upload, 0, data[:1000]).get_json()
    stand = visit.stand(token, upload)

    assert (lost["state"], lost["offset"]) == ("receiving", 1000)
    assert stand["offset"] == 1000
    for offset in range(1000, len(data), CHUNK_BYTES):
        visit.put(token, upload, offset, data[offset : offset + CHUNK_BYTES])
    visit.examine()
    assert visit.stand(token, upload)["verdict"] == "draft"


def test_the_last_piece_sent_twice_is_one_submission(visit: Visit) -> None:
    token, data = visit.token(), made("a.pdf", 23)
    upload = visit.send(token, "a.pdf", data)

    again = visit.put(token, upload, 0, data).get_json()

    assert again["state"] == "received"
    assert len(visit.rows()) == 1


def test_two_tabs_have_uploads_of_their_own(visit: Visit) -> None:
    """Two files at once are two versions; the same file twice is one (B30)."""
    first, second = visit.token(), visit.token("slides")
    data, other = made("a.pdf", 23), made("b.pdf", 24)
    one, two = (visit.begin(t, "a.pdf", len(data)).get_json()["upload"] for t in (first, second))
    third = visit.begin(first, "b.pdf", len(other)).get_json()["upload"]

    for upload, sent in ((one, data), (two, data), (third, other)):
        visit.put(first, upload, 0, sent[:900])
    for upload, sent in ((one, data), (two, data), (third, other)):
        visit.put(second, upload, 900, sent[900:])
        visit.examine()

    assert sorted(state for state, _ in visit.rows()) == ["same", "submitted", "submitted"]
    assert len(visit.on_disk()) == 2


def test_a_hostile_file_is_refused_and_removed(visit: Visit) -> None:
    token = visit.token()

    upload = visit.send(token, "a.pdf", b"MZ" + b"\0" * 500)
    visit.examine()

    assert visit.stand(token, upload)["said"] == "a.pdf 没有收下：这种文件不收，请交 PDF（PPT 可以交 pptx）。"
    assert (visit.rows(), visit.on_disk()) == ([("refused", "")], [])


@pytest.mark.parametrize(
    ("name", "size", "said"),
    [
        ("a.pdf", 0, "a.pdf 是空文件（0 字节），没有收下。请重新导出再交。"),
        ("a.exe", 9, "a.exe 这种文件不收。可以交：pdf、docx、pptx。报告请导出成 PDF 再交。"),
        (
            "a.pdf",
            51 * 1024 * 1024,
            "a.pdf 超过 50 MB，没有收下。请压缩图片后重新导出，或回复 提交报告 加网盘链接（先记为草稿）。",
        ),
    ],
)
def test_what_cannot_be_taken_is_said_before_the_first_byte(
    visit: Visit, name: str, size: int, said: str
) -> None:
    answer = visit.begin(visit.token(), name, size)

    assert (answer.status_code, answer.get_json()) == (422, {"problem": said})


def test_more_bytes_than_were_announced_are_not_taken(visit: Visit) -> None:
    token = visit.token()
    upload = visit.begin(token, "a.pdf", 10).get_json()["upload"]

    answer = visit.put(token, upload, 0, b"x" * 1000).get_json()

    assert answer["offset"] == 10


def test_a_piece_that_is_too_large_is_refused(visit: Visit) -> None:
    token = visit.token()
    upload = visit.begin(token, "a.pdf", 10**6).get_json()["upload"]

    assert visit.put(token, upload, 0, b"x" * (CHUNK_BYTES + 1)).status_code == 413


def test_a_template_can_only_be_handed_in_by_its_own_link(visit: Visit) -> None:
    """R28: a student's link never changes what everybody gets."""
    answers = [visit.begin(visit.token(), part="report_template").status_code]
    answers += [visit.begin(visit.token("slides_template"), part="report_template").status_code]

    assert answers == [422, 422]


def test_somebody_else_cannot_go_on_with_an_upload(visit: Visit) -> None:
    programme_id = visit.talk.app.snapshot.programme_ids()[0]
    other = next(p for p in visit.talk.app.snapshot.people_in(programme_id) if p.name == "赵六")
    upload = visit.begin(visit.token(), "a.pdf", 1000).get_json()["upload"]
    foreign = visit.token(person_id=other.person_id)

    answers = [visit.put(foreign, upload, 0, b"x"), visit.browser.get(f"/u/{foreign}/files/{upload}")]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert visit.stand(visit.token(), upload)["offset"] == 0


def test_an_old_link_is_410_with_the_next_step(visit: Visit) -> None:
    """D10: genuine but expired."""
    token = visit.token(until=GONE)

    answer = visit.browser.get(f"/u/{token}")

    assert answer.status_code == 410
    assert "回复「交报告」再拿一个链接" in answer.get_data(as_text=True)
    assert visit.begin(token).status_code == 410


def tampered(token: str) -> list[str]:
    """The token with each of its characters changed, cut, and of another purpose."""
    found = [token[:i] + ("A" if token[i] != "A" else "B") + token[i + 1 :] for i in range(len(token))]
    other = json.dumps(["x", "report", "", 9999999999]).encode()
    return [*found, token[:-1], token + "A", base64.urlsafe_b64encode(other).decode() + ".x", "x", "é"]


def test_a_forged_or_foreign_link_is_403_and_stores_nothing(visit: Visit) -> None:
    """T9: tampered byte by byte, of another key, of another purpose."""
    token = visit.token()
    foreign = [
        personal_token(b"another key", UPLOAD, (visit.person_id, "report", ""), SOON),
        personal_token(KEY, FILE, (visit.person_id, "report"), SOON),
        personal_token(KEY, UPLOAD, ("nobody", "report", ""), SOON),
    ]

    found = {visit.browser.get(f"/u/{bad}").status_code for bad in (*tampered(token), *foreign)}

    assert found == {403}
    assert visit.on_disk("incoming") == []


def test_a_link_of_the_key_before_still_opens(visit: Visit) -> None:
    """D22: the signing key was changed a moment ago."""
    app = visit.talk.app
    app.setup = replace(app.setup, signing_key=b"the new key", previous_signing_key=KEY)
    browser = create_app([upload_pages(uploads(app), app.renderer.render, (Away,))]).test_client()

    assert browser.get(f"/u/{visit.token()}").status_code == 200


def test_the_link_goes_to_no_other_site_and_into_no_cache(visit: Visit) -> None:
    headers = visit.browser.get(f"/u/{visit.token()}").headers

    assert (headers["Referrer-Policy"], headers["Cache-Control"]) == ("no-referrer", "no-store")


def test_a_file_is_given_as_an_attachment_under_its_name(visit: Visit) -> None:
    """T10, T11: random name on disk, attachment, no sniffing, no scripts."""
    token = visit.token()
    upload = visit.send(token, "报告\r\n终稿.pdf", made("x.pdf", 23))
    visit.examine()
    link = personal_token(KEY, FILE, (visit.person_id, upload), SOON)

    answer = visit.browser.get(f"/f/{link}", buffered=True)

    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment; filename")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.get_data() == made("x.pdf", 23)


def test_a_link_to_a_file_ends_and_cannot_be_forged(visit: Visit) -> None:
    upload = visit.send(visit.token(), "a.pdf", made("x.pdf", 23))
    visit.examine()
    old = personal_token(KEY, FILE, (visit.person_id, upload), GONE)
    nothing = personal_token(KEY, FILE, (visit.person_id, "0" * 32), SOON)

    answers = [visit.browser.get(f"/f/{link}").status_code for link in (old, nothing, "x", visit.token())]

    assert answers == [410, 410, 403, 403]


def test_a_refused_file_is_given_to_nobody(visit: Visit) -> None:
    upload = visit.send(visit.token(), "a.pdf", b"MZ" + b"\0" * 500)
    visit.examine()
    link = personal_token(KEY, FILE, (visit.person_id, upload), SOON)

    assert visit.browser.get(f"/f/{link}").status_code == 410


def test_a_kill_between_file_and_row_leaves_a_file_that_is_swept(visit: Visit) -> None:
    """C3: never a row without its file; orphans go within five minutes, files with a row stay."""
    token, data = visit.token(), made("a.pdf", 23)
    visit.send(token, "b.pdf", made("b.pdf", 23))
    upload = visit.begin(token, "a.pdf", len(data)).get_json()["upload"]
    files = upload_files(visit.talk.app)
    files.append(upload, 0, iter([data]), len(data))
    files.keep(upload)
    later = datetime.now(UTC)

    Sweeping(visit.talk.app)(later)
    young = len(visit.on_disk())
    Sweeping(visit.talk.app)(later + timedelta(minutes=3))

    assert (young, [name for _, name in visit.rows()]) == (2, visit.on_disk())


def test_a_kill_between_file_and_row_is_finished_by_asking_again(visit: Visit) -> None:
    token, data = visit.token(), made("a.pdf", 23)
    upload = visit.begin(token, "a.pdf", len(data)).get_json()["upload"]
    files = upload_files(visit.talk.app)
    files.append(upload, 0, iter([data]), len(data))
    files.keep(upload)

    stand = visit.stand(token, upload)
    again = [visit.put(token, upload, len(data), b"").get_json()["state"] for _ in range(2)]
    visit.examine()

    assert (stand["state"], stand["offset"], again) == ("receiving", len(data), ["received", "received"])
    assert [("submitted", name) for name in visit.on_disk()] == visit.rows()


def test_an_upload_that_nobody_goes_on_with_is_swept_after_its_link(visit: Visit) -> None:
    visit.begin(visit.token(), "a.pdf", 1000)
    now = datetime.now(UTC)

    Sweeping(visit.talk.app)(now + timedelta(hours=2))
    before = len(visit.on_disk("incoming"))
    Sweeping(visit.talk.app)(now + timedelta(hours=4))

    assert (before, visit.on_disk("incoming")) == (2, [])


class WithoutStorage(Uploads):
    """The use cases while the database is away."""

    def view(self, desk: Desk) -> UploadView:
        raise Away

    def progress(self, desk: Desk, upload_id: str) -> Progress | Problem:
        raise Away


def test_while_the_database_is_away_the_page_and_its_script_are_asked_to_come_again(visit: Visit) -> None:
    app = visit.talk.app
    away = WithoutStorage(
        app.database,
        upload_files(app),
        app.snapshot,
        app.setup,
        UploadRules(),
        now=app.clocks.now,
        moment=app.clocks.moment,
    )
    browser = create_app([upload_pages(away, app.renderer.render, (Away,))]).test_client()

    page, script = browser.get(f"/u/{visit.token()}"), browser.get(f"/u/{visit.token()}/files/x")

    assert (page.status_code, page.headers["Retry-After"]) == (503, "1")
    assert "现在有点忙" in page.get_data(as_text=True)
    assert (script.status_code, script.get_json()) == (
        503,
        {"problem": "系统正忙，文件没有丢。请等几秒，会自动接着传。"},
    )
