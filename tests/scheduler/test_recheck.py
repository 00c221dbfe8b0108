"""A reminder that was held up is looked at again before it leaves: the session, the person, the words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from messages.envelope import Announcement
from programme.programme import Programme
from programme.reminders import DEFAULT_RULES
from scheduler.plan import enqueue_due
from scheduler.recheck import Recheck, is_current
from storage import checkins, leave, outbox, people, programmes
from storage.database import Database, Tx
from storage.outbox import OutboxRow
from storage.personal import set_reminding
from storage.snapshot import Snapshot
from tests.scheduler import july
from tests.scheduler.july import UNTIMED_AT, P, read_people, shanghai

Opener = Callable[[], Database]

EVENING = shanghai(3, 20, 7)
LATER = EVENING + timedelta(minutes=5)
LECTURE = "p2023-S02"
OBLIGED = 42


class House:
    def __init__(self, database: Database) -> None:
        self.database = database
        self.snapshot = Snapshot()
        self.recheck = Recheck(database, self.snapshot, DEFAULT_RULES, UNTIMED_AT)

    def programme(self) -> Programme:
        self.snapshot.refresh(self.database)
        programme = self.snapshot.programme(P)
        assert programme is not None
        return programme

    def plan(self, now: datetime) -> int:
        plans = [self.programme()]
        return enqueue_due(
            self.database, plans, self.snapshot.people_in, DEFAULT_RULES, now, untimed_at=UNTIMED_AT
        )

    def look(self, now: datetime = LATER) -> int:
        self.programme()
        return self.recheck(now)

    def change(self, **what: object) -> None:
        """The lecture's occurrence at its next version."""
        [lecture] = [o for o in self.programme().occurrences if o.occurrence_id == LECTURE]
        new = replace(lecture, version=lecture.version + 1, **what)  # type: ignore[arg-type]
        self.database.write(lambda tx: programmes.change_occurrence(tx, P, new))

    def cancel(self) -> None:
        [lecture] = [s for s in self.programme().sessions if s.session_id == "S02"]
        cancelled = replace(lecture, status="cancelled", version=lecture.version + 1)
        self.database.write(lambda tx: programmes.change_session(tx, P, cancelled))

    def waiting(self, now: datetime = LATER) -> tuple[OutboxRow, ...]:
        return self.database.read(lambda tx: outbox.due(tx, now, 1000))

    def hearers(self) -> set[str]:
        return {row.person_id for row in self.waiting()}


@pytest.fixture
def house(instance: Opener) -> House:
    """The evening before the lecture was planned, and nothing could be sent since."""
    database = instance()
    database.write(july.store)
    found = House(database)
    found.plan(EVENING - timedelta(seconds=1))
    found.plan(EVENING)
    return found


def test_what_still_holds_is_left_alone(house: House) -> None:
    assert (house.look(), len(house.waiting())) == (0, OBLIGED)


def test_a_cancelled_session_is_not_announced_any_more(house: House) -> None:
    house.cancel()

    assert (house.look(), house.waiting()) == (OBLIGED, ())


def test_a_session_moved_to_another_day_is_announced_before_that_day(house: House) -> None:
    house.change(held_on=date(2023, 7, 5))

    withdrawn = house.look()
    planned = house.plan(shanghai(4, 20, 7))

    assert (withdrawn, house.waiting(), planned) == (OBLIGED, (), OBLIGED)


def test_a_session_that_was_deleted_is_not_announced_any_more(house: House) -> None:
    programme = house.programme()

    class Without:
        """Memory as it is when a corrected notice has dropped the lecture."""

        def programme(self, _programme_id: str) -> Programme:
            sessions = tuple(s for s in programme.sessions if s.session_id != "S02")
            own = tuple(o for o in programme.occurrences if o.session_id != "S02")
            return replace(programme, sessions=sessions, occurrences=own)

        person = house.snapshot.person
        people_in = house.snapshot.people_in

    withdrawn = Recheck(house.database, Without(), DEFAULT_RULES, UNTIMED_AT)(LATER)

    assert (withdrawn, house.waiting()) == (OBLIGED, ())


def test_a_call_that_never_left_is_taken_apart_when_its_session_is_cancelled(house: House) -> None:
    """The channel was stopped (60020) for the evening; the bytes must not go out with it when it is mended."""
    keys = [row.dedupe_key for row in house.waiting()]
    house.database.write(lambda tx: outbox.create_call(tx, "wecom", b"{}", keys, EVENING))
    house.cancel()

    withdrawn = house.look()

    states = {row.state for row in house.database.read(lambda tx: outbox.delivery_of(tx, P, ""))}
    left = house.database.write(lambda tx: outbox.claim_calls(tx, "a", LATER, 4.0, 9))
    assert (withdrawn, states, left) == (OBLIGED, {"useless"}, ())


