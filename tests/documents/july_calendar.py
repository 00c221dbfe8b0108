"""The calendar of July with everything in it that can happen to a session; prints it when run."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path

from documents.calendar_file import calendar_file
from documents.notice_reader import read_notice_file
from messages.render import Renderer
from programme.calendar_plan import Stamps, entries_for
from programme.notice.reading import parse
from programme.notice.result import to_programme
from programme.programme import Programme, Rule
from programme.revision import cancelled
from programme.sessions import Item, Occurrence, Session, Source, following, occurrences_for

ROOT = Path(__file__).parents[2]
STORED_AT = datetime(2023, 6, 30, 1, 0, tzinfo=UTC)
CHANGED_AT = datetime(2023, 7, 8, 2, 15, 30, 123456, UTC)
GROUPS = ("视频压缩组", "AI平台组")


def july() -> Programme:
    found = to_programme(parse(read_notice_file(ROOT / "samples" / "notice.txt"), 2023), "july")
    return replace(found, occurrences=occurrences_for("july", found.sessions, GROUPS))


def session(programme: Programme, session_id: str) -> Session:
    return next(one for one in programme.sessions if one.session_id == session_id)


def with_session(programme: Programme, after: Session) -> Programme:
    """*programme* once *after* is stored, its occurrences following as they do in storage."""
    before = session(programme, after.session_id)

    def moved(occurrence: Occurrence) -> Occurrence:
        is_its = occurrence.session_id == after.session_id
        return following(occurrence, before, after) if is_its else occurrence

    return replace(
        programme,
        sessions=tuple(after if one is before else one for one in programme.sessions),
        occurrences=tuple(map(moved, programme.occurrences)),
    )


def changed_july() -> Programme:
    """11 July moved to the 12th with an end, a place and a speaker; 18 July cancelled; 25 July confirmed;
    a deadline in the notice. 4 July has its hour and no end, 6 July has no hour."""
    programme = july()
    lecture = session(programme, "S05")
    programme = with_session(
        programme,
        replace(
            lecture,
            held_on=date(2023, 7, 12),
            start=time(15, 0),
            end=time(16, 30),
            place="A301, 二楼; 东侧",
            items=(Item(None, "科研申请", "周老师"),),
            status="confirmed",
            version=2,
        ),
    )
    programme = with_session(programme, cancelled(session(programme, "S08")))
    programme = with_session(programme, replace(session(programme, "S11"), status="confirmed", version=2))
    deadline = Rule(
        "Q99",
        "report_deadline",
        ("participants",),
        "2023-07-24T17:00",
        Source(33, "7 月 24 日 17:00 前提交报告"),
    )
    return replace(programme, version=4, rules=(*programme.rules, deadline))


def changed_calendar() -> bytes:
    programme = changed_july()
    stamps = Stamps(STORED_AT, dict.fromkeys(("S05", "S08", "S11"), CHANGED_AT))
    return calendar_file(
        programme, entries_for(programme, frozenset({"视频压缩组"}), stamps), Renderer().render
    )


if __name__ == "__main__":
    sys.stdout.buffer.write(changed_calendar())
