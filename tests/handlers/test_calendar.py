"""订阅日历 and 换日历链接: whose link opens what, and for how long."""

from __future__ import annotations

import random
import string
from dataclasses import replace
from datetime import datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from itsdangerous import URLSafeSerializer

from handlers.calendar import Feeds
from handlers.links import CALENDAR, SCREEN, calendar_link, calendar_of, seal
from programme.sessions import following
from storage import audit, people, programmes
from storage.database import Database, StorageAway, Tx
from tests.documents.strict_calendar import Component, read
from tests.handlers.said import listen, person, programme
from tests.house import KEY, Talk
from web.application import create_app
from web.calendar import calendar_pages
from wiring.application import write_calendar

ZONE = ZoneInfo("Asia/Shanghai")
AT = datetime(2023, 7, 3, 9, 0, tzinfo=ZONE)
OTHER_KEY = b"another made-up signing key for the tests"


def feeds(talk: Talk, previous: bytes | None = None) -> Feeds:
    app = talk.app
    setup = replace(app.setup, previous_signing_key=previous)
    return Feeds(app.database, app.snapshot, setup, partial(write_calendar, app.renderer))


def link(talk: Talk, name: str, text: str = "订阅日历", at: datetime = AT) -> str:
    said = listen(talk)
    talk.say(name, text, at)
    assert said.replies[-1].template == "calendar/link"
    return str(said.value("link"))


def token_of(url: str) -> str:
    return url.rsplit("/", 1)[1].removesuffix(".ics")


def calendar(talk: Talk, name: str) -> list[Component]:
    found = feeds(talk).feed(token_of(link(talk, name)))
    assert isinstance(found, bytes)
    return [part for part in read(found).parts if part.name == "VEVENT"]


def titles_on(talk: Talk, name: str, day: str) -> list[str]:
    events = calendar(talk, name)
    return [e.text("SUMMARY") for e in events if (e.value("DTSTART") or "").startswith(day)]


def test_the_same_person_gets_the_same_link_every_time(talk: Talk) -> None:
    first, second = link(talk, "王小明"), link(talk, "王小明", "怎么加到日历", AT + timedelta(days=20))

    assert first == second


def test_the_link_tells_nobody_who_it_is(talk: Talk) -> None:
    somebody = person(talk, "王小明")
    url = link(talk, "王小明")
    payload = URLSafeSerializer(KEY, salt=CALENDAR).loads(token_of(url))

    assert payload == [somebody.person_id, 1]
    assert somebody.name not in str(payload)
    assert str(somebody.student_no) not in str(payload)


def test_everybody_has_the_meetings_of_their_own_group(talk: Talk) -> None:
    """R13: 各项目组内部开会 (notice L13)."""
    shown = {name: titles_on(talk, name, "20230703") for name in ("王小明", "陈一怡", "李老师", "张老师")}

    assert shown == {
        "王小明": ["小组分享（视频压缩组）"],
        "陈一怡": ["小组分享（视频压缩组）"],  # 研2 gets it when they ask
        "李老师": ["小组分享（视频压缩组）"],
        "张老师": ["小组分享"],
    }


def test_a_mentor_has_the_meetings_of_the_groups_of_their_students(talk: Talk) -> None:
    members = talk.app.snapshot.people_in(programme(talk).programme_id)
    groups = {one.group for one in members if one.mentor == "周老师" and one.group}

    assert len(titles_on(talk, "周老师", "20230703")) == len(groups)


def test_people_of_one_group_share_the_very_same_bytes(talk: Talk) -> None:
    shared = feeds(talk)

    first, second = (shared.feed(token_of(link(talk, name))) for name in ("王小明", "陈一怡"))

    assert first is second


def test_nothing_changes_while_nothing_changes(talk: Talk) -> None:
    token = token_of(link(talk, "王小明"))
    before = feeds(talk).feed(token)
    talk.restart()

    assert feeds(talk).feed(token) == before


def test_an_hour_that_the_admin_sets_reaches_the_calendar(talk: Talk) -> None:
    """R45: calendars follow a change; the entry stays the same one."""
    before = next(e for e in calendar(talk, "王小明") if e.value("DTSTART") == "20230706")
    talk.say("张老师", "回复 3 7/6 15:00", AT)
    talk.say("张老师", "确认", AT + timedelta(minutes=1))

    after = next(e for e in calendar(talk, "王小明") if e.value("UID") == before.value("UID"))

    assert after.value("DTSTART") == "20230706T150000"
    assert int(after.value("SEQUENCE") or 0) > int(before.value("SEQUENCE") or 0)
    assert (before.value("DTSTAMP"), after.value("DTSTAMP")) == ("20230630T010000Z", "20230703T010100Z")


def test_a_session_that_moves_keeps_its_uid_for_everybody(talk: Talk) -> None:
    """R45: a moved session is the same entry at another hour."""
    uids = {name: [e.value("UID") for e in calendar(talk, name)] for name in ("王小明", "周老师")}
    move(talk, "S02")

    after = {name: [e.value("UID") for e in calendar(talk, name)] for name in uids}

    assert {name: sorted(map(str, found)) for name, found in after.items()} == {
        name: sorted(map(str, found)) for name, found in uids.items()
    }
    moved = next(e for e in calendar(talk, "王小明") if e.value("DTSTART") == "20230705T160000")
    assert moved.value("SEQUENCE") == "2"


def move(talk: Talk, session_id: str) -> None:
    plan = programme(talk)
    before = next(s for s in plan.sessions if s.session_id == session_id)
    after = replace(before, held_on=before.held_on + timedelta(days=1), start=time(16, 0), version=2)

    def work(tx: Tx) -> None:
        programmes.change_session(tx, plan.programme_id, after, AT)
        for occurrence in plan.occurrences:
            if occurrence.session_id == session_id:
                programmes.change_occurrence(tx, plan.programme_id, following(occurrence, before, after), AT)

    talk.app.database.write(work)
    talk.app.snapshot.refresh(talk.app.database)


