"""Announcements: one push for each person concerned, once, and a report when all is settled."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import pytest

from messages.envelope import Attachment
from scheduler.expand import LOOK_AGAIN, REPORT_AT_LAST, Expand, Report
from scheduler.worker import Worker
from storage import outbox, people, tasks
from storage.database import Database, Tx
from storage.outbox import OutboxRow
from tests.scheduler import july
from tests.scheduler.july import P, shanghai

NOW = shanghai(12, 10)
TITLE = {"kind": "broadcast", "text": "带电脑"}

Opener = Callable[[], Database]


@pytest.fixture
def database(instance: Opener) -> Database:
    stored = instance()
    stored.write(july.store)
    return stored


def worker(database: Database) -> Worker:
    return Worker(
        database, {"expand": Expand(database), "report": Report(database, lambda missed: b"", str)}, "w"
    )


def announce(database: Database, **more: object) -> str:
    everybody: dict[str, object] = {"cohorts": [], "groups": [], "roles": [], "mentor": None}
    data: Mapping[str, object] = {
        "template": "broadcast/told",
        "values": {"message": "带电脑", "from": "张老师"},
        "audience": everybody,
        "by": "admin01",
        "title": TITLE,
        **more,
    }
    return database.write(lambda tx: tasks.add(tx, P, "expand", data, NOW))


def rows(database: Database, prefix: str = "told:") -> tuple[OutboxRow, ...]:
    return database.read(lambda tx: outbox.delivery_of(tx, P, prefix))


def settle(database: Database, at: datetime, but: Mapping[str, str]) -> None:
    """As the relay does: one call to all, some of whom the platform does not reach."""

    def work(tx: Tx) -> None:
        waiting = [row.row_id for row in outbox.due(tx, at, 1000)]
        outbox.create_call(tx, "wecom", b"{}", waiting, at)
        (call,) = outbox.claim_calls(tx, "r", at, 60, 1)
        outbox.finish_call(tx, call.call_id, call.fence, "done", but, at)

    database.write(work)


def test_everybody_meant_gets_one_push_and_the_sender_none(database: Database) -> None:
    announce(database, not_to=["lead01"])

    worker(database).run(NOW)

    told = [row.person_id for row in rows(database)]
    assert (len(told), "lead01" in told, "stu001" in told, "mentor01" in told) == (52, False, True, False)


def test_a_task_that_runs_again_after_a_kill_tells_nobody_twice(database: Database) -> None:
    announce(database)
    claimed = database.write(lambda tx: tasks.claim(tx, "dead", NOW, 60))
    assert claimed is not None
    Expand(database)(claimed, NOW)

    worker(database).run(NOW + timedelta(seconds=61))

    assert len(rows(database)) == 53


def test_who_left_the_roster_meanwhile_is_not_told(database: Database) -> None:
    announce(database)
    stayed = [person for person in july.read_people() if person.person_id != "stu001"]
    accounts = {person.person_id: ("wecom", person.person_id) for person in stayed}
    database.write(lambda tx: people.save_roster(tx, P, stayed, accounts, NOW))

    worker(database).run(NOW)

    assert "stu001" not in [row.person_id for row in rows(database)]


def test_the_report_waits_for_the_last_push_and_names_who_was_missed(database: Database) -> None:
    announce(database)
    worker(database).run(NOW)
    soon = NOW + LOOK_AGAIN + timedelta(seconds=1)
    worker(database).run(soon)
    before = rows(database, "report:")

    settle(database, soon, {"stu005": "invalid_user"})
    worker(database).run(soon + LOOK_AGAIN + timedelta(seconds=1))

    (report,) = rows(database, "report:")
    assert (before, report.person_id) == ((), "admin01")
    assert report.values == {
        "title": TITLE,
        "delivered": 52,
        "on_their_way": 0,
        "missed": [{"name": "孙八", "state": "failed", "reason": "invalid_user"}],
    }


def test_names_that_are_too_many_for_the_report_follow_as_a_file(database: Database) -> None:
    shelf: list[bytes] = []

    def shelve(content: bytes) -> str:
        shelf.append(content)
        return "digest"

    reporting = Report(database, lambda missed: json.dumps([m["name"] for m in missed]).encode(), shelve)
    announce(database)
    worker(database).run(NOW)
    soon = NOW + LOOK_AGAIN + timedelta(seconds=1)
    told = [row.person_id for row in rows(database)]
    settle(database, soon, dict.fromkeys(told[:21], "invalid_user"))

    Worker(database, {"report": reporting}, "w").run(soon)

    report, file = sorted(rows(database, "report:"), key=lambda row: row.due_at)
    assert (report.template, report.attachment) == ("change/delivered", None)
    assert (file.template, file.person_id) == ("change/delivery_list", "admin01")
    assert file.attachment == Attachment("file", "未送达名单0712.csv", "digest")
    assert len(shelf) == 1
    assert len(json.loads(shelf[0])) == 21


def test_a_report_is_given_at_last_with_what_is_still_on_its_way(database: Database) -> None:
    announce(database)
    worker(database).run(NOW)

    worker(database).run(NOW + REPORT_AT_LAST + timedelta(seconds=1))

    (report,) = rows(database, "report:")
    assert (report.values["delivered"], report.values["on_their_way"]) == (0, 53)


def test_waiting_for_the_pushes_is_no_failed_attempt(database: Database) -> None:
    announce(database)
    worker(database).run(NOW)
    for seconds in range(4, 60, 4):
        worker(database).run(NOW + timedelta(seconds=seconds))

    (task,) = database.read(lambda tx: tasks.newest(tx, P, "report", 9))
    assert (task.state, task.attempts) == ("waiting", 0)


def test_a_change_reaches_those_whom_the_session_concerns(database: Database) -> None:
    data: dict[str, object] = {
        "template": "change/told",
        "values": {"changes": [], "reason": None},
        "session_ids": ["S04"],
        "occurrence_ids": [f"{P}-S04-视频压缩组"],
        "not_to": [],
        "by": None,
        "title": None,
    }
    database.write(lambda tx: tasks.add(tx, P, "expand", data, NOW))

    worker(database).run(NOW)

    told = {row.person_id for row in rows(database)}
    members = {
        p.person_id
        for p in july.read_people()
        if p.group == "视频压缩组" and (p.cohort in ("研0", "研1") or "lead" in p.roles)
    }
    assert told == members


def test_an_unknown_programme_is_no_reason_to_stop(database: Database) -> None:
    task = tasks.Task("t", "gone", "expand", {}, "running", 1, 1, None)

    assert Expand(database)(task, NOW) == {"told": 0}
