"""What every command needs before it can do anything: settings, the key, the database, the application."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from config import ConfigError, Settings, load, signing_key
from operations.usage import Refusal, WrongSettings
from settings import LimitsSection
from storage.database import StorageAway
from storage.engines import open_database
from storage.migrations import migrate
from storage.sqlite_file import refuse_what_is_not_ours

# The server, the channels and the understanding are loaded by the commands that need them: reading a
# notice takes a third of the time that they take to load.
if TYPE_CHECKING:
    from handlers.respond import Clocks
    from storage.database import Database
    from wiring.application import Application

UNPACED = LimitsSection(per_person_a_minute=10_000)  # whoever types in the terminal floods nobody
PATIENT_S = 60.0  # the command line waits longer for the database than a callback may


@dataclass(frozen=True)
class Shell:
    """What every command needs before it can do anything."""

    config: Path

    def settings(self, *, needs_secrets: bool = False) -> Settings:
        try:
            return load(self.config, os.environ, require_channel_secrets=needs_secrets)
        except ConfigError as error:
            raise WrongSettings("\n".join(error.problems)) from None

    def key(self, settings: Settings) -> bytes:
        """The signing key. Raises ConfigError, StorageAway (the folder of the data cannot be used)."""
        try:
            return signing_key(settings, os.environ).current.get_secret_value().encode()
        except OSError as error:
            raise StorageAway("the signing key") from error

    def open(self, clocks: Clocks | None = None, *, is_paced: bool = True) -> Application:
        from handlers.respond import Clocks
        from wiring.application import assemble

        settings = self.settings()
        self.look()
        if not is_paced:
            settings = settings.model_copy(update={"limits": UNPACED})
        try:
            return assemble(settings, self.key(settings), clocks or Clocks(real_time, real_time), PATIENT_S)
        except ConfigError as error:
            raise WrongSettings("\n".join(error.problems)) from None

    def look(self) -> Path | None:
        """The SQLite file of this deployment, looked at before anything is written beside it."""
        path = self.settings().sqlite_path
        if path is not None:
            refuse_what_is_not_ours(path)
        return path

    def sqlite_file(self) -> Path:
        """For the commands that copy the file. Raises Refusal for PostgreSQL, which has its own tools."""
        path = self.settings().sqlite_path
        if path is None:
            raise Refusal("数据在 PostgreSQL 里，请用它自己的 pg_dump 备份、pg_restore 恢复。")
        return path

    def kept_key(self) -> Path | None:
        """The file of the signing key, which no copy of the database holds; None when there is none."""
        path = self.settings().data_dir / "secret"
        return path if path.exists() else None

    def rehearse(self, settings: Settings) -> None:
        """Open what the worker process will open, so that what is wrong is said once, and here."""
        try:
            self.key(settings)
        except ConfigError as error:
            raise WrongSettings("\n".join(error.problems)) from None
        self.database().close()

    def database(self) -> Database:
        """The database alone, brought up to date, for commands that answer nobody."""
        database = open_database(self.settings().storage.url, patience_s=PATIENT_S)
        try:
            migrate(database, real_time())
        except BaseException:
            database.close()
            raise
        return database


def real_time() -> datetime:
    return datetime.now(UTC)


def render(template: str, **values: object) -> str:
    from messages.envelope import Reply
    from messages.render import Renderer

    return Renderer().render(Reply(template, values))
