"""Nobody is forgotten and nobody hears twice, whatever breaks between the row and the platform."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

import pytest

from channels.channel import Delivery
from messages.envelope import Push
from scheduler.grouping import Address
from scheduler.outcomes import Watch
from scheduler.relay import LEASE_S, Relay, Tally
from storage import outbox
from storage.database import Database, StorageAway, Tx
from storage.outbox import Call
from tests.scheduler import july
from tests.scheduler.july import P, shanghai
from tests.scheduler.platform import Killed, MortalDatabase, Platform, Seconds

NOW = shanghai(4, 14, 3)
LATER = NOW + timedelta(seconds=LEASE_S + 1)
STUDENTS = ("stu001", "stu002", "stu003")
DELIVERED = Delivery("delivered", 0)
BUSY = Delivery("retry", -1, "busy")
SILENT = Delivery("unknown", None, "timed out")

T = TypeVar("T")
Opener = Callable[[], Database]


@pytest.fixture
def database(instance: Opener) -> Database:
    stored = instance()
    stored.write(july.store)
    return stored


def push(
    person_id: str, text: str = "下午两点半", useless_after: datetime | None = None, key: str = "r"
) -> Push:
    return Push(f"{key}:{person_id}", person_id, "t", {"text": text}, NOW, useless_after)


def enqueue(database: Database, *pushes: Push) -> None:
    database.write(lambda tx: outbox.enqueue_all(tx, P, pushes, NOW))


def render(template: str, values: Mapping[str, object]) -> str:
    if template.startswith("alarm/"):
        return f"{template} {values['channel']} {values['errcode']} {values['detail']}"
    if "break" in values:
        raise KeyError(template)
    return str(values["text"])


def address_of(person_id: str) -> Address | None:
    return None if person_id == "mentor01" else Address("wecom", person_id)


def relay(
    database: Database | MortalDatabase,
    platform: Platform,
    owner: str = "a",
    seconds: Callable[[], float] | None = None,
    on_alarm: Callable[[str, Delivery], None] | None = None,
) -> Relay:
    return Relay(
        database,
        {"wecom": platform},
        render,
        address_of,
        owner,
        jitter=lambda: 0.0,
        seconds=seconds or Seconds(),
        on_alarm=on_alarm,
    )


def states(database: Database) -> dict[str, tuple[str, str | None]]:
    rows = database.read(lambda tx: outbox.delivery_of(tx, P, ""))
    return {row.dedupe_key: (row.state, row.reason) for row in rows}


def once(*person_ids: str, text: str = "下午两点半") -> Counter[tuple[str, str]]:
    return Counter((person_id, text) for person_id in person_ids)


def test_one_text_to_many_people_is_one_request(database: Database) -> None:
    platform = Platform()
    enqueue(database, *(push(p, key=key) for p, key in zip(STUDENTS, "cab", strict=True)))

    tally = relay(database, platform).run(NOW)

    assert platform.requests == [platform.text_body(STUDENTS, "下午两点半")]
    assert tally == Tally(made=1, delivered=1)
    assert {state for state, _reason in states(database).values()} == {"delivered"}


def test_one_text_for_two_rows_of_one_person_names_that_person_once(database: Database) -> None:
    platform = Platform()
    enqueue(database, push("stu001", key="a"), push("stu001", key="b"))

    relay(database, platform).run(NOW)

    assert platform.requests == [platform.text_body(("stu001",), "下午两点半")]
    assert states(database) == {"a:stu001": ("delivered", None), "b:stu001": ("delivered", None)}


def test_a_push_to_an_account_goes_there_and_not_to_the_person(database: Database) -> None:
    """Somebody who asked for that person's account and was refused, or the account that was theirs."""
    platform = Platform()
    asker = Push("told:1", "mentor01", "t", {"text": "没有通过"}, NOW, to=("wecom", "stranger"))
    enqueue(database, asker)

    relay(database, platform).run(NOW)

    assert platform.requests == [platform.text_body(("stranger",), "没有通过")]
    assert states(database)["told:1"] == ("delivered", None)


def test_another_text_or_another_limit_is_another_request(database: Database) -> None:
    platform = Platform()
    enqueue(
        database,
        push("stu001"),
        push("stu002", "取消"),
        push("stu003", useless_after=NOW + timedelta(minutes=27)),
    )

    tally = relay(database, platform).run(NOW)

    assert tally == Tally(made=3, delivered=3)


