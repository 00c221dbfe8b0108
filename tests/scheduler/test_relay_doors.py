"""Many at once and each reader in order; pacing that outlives the process; robots; alarms; quiet hours."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta
from typing import TypeVar

import pytest

from channels.channel import ButtonCard, Delivery
from channels.wecom_errors import delivery_of
from messages.envelope import Announcement, Card, Push
from scheduler.alarms import Bell
from scheduler.gate import WIDTH
from scheduler.grouping import Address
from scheduler.outcomes import TRIES
from scheduler.quiet import Quiet
from scheduler.relay import LEASE_S, Relay, Tally
from storage import alarms, outbox
from storage.database import Database, StorageAway, Tx
from tests.scheduler import july
from tests.scheduler.july import ZONE, P, shanghai
from tests.scheduler.platform import Killed, Platform, Seconds
from tests.scheduler.test_relay import Opener, enqueue, push, render, states

T = TypeVar("T")
NOW = shanghai(4, 14, 3)
BUSY = Delivery("retry", -1, "busy")
SILENT = Delivery("unknown", None, "timed out")
ROBOT = "group_robot:全体群"
ACCOUNTS = tuple(f"u{number:03}" for number in range(60))


@pytest.fixture
def database(instance: Opener) -> Database:
    stored = instance()
    stored.write(july.store)
    stored.write(lambda tx: july.add_students(tx, list(ACCOUNTS)))
    return stored


def sender(
    database: Database,
    channels: Mapping[str, Platform],
    *,
    owner: str = "a",
    quiet: Quiet | None = None,
    bell: Bell | None = None,
    rows_at_once: int = 2000,
) -> Relay:
    return Relay(
        database,
        channels,
        render,
        lambda person_id: Address("wecom", person_id),
        owner,
        quiet=quiet,
        bell=bell,
        jitter=lambda: 0.0,
        seconds=Seconds(),
        rows_at_once=rows_at_once,
    )


def announce(database: Database, *texts: str, robot: str = "全体群") -> None:
    said = [Announcement(f"g:{text}", robot, "t", {"text": text}, NOW) for text in texts]
    database.write(lambda tx: outbox.announce(tx, P, said, NOW))


class Gathering(Platform):
    """Answers only when so many requests are on their way at once, after the first one."""

    def __init__(self, parties: int) -> None:
        super().__init__()
        self._together = threading.Barrier(parties)
        self._counting = threading.Lock()

    def send(self, body: bytes) -> Delivery:
        with self._counting:
            is_first = not self.requests
            delivery = super().send(body)
        if not is_first:
            self._together.wait(timeout=20)
        return delivery


def test_personal_texts_leave_many_at_once_after_the_first_has_arrived(database: Database) -> None:
    platform = Gathering(WIDTH)
    enqueue(database, *(push(account, account) for account in ACCOUNTS[: 2 * WIDTH + 1]))

    tally = sender(database, {"wecom": platform}).run(NOW)

    assert tally == Tally(made=2 * WIDTH + 1, delivered=2 * WIDTH + 1)


def test_each_reader_gets_texts_in_the_order_in_which_they_were_due(database: Database) -> None:
    platform = Platform()
    texts = [(account, f"{number} {account}") for number in range(5) for account in ACCOUNTS[:10]]
    for number, (account, text) in enumerate(texts):
        due_at = NOW + timedelta(seconds=number)
        pushes = [Push(f"{9 - number // 10}:{account}", account, "t", {"text": text}, due_at)]
        enqueue(database, *pushes)

    sender(database, {"wecom": platform}).run(NOW + timedelta(minutes=2))

    assert list_of_texts(platform) == {
        account: [f"{number} {account}" for number in range(5)] for account in ACCOUNTS[:10]
    }


def list_of_texts(platform: Platform) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for account, text in platform.received:
        found.setdefault(account, []).append(text)
    return found


def test_a_text_that_is_tried_again_is_not_overtaken_by_the_next_one(database: Database) -> None:
    platform = Platform([BUSY])
    later = Push("b", "u001", "t", {"text": "改到 16:00"}, NOW + timedelta(seconds=1))
    enqueue(database, push("u001", "改到 15:00"), later, push("u002", "改到 16:00"))
    relay = sender(database, {"wecom": platform})

    relay.run(NOW + timedelta(seconds=1))
    between = set(platform.received)
    relay.run(NOW + timedelta(seconds=6))

    assert between == {("u002", "改到 16:00")}
    assert list_of_texts(platform)["u001"] == ["改到 15:00", "改到 16:00"]


def test_a_channel_that_fails_is_tried_with_one_request_and_not_with_all(database: Database) -> None:
    platform = Platform([SILENT])
    enqueue(database, *(push(account, account) for account in ACCOUNTS))
    relay = sender(database, {"wecom": platform})

    class Away(Platform):
        def send(self, body: bytes) -> Delivery:
            self.requests.append(body)
            return Delivery("wait", 45009, "too_often", 60.0)

    away = Away()
    sender(database, {"wecom": away}).run(NOW)
    relay.run(NOW + timedelta(minutes=1))
    relay.run(NOW + timedelta(minutes=2))

    assert len(away.requests) == 1
    assert platform.received == Counter((account, account) for account in ACCOUNTS)


def test_a_crowded_platform_gets_fewer_at_once_and_nothing_is_given_up(database: Database) -> None:
    crowded = delivery_of({}, 45033, ())
    platform = Platform([crowded] * (TRIES + 2))
    enqueue(database, push("u001"))
    relay = sender(database, {"wecom": platform})

    for seconds in range(0, 5 * (TRIES + 3), 5):
        relay.run(NOW + timedelta(seconds=seconds))

    assert states(database) == {"r:u001": ("delivered", None)}


def test_what_waits_is_sorted_in_portions_and_all_of_it_leaves(database: Database) -> None:
    platform = Platform()
    enqueue(database, *(push(account, account) for account in ACCOUNTS))

    tally = sender(database, {"wecom": platform}, rows_at_once=7).run(NOW)

    assert tally == Tally(made=len(ACCOUNTS), delivered=len(ACCOUNTS))


def test_ten_thousand_calls_a_minute_are_not_exceeded(database: Database) -> None:
    platform = Platform(calls_a_minute=20)
    enqueue(database, *(push(account, account) for account in ACCOUNTS[:45]))
    relay = sender(database, {"wecom": platform})

    counts = []
    for seconds in (0, 59, 60, 120):
        relay.run(NOW + timedelta(seconds=seconds))
        counts.append(len(platform.requests))

    assert counts == [20, 20, 40, 45]


def test_a_process_started_again_remembers_what_a_member_got_in_this_minute(database: Database) -> None:
    """The platform drops the excess silently, and a start takes two seconds."""
    platform = Platform()
    enqueue(database, *(push("u001", f"第{number}条", key=f"{number:02}") for number in range(35)))
    sender(database, {"wecom": platform}, owner="first").run(NOW)

    again = sender(database, {"wecom": platform}, owner="second")
    again.run(NOW + timedelta(seconds=2))
    before = len(platform.requests)
    again.run(NOW + timedelta(seconds=70))

    assert (before, len(platform.requests)) == (30, 35)


def test_calls_held_by_a_limit_do_not_leave_in_one_minute_with_those_made_later(database: Database) -> None:
    platform = Platform([Delivery("wait", 45009, "too_often", 60.0)])
    enqueue(database, *(push("u001", f"一{number}", key=f"1{number:02}") for number in range(20)))
    relay = sender(database, {"wecom": platform})
    relay.run(NOW)
    enqueue(database, *(push("u001", f"二{number}", key=f"2{number:02}") for number in range(20)))

    counts = []
    for seconds in (30, 60, 90, 130):
        relay.run(NOW + timedelta(seconds=seconds))
        counts.append(sum(platform.received.values()))

    assert counts == [0, 30, 30, 40]


def test_what_a_dead_process_had_on_its_way_is_taken_up_at_once_by_its_successor(database: Database) -> None:
    def die(body: bytes) -> Delivery:
        platform.accept(body)
        raise Killed

    platform = Platform([die])
    enqueue(database, push("u001"))
    with pytest.raises(Killed):
        sender(database, {"wecom": platform}, owner="host:8000").run(NOW)

    successor = sender(database, {"wecom": platform}, owner="host:8000")
    freed = successor.recover(NOW + timedelta(seconds=2))
    tally = successor.run(NOW + timedelta(seconds=2))

    assert (freed, tally) == (1, Tally(delivered=1))
    assert platform.received == Counter([("u001", "下午两点半")])


def test_an_account_that_cannot_be_written_stops_nobody_else(database: Database) -> None:
    class Strict(Platform):
        def text_body(self, recipients: tuple[str, ...], text: str) -> bytes:
            if "u001" in recipients:
                raise ValueError("a recipient is not a member's id")
            return super().text_body(recipients, text)

    enqueue(database, push("u001", "一"), push("u002", "二"))

    sender(database, {"wecom": Strict()}).run(NOW)

    assert states(database) == {"r:u001": ("failed", "账号有误"), "r:u002": ("delivered", None)}


class Away:
    """A database that is away from the first request on, until it is back."""

    engine = "away"

    def __init__(self, database: Database, channel: Platform) -> None:
        self._database = database
        self._channel = channel
        self.is_back = False

    def read(self, work: Callable[[Tx], T]) -> T:
        return self._database.read(work)

    def write(self, work: Callable[[Tx], T]) -> T:
        if self._channel.requests and not self.is_back:
            raise StorageAway("disk full")
        return self._database.write(work)

    def close(self) -> None:
        self._database.close()


@pytest.mark.parametrize("swallows_repeats", [True, False])
def test_an_outcome_that_could_not_be_stored_is_stored_when_the_database_is_back(
    database: Database, swallows_repeats: bool
) -> None:
    platform = Platform(swallows_repeats=swallows_repeats)
    enqueue(database, push("u001"))
    away = Away(database, platform)
    relay = sender(away, {"wecom": platform})

    with pytest.raises(StorageAway):
        relay.run(NOW)
    away.is_back = True
    tally = relay.run(NOW + timedelta(seconds=1))

    assert (tally, len(platform.requests)) == (Tally(delivered=1), 1)
    assert states(database) == {"r:u001": ("delivered", None)}


def test_a_text_for_many_does_not_wait_for_one_of_them(database: Database) -> None:
    """u001's first text is tried again; the others hear the second at once."""
    platform = Platform([BUSY])
    enqueue(database, push("u001", "一", key="1"))
    relay = sender(database, {"wecom": platform})
    relay.run(NOW)
    enqueue(database, *(push(account, "二", key="2") for account in ACCOUNTS[:10]))

    relay.run(NOW + timedelta(seconds=1))
    between = {account for account, text in platform.received if text == "二"}
    relay.run(NOW + timedelta(seconds=6))

    assert between == {*ACCOUNTS[:10]} - {"u001"}
    assert list_of_texts(platform)["u001"] == ["一", "二"]


