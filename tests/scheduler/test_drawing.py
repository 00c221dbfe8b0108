"""考勤图 and 考勤表 are made beside the conversation, of nobody but those whom the reader may see."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import pytest

from messages.envelope import MediaKind, Reply
from messages.render import Renderer
from programme.attendance import CheckinRules
from scheduler.drawing import Made, MakeFile, Sheet
from scheduler.worker import Worker
from storage import checkins, leave, outbox, tasks
from storage.database import Database, Tx
from storage.tasks import TaskKind
from tests.scheduler import july
from tests.scheduler.july import P, shanghai

Opener = Callable[[], Database]
AT = shanghai(5, 9, 0)


@dataclass
class Studio:
    """Takes what should be drawn and notes it; *note* is what it has to say about it."""

    note: str = ""
    sheets: list[Sheet] = field(default_factory=list)
    shelf: list[bytes] = field(default_factory=list)

    def make(self, sheet: Sheet, is_picture: bool) -> Made:
        self.sheets.append(sheet)
        kind: MediaKind = "image" if is_picture and not self.note else "file"
        return Made(kind, f"{sheet.stem}.{kind}", b"content", self.note)

    def shelve(self, content: bytes) -> str:
        self.shelf.append(content)
        return "digest"


@pytest.fixture
def database(instance: Opener) -> Database:
    stored = instance()
    stored.write(july.store)
    return stored


def ask(database: Database, by: str, kind: TaskKind = "draw", **data: object) -> str:
    given: Mapping[str, object] = {"by": by, "first": None, "last": None, "form": "picture", **data}
    return database.write(lambda tx: tasks.add(tx, P, kind, given, AT))


def run(database: Database, studio: Studio, at: datetime = AT) -> int:
    make_file = MakeFile(
        database, CheckinRules(), lambda _p, person_id: person_id == "admin01", studio.make, studio.shelve
    )
    return Worker(database, {"draw": make_file, "export": make_file}, "one").run(at)


def told(database: Database) -> list[tuple[str, str]]:
    rows = database.read(lambda tx: outbox.delivery_of(tx, P, "file:"))
    ordered = sorted(rows, key=lambda row: row.due_at)
    return [(row.person_id, Renderer().render(Reply(row.template, row.values))) for row in ordered]


def names(sheet: Sheet) -> set[str]:
    return {row.person.name for row in sheet.grid.rows}


def test_a_lead_gets_the_own_group(database: Database) -> None:
    """B47."""
    studio = Studio()
    ask(database, "lead01")

    done = run(database, studio)

    assert (done, studio.shelf, len(studio.sheets)) == (1, [b"content"], 1)
    assert {row.person.group for row in studio.sheets[0].grid.rows} == {"视频压缩组"}
    assert (studio.sheets[0].title, studio.sheets[0].stem) == (
        "七月集中学习安排 考勤 · 视频压缩组",
        "考勤-视频压缩组-0705",
    )


def test_a_mentor_gets_the_own_students_and_the_admin_all(database: Database) -> None:
    studio = Studio()
    ask(database, "mentor03")
    run(database, studio)
    ask(database, "admin01")
    run(database, studio)

    mentors, everybody = studio.sheets

    assert {row.person.mentor for row in mentors.grid.rows} == {"徐南乔"}
    assert len(everybody.grid.rows) == 48


@pytest.mark.parametrize("by", ["stu001", "nobody"])
def test_who_may_see_nobody_gets_nothing(database: Database, by: str) -> None:
    studio = Studio()
    ask(database, by)

    run(database, studio)

    assert (studio.sheets, told(database)) == ([], [])


def test_the_reader_is_told_in_numbers_where_no_file_can_be_shown(database: Database) -> None:
    def work(tx: Tx) -> None:
        checkins.record(tx, P, f"{P}-S02", "stu001", shanghai(4, 14, 28), "present", 0, "none", None)

    database.write(work)
    ask(database, "lead01", first="2023-07-04", last="2023-07-04")

    run(database, Studio())

    assert told(database) == [
        (
            "lead01",
            "考勤-视频压缩组-0705.image（视频压缩组）已做好；这里收不了图片，先看数字：\n"
            "7/4（周二） 应到9 到1 未到8\n合计 应到9 到1 未到8",
        )
    ]


def test_why_it_is_a_table_is_said_before_it(database: Database) -> None:
    ask(database, "admin01")

    run(database, Studio(note="people"))

    said = told(database)
    assert said[0] == ("admin01", "48人太多，一张图放不下，改发考勤表。")
    assert said[1][1].startswith("考勤-全体48人-0705.file")


def test_a_task_that_runs_again_tells_once(database: Database) -> None:
    """R47: a kill between the push and the mark of the task."""
    task_id = ask(database, "lead01")
    studio = Studio()
    task = database.read(lambda tx: tasks.find(tx, task_id))
    assert task is not None
    make_file = MakeFile(database, CheckinRules(), lambda _p, _x: False, studio.make, studio.shelve)

    make_file(task, AT)
    make_file(task, AT)

    assert len(told(database)) == 1


def test_the_table_comes_with_what_changed_the_records_of_those_seen(database: Database) -> None:
    def work(tx: Tx) -> None:
        for person_id in ("stu001", "stu004"):
            leave.ask(tx, P, person_id, f"{P}-S02", "发烧", shanghai(3, 9))
            leave.decide(tx, person_id, f"{P}-S02", "granted", "lead01", shanghai(3, 10))

    database.write(work)
    studio = Studio()
    ask(database, "lead01", "export", form="csv")

    run(database, studio)

    (sheet,) = studio.sheets
    assert sheet.is_csv
    assert [(c.name, c.session, c.kind, c.state, c.by) for c in sheet.trace] == [
        ("王小明", "07-04 科研论文写作", "leave", "granted", "李老师")
    ]
    assert names(sheet) >= {"王小明", "赵六"}