def test_what_is_not_due_yet_stays(database: Database) -> None:
    platform = Platform()
    enqueue(database, push("stu001"))

    tally = relay(database, platform).run(NOW - timedelta(seconds=1))

    assert (tally, platform.requests) == (Tally(), [])


def test_a_second_run_sends_nothing(database: Database) -> None:
    platform = Platform()
    enqueue(database, push("stu001"))
    sender = relay(database, platform)
    sender.run(NOW)

    tally = sender.run(NOW)

    assert (tally, platform.received) == (Tally(), once("stu001"))


def test_a_person_without_an_account_is_listed_with_the_reason(database: Database) -> None:
    enqueue(database, push("mentor01"), push("stu001"))

    tally = relay(database, Platform()).run(NOW)

    assert tally == Tally(refused=1, made=1, delivered=1)
    assert states(database) == {"r:mentor01": ("failed", "未绑定"), "r:stu001": ("delivered", None)}


def test_a_template_that_breaks_holds_up_nobody_else(database: Database) -> None:
    broken = Push("r:stu002", "stu002", "t", {"break": True}, NOW)
    enqueue(database, broken, push("stu001"))

    relay(database, Platform()).run(NOW)

    assert states(database) == {"r:stu001": ("delivered", None), "r:stu002": ("failed", "内容无法生成")}


def test_what_is_too_late_to_be_of_use_is_dropped_and_counted(database: Database) -> None:
    platform = Platform()
    enqueue(database, push("stu001", useless_after=NOW))

    tally = relay(database, platform).run(NOW)

    assert (tally, platform.requests) == (Tally(useless=1), [])
    assert states(database) == {"r:stu001": ("useless", "late")}


def test_a_retry_does_not_outlive_the_usefulness(database: Database) -> None:
    platform = Platform([BUSY])
    enqueue(database, push("stu001", useless_after=NOW + timedelta(seconds=3)))
    sender = relay(database, platform)
    sender.run(NOW)

    tally = sender.run(NOW + timedelta(seconds=5))

    assert (tally, len(platform.requests)) == (Tally(useless=1), 1)
    assert states(database) == {"r:stu001": ("useless", "late")}


def test_a_retry_that_comes_too_late_is_unknown_if_an_attempt_may_have_come_through(
    database: Database,
) -> None:
    platform = Platform([SILENT])
    enqueue(database, push("stu001", useless_after=NOW + timedelta(seconds=3)))
    sender = relay(database, platform)
    sender.run(NOW)

    tally = sender.run(NOW + timedelta(seconds=5))

    assert tally == Tally(unknown=1)
    assert states(database) == {"r:stu001": ("unknown", "送达未知")}


def test_a_partial_failure_is_kept_person_by_person(database: Database) -> None:
    """errcode 0 with invaliduser, which comes back in lower case."""
    enqueue(database, *(push(person_id) for person_id in STUDENTS))
    platform = Platform([Delivery("delivered", 0, unreachable={"STU002": "未关注"})])

    relay(database, platform).run(NOW)

    assert states(database) == {
        "r:stu001": ("delivered", None),
        "r:stu002": ("failed", "未关注"),
        "r:stu003": ("delivered", None),
    }


def test_a_permanent_refusal_is_not_repeated(database: Database) -> None:
    enqueue(database, push("stu001"))
    platform = Platform([Delivery("permanent", 81013, "all invalid")])
    sender = relay(database, platform)

    tallies = [sender.run(NOW), sender.run(LATER)]

    assert (tallies, len(platform.requests)) == ([Tally(made=1, failed=1), Tally()], 1)
    assert states(database) == {"r:stu001": ("failed", "平台拒绝（81013）")}


def test_a_busy_platform_is_tried_eight_times_with_growing_pauses(database: Database) -> None:
    enqueue(database, push("stu001"))
    platform = Platform([BUSY] * 8)
    sender = relay(database, platform)
    pauses_s = [0, 5, 15, 45, 135, 405, 600, 600]

    now, sent = NOW, []
    for pause_s in pauses_s:
        if pause_s:
            sender.run(now + timedelta(seconds=pause_s - 1))
        now += timedelta(seconds=pause_s)
        sender.run(now)
        sent.append(len(platform.requests))

    assert sent == [1, 2, 3, 4, 5, 6, 7, 8]
    assert len(set(platform.requests)) == 1
    assert states(database) == {"r:stu001": ("failed", "多次重试未成功（-1）")}


