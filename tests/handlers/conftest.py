"""The sample programme and roster, once for the module, copied for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.house import Talk, build_template


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_template(tmp_path_factory.mktemp("template"))


@pytest.fixture
def talk_with(template: Path, tmp_path: Path) -> Iterator[Callable[..., Talk]]:
    """A conversation with the product; keyword arguments are keys of [checkin]."""
    opened: list[Talk] = []

    def open_talk(**checkin: str) -> Talk:
        overlay = {f"QIYUE_CHECKIN__{key.upper()}": value for key, value in checkin.items()}
        opened.append(Talk(tmp_path, template, overlay))
        return opened[-1]

    yield open_talk
    for talk in opened:
        talk.close()


@pytest.fixture
def talk(talk_with: Callable[..., Talk]) -> Talk:
    return talk_with()