def test_a_renewed_link_opens_and_the_old_one_is_over(talk: Talk) -> None:
    old = token_of(link(talk, "王小明"))
    bystander = token_of(link(talk, "陈一怡"))
    new = token_of(link(talk, "王小明", "换一个日历链接"))

    assert feeds(talk).feed(old) == "expired"
    assert isinstance(feeds(talk).feed(new), bytes)
    assert isinstance(feeds(talk).feed(bystander), bytes)
    assert token_of(link(talk, "王小明")) == new


def test_a_renewal_delivered_again_renews_once(talk: Talk) -> None:
    first = talk.say("王小明", "换日历链接", AT)

    assert talk.again("王小明", AT + timedelta(seconds=5)) == first
    entries = talk.app.database.read(lambda tx: audit.entries(tx, programme(talk).programme_id))
    assert [(e.action, e.old, e.new) for e in entries] == [("renew_calendar", "1", "2")]


def test_a_question_about_renewing_ends_nothing(talk: Talk) -> None:
    before = link(talk, "王小明")

    assert link(talk, "王小明", "怎么换日历链接") == before


def test_who_left_the_roster_has_no_calendar_any_more(talk: Talk) -> None:
    token = token_of(link(talk, "王小明"))
    plan = programme(talk)
    staying = [p for p in talk.app.snapshot.people_in(plan.programme_id) if p.name != "王小明"]
    talk.app.database.write(lambda tx: people.save_roster(tx, plan.programme_id, staying, {}, AT))
    talk.app.snapshot.refresh(talk.app.database)

    assert feeds(talk).feed(token) == "expired"


def test_a_link_signed_with_the_key_before_is_taken_for_the_time_of_grace(talk: Talk) -> None:
    token = token_of(calendar_link("", OTHER_KEY, person(talk, "王小明").person_id, 1))

    assert feeds(talk).feed(token) == "unknown"
    assert isinstance(feeds(talk, previous=OTHER_KEY).feed(token), bytes)


def forged(talk: Talk) -> dict[str, str]:
    somebody = person(talk, "王小明").person_id
    good = token_of(link(talk, "王小明"))
    return {
        "of another purpose": seal(KEY, SCREEN, somebody, AT + timedelta(days=30)),
        "of another key": token_of(calendar_link("", OTHER_KEY, somebody, 1)),
        "one letter more": good + "x",
        "another last letter": good[:-1] + chr(ord(good[-1]) ^ 1),
        "another letter": ("X" if good[0] != "X" else "Y") + good[1:],
        "without a signature": good.split(".")[0],
        "nothing": "",
        "not ASCII": "日历",
        "half a pair": "\ud800",
        "very long": "A" * 100_000,
        "packed": "." + good,
    }


def test_a_forged_token_opens_nothing(talk: Talk) -> None:
    found = {name: feeds(talk).feed(token) for name, token in forged(talk).items()}

    assert found == dict.fromkeys(found, "unknown")


def test_a_genuine_token_of_another_deployments_person_opens_nothing(talk: Talk) -> None:
    assert feeds(talk).feed(token_of(calendar_link("", KEY, "nobody", 1))) == "expired"


def test_two_thousand_random_tokens_are_refused_and_none_breaks_the_page(talk: Talk) -> None:
    page = create_app([calendar_pages(feeds(talk).feed)]).test_client()
    chance = random.Random(7)
    good = token_of(link(talk, "王小明"))
    letters = string.ascii_letters + string.digits + "-_.=%~" + "日\x00\x7f\xff"

    statuses = set()
    for turn in range(2_000):
        if turn % 2:
            token = "".join(chance.choices(letters, k=chance.randrange(1, 90)))
        else:
            spot = chance.randrange(len(good))
            token = good[:spot] + chance.choice(letters) + good[spot + 1 :]
        if token != good:
            statuses.add(page.get(f"/calendar/{token}.ics").status_code)

    assert statuses <= {403, 404}


class Away:
    """A database that cannot be reached."""

    engine = "sqlite"

    def read(self, work: object) -> object:
        raise StorageAway

    def write(self, work: object) -> object:
        raise StorageAway

    def close(self) -> None:
        return


class Emptied(Away):
    """A database from which the programme went a moment ago: the link is fine, the plan is not there."""

    def __init__(self) -> None:
        self._found: list[object] = [1, None]

    def read(self, work: object) -> object:
        return self._found.pop(0)


def test_a_programme_that_went_this_very_second_has_no_calendar(talk: Talk) -> None:
    app = talk.app
    emptied: Database = Emptied()  # type: ignore[assignment]
    late = Feeds(emptied, app.snapshot, app.setup, partial(write_calendar, app.renderer))

    assert late.feed(token_of(link(talk, "王小明"))) == "expired"


def test_without_the_database_it_says_so_instead_of_an_empty_calendar(talk: Talk) -> None:
    app = talk.app
    away: Database = Away()  # type: ignore[assignment]
    cut_off = Feeds(away, app.snapshot, app.setup, partial(write_calendar, app.renderer))

    assert cut_off.feed(token_of(link(talk, "王小明"))) == "away"


@pytest.mark.parametrize(
    "payload", ["x", 7, None, [], ["a"], ["a", "b"], ["a", 1, 2], {"a": 1, "b": 2}, ["a", None]]
)
def test_a_genuine_signature_over_something_else_is_no_calendar(payload: object) -> None:
    token = str(URLSafeSerializer(KEY, salt=CALENDAR).dumps(payload))

    assert calendar_of([KEY], token) is None