def test_a_platform_that_stays_silent_is_asked_again_with_the_same_bytes(database: Database) -> None:
    def accept_and_hang(body: bytes) -> Delivery:
        platform.accept(body)
        return SILENT

    platform = Platform([accept_and_hang])
    enqueue(database, push("stu001"))
    sender = relay(database, platform)

    sender.run(NOW)
    sender.run(NOW + timedelta(seconds=5))

    assert len(platform.requests) == 2
    assert platform.received == once("stu001")
    assert states(database) == {"r:stu001": ("delivered", None)}


def test_a_channel_without_a_duplicate_check_is_not_asked_again(database: Database) -> None:
    enqueue(database, push("stu001"))
    platform = Platform([SILENT], swallows_repeats=False)
    sender = relay(database, platform)

    sender.run(NOW)
    sender.run(LATER)

    assert len(platform.requests) == 1
    assert states(database) == {"r:stu001": ("unknown", "送达未知")}


def test_a_limit_of_the_platform_holds_the_channel_and_drops_nothing(database: Database) -> None:
    """45009: wait the window of that limit; the wait is no try."""
    enqueue(database, push("stu001"), push("stu002", "二"))
    platform = Platform([Delivery("wait", 45009, wait_s=60)] * 9)
    sender = relay(database, platform)

    now, asked = NOW, []
    for _ in range(10):
        sender.run(now)
        sender.run(now + timedelta(seconds=59))
        asked.append(len(platform.requests))
        now += timedelta(seconds=60)

    assert asked == [1, 2, 3, 4, 5, 6, 7, 8, 9, 11]
    assert platform.received == once("stu001") + once("stu002", text="二")


def test_a_wait_uses_up_no_try(database: Database) -> None:
    enqueue(database, push("stu001"))
    platform = Platform([Delivery("wait", 45009, wait_s=60)] * 9 + [BUSY])
    sender = relay(database, platform)

    for minute in range(11):
        sender.run(NOW + timedelta(minutes=minute))

    assert platform.received == once("stu001")


def test_an_alarm_stops_the_channel_until_told(database: Database) -> None:
    """40001, 60020: hammering gets the address banned."""
    alarm = Delivery("alarm", 60020, "not allowed to access from your ip")
    alarms: list[tuple[str, Delivery]] = []
    enqueue(database, push("stu001"), push("stu002", "二"))
    platform = Platform([alarm])
    sender = relay(database, platform, on_alarm=lambda channel, delivery: alarms.append((channel, delivery)))

    sender.run(NOW)
    sender.run(NOW + timedelta(hours=5))
    before = len(platform.requests)
    sender.resume("wecom")
    sender.run(NOW + timedelta(hours=5))

    assert (before, alarms) == (1, [("wecom", alarm)])
    assert platform.received == once("stu001") + once("stu002", text="二")
    assert sender.stopped == {}


def test_a_channel_that_raises_stops_neither_the_others_nor_itself(database: Database) -> None:
    def fall_over(body: bytes) -> Delivery:
        raise ValueError("a defect")

    enqueue(database, push("stu001"), push("stu002", "二"))
    platform = Platform([fall_over])
    sender = relay(database, platform)

    sender.run(NOW)
    between = dict(platform.received)
    sender.run(LATER)

    assert sum(between.values()) == 1
    assert platform.received == once("stu001") + once("stu002", text="二")


def test_a_member_gets_thirty_a_minute_and_the_rest_a_minute_later(database: Database) -> None:
    """The platform drops the excess silently (design D7); it counts by its own clock, ten seconds apart."""
    enqueue(database, *(push("stu001", f"第{number}条", key=str(number)) for number in range(35)))
    platform = Platform()
    sender = relay(database, platform)

    counts = []
    for seconds in (0, 69, 70):
        sender.run(NOW + timedelta(seconds=seconds))
        counts.append(len(platform.requests))

    assert counts == [30, 30, 35]


def test_more_than_a_thousand_recipients_are_several_requests(database: Database) -> None:
    accounts = [f"u{number:04}" for number in range(2500)]
    platform = Platform()
    sender = Relay(
        database,
        {"wecom": platform},
        render,
        lambda person_id: Address("wecom", person_id),
        "a",
        seconds=Seconds(),
    )
    database.write(lambda tx: july.add_students(tx, accounts))
    enqueue(database, *(push(account) for account in accounts))

    sender.run(NOW)

    sizes = [len(request.split(b"|")) for request in platform.requests]
    assert sorted(sizes) == [500, 1000, 1000]
    assert platform.received == once(*accounts)