def test_who_takes_over_counts_what_the_other_instance_sent_meanwhile(database: Database) -> None:
    platform = Platform()
    one, two = (sender(database, {"wecom": platform}, owner=owner) for owner in ("one", "two"))
    enqueue(database, *(push("u001", f"一{number}", key=f"1{number:02}") for number in range(10)))
    one.run(NOW)
    enqueue(database, *(push("u001", f"二{number}", key=f"2{number:02}") for number in range(15)))
    two.run(NOW + timedelta(seconds=10))
    enqueue(database, *(push("u001", f"三{number}", key=f"3{number:02}") for number in range(10)))

    one.run(NOW + timedelta(seconds=20))

    assert len(platform.requests) == 30


# Quiet hours

QUIET = Quiet(time(22, 30), time(7, 30), (0, 30), ZONE)
NIGHT = shanghai(4, 23)
MORNING = shanghai(5, 7, 31)


def at_night(template: str, key: str, useless_after: datetime | None = None) -> Push:
    return Push(key, "u001", template, {"text": key}, NIGHT, useless_after)


def test_at_night_a_change_goes_and_a_reminder_waits_unless_it_would_be_useless(database: Database) -> None:
    platform = Platform()
    enqueue(
        database,
        at_night("change/moved", "改"),
        at_night("reminder/soon", "早课", shanghai(5, 7, 0)),
        at_night("reminder/evening_before", "提醒"),
    )
    relay = sender(database, {"wecom": platform}, quiet=QUIET)

    relay.run(NIGHT)
    night = {text for _, text in platform.received}
    relay.run(MORNING - timedelta(seconds=1))
    before = {text for _, text in platform.received}
    relay.run(MORNING)

    assert night == before == {"改", "早课"}
    assert {text for _, text in platform.received} == {"改", "早课", "提醒"}


