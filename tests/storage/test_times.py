"""Instants as text keep their order and their microseconds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.times import from_text, to_text

AWARE = st.datetimes(
    min_value=datetime(1900, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(2200, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, ZoneInfo("Asia/Shanghai"), timezone(timedelta(hours=-3, minutes=-30))]),
)


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (datetime(2023, 7, 4, 14, 25, tzinfo=ZoneInfo("Asia/Shanghai")), "2023-07-04T06:25:00.000000Z"),
        (datetime(2023, 7, 4, 6, 25, 0, 7, UTC), "2023-07-04T06:25:00.000007Z"),
        (datetime(2024, 1, 1, 7, tzinfo=ZoneInfo("Asia/Shanghai")), "2023-12-31T23:00:00.000000Z"),
    ],
)
def test_an_instant_is_written_in_utc(at: datetime, text: str) -> None:
    assert to_text(at) == text


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        to_text(datetime(2023, 7, 4))  # noqa: DTZ001 - the point of the test


@given(AWARE)
def test_an_instant_is_read_back_as_it_was(at: datetime) -> None:
    # Compared in UTC: Python calls an hour that a clock change repeats unequal to everything else.
    assert from_text(to_text(at)) == at.astimezone(UTC)


@given(AWARE, AWARE)
def test_the_order_of_texts_is_the_order_of_instants(one: datetime, other: datetime) -> None:
    assert (to_text(one) < to_text(other)) == (one.astimezone(UTC) < other.astimezone(UTC))
