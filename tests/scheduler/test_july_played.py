"""July 2023 from event to event, over the sample notice and roster, the real plan, relay and gateway, and
a WeCom on the loopback: who received what and when, compared with a table worked out by hand.

The oracle below knows the notice's timetable (lines 19 to 22) and nothing of the product.
"""

from __future__ import annotations

import csv
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from channels.wecom_api import WeComGateway
from fakes.platform import FakeWeCom
from fakes.server import platform_app, serving
from storage import leave, programmes
from storage.database import Tx
from tests.channels.token_store import MemoryTokenStore
from tests.fakes.standin import AGENT, CORP, SECRET
from tests.house import ROOT, StandingClock, Talk, build_template
from wiring.scheduling import next_moment, scheduling

ZONE = ZoneInfo("Asia/Shanghai")


def at(day: int, clock: str) -> datetime:
    hour, minute = clock.split(":")
    return datetime(2023, 7, day, int(hour), int(minute), tzinfo=ZONE)


# The oracle

Line = tuple[str, str, str, str]

# Day → hour, as printed; "" where the notice gives none. No other day of July holds anything.
TIMETABLE = {
    3: "14:30", 4: "14:30", 6: "",
    10: "14:00", 11: "14:30", 13: "",
    17: "14:30", 18: "14:30", 20: "",
    24: "14:30", 25: "14:30", 27: "14:30",
}  # fmt: skip
EMPTY_CELLS = {5, 7, 12, 14, 19, 21, 26, 28}
NOON_BEFORE = {"14:30": "14:03", "14:00": "13:33"}
# A minute later than asked: on the hour and the half hour the platform is slow ([quiet] avoid_minutes).
HOUR_BEFORE = {"14:30": "13:31", "14:00": "13:01"}


def wanted(account: str, cohort: str, day: int, clock: str) -> bool:
    """Whether this person is to be reminded of anything at that minute."""
    moment = (day, clock)
    if account == "stu009":  # 研2, asked for reminders on the 5th
        return moment >= (5, "10:00")
    if account == "stu006":  # 研2, joined on the 10th
        return moment >= (10, "15:00")
    if account == "stu002":  # muted for a week
        return not (4, "09:00") <= moment < (12, "09:00")
    return cohort in ("研0", "研1")


def oracle() -> list[Line]:
    """(account, when, day of the session, hour as told) of every reminder of July."""
    lines: list[Line] = []
    for row in csv.DictReader((ROOT / "samples" / "roster.csv").read_text("utf-8-sig").splitlines()):
        account, cohort = row["企业微信账号"], row["年级"]
        for day, hour in TIMETABLE.items():
            if account == "stu005" and day == 11:  # on leave
                continue
            if hour == "":
                moments = [(day, "09:07")]
            elif account == "stu003" and (day, "00:00") >= (6, "10:00"):  # an hour ahead since the 6th
                moments = [(day - 1, "20:07"), (day, HOUR_BEFORE[hour])]
            else:
                moments = [(day - 1, "20:07"), (day, NOON_BEFORE[hour])]
            for on, clock in moments:
                if day == 18 and (on, clock) >= (17, "12:00"):  # cancelled on the 17th
                    continue
                if wanted(account, cohort, on, clock):
                    lines.append((account, f"2023-07-{on:02} {clock}", f"7/{day}", hour or "待定"))
    return sorted(lines)


LEADS = ("lead01", "lead02", "lead03", "lead04", "lead05")
CLOSED_AND_FIVE = {"14:30": "15:05", "14:00": "14:35"}


def summaries() -> list[tuple[str, str]]:
    """(account, when) of every summary: to those who lead after each session with an hour, and on Friday
    at 17:07 to the mentors. Nobody opened the three Thursdays without one; the 18th was cancelled."""
    held = [(day, CLOSED_AND_FIVE[hour]) for day, hour in TIMETABLE.items() if hour and day != 18]
    told = [(who, f"2023-07-{day:02} {clock}") for day, clock in held for who in (*LEADS, "admin01")]
    fridays = [f"2023-07-{day:02} 17:07" for day in (7, 14, 21, 28)]
    return sorted(told + [(who, on) for on in fridays for who in ("mentor01", "mentor02", "mentor03")])


# What really came

FORMS = (
    re.compile(r"提醒：(?:明|今)天(?P<day>7/\d+)（周.）(?P<hour>\d\d:\d\d)[《 ]"),
    re.compile(r"提醒：今天(?P<day>7/\d+)（周.）下午（具体时间(?P<hour>待定)）"),
    re.compile(r"快开始了：(?P<hour>\d\d:\d\d)[《 ]"),
)
SUMMARY = re.compile(r"签到结束：$|^\w+，本周\d+人：", re.MULTILINE)


def line_of(userid: str, sent: datetime, text: str) -> Line:
    """Raises LookupError for anything that is no reminder (and no summary): nothing else is pushed in July."""
    found = next((match for form in FORMS if (match := form.match(text))), None)
    if found is None:
        raise LookupError(text)
    local = sent.astimezone(ZONE)
    day = found.groupdict().get("day") or f"{local.month}/{local.day}"
    return userid, f"{local:%Y-%m-%d %H:%M}", day, found["hour"]


