"""What an operator asks of a running `serve`: figures, and readiness that turns red in time."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.wiring.running import Service, copied, furnished, serving, wait_until


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template") / "data"
    furnished(folder)
    return folder


@pytest.fixture
def service(template: Path, tmp_path: Path) -> Iterator[Service]:
    env = copied(template, tmp_path / "data")
    with serving(tmp_path, "serve", env=env) as running:
        yield running


def figures_of(service: Service) -> dict[str, float]:
    status, body = service.get("/metrics")
    assert status == 200
    lines = [line for line in body.decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def test_the_figures_count_what_happened_and_name_nobody(service: Service) -> None:
    for text in ("签到", "本周", "选 13"):
        service.delivery.text("stu001", text)
    wait_until(lambda: "qiyue_last_tick_age_seconds" in figures_of(service), "the first tick")

    found = figures_of(service)

    assert found['qiyue_callbacks_total{channel="wecom",outcome="answered"}'] == 3
    assert found["qiyue_stale_messages_total"] == 0
    assert found["qiyue_clock_trouble"] == 0
    assert found["qiyue_writer_queue"] == 0
    assert found["qiyue_inbox_answers"] >= 1
    assert found["qiyue_last_tick_age_seconds"] < 15
    assert found["process_start_time_seconds"] > 1_700_000_000
    assert {name for name in found if name.startswith("qiyue_calls")} == {
        f'qiyue_calls{{state="{state}"}}'
        for state in ("ready", "sending", "done", "failed", "dead", "unknown", "useless")
    }
    assert "qiyue_outbox_oldest_due_age_seconds" in found
    assert not re.search("stu001|王小明|[一-鿿]", "".join(found))


def test_readiness_is_red_from_sigterm_on_while_answers_are_still_given(service: Service) -> None:
    before = service.get("/readyz")
    service.process.send_signal(signal.SIGTERM)

    wait_until(lambda: service.get("/readyz")[0] == 503, "red readiness")
    page = json.loads(service.get("/readyz")[1])
    answered = service.delivery.text("stu001", "本周").said()

    assert before[0] == 200
    assert page == {"ok": False, "database": True, "snapshot": True, "serving": False}
    assert (answered or "").startswith("本周")
    assert service.stop() == 0


def test_the_clock_stands_beside_what_turns_healthz_red(service: Service) -> None:
    page = json.loads(service.get("/healthz")[1])

    assert page == {"ok": True, "writer": True, "tick": True, "clock_trouble": False}
