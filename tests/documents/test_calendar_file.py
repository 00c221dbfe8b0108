"""The file that calendar programs read: byte for byte, by the standard, and with anything as a title."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from documents.calendar_file import calendar_file
from messages.render import Renderer
from programme.calendar_plan import Stamps, entries_for
from programme.programme import Programme
from programme.sessions import Item
from tests.documents.july_calendar import (
    GROUPS,
    ROOT,
    STORED_AT,
    changed_calendar,
    july,
    session,
    with_session,
)
from tests.documents.strict_calendar import Broken, Component, read
from tests.fuzzing import examples

GOLDEN = ROOT / "tests" / "fixtures" / "calendar" / "july-changed.ics"
SHANGHAI = ZoneInfo("Asia/Shanghai")
RENDERER = Renderer()
JULY = july()


def written(programme: Programme, groups: frozenset[str] = frozenset({"视频压缩组"})) -> bytes:
    return calendar_file(programme, entries_for(programme, groups, Stamps(STORED_AT)), RENDERER.render)


def events(body: bytes) -> list[Component]:
    return [part for part in read(body).parts if part.name == "VEVENT"]


def event_on(body: bytes, day: str) -> Component:
    return next(event for event in events(body) if (event.value("DTSTART") or "").startswith(day))


def test_the_calendar_of_july_is_byte_for_byte_the_one_that_was_read_and_approved() -> None:
    assert changed_calendar() == GOLDEN.read_bytes()


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Shanghai"])
def test_the_bytes_do_not_depend_on_the_zone_of_the_machine(zone: str) -> None:
    environment = os.environ | {"TZ": zone, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}

    printed = subprocess.run(
        [sys.executable, "-m", "tests.documents.july_calendar"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        check=True,
    ).stdout

    assert printed == GOLDEN.read_bytes()


def test_a_server_starts_without_the_calendar_library() -> None:
    """It costs start-up time and memory that a lab whose people never ask for a calendar need not pay."""
    started = "import sys, wiring.server; print('icalendar' in sys.modules)"

    printed = subprocess.run(
        [sys.executable, "-c", started], cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout

    assert printed == "False\n"


def test_a_session_without_an_hour_is_a_tentative_day_that_keeps_nobody_busy() -> None:
    """R05, R06: no 14:30 for 6, 13 and 20 July (notice L14, L19–L21)."""
    found = [event_on(written(JULY), day) for day in ("20230706", "20230713", "20230720")]

    assert [event.params("DTSTART") for event in found] == [";VALUE=DATE"] * 3
    assert [event.value("DTEND") for event in found] == ["20230707", "20230714", "20230721"]
    assert {event.value("STATUS") for event in found} == {"TENTATIVE"}
    assert {event.value("TRANSP") for event in found} == {"TRANSPARENT"}
    assert all(event.text("SUMMARY").endswith("（时间待定）") for event in found)
    assert all("下午，具体时间待定" in event.text("DESCRIPTION") for event in found)
    assert not any("14:30" in str(event.lines) or "143000" in str(event.lines) for event in found)


def test_10_july_is_at_14_00_and_the_other_mondays_at_14_30() -> None:
    starts = [event_on(written(JULY), day).value("DTSTART") for day in ("20230703", "20230710", "20230717")]

    assert starts == ["20230703T143000", "20230710T140000", "20230717T143000"]


def test_no_end_is_made_up_where_the_notice_gives_none() -> None:
    event = event_on(written(JULY), "20230704")

    assert (event.value("DTEND"), event.value("DURATION")) == (None, "P0D")
    assert "14:30 开始，结束时间待通知" in event.text("DESCRIPTION")


@pytest.mark.parametrize("end", [time(14, 30), time(9, 0)])
def test_an_end_that_is_not_after_the_start_is_left_out(end: time) -> None:
    event = event_on(
        written(with_session(JULY, replace(session(JULY, "S02"), end=end, version=2))), "20230704"
    )

    assert (event.value("DTEND"), event.value("DURATION")) == (None, "P0D")


def test_a_tentative_session_says_so_and_a_confirmed_one_too() -> None:
    """R12: 拟计划安排如下 (notice L14)."""
    body = changed_calendar()
    tentative, confirmed = event_on(body, "20230704"), event_on(body, "20230725")

    assert (tentative.value("STATUS"), confirmed.value("STATUS")) == ("TENTATIVE", "CONFIRMED")
    assert "状态：拟定，可能调整" in tentative.text("DESCRIPTION")
    assert "状态：已确认" in confirmed.text("DESCRIPTION")


def test_a_confirmed_session_without_an_hour_stays_tentative() -> None:
    changed = with_session(JULY, replace(session(JULY, "S03"), status="confirmed", version=2))

    assert event_on(written(changed), "20230706").value("STATUS") == "TENTATIVE"


def test_a_cancelled_session_stays_and_is_marked() -> None:
    """R45: a calendar follows what is cancelled."""
    before, after = event_on(written(JULY), "20230718"), event_on(changed_calendar(), "20230718")

    assert after.value("UID") == before.value("UID")
    assert (after.value("STATUS"), after.value("TRANSP")) == ("CANCELLED", "TRANSPARENT")
    assert after.text("SUMMARY") == "【已取消】《科研论文写作》"
    assert int(after.value("SEQUENCE") or 0) > int(before.value("SEQUENCE") or 0)


def test_a_meeting_that_one_group_called_off_is_cancelled_for_that_group_alone() -> None:
    """R13, R45: a group decides about its own Monday."""
    called_off = tuple(
        replace(one, is_cancelled=True, version=2)
        if (one.session_id, one.group) == ("S01", "视频压缩组")
        else one
        for one in JULY.occurrences
    )
    changed = replace(JULY, occurrences=called_off)

    own, other = (event_on(written(changed, frozenset({group})), "20230703") for group in GROUPS)

    assert (own.value("STATUS"), own.text("SUMMARY")) == ("CANCELLED", "【已取消】小组分享（视频压缩组）")
    assert "已取消，不用参加" in own.text("DESCRIPTION")
    assert (own.value("SEQUENCE"), own.value("TRANSP")) == ("1", "TRANSPARENT")
    assert (other.value("STATUS"), other.text("SUMMARY")) == ("TENTATIVE", "小组分享（AI平台组）")


def test_a_moved_session_keeps_its_uid_and_its_sequence_grows() -> None:
    """R45: a calendar follows what is moved."""
    before, after = event_on(written(JULY), "20230711"), event_on(changed_calendar(), "20230712")

    assert after.value("UID") == before.value("UID")
    assert (before.value("SEQUENCE"), after.value("SEQUENCE")) == ("0", "2")
    assert (before.value("DTSTAMP"), after.value("DTSTAMP")) == ("20230630T010000Z", "20230708T021530Z")
    assert (after.value("DTSTART"), after.value("DTEND")) == ("20230712T150000", "20230712T163000")
    assert after.text("LOCATION") == "A301, 二楼; 东侧"
    assert "《科研申请》（周老师）" in after.text("DESCRIPTION")


def test_a_printed_deadline_is_a_day_with_its_hour_in_the_title() -> None:
    deadline = next(e for e in events(changed_calendar()) if "截止" in e.text("SUMMARY"))

    assert deadline.text("SUMMARY") == "报告提交截止（17:00）"
    assert (deadline.params("DTSTART"), deadline.value("DTSTART")) == (";VALUE=DATE", "20230724")
    assert "7 月 24 日 17:00 前提交报告" in deadline.text("DESCRIPTION")


def test_another_library_reads_the_same_moments() -> None:
    calendar = Calendar.from_ical(changed_calendar())

    starts = {str(event.uid): event.start for event in calendar.events}

    assert len(starts) == 13
    assert datetime(2023, 7, 4, 14, 30, tzinfo=SHANGHAI) in starts.values()
    assert date(2023, 7, 6) in starts.values()
    assert [str(zone.tz_name) for zone in calendar.timezones] == ["Asia/Shanghai"]
    assert {event.start.utcoffset() for event in calendar.events if isinstance(event.start, datetime)} == {
        timedelta(hours=8)
    }


def test_every_entry_names_its_line_in_the_notice_and_the_sender() -> None:
    descriptions = [event.text("DESCRIPTION") for event in events(written(JULY))]

    assert all("通知原文：“" in one and "行）" in one for one in descriptions)
    assert all(one.endswith("来自七月机器人，安排有变动会自动更新。") for one in descriptions)


def test_no_person_is_named_in_the_file_and_no_alarm_set() -> None:
    body = changed_calendar().decode()

    assert "ATTENDEE" not in body
    assert "ORGANIZER" not in body
    assert "BEGIN:VALARM" not in body


def test_a_programme_without_any_session_is_a_calendar_all_the_same() -> None:
    assert events(written(replace(JULY, sessions=(), occurrences=()))) == []


@settings(max_examples=examples(30), deadline=None)
@given(
    title=st.one_of(
        st.text(max_size=80),
        st.text(alphabet='，,;；:\\"\n\r\t\x00\x0b\x85\u2028🧑‍🔬《》nN', max_size=60),
        st.text(alphabet="长标题🎓,\\n", min_size=1900, max_size=2000),
        st.text(st.characters(categories=["Cs", "Cc", "Cf", "Co", "Cn"]), max_size=20),
    ),
    place=st.one_of(st.none(), st.text(max_size=60)),
    speaker=st.one_of(st.none(), st.text(max_size=30)),
)
def test_whatever_a_notice_prints_as_title_place_or_speaker_the_file_is_valid(
    title: str, place: str | None, speaker: str | None
) -> None:
    changed = replace(session(JULY, "S02"), items=(Item(None, title, speaker),), place=place, version=2)

    body = written(with_session(replace(JULY, title=title), changed))

    assert len(events(body)) == 12
    assert len(Calendar.from_ical(body).events) == 12


def test_commas_semicolons_and_backslashes_come_back_as_they_were() -> None:
    title = 'A,B;C:D"E\\F，；🧑‍🔬'
    changed = replace(session(JULY, "S02"), items=(Item(None, title),), version=2)

    event = event_on(written(with_session(JULY, changed)), "20230704")

    assert event.text("SUMMARY") == f"《{title}》"


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        (b"SUMMARY:", b"SUMMARY:a,b"),
        (b"SUMMARY:", b"SUMMARY:a\x07"),
        (b"SUMMARY:", b"SUMMARY:" + "长".encode() * 30),
        (b"\r\nSUMMARY", b"\nSUMMARY"),
        (b"DURATION:P0D\r\n", b""),
        (b"STATUS:TENTATIVE", b"STATUS:MAYBE"),
        (b"TZID:Asia/Shanghai", b"TZID:Asia/Urumqi"),
        (b"END:VCALENDAR", b"END:VEVENT"),
    ],
)
def test_the_strict_reader_of_these_tests_refuses_what_is_wrong(good: bytes, bad: bytes) -> None:
    with pytest.raises(Broken):
        read(changed_calendar().replace(good, bad, 1))


def test_the_approved_file_is_kept_as_it_is() -> None:
    """A checkout that changes line ends would change the bytes."""
    assert "*.ics -text" in (Path(ROOT) / ".gitattributes").read_text("utf-8").splitlines()