@dataclass
class July:
    """The product and the platform on one clock that stands until it is moved."""

    talk: Talk
    platform: FakeWeCom
    tick: Callable[[datetime], object]
    programme_id: str

    def walk(self, until: datetime) -> None:
        """To *until*, by way of everything that the product itself says will happen."""
        while True:
            upcoming = next_moment(self.talk.app, self.talk.clock.at)
            if upcoming is None or upcoming > until:
                break
            self.move(upcoming)
        self.move(until)

    def move(self, to: datetime) -> None:
        self.talk.clock.at = to
        self.tick(to)

    def say(self, moment: datetime, who: str, text: str) -> None:
        self.walk(moment)
        self.talk.say(who, text, moment)

    def write(self, moment: datetime, work: Callable[[Tx], object]) -> None:
        self.walk(moment)
        self.talk.app.database.write(work)

    def lines(self) -> list[Line]:
        return sorted(
            line_of(push.userid, push.at, push.text)
            for push in self.platform.pushes
            if not SUMMARY.search(push.text)
        )

    def summaries(self) -> list[tuple[str, str]]:
        return sorted(
            (push.userid, f"{push.at.astimezone(ZONE):%Y-%m-%d %H:%M}")
            for push in self.platform.pushes
            if SUMMARY.search(push.text)
        )


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_template(tmp_path_factory.mktemp("template"))


@pytest.fixture(params=["UTC", "America/New_York", "Asia/Shanghai"])
def zone_of_host(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def july(zone_of_host: None, template: Path, tmp_path: Path) -> Iterator[July]:
    talk = Talk(tmp_path, template)
    started = talk.clock.at
    with (ROOT / "samples" / "roster.csv").open(encoding="utf-8-sig") as roster:
        members = {row["企业微信账号"]: row["姓名"] for row in csv.DictReader(roster)}
    platform = FakeWeCom(CORP, AGENT, SECRET, members, talk.clock, token_clock=StandingClock(started))
    with serving(platform_app(platform, pause=lambda _seconds: None)) as url:
        gateway = WeComGateway(CORP, AGENT, SECRET, MemoryTokenStore(), lambda: started, url)
        tick, _ = scheduling(talk.app, {"wecom": gateway})
        tick(started)
        yield July(talk, platform, tick, talk.app.snapshot.programme_ids()[0])
        talk.close()


def cancel_the_18th(tx: Tx, programme_id: str) -> None:
    programme = programmes.load(tx, programme_id)
    assert programme is not None
    [lecture] = [s for s in programme.sessions if s.held_on.day == 18]
    cancelled = replace(lecture, status="cancelled", version=lecture.version + 1)
    assert programmes.change_session(tx, programme_id, cancelled)


def be_on_leave_on_the_11th(tx: Tx, programme_id: str, person_id: str) -> None:
    programme = programmes.load(tx, programme_id)
    assert programme is not None
    [lecture] = [o for o in programme.occurrences if o.held_on.day == 11]
    assert leave.ask(tx, programme_id, person_id, lecture.occurrence_id, "发烧", at(9, "10:00"))
    assert leave.decide(tx, person_id, lecture.occurrence_id, "granted", person_id, at(9, "10:05"))


def test_everybody_gets_what_concerns_them_when_it_does_and_nothing_else(july: July) -> None:
    """R03 to R06, R15, R44, B39: as the notice prints it, for each of 57 people."""
    ill = july.talk.app.snapshot.people_for("wecom", "stu005")[0].person_id

    july.say(at(4, "09:00"), "赵六", "别提醒我")
    july.say(at(5, "10:00"), "陈一怡", "开启提醒")
    july.say(at(6, "10:00"), "钱七", "提前一小时提醒我")
    july.write(
        at(9, "10:05"), partial(be_on_leave_on_the_11th, programme_id=july.programme_id, person_id=ill)
    )
    july.say(at(10, "15:00"), "周九", "加入")
    july.say(at(12, "09:00"), "赵六", "开启提醒")
    july.write(at(17, "12:00"), partial(cancel_the_18th, programme_id=july.programme_id))
    july.walk(at(31, "23:59"))

    lines = july.lines()
    assert lines == oracle()
    assert july.summaries() == summaries()
    assert {line[2] for line in lines}.isdisjoint({f"7/{day}" for day in EMPTY_CELLS})
    assert {line[3] for line in lines if line[2] == "7/10"} == {"14:00"}
    assert {line[3] for line in lines if line[2] in ("7/6", "7/13", "7/20")} == {"待定"}
    assert (july.platform.dropped, july.platform.swallowed) == ([], 0)


def test_a_group_hears_of_its_own_meeting_only(july: July) -> None:
    """R13, notice L13: each push about a group meeting names the reader's own group."""
    group_of = {
        account.account: person.group
        for person in july.talk.app.snapshot.people_in(july.programme_id)
        for account in july.talk.app.snapshot.accounts_of(person.person_id)
    }

    july.walk(at(3, "14:30"))

    named = {
        (group_of[push.userid], re.findall(r"（(\w+组)）", push.text)[0]) for push in july.platform.pushes
    }
    assert named == {(group, group) for group in group_of.values() if group}


def test_whoever_stops_and_starts_again_hears_each_thing_once(july: July) -> None:
    july.say(at(4, "09:00"), "王小明", "别提醒我")
    july.say(at(4, "09:01"), "王小明", "开启提醒")
    july.walk(at(4, "14:30"))

    mine = [line for line in july.lines() if line[0] == "stu001"]
    assert mine == [
        ("stu001", "2023-07-02 20:07", "7/3", "14:30"),
        ("stu001", "2023-07-03 14:03", "7/3", "14:30"),
        ("stu001", "2023-07-03 20:07", "7/4", "14:30"),
        ("stu001", "2023-07-04 14:03", "7/4", "14:30"),
    ]