def test_of_a_call_that_never_left_those_who_still_need_it_get_it(house: House) -> None:
    keys = [row.dedupe_key for row in house.waiting()]
    house.database.write(lambda tx: outbox.create_call(tx, "wecom", b"{}", keys, EVENING))
    house.database.write(mute)

    withdrawn = house.look()

    assert (withdrawn, len(house.waiting()), "stu001" in house.hearers()) == (1, OBLIGED - 1, False)


def test_a_call_that_may_have_left_stays_as_it_is(house: House) -> None:
    keys = [row.dedupe_key for row in house.waiting()]
    house.database.write(lambda tx: outbox.create_call(tx, "wecom", b"{}", keys, EVENING))
    (call,) = house.database.write(lambda tx: outbox.claim_calls(tx, "a", EVENING, 4.0, 9))
    house.database.write(lambda tx: outbox.retry_call(tx, call.call_id, call.fence, LATER, -1, "busy"))
    house.cancel()

    assert house.look() == 0


def test_a_changed_room_is_in_the_words_that_leave(house: House) -> None:
    """The moment has passed and is not planned again: what waits is said with what holds now."""
    house.change(place="A301")

    withdrawn = house.look()

    rows = house.waiting()
    assert (withdrawn, len(rows), {row.values["place"] for row in rows}) == (OBLIGED, OBLIGED, {"A301"})
    assert {row.dedupe_key.split(":")[2] for row in rows} == {"v2"}
    assert house.look() == 0


def test_an_hour_that_was_set_is_in_the_words_that_leave(house: House) -> None:
    house.change(start=time(15, 30))

    house.look()

    assert {row.values["start"] for row in house.waiting()} == {"15:30"}


def test_an_hour_that_has_passed_leaves_nothing_to_announce(house: House) -> None:
    house.change(held_on=date(2023, 7, 3), start=time(20, 0))

    assert (house.look(), house.waiting()) == (OBLIGED, ())


def mute(tx: Tx) -> object:
    return set_reminding(tx, "stu001", muted=True, asked=False, lead_min=None)


def go_on_leave(tx: Tx) -> object:
    leave.ask(tx, P, "stu001", LECTURE, "发烧", EVENING)
    return leave.decide(tx, "stu001", LECTURE, "granted", "lead01", EVENING)


def come(tx: Tx) -> object:
    return checkins.record(tx, P, LECTURE, "stu001", EVENING, "present", 0, "none", None)


def quit_the_roster(tx: Tx) -> object:
    staying = [person for person in read_people() if person.person_id != "stu001"]
    return people.save_roster(tx, P, staying, {}, EVENING)


@pytest.mark.parametrize("happening", [mute, go_on_leave, come, quit_the_roster])
def test_who_need_not_hear_any_more_does_not(house: House, happening: Callable[[Tx], object]) -> None:
    house.database.write(happening)

    withdrawn = house.look()

    assert (withdrawn, "stu001" in house.hearers(), len(house.waiting())) == (1, False, OBLIGED - 1)


def test_leave_that_was_only_asked_keeps_the_reminder(house: House) -> None:
    house.database.write(lambda tx: leave.ask(tx, P, "stu001", LECTURE, "发烧", EVENING))

    assert house.look() == 0


def test_a_memory_that_is_behind_withdraws_nothing(house: House) -> None:
    house.cancel()

    assert house.recheck(LATER) == 0


def test_what_was_planned_this_very_moment_is_not_read_again(house: House) -> None:
    house.cancel()

    assert house.look(EVENING) == 0


def row(values: dict[str, object]) -> OutboxRow:
    return OutboxRow("k", P, "stu001", "reminder/soon", values, None, EVENING, None, "waiting", None, None)


@pytest.mark.parametrize(
    ("values", "holds"),
    [
        ({"occurrence_id": LECTURE, "version": 1}, True),
        ({"occurrence_id": LECTURE, "version": 2}, False),
        ({"occurrence_id": "p2023-S99", "version": 1}, False),
        ({"name": "王小明"}, True),
    ],
)
def test_a_row_is_current_by_the_version_that_it_was_planned_from(
    values: dict[str, object], holds: bool
) -> None:
    assert is_current(row(values), july.read_programme()) is holds


def test_no_row_about_a_session_is_current_in_a_programme_that_is_gone() -> None:
    about = [row({"occurrence_id": LECTURE, "version": 1}), row({"name": "王小明"})]

    assert [is_current(each, None) for each in about] == [False, True]


def test_a_row_about_a_cancelled_session_is_not_current() -> None:
    programme = july.read_programme()
    sessions = tuple(replace(session, status="cancelled") for session in programme.sessions)

    assert (
        is_current(row({"occurrence_id": LECTURE, "version": 1}), replace(programme, sessions=sessions))
        is False
    )


def test_what_a_robot_is_to_say_is_left_to_the_robot(house: House) -> None:
    said = Announcement("robot:1", "全体群", "reminder/soon", {}, EVENING)
    house.database.write(lambda tx: outbox.announce(tx, P, [said], EVENING))

    assert house.look() == 0
