"""Every conversation of tests/scenarios/*.txt comes out word for word."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.house import build_template
from tests.scenarios.play import play
from tests.scenarios.script import read

SCRIPTS = sorted(Path(__file__).parent.glob("*.txt"))


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_template(tmp_path_factory.mktemp("template"))


@pytest.mark.parametrize("path", SCRIPTS, ids=[path.stem for path in SCRIPTS])
def test_the_conversation_comes_out_word_for_word(path: Path, tmp_path: Path, template: Path) -> None:
    heard = list(play(read(path), tmp_path, template))

    said = [(h.step.line, h.answer) for h in heard]
    assert said == [(h.step.line, h.step.expected) for h in heard]
    assert heard
