"""A real process whose database is locked, whose disk is full or whose platform is away, and then is not."""

from __future__ import annotations

import resource
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.campaign import Campaign, Nursery, PlatformControl, furnish, nursery, platform_process
from tests.wiring.running import is_alive

PATIENCE_S = 0.3


@pytest.fixture(scope="module")
def born() -> Iterator[Nursery]:
    with nursery() as running:
        yield running


@pytest.fixture
def campaign(tmp_path: Path, born: Nursery) -> Iterator[Campaign]:
    url = f"sqlite:///{tmp_path / 'qiyue.db'}"
    furnish(url)
    with platform_process() as platform:
        fought = Campaign(1, tmp_path, url, platform, born)
        yield fought
        fought.close()


def settled(campaign: Campaign) -> None:
    """Everything went out, once, in order."""
    campaign.wait_settled()
    campaign.stop()
    tally = campaign.judge()
    assert tally.problems == []
    assert set(tally.rows) == {"push delivered"}


def accepted(platform: PlatformControl) -> int:
    return int(platform.ledger()["accepted"])


def test_a_locked_database_stops_the_sending_and_loses_nothing(campaign: Campaign, tmp_path: Path) -> None:
    """Locked for five times as long as a writer waits; in the product a writer waits 4 s."""
    pids = campaign.start_missing(patience_s=PATIENCE_S)
    campaign.enqueue()
    campaign.wait_settled()
    before = accepted(campaign.platform)
    locker = sqlite3.connect(tmp_path / "qiyue.db", isolation_level=None)
    locker.execute("begin immediate")
    time.sleep(5 * PATIENCE_S)
    while_locked = accepted(campaign.platform)
    locker.execute("rollback")
    locker.close()
    campaign.enqueue()

    assert while_locked == before
    assert all(map(is_alive, pids))
    settled(campaign)


def test_a_database_locked_while_calls_are_on_their_way_repeats_none_of_them(
    campaign: Campaign, tmp_path: Path
) -> None:
    campaign.platform.weather("fair", 0.2)
    campaign.start_missing(patience_s=PATIENCE_S)
    campaign.enqueue()
    while not accepted(campaign.platform):
        time.sleep(0.01)
    locker = sqlite3.connect(tmp_path / "qiyue.db", isolation_level=None, timeout=5)
    locker.execute("begin immediate")
    time.sleep(5 * PATIENCE_S)
    locker.execute("rollback")
    locker.close()

    settled(campaign)
    assert campaign.tally.swallowed == 0


def test_a_full_disk_stops_the_sending_and_is_survived_without_a_restart(
    campaign: Campaign, tmp_path: Path
) -> None:
    errors = tmp_path / "errors.txt"
    (pid,) = campaign.start_missing(file_limit=96 << 10, patience_s=PATIENCE_S)
    while not (errors.exists() and "without_storage" in errors.read_text()):
        time.sleep(0.02)
    campaign.enqueue()
    time.sleep(0.5)
    while_full = accepted(campaign.platform)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    settled(campaign)
    assert while_full == 0


@pytest.mark.parametrize("weather", ["away", "page"])
def test_a_platform_that_was_away_gets_everything_once_when_it_is_back(
    campaign: Campaign, weather: str
) -> None:
    campaign.start_missing()
    campaign.enqueue()
    campaign.wait_settled()
    campaign.platform.weather(weather)
    campaign.enqueue()
    time.sleep(0.5)
    campaign.platform.weather("fair")

    settled(campaign)
