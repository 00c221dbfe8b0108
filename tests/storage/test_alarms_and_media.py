"""Alarms are open until cleared; an upload is known until the platform forgets it."""

from __future__ import annotations

from functools import partial

from storage import alarms, media
from storage.alarms import Alarm
from storage.database import Database
from tests.storage.samples import AT, later


def test_an_alarm_raised_again_is_counted_and_not_doubled(database: Database) -> None:
    def raise_for(ip: str) -> bool:
        return database.write(lambda tx: alarms.raise_alarm(tx, "wecom", "stopped", 60020, ip, AT))

    raised = [raise_for(ip) for ip in ("203.0.113.7", "203.0.113.8")]

    assert raised == [True, False]
    assert database.read(alarms.open_alarms) == (
        Alarm("wecom", "stopped", 60020, "203.0.113.8", AT, 2, None),
    )


def test_a_cleared_alarm_may_be_raised_anew(database: Database) -> None:
    database.write(lambda tx: alarms.raise_alarm(tx, "wecom", "stopped", 40001, "bad_secret", AT))

    cleared = [database.write(lambda tx: alarms.clear(tx, "wecom", "stopped", AT)) for _ in range(2)]
    between = database.read(alarms.open_alarms)
    again = database.write(lambda tx: alarms.raise_alarm(tx, "wecom", "stopped", 40001, "x", later(hours=1)))

    assert (cleared, between, again) == ([True, False], (), True)


def test_an_upload_is_known_by_its_content_for_as_long_as_the_platform_keeps_it(database: Database) -> None:
    database.write(lambda tx: media.keep(tx, "wecom", "file", "abc", "M1", later(days=3)))
    database.write(lambda tx: media.keep(tx, "wecom", "file", "abc", "M2", later(days=4)))

    def known(kind: str, days: int) -> str | None:
        return database.read(lambda tx: media.media_id(tx, "wecom", kind, "abc", later(days=days)))

    assert [known("file", 3), known("file", 4), known("image", 0)] == ["M2", None, None]


def test_open_alarms_are_counted_by_kind_and_those_of_one_day_for_a_day(database: Database) -> None:
    for kind in ("stopped", "undelivered:2023-07-04"):
        database.write(partial(alarms.raise_alarm, channel="wecom", kind=kind, errcode=1, detail="", at=AT))
    database.write(lambda tx: alarms.raise_alarm(tx, "robot", "stopped", 93000, "", AT))

    counts = [database.read(partial(alarms.open_by_kind, now=later(hours=h))) for h in (23, 24)]

    assert counts == [{"stopped": 2, "undelivered": 1}, {"stopped": 2}]