def kill_points() -> list[tuple[int, bool]]:
    return [(moment, committed) for moment in range(1, 8) for committed in (False, True)]


@pytest.mark.parametrize(("moment", "committed"), kill_points())
def test_a_kill_at_any_write_loses_nothing_and_repeats_nothing(
    database: Database, moment: int, committed: bool
) -> None:
    """Two calls are seven writes: drop, make, claim, mark, claim, mark, claim nothing."""
    platform = Platform()
    enqueue(database, push("stu001"), push("stu002"), push("stu003", "二"))
    mortal = MortalDatabase(database, moment, committed=committed)

    with pytest.raises(Killed):
        relay(mortal, platform, "first").run(NOW)
    relay(database, platform, "second").run(LATER)

    assert platform.received == once("stu001", "stu002") + once("stu003", text="二")
    assert {state for state, _reason in states(database).values()} == {"delivered"}


@pytest.mark.parametrize("accepted", [False, True])
def test_a_kill_around_the_request_loses_nothing_and_repeats_nothing(
    database: Database, accepted: bool
) -> None:
    def die(body: bytes) -> Delivery:
        if accepted:
            platform.accept(body)
        raise Killed

    platform = Platform([die])
    enqueue(database, *(push(person_id) for person_id in STUDENTS))

    with pytest.raises(Killed):
        relay(database, platform, "first").run(NOW)
    relay(database, platform, "second").run(LATER)

    assert len(set(platform.requests)) == 1
    assert platform.received == once(*STUDENTS)
    assert states(database) == {f"r:{person_id}": ("delivered", None) for person_id in STUDENTS}


class FailingDatabase(MortalDatabase):
    """Is away at one write, and there again at the next."""

    def write(self, work: Callable[[Tx], T]) -> T:
        try:
            return super().write(work)
        except Killed:
            raise StorageAway from None


@pytest.mark.parametrize("moment", range(1, 9))
@pytest.mark.parametrize("committed", [False, True])
def test_a_database_that_is_away_at_any_write_stops_nothing_for_good(
    database: Database, moment: int, *, committed: bool
) -> None:
    platform = Platform()
    enqueue(database, push("stu001"), push("stu002", "二"), push("stu003", "三"))
    sender = relay(FailingDatabase(database, moment, committed=committed), platform)

    with suppress(StorageAway):
        sender.run(NOW)
    sender.run(LATER)

    assert platform.received == once("stu001") + once("stu002", text="二") + once("stu003", text="三")
    assert {state for state, _ in states(database).values()} == {"delivered"}


@pytest.mark.parametrize("moment", range(1, 6))
def test_calls_claimed_beside_one_that_could_not_be_put_off_are_taken_up_again(
    database: Database, moment: int
) -> None:
    """A reader's minute was full when three calls were claimed, and then the database went away."""
    platform = Platform()
    enqueue(database, *(push("stu001", str(n), key=f"k{n}") for n in range(30)))
    relay(database, platform, "before").run(NOW)
    for person_id in ("stu003", "stu001", "stu002"):
        enqueue(database, push(person_id, "最后"))
        body = platform.text_body((person_id,), "最后")
        database.write(
            partial(outbox.create_call, channel="wecom", body=body, row_ids=[f"r:{person_id}"], at=NOW)
        )
    sender = relay(FailingDatabase(database, moment, committed=False), platform)

    with suppress(StorageAway):
        sender.run(NOW + timedelta(seconds=1))
    sender.run(NOW + timedelta(minutes=2))

    assert {person_id: platform.received[person_id, "最后"] for person_id in STUDENTS} == dict.fromkeys(
        STUDENTS, 1
    )


def test_a_live_lease_is_respected(database: Database) -> None:
    def die(body: bytes) -> Delivery:
        raise Killed

    platform = Platform([die])
    enqueue(database, push("stu001"))
    with pytest.raises(Killed):
        relay(database, platform, "first").run(NOW)

    tally = relay(database, platform, "second").run(NOW + timedelta(seconds=LEASE_S - 1))

    assert (tally, len(platform.requests)) == (Tally(), 1)


