"""A corrected notice over a programme that is running (design D21)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from types import MappingProxyType

from programme.notice.changes import diff
from programme.programme import Programme
from programme.revision import revised
from programme.sessions import Session


def changed(programme: Programme, session_id: str, **values: object) -> Programme:
    return replace(
        programme,
        sessions=tuple(
            replace(s, **values) if s.session_id == session_id else s  # type: ignore[arg-type]
            for s in programme.sessions
        ),
    )


def session(programme: Programme, session_id: str) -> Session:
    return next(s for s in programme.sessions if s.session_id == session_id)


def versions(programme: Programme) -> dict[str, int]:
    return {s.session_id: s.version for s in programme.sessions if s.version > 1}


def test_the_same_notice_changes_nothing(july: Programme) -> None:
    assert revised(july, july) == july


def test_only_what_differs_gets_its_next_version(july: Programme) -> None:
    result = revised(july, changed(july, "S05", start=time(15, 0)))

    assert versions(result) == {"S05": 2}
    assert session(result, "S05").start == time(15, 0)
    assert [o.version for o in result.occurrences if o.session_id == "S05"] == [2]


def test_a_session_that_is_gone_is_cancelled_and_keeps_its_id(july: Programme) -> None:
    shorter = replace(july, sessions=tuple(s for s in july.sessions if s.session_id != "S05"))

    result = revised(july, shorter)

    assert [s.session_id for s in result.sessions] == [s.session_id for s in july.sessions]
    assert (session(result, "S05").status, session(result, "S05").version) == ("cancelled", 2)


def test_a_new_session_gets_an_id_that_none_has_ever_had(july: Programme) -> None:
    extra = replace(session(july, "S05"), session_id="S06", held_on=date(2023, 7, 28))
    longer = replace(july, sessions=(*july.sessions, extra))

    result = revised(july, longer)

    assert result.sessions[-1] == replace(extra, session_id="S13", version=1)
    assert [o.occurrence_id for o in result.occurrences][-1] == "july:S13"


def test_a_new_group_meeting_is_there_for_each_group(july: Programme) -> None:
    extra = replace(session(july, "S01"), session_id="S99", held_on=date(2023, 7, 31))

    result = revised(july, replace(july, sessions=(*july.sessions, extra)))

    assert [o.group for o in result.occurrences if o.session_id == "S13"] == ["视频压缩组", "AI平台组"]


def test_an_hour_and_a_place_set_since_survive_a_notice_that_is_silent(july: Programme) -> None:
    running = changed(july, "S03", start=time(15, 0), place="A301", version=2)

    result = revised(running, july)

    assert (session(result, "S03").start, session(result, "S03").place) == (time(15, 0), "A301")
    assert session(result, "S03").version == 2


def test_an_hour_that_the_new_notice_prints_wins_over_one_set_since(july: Programme) -> None:
    running = changed(july, "S03", start=time(15, 0), version=2)

    result = revised(running, changed(july, "S03", start=time(16, 0)))

    assert (session(result, "S03").start, session(result, "S03").version) == (time(16, 0), 3)


def test_a_confirmed_session_does_not_become_tentative_again(july: Programme) -> None:
    """R12: 拟定 until the admin confirms."""
    running = changed(july, "S02", status="confirmed", version=2)

    assert session(revised(running, july), "S02").status == "confirmed"


def test_a_group_that_set_its_own_hour_keeps_it(july: Programme) -> None:
    """R13."""
    own = next(o for o in july.occurrences if (o.session_id, o.group) == ("S04", "视频压缩组"))
    elsewhere = replace(own, start=time(16, 0), version=2)
    running = replace(july, occurrences=tuple(elsewhere if o == own else o for o in july.occurrences))

    result = revised(running, changed(july, "S04", start=time(14, 30)))
    meetings = {o.group: (o.start, o.version) for o in result.occurrences if o.session_id == "S04"}

    assert meetings == {"视频压缩组": (time(16, 0), 2), "AI平台组": (time(14, 30), 2)}


def test_answers_and_settings_of_the_admin_are_kept(july: Programme) -> None:
    first = july.questions[0]
    running = replace(
        july,
        questions=(replace(first, state="answered", answer="14:00"), *july.questions[1:]),
        settings=MappingProxyType({"talks_once": "每人一次"}),
    )

    result = revised(running, july)

    assert (result.questions[0].state, result.questions[0].answer) == ("answered", "14:00")
    assert dict(result.settings) == {"talks_once": "每人一次"}


def test_what_was_revised_once_is_the_same_the_second_time(july: Programme) -> None:
    corrected = changed(july, "S05", start=time(15, 0), place="B202")
    once = revised(july, corrected)

    assert revised(once, corrected) == once
    assert diff(once, corrected) == ()
