"""The whole product for tests: the sample programme and roster, a clock that stands, no network."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from itertools import count
from pathlib import Path

from channels.channel import Delivery
from channels.wecom import CAPABILITIES
from config import load
from handlers.respond import Clocks
from handlers.uploads import CHUNK_BYTES, Desk, FileView, Problem, Progress
from messages.envelope import Answer, Inbound, InboundKind, Reply
from operations import notice_import, roster_import
from scheduler.clock import Ticked
from storage import outbox, people
from tests.documents.files.made import made
from wiring.application import Application, assemble, everybody
from wiring.handing_in import examiner, uploads
from wiring.scheduling import scheduling

ROOT = Path(__file__).parent.parent
KEY = b"a made-up signing key for tests only"
LINK = re.compile(r"(/[uf]/)[\w.-]+")
IMPORTED_AT = datetime(2023, 6, 30, 1, 0, tzinfo=UTC)


class Door:
    """A push channel that takes everything; *unreachable* names accounts that it reports as invalid."""

    name = "wecom"
    capabilities = CAPABILITIES

    def __init__(self, unreachable: Collection[str] = ()) -> None:
        self._unreachable = frozenset(unreachable)

    def text_body(self, recipients: tuple[str, ...], text: str) -> bytes:
        return json.dumps({"to": recipients, "text": text}, ensure_ascii=False).encode()

    def send(self, body: bytes) -> Delivery:
        sent = json.loads(body)["to"]
        missed = {account: "invalid_user" for account in sent if account in self._unreachable}
        return Delivery("delivered", 0, unreachable=missed or None, msgid=sha256(body).hexdigest()[:16])

    def recall(self, msgid: str) -> Delivery:
        return Delivery("delivered", 0)


class StandingClock:
    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


def settings_in(folder: Path, overlay: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a test: the shipped config.toml, a database in *folder*."""
    return {
        "QIYUE_STORAGE__URL": f"sqlite:///{folder / 'qiyue.db'}",
        "QIYUE_STORAGE__UPLOADS": str(folder / "uploads"),
        **(overlay or {}),
    }


def open_house(folder: Path, clock: StandingClock, overlay: Mapping[str, str] | None = None) -> Application:
    settings = load(ROOT / "config.toml", settings_in(folder, overlay))
    return assemble(settings, KEY, Clocks(clock.now, clock.now))


def furnish(app: Application, notice: Path | None = None, year: int = 2023) -> None:
    """Import the sample notice (or another) and the sample roster."""
    found = notice_import.read_notice(notice or ROOT / "samples" / "notice.txt", year)
    programme = notice_import.programme_of(found, {})
    notice_import.store(app.database, programme, IMPORTED_AT, is_confirmed=False)
    people = roster_import.read_roster(ROOT / "samples" / "roster.csv", programme.programme_id)
    assert not isinstance(people, tuple)
    roster_import.store(app.database, programme.programme_id, people, IMPORTED_AT, KEY, lambda n: b"x" * n)
    app.snapshot.refresh(app.database)


def build_template(folder: Path) -> Path:
    """A database with the samples in it, to be copied for each test."""
    app = open_house(folder, StandingClock(IMPORTED_AT))
    furnish(app)
    app.close()
    return folder / "qiyue.db"