# Robots


def test_a_robot_says_an_announcement_once_in_its_chat(database: Database) -> None:
    chat = Platform(swallows_repeats=False)
    announce(database, "明天 14:30", "明天 14:30")

    tally = sender(database, {ROBOT: chat}).run(NOW)

    assert tally == Tally(made=1, delivered=1)
    assert chat.requests == [chat.text_body((), "明天 14:30")]


def test_a_robot_that_is_not_there_is_named(database: Database) -> None:
    announce(database, "明天", robot="老群")

    sender(database, {ROBOT: Platform(swallows_repeats=False)}).run(NOW)

    assert states(database) == {"g:明天": ("failed", "没有这个群机器人")}


def test_twenty_a_minute_leave_by_a_robot_in_order_and_the_rest_later(database: Database) -> None:
    chat = Platform(swallows_repeats=False, calls_a_minute=20)
    texts = [f"{number:02}" for number in range(25)]
    announce(database, *texts)
    relay = sender(database, {ROBOT: chat})

    relay.run(NOW)
    at_once = len(chat.requests)
    relay.run(NOW + timedelta(minutes=1))

    assert at_once == 20
    assert chat.requests == [chat.text_body((), text) for text in texts]


def test_a_process_started_again_remembers_what_a_robot_said_in_this_minute(database: Database) -> None:
    chat = Platform(swallows_repeats=False, calls_a_minute=20)
    announce(database, *(f"{number:02}" for number in range(25)))
    sender(database, {ROBOT: chat}, owner="first").run(NOW)

    sender(database, {ROBOT: chat}, owner="second").run(NOW + timedelta(seconds=2))

    assert len(chat.requests) == 20