def test_a_call_of_unknown_outcome_is_not_repeated_after_the_platform_forgot_it(database: Database) -> None:
    """Duplicate check lasts 4 h; older than 3 h 50 min it is listed as 送达未知 (design D5)."""

    def accept_and_die(body: bytes) -> Delivery:
        platform.accept(body)
        raise Killed

    platform = Platform([accept_and_die])
    enqueue(database, push("stu001"))
    with pytest.raises(Killed):
        relay(database, platform, "first").run(NOW)

    tally = relay(database, platform, "second").run(NOW + timedelta(hours=3, minutes=50))

    assert (tally, len(platform.requests)) == (Tally(unknown=1), 1)
    assert states(database) == {"r:stu001": ("unknown", "expired")}


def test_a_relay_that_slept_through_its_lease_marks_nothing(database: Database) -> None:
    def sleep_long(body: bytes) -> Delivery:
        relay(database, platform, "quick").run(LATER)
        return Delivery("permanent", 40035, "what the sleeper believes")

    platform = Platform([sleep_long])
    enqueue(database, push("stu001"))

    tally = relay(database, platform, "sleeper").run(NOW)

    assert tally == Tally(made=1)
    assert platform.received == once("stu001")
    assert states(database) == {"r:stu001": ("delivered", None)}


def test_a_process_stopped_between_claim_and_request_sends_nothing(database: Database) -> None:
    """SIGSTOP for 90 s: the monotonic clock went on, the lease may be somebody else's."""
    seconds = Seconds()

    class Stopping(MortalDatabase):
        def write(self, work: Callable[[Tx], T]) -> T:
            result = super().write(work)
            if isinstance(result, tuple) and any(isinstance(one, Call) for one in result[0] or ()):
                seconds.now_s += 90
            return result

    platform = Platform()
    enqueue(database, push("stu001"))

    tally = relay(Stopping(database, -1, committed=True), platform, seconds=seconds).run(NOW)
    after_the_stop = len(platform.requests)
    relay(database, platform, "second").run(NOW + timedelta(seconds=90))

    assert (tally, after_the_stop, len(platform.requests)) == (Tally(made=1, later=1), 0, 1)


def test_a_call_on_its_way_stays_with_its_sender_for_as_long_as_that_lives(database: Database) -> None:
    moment = NOW + timedelta(seconds=LEASE_S - 1)

    def take_long(body: bytes) -> Delivery:
        database.write(lambda tx: slow.keep(tx, moment))
        beside.run(LATER)
        return DELIVERED

    platform = Platform([take_long])
    slow, beside = relay(database, platform, "slow"), relay(database, platform, "beside")
    enqueue(database, push("stu001"))

    tally = slow.run(NOW)

    assert (tally, len(platform.requests)) == (Tally(made=1, delivered=1), 1)


def test_a_database_that_was_away_for_longer_than_a_lease_makes_nobody_send_twice(database: Database) -> None:
    seconds = Seconds()

    def outlast_the_lease(body: bytes) -> Delivery:
        seconds.now_s += LEASE_S + 1
        again.append(sender._claim(Watch(NOW, seconds), []))
        return DELIVERED

    again: list[tuple[Call, ...]] = []
    platform = Platform([outlast_the_lease])
    sender = relay(database, platform, seconds=seconds)
    enqueue(database, push("stu001"))

    tally = sender.run(NOW)

    assert (tally, again) == (Tally(made=1, delivered=1), [()])


def test_a_run_ends_after_eight_seconds_and_the_next_goes_on(database: Database) -> None:
    seconds = Seconds()

    def slow(body: bytes) -> Delivery:
        seconds.now_s += 5
        return DELIVERED

    platform = Platform([slow, slow, slow])
    enqueue(database, *(push("stu001", text, key=text) for text in "一二三"))
    sender = relay(database, platform, seconds=seconds)

    counts = []
    for _ in range(2):
        sender.run(NOW)
        counts.append(len(platform.requests))

    assert counts == [2, 3]


def test_two_relays_at_once_send_each_text_once(instance: Opener, database: Database) -> None:
    platform = Platform()
    people = [person.person_id for person in july.read_people() if person.cohort]
    texts = ("一", "二", "三", "四")
    enqueue(database, *(push(p, text, key=text) for p in people for text in texts))
    relays = [relay(instance(), platform, owner) for owner in ("a", "b")]
    start = threading.Barrier(len(relays))

    def run(one: Relay) -> None:
        start.wait()
        for _ in range(3):
            one.run(NOW)

    threads = [threading.Thread(target=run, args=[one]) for one in relays]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(platform.requests) == len(set(platform.requests)) == len(texts)
    assert platform.received == Counter((p, text) for p in people for text in texts)
    assert {state for state, _reason in states(database).values()} == {"delivered"}