class Talk:
    """People who write to the product, and what it sends them."""

    def __init__(
        self,
        folder: Path,
        template: Path,
        overlay: Mapping[str, str] | None = None,
        unreachable: Sequence[str] = (),
    ) -> None:
        shutil.copyfile(template, folder / "qiyue.db")
        self._folder = folder
        self._overlay = overlay
        self.clock = StandingClock(IMPORTED_AT)
        self._ids = count(1)
        self._last: dict[str, Inbound] = {}
        self._heard: set[str] = set()
        self._links: dict[str, str] = {}
        self._files: dict[str, list[str]] = {}
        self.app = open_house(folder, self.clock, overlay)
        self._unreachable = [self.account(name) for name in unreachable if name]
        self.pushes()

    def restart(self) -> None:
        self.app.close()
        self.app = open_house(self._folder, self.clock, self._overlay)

    def close(self) -> None:
        self.app.close()

    def forget_accounts(self, names: Sequence[str]) -> None:
        """As if the roster had not said who these people are on the platform."""
        for person in everybody(self.app):
            if person.name in names:
                self.app.database.write(partial(people.unbind, channel="wecom", person_id=person.person_id))
        self.app.snapshot.refresh(self.app.database)

    def account(self, name: str) -> str:
        for person in everybody(self.app):
            if person.name == name:
                accounts = self.app.snapshot.accounts_of(person.person_id)
                if accounts:
                    return accounts[0].account
        return f"wx-{name}"

    def tick(self, at: datetime) -> None:
        """What the scheduler does at *at*: reminders, announcements, sending, reports."""
        self.clock.at = at
        tick, _ = scheduling(self.app, {"wecom": Door(self._unreachable)})
        done = tick(at)
        tick.release()
        assert done == Ticked(True), done

    def send_file(self, name: str, said: str, at: datetime) -> str | None:
        """What the page says of a file: 报告v1.pdf 12 [slides] by the newest link of *name*."""
        self.clock.at = at
        words = said.split()
        data, part = (
            made(words[0], int(words[1]) if len(words) > 1 else 0),
            words[2] if len(words) > 2 else "",
        )
        desk = uploads(self.app).desk(self._links[name])
        assert isinstance(desk, Desk), desk
        page = uploads(self.app)
        begun = page.begin(desk, part or desk.part or "report", desk.kind, words[0], len(data))
        if isinstance(begun, Problem):
            return self.app.renderer.render(begun.said)
        for offset in range(0, len(data), CHUNK_BYTES):
            page.append(desk, begun, offset, iter([data[offset : offset + CHUNK_BYTES]]))
        while examiner(self.app, "tests").run(at):
            continue
        done = page.progress(desk, begun)
        assert isinstance(done, Progress), done
        assert done.said is not None, done
        return self.app.renderer.render(done.said)

    def open_file(self, name: str, wanted: str, at: datetime) -> str:
        """How many bytes the file *wanted* has, by a link of the last answer that had any."""
        self.clock.at = at
        found = [uploads(self.app).file(token) for token in self._files[name]]
        paths = [view.path for view in found if isinstance(view, FileView) and view.name == wanted]
        return f"{paths[0].stat().st_size} bytes"

    def say(self, name: str, text: str, at: datetime, kind: InboundKind = "text") -> str | None:
        self.clock.at = at
        inbound = Inbound("wecom", f"m{next(self._ids)}", self.account(name), at, kind, text)
        return self._send(name, inbound)

    def event(self, name: str, event: str, key: str, at: datetime) -> str | None:
        self.clock.at = at
        inbound = Inbound(
            "wecom", f"m{next(self._ids)}", self.account(name), at, "event", event=event, event_key=key
        )
        return self._send(name, inbound)

    def scan(self, name: str, result: str, at: datetime) -> str | None:
        """*name* uses the menu button 扫码签到 and the camera reads *result*."""
        self.clock.at = at
        details = {"ScanType": "qrcode", "ScanResult": result}
        inbound = Inbound(
            "wecom",
            f"m{next(self._ids)}",
            self.account(name),
            at,
            "event",
            event="scancode_waitmsg",
            event_key="扫码签到",
            details=details,
        )
        return self._send(name, inbound)

    def again(self, name: str, at: datetime) -> str | None:
        """The last message of *name*, delivered again by the platform at *at*."""
        self.clock.at = at
        return self._text(self.app.responder.respond(self._last[name]))

    def _send(self, name: str, inbound: Inbound) -> str | None:
        self._last[name] = inbound
        answer = self._text(self.app.responder.respond(inbound))
        link = re.search(r"/u/(\S+)", answer or "")
        if answer is None:
            return None
        if link is not None:
            self._links[name] = link[1]
        self._files[name] = re.findall(r"/f/(\S+)", answer) or self._files.get(name, [])
        return LINK.sub(r"\1…", answer)

    @staticmethod
    def _text(answer: Answer | None) -> str | None:
        return answer.text if answer else None

    def pushes(self) -> dict[str, list[str]]:
        """What was queued for whom since the last look, as it would read."""
        rows = self.app.database.read(
            lambda tx: [
                row for pid in self.app.snapshot.programme_ids() for row in outbox.delivery_of(tx, pid, "")
            ]
        )
        found: dict[str, list[str]] = {}
        for row in sorted(rows, key=lambda row: (row.due_at, row.dedupe_key)):
            if row.dedupe_key in self._heard:
                continue
            self._heard.add(row.dedupe_key)
            person = self.app.snapshot.person(row.person_id)
            text = self.app.renderer.render(Reply(row.template, row.values))
            name = row.to[1].removeprefix("wx-") if row.to else person.name if person else "?"
            found.setdefault(name, []).append(text)
        return found
