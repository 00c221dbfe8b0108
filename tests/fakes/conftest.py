"""A clock that stands still and a platform with three members."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest

from fakes.clock import SHANGHAI, SimulatedClock
from fakes.platform import FakeWeCom
from fakes.sealing import AppIdentity
from fakes.server import platform_app, serving
from tests.fakes.standin import AGENT, CORP, SECRET


@pytest.fixture
def clock() -> SimulatedClock:
    return SimulatedClock(datetime(2023, 7, 4, 14, 20, tzinfo=SHANGHAI), seconds=lambda: 0.0)


@pytest.fixture
def platform(clock: SimulatedClock) -> FakeWeCom:
    members = {"stu001": "王小明", "stu002": "赵六", "Lead01": "李老师"}
    return FakeWeCom(corp_id=CORP, agent_id=AGENT, secret=SECRET, members=members, clock=clock)


@pytest.fixture
def api(platform: FakeWeCom) -> Iterator[str]:
    with serving(platform_app(platform)) as url:
        yield url


@pytest.fixture
def identity() -> AppIdentity:
    return AppIdentity(CORP, AGENT, "labtok", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C")
