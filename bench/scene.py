"""What both sides of the benchmark agree on: the made-up WeCom app, the hour, the students."""

from __future__ import annotations

from datetime import datetime, timedelta

from fakes.sealing import AppIdentity

IDENTITY = AppIdentity(
    corp_id="ww0000000000bench0",
    agent_id=1000007,
    token="benchmark",
    aes_key="BenchmarkBenchmarkBenchmarkBenchmark0123456",
)

# Ten minutes before the first lecture of the sample notice: its check-in is open for forty more.
LECTURE_AT = datetime.fromisoformat("2023-07-04T14:30:00+08:00")
START = LECTURE_AT - timedelta(minutes=10)


def account_of(number: int) -> str:
    return f"student{number:06d}"
