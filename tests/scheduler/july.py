"""The notice's programme of July 2023 and the sample roster, as values and as stored rows."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from programme.people import ROLE_NAMES, Person
from programme.programme import Programme
from programme.sessions import Item, Occurrence, Session, Source
from storage import people, programmes
from storage.database import Tx

ROOT = Path(__file__).parents[2]
NOTICE = ROOT / "tests/fixtures/notice/notice-expected.json"
ROSTER = ROOT / "samples/roster.csv"
ZONE = ZoneInfo("Asia/Shanghai")
UNTIMED_AT = time(9, 7)
STORED_AT = datetime(2023, 7, 1, tzinfo=UTC)
P = "p2023"


def shanghai(day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2023, 7, day, hour, minute, second, tzinfo=ZONE)


def read_people() -> tuple[Person, ...]:
    """The roster's persons; the account serves as the id."""
    rows = csv.DictReader(ROSTER.read_text("utf-8-sig").splitlines())
    return tuple(
        Person(
            person_id=row["企业微信账号"],
            programme_id=P,
            name=row["姓名"],
            student_no=row["学号"] or None,
            cohort=row["年级"] or None,
            group=row["项目组"] or None,
            roles=frozenset({ROLE_NAMES[row["角色"]]}),
            mentor=row["导师"] or None,
        )
        for row in rows
    )


def read_programme() -> Programme:
    """The notice's twelve sessions; a group meeting has one occurrence per group of the roster."""
    expected = json.loads(NOTICE.read_text("utf-8"))
    sessions = tuple(session_of(entry) for entry in expected["sessions"])
    groups = sorted({person.group for person in read_people() if person.group})
    return Programme(
        programme_id=P,
        version=1,
        title="七月集中学习安排",
        year=2023,
        timezone="Asia/Shanghai",
        first_date=date(2023, 7, 3),
        last_date=date(2023, 7, 28),
        sessions=sessions,
        occurrences=tuple(
            occurrence_of(session, group)
            for session in sessions
            for group in (groups if session.scope == "own_project_group" else [None])
        ),
        topics=(),
        rules=(),
        rewards=(),
        contacts=(),
        attachments=(),
        questions=(),
    )


def session_of(entry: dict[str, object]) -> Session:
    start = entry["start"]
    items = entry["items"]
    assert isinstance(items, list)
    return Session(
        session_id=str(entry["id"]),
        held_on=date.fromisoformat(str(entry["date"])),
        start=time.fromisoformat(str(start)) if start else None,
        end=None,
        period="afternoon",
        kind=entry["kind"],  # type: ignore[arg-type]  # the fixture is checked elsewhere
        scope=entry["scope"],  # type: ignore[arg-type]
        items=tuple(Item(item["track"], item["title"], item["speaker"]) for item in items),
        place=None,
        required=("研0", "研1"),
        optional=("研2",),
        status="tentative",
        version=1,
        source=Source(int(str(entry["source_line"])), str(entry["source_cell"])),
    )


def occurrence_of(session: Session, group: str | None) -> Occurrence:
    name = f"{P}-{session.session_id}" + (f"-{group}" if group else "")
    return Occurrence(
        name, session.session_id, group, session.held_on, session.start, session.end, session.place, 1
    )


def store(tx: Tx) -> None:
    """The whole of July, with every person's WeCom account."""
    programmes.save(tx, read_programme(), STORED_AT)
    everyone = read_people()
    accounts = {person.person_id: ("wecom", person.person_id) for person in everyone}
    people.save_roster(tx, P, everyone, accounts, STORED_AT)


def add_students(tx: Tx, accounts: Sequence[str]) -> None:
    """More students than a lab has, each with a WeCom account of the same name as the id."""
    students = [
        Person(account, P, account, account, "研0", None, frozenset({"student"})) for account in accounts
    ]
    people.save_roster(
        tx, P, [*read_people(), *students], {account: ("wecom", account) for account in accounts}, STORED_AT
    )
