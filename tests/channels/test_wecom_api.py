"""The outgoing side of WeCom against the fake platform: one row of its error table, one fault, one test."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from channels.access_token import AccessToken, Fetched, Token
from channels.channel import Delivery
from channels.transport import MAX_ANSWER_BYTES
from channels.wecom_api import WeComGateway
from fakes.clock import SimulatedClock
from fakes.platform import FakeWeCom
from fakes.server import platform_app, serving
from tests.channels.token_store import MemoryTokenStore

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

CORP, AGENT, SECRET = "ww8d1f0b7c6e5a4932", 1000007, "S3CRET-never-to-be-seen"
MEMBERS = {"li.ming": "李明", "wang.fang": "王芳", "Zhao.Liu": "赵六"}
START = datetime(2023, 7, 4, 6, 13, tzinfo=UTC)


class Clock:
    """A clock for the gateway and the platform that tests move."""

    def __init__(self) -> None:
        self.simulated = SimulatedClock(START, seconds=lambda: 0.0)

    def __call__(self) -> datetime:
        return self.simulated.now()

    def forward(self, **by: float) -> None:
        self.simulated.set(self() + timedelta(**by))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def platform(clock: Clock) -> FakeWeCom:
    return FakeWeCom(corp_id=CORP, agent_id=AGENT, secret=SECRET, members=MEMBERS, clock=clock.simulated)


@pytest.fixture
def api(platform: FakeWeCom) -> Iterator[str]:
    with serving(platform_app(platform)) as url:
        yield url


@pytest.fixture
def store() -> MemoryTokenStore:
    return MemoryTokenStore()


@pytest.fixture
def gateway(api: str, store: MemoryTokenStore, clock: Clock) -> WeComGateway:
    return WeComGateway(CORP, AGENT, SECRET, store, clock, api)


def body(gateway: WeComGateway, *recipients: str, text: str = "14:30 科研论文写作") -> bytes:
    return gateway.text_body(recipients or ("li.ming",), text)


def paths(platform: FakeWeCom) -> list[str]:
    return [call.path for call in platform.calls]


# One send


def test_a_push_arrives(gateway: WeComGateway, platform: FakeWeCom) -> None:
    delivery = gateway.send(body(gateway, "li.ming", "wang.fang"))

    assert delivery == Delivery("delivered", 0)
    assert sorted(push.userid for push in platform.pushes) == ["li.ming", "wang.fang"]


def test_the_same_bytes_sent_again_reach_nobody_twice(gateway: WeComGateway, platform: FakeWeCom) -> None:
    request = body(gateway)

    outcomes = [gateway.send(request).outcome for _ in range(3)]

    assert outcomes == ["delivered"] * 3
    assert (len(platform.pushes), platform.swallowed) == (1, 2)


def test_members_that_a_success_hides_are_named_as_they_were_sent(gateway: WeComGateway) -> None:
    delivery = gateway.send(body(gateway, "li.ming", "Gone.Away"))

    assert delivery == Delivery("delivered", 0, unreachable={"Gone.Away": "invalid_user"})


def test_when_no_one_can_be_reached_all_are_named(gateway: WeComGateway) -> None:
    delivery = gateway.send(body(gateway, "Gone.Away", "gone.too"))

    assert (delivery.outcome, delivery.errcode) == ("permanent", 81013)
    assert delivery.unreachable == {"Gone.Away": "invalid_user", "gone.too": "invalid_user"}


FAULTS = [
    ("busy", Delivery("retry", -1, "busy")),
    ("concurrency", Delivery("wait", 45033, "too_many_at_once", 5.0)),
    ("too_often", Delivery("wait", 45009, "too_often", 60.0)),
    ("ip_not_trusted", Delivery("alarm", 60020, "203.0.113.7", 600.0)),
    ("http_500", Delivery("unknown", None, "http_500")),
    ("http_502", Delivery("unknown", None, "http_502")),
    ("html_200", Delivery("unknown", None, "not_json")),
    ("truncated_json", Delivery("unknown", None, "not_json")),
    ("closed", Delivery("unknown", None, "ConnectionError")),
    ("closed_after", Delivery("unknown", None, "ConnectionError")),
    ("cut_body", Delivery("unknown", None, "ConnectionError")),
    ("huge_answer", Delivery("unknown", None, "ConnectionError")),
    ("string_errcode", Delivery("delivered", 0)),
]


@pytest.mark.parametrize(("fault", "expected"), FAULTS, ids=[fault for fault, _ in FAULTS])
def test_a_fault_of_the_platform_has_its_outcome(
    gateway: WeComGateway, platform: FakeWeCom, clock: Clock, fault: str, expected: Delivery
) -> None:
    gateway.send(body(gateway, "wang.fang"))
    platform.faults.switch_on(fault, at=clock().timestamp())

    assert gateway.send(body(gateway)) == expected


def test_after_the_fault_the_same_bytes_are_delivered_once(
    gateway: WeComGateway, platform: FakeWeCom
) -> None:
    request = body(gateway)
    platform.faults.switch_on("closed_after", 1)

    outcomes = [gateway.send(request).outcome for _ in range(2)]

    assert outcomes == ["unknown", "delivered"]
    assert len(platform.pushes) == 1


def test_where_nobody_listens_nothing_was_sent(store: MemoryTokenStore, clock: Clock) -> None:
    store.store(f"wecom:{CORP}:{AGENT}", "TOK", START + timedelta(hours=1), 0)
    gateway = WeComGateway(CORP, AGENT, SECRET, store, clock, f"http://127.0.0.1:{free_port()}")

    assert gateway.send(body(gateway)).outcome == "retry"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# Tokens


def test_a_token_is_fetched_once_and_used_again(gateway: WeComGateway, platform: FakeWeCom) -> None:
    for text in "abc":
        gateway.send(body(gateway, text=text))

    assert paths(platform) == ["gettoken", "message/send", "message/send", "message/send"]


def test_a_stored_token_is_used_after_a_restart(
    gateway: WeComGateway, api: str, store: MemoryTokenStore, clock: Clock, platform: FakeWeCom
) -> None:
    gateway.send(body(gateway, text="a"))

    WeComGateway(CORP, AGENT, SECRET, store, clock, api).send(body(gateway, text="b"))

    assert paths(platform).count("gettoken") == 1


def test_a_token_is_replaced_before_it_ends(gateway: WeComGateway, platform: FakeWeCom, clock: Clock) -> None:
    gateway.send(body(gateway, text="a"))
    clock.forward(seconds=7200 - 299)

    gateway.send(body(gateway, text="b"))

    assert paths(platform).count("gettoken") == 2


def test_a_token_that_died_early_is_renewed_within_the_send(
    gateway: WeComGateway, platform: FakeWeCom
) -> None:
    gateway.send(body(gateway, text="a"))
    platform.revoke_token()

    delivery = gateway.send(body(gateway, text="b"))

    assert delivery.outcome == "delivered"
    assert paths(platform)[2:] == ["message/send", "gettoken", "message/send"]


def test_a_token_that_is_refused_for_ever_is_renewed_once_a_minute(
    gateway: WeComGateway, platform: FakeWeCom, clock: Clock
) -> None:
    platform.faults.switch_on("token_expired")

    deliveries = []
    for _ in range(30):
        deliveries.append(gateway.send(body(gateway)))
        clock.forward(seconds=5)

    assert {delivery.outcome for delivery in deliveries} == {"retry"}
    assert paths(platform).count("gettoken") <= 4


@pytest.mark.parametrize(
    ("corp_id", "secret", "expected"),
    [
        (CORP, "wrong", Delivery("alarm", 40001, "bad_secret")),
        ("wwother", SECRET, Delivery("alarm", 40013, "bad_corp_id")),
    ],
)
def test_a_wrong_secret_stops_at_once(
    api: str, platform: FakeWeCom, clock: Clock, corp_id: str, secret: str, expected: Delivery
) -> None:
    gateway = WeComGateway(corp_id, AGENT, secret, MemoryTokenStore(), clock, api)

    assert gateway.send(body(gateway)) == expected
    assert paths(platform) == ["gettoken"]


def test_a_banned_address_waits_ten_minutes(
    gateway: WeComGateway, platform: FakeWeCom, api: str, clock: Clock
) -> None:
    wrong = WeComGateway(CORP, AGENT, "wrong", MemoryTokenStore(), clock, api)
    for _ in range(10):
        wrong.send(body(wrong))

    assert gateway.send(body(gateway)) == Delivery("wait", 45009, "token_too_often", 600.0)


@pytest.mark.parametrize("fault", ["closed", "http_500", "html_200"])
def test_without_a_token_the_message_was_surely_not_sent(
    gateway: WeComGateway, platform: FakeWeCom, fault: str
) -> None:
    platform.faults.switch_on(fault)

    assert gateway.send(body(gateway)).outcome == "retry"
    assert "message/send" not in paths(platform)


def test_a_token_with_a_nonsensical_life_is_used_for_a_minute(
    gateway: WeComGateway, platform: FakeWeCom, clock: Clock
) -> None:
    platform.faults.switch_on("negative_expiry")

    for text in "abc":
        gateway.send(body(gateway, text=text))
    clock.forward(seconds=61)
    gateway.send(body(gateway, text="d"))

    assert paths(platform).count("gettoken") == 2


def test_twenty_threads_on_a_cold_gateway_make_one_fetch(gateway: WeComGateway, platform: FakeWeCom) -> None:
    start = threading.Barrier(20)
    outcomes: list[str] = []

    def send(number: int) -> None:
        start.wait()
        outcomes.append(gateway.send(body(gateway, text=f"{number}")).outcome)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert outcomes == ["delivered"] * 20
    assert paths(platform).count("gettoken") == 1


def test_threads_that_waited_for_a_fetch_that_failed_do_not_try_again(clock: Clock) -> None:
    """Ten wrong secrets get the address banned for an hour."""
    everybody_waits = threading.Event()
    looks: list[str] = []
    fetches: list[int] = []
    failures: list[str] = []

    class CountingStore(MemoryTokenStore):
        def load(self, name: str) -> Token | None:
            looks.append(name)
            if len(looks) > 20:  # each of twenty threads has looked, and the first holds the lock
                everybody_waits.set()
            return super().load(name)

    def fetch() -> Fetched:
        fetches.append(1)
        everybody_waits.wait(timeout=20)
        raise ValueError("wrong secret")

    token = AccessToken("t", CountingStore(), fetch, clock)

    def ask() -> None:
        try:
            token.current()
        except ValueError as failure:
            failures.append(str(failure))

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(fetches), failures) == (1, ["wrong secret"] * 20)


class SlowStore(MemoryTokenStore):
    """Another process stores its token between our look and our store."""

    def store(self, name: str, value: str, expires_at: datetime, expected_version: int) -> bool:
        if expected_version == 0:
            super().store(name, "THEIRS", expires_at, 0)
        return super().store(name, value, expires_at, expected_version)


def test_who_loses_the_race_uses_the_winners_token(api: str, clock: Clock, platform: FakeWeCom) -> None:
    store = SlowStore()
    gateway = WeComGateway(CORP, AGENT, SECRET, store, clock, api)

    gateway.send(body(gateway))

    token: Token | None = store.load(f"wecom:{CORP}:{AGENT}")
    assert token is not None
    # The platform of this test knows only its own token, so the foreign one was refused and replaced.
    assert (token.value != "THEIRS", token.version) == (True, 2)


def test_a_check_says_what_stands_between_us_and_the_platform(
    gateway: WeComGateway, platform: FakeWeCom, api: str, clock: Clock
) -> None:
    wrong = WeComGateway(CORP, AGENT, "wrong", MemoryTokenStore(), clock, api)

    assert gateway.check() == Delivery("delivered", 0)
    assert wrong.check() == Delivery("alarm", 40001, "bad_secret")


# Secrets


@pytest.mark.parametrize(
    "fault", ["closed", "http_500", "html_200", "cut_body", "bad_secret", "token_expired", "busy"]
)
def test_no_log_line_and_no_answer_holds_the_secret_or_a_token(
    gateway: WeComGateway, platform: FakeWeCom, caplog: pytest.LogCaptureFixture, fault: str
) -> None:
    caplog.set_level(logging.DEBUG)
    gateway.send(body(gateway, text="a"))
    token = platform._token  # what must not be seen
    platform.faults.switch_on(fault)

    deliveries = [gateway.send(body(gateway)), gateway.check()]

    seen = caplog.text + repr(deliveries) + repr(gateway) + repr(vars(gateway)["_token"])
    assert token.startswith("TOK_")
    assert not [part for part in (token, SECRET, "corpsecret", "access_token=") if part in seen]


# Servers that are no platform


@contextmanager
def answering(app: Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]) -> Iterator[str]:
    with serving(app) as url:
        yield url


def test_a_redirect_is_not_followed(store: MemoryTokenStore, clock: Clock) -> None:
    asked: list[str] = []

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        asked.append(environ["PATH_INFO"])
        start_response("302 Found", [("Location", "/elsewhere"), ("Content-Length", "0")])
        return []

    with answering(app) as url:
        gateway = WeComGateway(CORP, AGENT, SECRET, store, clock, url)
        delivery = gateway.send(body(gateway))

    assert (delivery.outcome, asked) == ("retry", ["/cgi-bin/gettoken"])


ODD_ANSWERS = [
    b"",
    b"null",
    b"[]",
    b"1",
    b'"x"',
    b"{}",
    b'{"errcode": null}',
    b'{"errcode": "x"}',
    b'{"errcode": {}}',
    b'{"errcode": 0}',
    b'{"errcode": 0, "access_token": null}',
    b'{"errcode": 0, "access_token": 7}',
    b'{"base_resp": 3}',
    b'{"errcode": 1e999}',
    b"[" * 100_000,
    b"\xff\xfe",
    b"x" * (MAX_ANSWER_BYTES + 1),
]


@pytest.mark.parametrize("answer", ODD_ANSWERS, ids=lambda answer: repr(answer[:40]))
def test_an_answer_that_is_not_the_platforms_is_an_outcome_like_any_other(
    store: MemoryTokenStore, clock: Clock, answer: bytes
) -> None:
    def app(_: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "application/json")])
        return [answer]

    with answering(app) as url:
        gateway = WeComGateway(CORP, AGENT, SECRET, store, clock, url)
        without_token = gateway.send(body(gateway))
        store.store(f"wecom:{CORP}:{AGENT}", "TOK", START + timedelta(hours=1), 0)
        with_token = gateway.send(body(gateway))

    assert without_token.outcome == "retry"
    assert with_token.outcome in ("delivered" if b'"errcode": 0' in answer else "unknown")


def test_a_compressed_bomb_is_not_opened(store: MemoryTokenStore, clock: Clock) -> None:
    def app(_: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Encoding", "gzip")])
        return [b"\x1f\x8b\x08\x00" + b"\0" * 1000]

    with answering(app) as url:
        gateway = WeComGateway(CORP, AGENT, SECRET, store, clock, url)

        assert gateway.send(body(gateway)).outcome == "retry"
