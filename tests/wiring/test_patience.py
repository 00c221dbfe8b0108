"""A worker process that starts while the database is away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage.database import DamagedDatabase, StorageAway
from tests.house import StandingClock, open_house
from wiring.application import Application
from wiring.server import START_AGAIN_S, patiently


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Application]:
    opened = open_house(tmp_path, StandingClock(datetime(2026, 7, 1, tzinfo=UTC)))
    yield opened
    opened.close()


class Attempts:
    """Fails with each of *failures* in turn, then hands out *app*."""

    def __init__(self, app: Application, *failures: Exception) -> None:
        self._app = app
        self._failures = list(failures)
        self.pauses: list[float] = []

    def start(self) -> Application:
        if self._failures:
            raise self._failures.pop(0)
        return self._app


def test_it_tries_again_each_second_until_the_database_is_there(app: Application) -> None:
    attempts = Attempts(app, StorageAway("away"), StorageAway("away"))

    started = patiently(attempts.start, attempts.pauses.append)

    assert started is app
    assert attempts.pauses == [START_AGAIN_S, START_AGAIN_S]


def test_what_does_not_mend_itself_is_not_waited_for(app: Application) -> None:
    attempts = Attempts(app, DamagedDatabase("broken"))

    with pytest.raises(DamagedDatabase):
        patiently(attempts.start, attempts.pauses.append)

    assert attempts.pauses == []
