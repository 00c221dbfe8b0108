"""The product as a server under test: the real application over the sample notice and a large roster."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import config
from bench.scene import IDENTITY, LECTURE_AT, START, account_of
from handlers.respond import Clocks
from operations import notice_import, roster_import
from programme.roster import COLUMNS, Roster, TableRow, read_people
from scheduler.clock import Ticker
from storage import checkins
from storage.sqlite import hold_single_writer
from wiring.application import assemble, web, wecom_callback
from wiring.log import start_log
from wiring.scheduling import scheduling
from wiring.server import begin, die_with_parent

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

ROOT = Path(__file__).parent.parent
SECRET_NAME = "bench-secret"


def settings_in(folder: Path) -> config.Settings:
    """The defaults, without reminders: what the ticker sends is not the price of a callback."""
    file = folder / "config.toml"
    file.write_text("", "utf-8")
    return config.load(
        file,
        {
            "QIYUE_WECOM__ENABLED": "true",
            "QIYUE_WECOM__CORP_ID": IDENTITY.corp_id,
            "QIYUE_WECOM__AGENT_ID": str(IDENTITY.agent_id),
            "QIYUE_STORAGE__URL": f"sqlite:///{folder / 'qiyue.db'}",
            "QIYUE_STORAGE__UPLOADS": str(folder / "uploads"),
            "QIYUE_LOG__LEVEL": os.environ.get("QIYUE_LOG__LEVEL", "info"),
            "QIYUE_WECOM_SECRET": SECRET_NAME,
            "QIYUE_WECOM_TOKEN": IDENTITY.token,
            "QIYUE_WECOM_AES_KEY": IDENTITY.aes_key,
        },
    )


def prepare(folder: Path, people: int) -> None:
    """Import the sample notice and *people* made-up students into a new database in *folder*."""
    settings = settings_in(folder)
    app = assemble(settings, secrets.token_bytes(32), Clocks(_start, _start), 60.0)
    programme = notice_import.programme_of(
        notice_import.read_notice(ROOT / "samples" / "notice.txt", START.year), {}
    )
    notice_import.store(app.database, programme, START, is_confirmed=False)
    roster = read_people(tuple(_rows(people)), programme.programme_id)
    assert isinstance(roster, Roster)
    key = app.setup.signing_key
    roster_import.store(app.database, programme.programme_id, roster, START, key, secrets.token_bytes)
    app.close()


def _start() -> datetime:
    return START


def _rows(people: int) -> Iterator[TableRow]:
    yield TableRow(1, COLUMNS)
    for number in range(people):
        group = f"第{number % 20 + 1}组"
        row = (
            f"学生{_in_hanzi(number)}",
            f"{number:08d}",
            f"研{number % 2}",
            group,
            "学生",
            "",
            account_of(number),
        )
        yield TableRow(number + 2, row)


def _in_hanzi(number: int) -> str:
    return "".join("零一二三四五六七八九"[int(digit)] for digit in f"{number:06d}")


def application(folder: Path, ahead_s: float) -> WSGIApplication:
    """The wired product in a worker; its clock runs *ahead_s* seconds ahead of the real one."""
    die_with_parent()
    settings = settings_in(folder)
    log = start_log(settings)

    def now() -> datetime:
        return datetime.now(UTC) + timedelta(seconds=ahead_s)

    writer = hold_single_writer(settings.data_dir)
    app = assemble(settings, secrets.token_bytes(32), Clocks(now, now))
    tick, _ = scheduling(app, {})
    ticker = Ticker(tick, now, app.setup.zone)
    app.closed.append(writer.release)
    begin(app, ticker, tick)
    return web(app, {"/wecom/callback": wecom_callback(settings, now)}, ticker, log)


def recorded(folder: Path) -> int:
    """How many check-ins of the lecture are in the database, read after the server has ended."""
    return len(checked_in(folder))


def checked_in(folder: Path) -> list[str]:
    """The person of each check-in of the lecture, read after the server has ended."""
    app = assemble(settings_in(folder), secrets.token_bytes(32), Clocks(_start, _start))
    programme = app.snapshot.programme(app.snapshot.programme_ids()[0])
    assert programme is not None
    lectures = [o for o in programme.occurrences if o.held_on == LECTURE_AT.date() and o.group is None]
    rows = app.database.read(lambda tx: [checkins.of_occurrence(tx, o.occurrence_id) for o in lectures])
    app.close()
    return [row.person_id for found in rows for row in found]
