"""What is handed in: the upload folder, the page behind a link, the examination beside the tick, the sweep."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from handlers.uploads import UploadRules, Uploads
from programme.submissions import Finding
from scheduler.clock import ran
from scheduler.examine import LEASE_S, Examine
from scheduler.worker import Worker
from storage import submissions
from storage.upload_files import UploadFiles

if TYPE_CHECKING:
    from wiring.application import Application

AT_ONCE = 2
SWEEP_EVERY = timedelta(minutes=1)


def upload_files(app: Application) -> UploadFiles:
    return UploadFiles(Path(app.settings.storage.uploads))


def uploads(app: Application) -> Uploads:
    settings = app.settings.submission
    return Uploads(
        app.database,
        upload_files(app),
        app.snapshot,
        app.setup,
        UploadRules(settings.max_mb, settings.types),
        now=app.clocks.now,
        moment=app.clocks.moment,
    )


def look_apart(path: Path, name: str) -> Finding:
    # Loaded with the first file: a server in which nobody hands in anything need not pay for it.
    from documents.apart import examine_apart

    return examine_apart(path, name)


def examiner(app: Application, owner: str) -> Worker:
    examine = Examine(
        app.database,
        upload_files(app),
        look_apart,
        app.snapshot.programme,
        app.setup.lab_defaults,
        app.setup.zone,
    )
    return Worker(app.database, {"examine": examine}, owner, lease_s=LEASE_S)


def examining(app: Application, owner: str) -> Callable[[datetime], None]:
    """The step beside the tick, on every instance: two files at a time, so that a large one holds up no
    small one; and the folder is swept once a minute."""
    workers = [examiner(app, f"{owner}-{number}") for number in range(AT_ONCE)]
    sweeping = Sweeping(app)

    def step(now: datetime) -> None:
        ran("sweep", sweeping, app.clocks.moment())
        with ThreadPoolExecutor(AT_ONCE) as threads:
            for worker in workers:
                threads.submit(ran, "examine", worker.run, now)

    return step


class Sweeping:
    """Removes what a kill left behind: files without a row, and uploads that nobody went on with."""

    def __init__(self, app: Application) -> None:
        self._app = app
        self._files = upload_files(app)
        self._next_at: datetime | None = None

    def __call__(self, moment: datetime) -> None:
        if self._next_at is not None and moment < self._next_at:
            return
        self._files.sweep(self._app.database.read(submissions.files), moment)
        self._next_at = moment + SWEEP_EVERY