@pytest.mark.parametrize("accepted", [False, True])
def test_a_kill_while_a_robot_speaks_is_listed_as_unknown_and_never_repeated(
    database: Database, accepted: bool
) -> None:
    def die(body: bytes) -> Delivery:
        if accepted:
            chat.accept(body)
        raise Killed

    chat = Platform([die], swallows_repeats=False)
    announce(database, "明天")
    with pytest.raises(Killed):
        sender(database, {ROBOT: chat}, owner="h:1").run(NOW)

    successor = sender(database, {ROBOT: chat}, owner="h:1")
    successor.recover(NOW)
    successor.run(NOW + timedelta(seconds=2))
    successor.run(NOW + timedelta(seconds=LEASE_S + 2))

    assert len(chat.requests) == 1
    assert states(database) == {"g:明天": ("unknown", "expired")}


def test_an_answer_that_does_not_come_leaves_an_announcement_unknown(database: Database) -> None:
    chat = Platform([SILENT], swallows_repeats=False)
    announce(database, "明天")
    relay = sender(database, {ROBOT: chat})

    relay.run(NOW)
    relay.run(NOW + timedelta(minutes=5))

    assert len(chat.requests) == 1
    assert states(database) == {"g:明天": ("unknown", "送达未知")}


# Cards


class Cards(Platform):
    def __init__(self) -> None:
        super().__init__()
        self.capabilities = type(self.capabilities)(2048, True, False, False, swallows_repeats=True)

    def card_body(self, recipients: tuple[str, ...], card: ButtonCard) -> bytes:
        return self.text_body(recipients, f"[{card.title} {card.buttons}] {card.text}")

    def update_body(self, account: str, response_code: str, shown: str) -> bytes:
        return self.text_body((account,), f"{response_code} {shown}")


@pytest.mark.parametrize(
    ("channel", "is_plain", "text"),
    [
        (Cards(), False, "[下午两点半 (('签到', '签到'),)] 下午两点半"),
        (Cards(), True, "下午两点半"),
        (Platform(), False, "下午两点半"),
    ],
)
def test_a_card_is_sent_where_it_is_seen_and_its_text_elsewhere(
    database: Database, channel: Platform, is_plain: bool, text: str
) -> None:
    card = Card("card", ("签到",))
    enqueue(database, Push("k", "u001", "t", {"text": "下午两点半"}, NOW, card=card))

    Relay(
        database,
        {"wecom": channel},
        render,
        lambda person_id: Address("wecom", person_id, is_plain),
        "a",
        seconds=Seconds(),
    ).run(NOW)

    assert set(channel.received) == {("u001", text)}


