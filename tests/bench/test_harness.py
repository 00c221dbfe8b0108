"""The measuring itself: what it counts, and what it refuses to call a right reply."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench import burst
from bench.client import Job, drive, sealed_requests, texts_of, wrong_texts
from bench.processes import ServerProcess, descendants
from bench.run import CASES, Measured, Pass, main, spread


@pytest.fixture(scope="module")
def echo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    server = ServerProcess("echo", tmp_path_factory.mktemp("bench"), threads=4, ahead_s=0.0)
    yield server
    server.stop()


def job_for(server: ServerProcess, **changes: object) -> Job:
    values = {"port": server.port, "first": 0, "count": 40, "first_id": 10**18, "text": "签到", "expects": ""}
    return Job(**{**values, "created_at": 1_688_451_600, "connections": 4, "is_echo": True, **changes})  # type: ignore[arg-type]


def test_every_callback_is_answered_once_and_its_reply_opens(echo: ServerProcess) -> None:
    job = job_for(echo)
    requests = sealed_requests(job)

    responses, seconds = drive(job.port, requests, job.connections)

    assert texts_of(requests, responses) == (["签到"] * 40, [])
    assert seconds > 0
    assert len({request.sender for request in requests}) == 40


def test_a_reply_to_somebody_else_is_an_error(echo: ServerProcess) -> None:
    job = job_for(echo, count=2)
    requests = sealed_requests(job)
    responses, _ = drive(job.port, requests, 2)

    _, errors = texts_of(requests, responses[::-1])

    assert errors == [
        "student000000: 回复发给了 'student000001'，应为 'student000000'",
        "student000001: 回复发给了 'student000000'，应为 'student000001'",
    ]


def test_a_callback_that_is_refused_is_an_error(echo: ServerProcess) -> None:
    job = job_for(echo, count=1)
    forged = [type(r)(r.sender, r.data.replace(b"nonce1", b"nonce2")) for r in sealed_requests(job)]

    _, errors = texts_of(forged, drive(job.port, forged, 1)[0])

    assert errors == ["student000000: HTTP 403"]


@pytest.mark.parametrize(
    ("changes", "texts", "before", "wrong"),
    [
        ({}, ["签到", "签 到"], [], ["student000001: '签 到'"]),
        ({"is_echo": False, "expects": "已签到"}, ["已签到", ""], [], ["student000001: ''"]),
        ({"is_echo": False, "is_repeat": True}, ["甲", "乙"], ["甲", "丙"], ["student000001: '乙'"]),
    ],
)
def test_a_reply_that_says_something_else_is_an_error(
    echo: ServerProcess, changes: dict[str, object], texts: list[str], before: list[str], wrong: list[str]
) -> None:
    job = job_for(echo, count=2, **changes)

    assert wrong_texts(job, sealed_requests(job), texts, before) == wrong


def test_the_cpu_of_the_servers_worker_is_counted(echo: ServerProcess) -> None:
    job = job_for(echo, count=200)
    requests = sealed_requests(job)
    before = echo.cpu_s()

    drive(job.port, requests, 4)

    assert echo.cpu_s() - before > 200 * 20e-6


def test_the_tree_of_a_process_holds_its_children() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE
    ) as child:
        found = descendants(os.getpid())
        assert child.stdin is not None
        child.stdin.close()

    assert {os.getpid(), child.pid} <= set(found)


def test_a_server_that_does_not_start_says_why(tmp_path: Path) -> None:
    started = time.monotonic()

    with pytest.raises(RuntimeError, match="invalid choice: 'nobody'"):
        ServerProcess("nobody", tmp_path, threads=1, ahead_s=0.0)

    assert time.monotonic() - started < 30


def test_the_ratio_is_taken_round_by_round() -> None:
    measured = Measured(CASES[0])
    for product_us, echo_us in ((100.0, 300.0), (200.0, 300.0)):
        measured.product.append(Pass(product_us, 1, 1, 1))
        measured.echo.append(Pass(echo_us, 1, 1, 1))

    assert measured.ratios == [3.0, 1.5]
    assert spread(measured.ratios, 2) == "2.25 (1.50–3.00)"


def test_a_run_of_two_hundred_check_ins_stores_each_and_gets_every_reply_right(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = main(["--callbacks", "200", "--rounds", "1", "--threads", "8"])

    printed = capsys.readouterr().out
    assert "签到：送出 200 条，数据库里 200 条\n错误的回复：0 条\n" in printed
    assert code == 0
    assert [line.split("|")[1].strip() for line in printed.splitlines() if line.startswith("|")][2:] == [
        case.title for case in CASES
    ]


def test_a_burst_delivers_each_message_up_to_three_times_the_last_after_the_platforms_wait() -> None:
    plan = burst.schedule(students=6, seconds=60.0, copies=3)

    assert [(d.number, d.due_s) for d in plan if d.number < 3] == [
        (0, 0.0),
        (1, 10.0),
        (1, 10.0),
        (2, 20.0),
        (2, 20.0),
        (2, 25.0),
    ]


def test_a_burst_measures_from_the_moment_a_message_was_due(echo: ServerProcess) -> None:
    requests = sealed_requests(job_for(echo, count=20))
    plan = burst.schedule(students=20, seconds=0.2, copies=2)

    outcome = burst.drive(echo.port, requests, plan, connections=4)

    assert (outcome.deliveries, len(outcome.waits_s)) == (30, 30)
    assert outcome.seconds >= 0.19
    assert min(outcome.waits_s) > 0
    assert len(outcome.wrong) == 30  # an echo confirms nothing
