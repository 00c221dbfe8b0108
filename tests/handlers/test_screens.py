"""What the screen and the page behind its QR code know: before, while, after, moved, called off."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from handlers.arrival import Arrivals
from handlers.links import SCREEN, qr_link, qr_of, seal, token_in
from handlers.screen import Screens, ScreenView
from programme.grid import step_of
from tests.handlers.test_checkin import occurrence_id
from tests.house import KEY, Talk

ZONE = ZoneInfo("Asia/Shanghai")
AT = datetime(2023, 7, 4, 14, 26, tzinfo=ZONE)
TalkWith = Callable[..., Talk]


def view(talk: Talk, at: datetime, session: str = "S02") -> ScreenView:
    app = talk.app
    screens = Screens(app.database, app.snapshot, app.setup, lambda: at, lambda: at)
    found = screens.view(seal(KEY, SCREEN, occurrence_id(talk, session), at + timedelta(hours=1)))
    assert isinstance(found, ScreenView)
    return found


def shown(found: ScreenView) -> tuple[str, bool, bool, bool]:
    return found.state, found.code is not None, found.grid is not None, found.qr is not None


@pytest.mark.parametrize(
    ("proof", "expected"),
    [
        ("none", ("open", False, False, False)),
        ("code", ("open", True, False, False)),
        ("grid", ("open", False, True, False)),
        ("qr", ("open", False, False, True)),
    ],
)
def test_the_screen_shows_the_proof_that_the_lab_asks_for(
    talk_with: TalkWith, proof: str, expected: tuple[str, bool, bool, bool]
) -> None:
    talk = talk_with(proof=proof)
    talk.say("李老师", "开始签到", AT)

    assert shown(view(talk, AT)) == expected


def test_before_and_after_check_in_there_is_nothing_to_read(talk_with: TalkWith) -> None:
    talk = talk_with(proof="grid")

    early, late = view(talk, AT.replace(hour=9)), view(talk, AT.replace(hour=15, minute=1))

    assert shown(early) == ("early", False, False, False)
    assert early.until == AT.replace(minute=15)
    assert shown(late) == ("closed", False, False, False)


def test_a_session_that_is_called_off_or_moved_says_so(talk_with: TalkWith) -> None:
    talk = talk_with(proof="grid")
    talk.say("李老师", "开始签到", AT)
    talk.say("张老师", "移 7/4 到 7/5 14:30", AT)
    talk.say("张老师", "确认", AT)
    moved = view(talk, AT)
    talk.say("张老师", "取消 7/5", AT)
    talk.say("张老师", "确认", AT)

    assert shown(moved) == ("moved", False, False, False)
    assert shown(view(talk, AT)) == ("cancelled", False, False, False)


def test_a_second_check_shows_digits_where_the_check_in_asks_for_none(talk_with: TalkWith) -> None:
    talk = talk_with(proof="none", recheck_min="5")
    talk.say("王小明", "签到", AT)
    later = AT.replace(hour=15, minute=20)
    talk.say("李老师", "再确认", later)

    assert shown(view(talk, later)) == ("recheck", True, False, False)
    assert view(talk, later).until == later + timedelta(minutes=5)
    assert shown(view(talk, later + timedelta(minutes=6)))[0] == "closed"


def test_the_count_is_of_those_who_are_there(talk_with: TalkWith) -> None:
    talk = talk_with(proof="code")
    talk.say("赵六", "签到", AT)
    before = view(talk, AT)

    assert (before.arrived, before.expected > 30) == (0, True)


def arrive(talk: Talk, at: datetime, seen_at: datetime) -> str:
    app = talk.app
    clocks = (lambda: at, lambda: at)
    arrivals = Arrivals(app.database, app.snapshot, app.setup, clocks, lambda _below: 12345678)
    link = qr_link(app.setup.public_url, KEY, occurrence_id(talk, "S02"), step_of(seen_at, 20))
    token = token_in(link)
    assert token is not None
    assert qr_of(KEY, token) is not None
    return arrivals.arrive(token, None).outcome


def test_the_page_behind_the_qr_code_gives_a_number_only_while_it_could_count(talk_with: TalkWith) -> None:
    talk = talk_with(proof="qr")
    talk.say("李老师", "开始签到", AT)
    closed = AT.replace(hour=15, minute=1)

    now = arrive(talk, AT, AT)
    old = arrive(talk, AT + timedelta(seconds=40), AT)
    late = arrive(talk, closed, closed)

    assert (now, old, late) == ("code", "old", "closed")


def test_the_page_of_a_lab_without_qr_codes_sends_people_to_the_chat(talk_with: TalkWith) -> None:
    assert arrive(talk_with(proof="code"), AT, AT) == "plain"