# Alarms


def bell_of(database: Database, channels: Mapping[str, Platform], rung: list[tuple[str, str]]) -> Bell:
    return Bell(
        database,
        channels,
        render,
        doors=[ROBOT],
        admins=lambda channel: [] if channel == "wecom" else [(P, "u001")],
        hook=lambda channel, kind: rung.append((channel, kind)),
    )


def test_a_stopped_channel_is_a_line_a_row_a_count_and_a_word_through_another_door(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    rung: list[tuple[str, str]] = []
    channels = {
        "wecom": Platform([Delivery("alarm", 60020, "203.0.113.7", 600.0)]),
        ROBOT: Platform(swallows_repeats=False),
    }
    enqueue(database, push("u001"), push("u002", "二"))
    relay = sender(database, channels, bell=bell_of(database, channels, rung))

    relay.run(NOW)
    relay.run(NOW + timedelta(minutes=5))

    lines = [record.getMessage() for record in caplog.records if record.getMessage().startswith("alarm")]
    stored = database.read(alarms.open_alarms)
    assert lines == ["alarm channel=wecom kind=stopped errcode=60020 detail=203.0.113.7"]
    assert [(a.channel, a.kind, a.errcode, a.detail, a.times) for a in stored] == [
        ("wecom", "stopped", 60020, "203.0.113.7", 1)
    ]
    assert rung == [("wecom", "stopped")]
    assert [text for _, text in channels[ROBOT].received] == ["alarm/stopped wecom 60020 203.0.113.7"]
    assert len(channels["wecom"].requests) == 1


def test_what_the_console_mends_is_tried_once_in_ten_minutes_and_clears_the_alarm(database: Database) -> None:
    platform = Platform([Delivery("alarm", 60020, "203.0.113.7", 600.0)] * 2)
    enqueue(database, push("u001"), push("u002", "二"))
    relay = sender(database, {"wecom": platform})

    counts = []
    for minutes in (0, 9, 10, 19, 20):
        relay.run(NOW + timedelta(minutes=minutes))
        counts.append(len(platform.requests))

    assert counts == [1, 1, 2, 2, 4]
    assert relay.stopped == {}
    assert database.read(alarms.open_alarms) == ()


def test_a_wrong_secret_is_never_tried_again_by_itself(database: Database) -> None:
    platform = Platform([Delivery("alarm", 40001, "bad_secret")])
    enqueue(database, *(push(account, account) for account in ACCOUNTS))
    relay = sender(database, {"wecom": platform})

    for hours in range(0, 48, 6):
        relay.run(NOW + timedelta(hours=hours))

    assert len(platform.requests) == 1


def test_a_robot_that_is_gone_is_told_to_the_admins_one_by_one(database: Database) -> None:
    rung: list[tuple[str, str]] = []
    channels = {"wecom": Platform(), ROBOT: Platform([Delivery("alarm", 93000, "robot_gone")])}
    announce(database, "明天")
    relay = sender(database, channels, bell=bell_of(database, channels, rung))

    relay.run(NOW)
    relay.run(NOW + timedelta(seconds=1))

    assert [text for _, text in channels["wecom"].received] == [f"alarm/stopped {ROBOT} 93000 robot_gone"]


def test_messages_that_were_given_up_are_told_once_a_day(database: Database) -> None:
    rung: list[tuple[str, str]] = []
    channels = {"wecom": Platform([Delivery("permanent", 40035, "bad_request")] * 2), ROBOT: Platform()}
    enqueue(database, push("u001", "一"), push("u002", "二"))
    relay = sender(database, channels, bell=bell_of(database, channels, rung))

    relay.run(NOW)

    kind = f"undelivered:{NOW.date()}"
    assert rung == [("wecom", kind), ("wecom", kind)]
    assert sum(channels[ROBOT].received.values()) == 1
    rows = database.read(lambda tx: outbox.dead_letters(tx, NOW - timedelta(seconds=1)))
    assert {(row.row_id, row.reason) for row in rows} == {
        ("r:u001", "平台拒绝（40035）"),
        ("r:u002", "平台拒绝（40035）"),
    }
