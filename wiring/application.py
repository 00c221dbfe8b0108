"""Settings, clocks and channels in; the wired application out."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from channels.channel import CallbackChannel, PushChannel
from channels.crypto import Keyring, Seal
from channels.group_robot import GroupRobot
from channels.wecom import CAPABILITIES as WECOM
from channels.wecom import WeComCallback
from channels.wecom_api import WeComGateway
from config import Settings
from handlers.arrival import Arrivals
from handlers.calendar import Feeds
from handlers.context import Setup
from handlers.respond import Clocks, Responder
from handlers.screen import Screens
from handlers.talk_screen import TalkScreens
from messages.envelope import Answer, Inbound, Reply
from messages.render import Renderer
from programme.attendance import CheckinRules
from programme.calendar_plan import CalendarEntry
from programme.people import Person
from programme.programme import Programme
from programme.reminders import ReminderRule, parse_offset
from scheduler.clock import Ticker
from scheduler.grouping import robot_channel
from settings import ReminderSection
from storage import media, tokens
from storage.check import is_reachable
from storage.database import Database, StorageAway
from storage.engines import open_database
from storage.migrations import migrate
from storage.snapshot import Snapshot
from storage.sqlite import WRITE_PATIENCE_S
from web.application import create_app
from web.arrival import arrival_pages
from web.calendar import calendar_pages
from web.callback import CallbackMiddleware, Counts, Log
from web.health import health_pages
from web.metrics import metrics_page
from web.places import FREE, Places
from web.screen import screen_pages
from web.talk_screen import talk_pages
from web.upload import upload_pages
from wiring.handing_in import uploads
from wiring.metrics import Meters

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def real_time() -> datetime:
    return datetime.now(UTC)


class StoredTokens:
    """Access tokens in the database, so that processes and restarts share them (design D1)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def load(self, name: str) -> tokens.Token | None:
        return self._database.read(lambda tx: tokens.load(tx, name))

    def store(self, name: str, value: str, expires_at: datetime, expected_version: int) -> bool:
        return self._database.write(lambda tx: tokens.store(tx, name, value, expires_at, expected_version))


class StoredMedia:
    """Media ids in the database, so that a file is uploaded once for all processes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def load(self, channel: str, kind: str, digest: str, now: datetime) -> str | None:
        return self._database.read(lambda tx: media.media_id(tx, channel, kind, digest, now))

    def keep(self, channel: str, kind: str, digest: str, media_id: str, expires_at: datetime) -> None:
        self._database.write(lambda tx: media.keep(tx, channel, kind, digest, media_id, expires_at))


@dataclass
class Application:
    """Everything that runs, wired; *close* lets go of it in the order that loses nothing."""

    settings: Settings
    clocks: Clocks
    database: Database
    snapshot: Snapshot
    renderer: Renderer
    responder: Responder
    setup: Setup
    rules: tuple[ReminderRule, ...]
    closing: list[Callable[[], object]] = field(default_factory=list)
    closed: list[Callable[[], object]] = field(default_factory=list)

    def close(self) -> None:
        """*closing*, the database, then *closed*; one that fails does not keep the others from it."""
        with ExitStack() as steps:
            for step in reversed([*self.closing, self.database.close, *self.closed]):
                steps.callback(step)

    def apologise(self, _inbound: Inbound) -> Answer:
        return Answer(self.renderer.render(Reply("guide/sorry")))


def assemble(
    settings: Settings,
    key: bytes,
    clocks: Clocks,
    patience_s: float = WRITE_PATIENCE_S,
    previous_key: bytes | None = None,
) -> Application:
    """The rooms that every command shares, on a database brought up to date. Raises StorageAway."""
    database = open_database(settings.storage.url, patience_s=patience_s)
    snapshot = Snapshot()
    try:
        migrate(database, real_time())
        snapshot.refresh(database)
    except BaseException:
        database.close()
        raise
    renderer = Renderer()
    rules = tuple(map(reminder_rule, settings.reminder))
    setup = Setup(
        zone=settings.programme.zone,
        checkin=CheckinRules(**settings.checkin.model_dump()),
        signing_key=key,
        public_url=settings.server.public_url or f"http://{settings.server.host}:{settings.server.port}",
        admins=frozenset(userid.lower() for userid in settings.admins.userids),
        messages_a_minute=settings.limits.per_person_a_minute,
        reminders=rules,
        untimed_at=settings.programme.untimed_at,
        previous_signing_key=previous_key,
        lab_defaults=lab_defaults(settings),
    )
    responder = Responder(database, snapshot, renderer, setup, clocks, {"wecom": WECOM})
    return Application(settings, clocks, database, snapshot, renderer, responder, setup, rules)


def lab_defaults(settings: Settings) -> dict[str, str]:
    """The sections that a programme's 本组规定 may override, by the keys of programme/policy.py."""
    checkin, attendance = settings.checkin, settings.attendance
    return {
        "opens_min_before": str(checkin.opens_min_before),
        "late_after_min": str(checkin.late_after_min),
        "closes_min_after": str(checkin.closes_min_after),
        "online_guarantee_cohorts": "、".join(attendance.guarantee_cohorts),
        "leave_cohorts": "、".join(attendance.leave_cohorts),
        "leave_min_before": str(attendance.leave_min_before),
        "explain_within_days": str(attendance.explain_within_days),
        "min_pages": str(settings.submission.min_pages),
        "talk_slot_min": str(settings.talks.slot_min),
    }


def reminder_rule(section: ReminderSection) -> ReminderRule:
    """One [[reminder]] of the file as the rule that programme/ knows."""
    return ReminderRule(
        name=section.name,
        weekdays=section.weekdays,
        kinds=section.kinds,
        offset=parse_offset(section.offset),
        audience=section.audience,
        template=section.template,
        useless_after_s=section.useless_after_s,
    )


def wecom_callback(settings: Settings, clock: Callable[[], datetime]) -> WeComCallback:
    wecom, held = settings.wecom, settings.wecom_secrets
    assert held is not None  # noqa: S101 - load() refuses an enabled channel without its secrets
    token = held.token.get_secret_value()
    current = Seal(token, held.aes_key.get_secret_value(), wecom.corp_id)
    previous = held.previous_aes_key
    before = Seal(token, previous.get_secret_value(), wecom.corp_id) if previous else None
    return WeComCallback(wecom.corp_id, Keyring(current, before), clock, str(wecom.agent_id))


def wecom_gateway(settings: Settings, database: Database) -> WeComGateway:
    wecom, held = settings.wecom, settings.wecom_secrets
    assert held is not None  # noqa: S101 - as above
    assert wecom.agent_id is not None  # noqa: S101 - as above
    return WeComGateway(
        wecom.corp_id,
        wecom.agent_id,
        held.secret.get_secret_value(),
        StoredTokens(database),
        real_time,
        wecom.api_base,
        shows_cards=wecom.cards,
    )


def push_channels(app: Application) -> dict[str, PushChannel]:
    """Every channel that is switched on: the WeCom app, and each group robot."""
    settings = app.settings
    channels: dict[str, PushChannel] = {}
    if settings.wecom.enabled:
        channels["wecom"] = wecom_gateway(settings, app.database)
    for robot in settings.group_robot:
        key = settings.group_robot_keys[robot.name].get_secret_value()
        name = robot_channel(robot.name)
        channels[name] = GroupRobot(name, key, robot.api_base)
    return channels


def web(
    app: Application,
    callbacks: Mapping[str, CallbackChannel],
    ticker: Ticker,
    log: Log,
    blueprints: Sequence[Any] = (),
    *,
    is_draining: Callable[[], bool] = lambda: False,
    free: Sequence[str] = (),
) -> WSGIApplication:
    """The callback middleware in front of Flask's pages (design D18); *free* paths need no place."""
    places, counts = Places(free=(*FREE, *free)), Counts()
    screens = Screens(app.database, app.snapshot, app.setup, app.clocks.moment, app.clocks.now)
    clocks = (app.clocks.moment, app.clocks.now)
    arrivals = Arrivals(app.database, app.snapshot, app.setup, clocks, secrets.randbelow)
    chair = TalkScreens(app.database, app.snapshot, app.setup, app.clocks.now, app.clocks.moment)
    health = health_pages(
        is_writer_alive=lambda: is_reachable(app.database),
        last_tick_at=lambda: ticker.last_tick,
        readiness=lambda: {
            "database": is_reachable(app.database),
            "snapshot": True,
            "serving": not is_draining(),
        },
        clock=app.clocks.now,
        has_clock_trouble=lambda: app.responder.has_clock_trouble,
    )
    meters = Meters(app, counts, places, lambda: ticker.last_tick, real_time())
    feeds = Feeds(app.database, app.snapshot, app.setup, partial(write_calendar, app.renderer))
    pages = [
        health,
        metrics_page(meters.collect),
        screen_pages(screens.view, draw_qr),
        arrival_pages(arrivals),
        talk_pages(chair.view),
        calendar_pages(feeds.feed),
        upload_pages(uploads(app), app.renderer.render, (StorageAway,)),
        *blueprints,
    ]
    proxies = int(bool(app.settings.server.trusted_proxies))
    flask = create_app(pages, trusted_proxies=proxies, places=places)
    return CallbackMiddleware(
        flask.wsgi_app,
        callbacks,
        app.responder.respond,
        log=log,
        unavailable=(StorageAway,),
        apologise=app.apologise,
        counts=counts,
    )


def write_calendar(renderer: Renderer, programme: Programme, entries: Sequence[CalendarEntry]) -> bytes:
    # Loaded with the first calendar that is asked for: a start need not pay its 40 ms and 4 MB.
    from documents.calendar_file import calendar_file

    return calendar_file(programme, entries, renderer.render)


def draw_qr(text: str) -> str:
    # Loaded with the first QR code that is shown, as above.
    from documents.qr import qr_svg

    return qr_svg(text)


def everybody(app: Application) -> list[Person]:
    ids = app.snapshot.programme_ids()
    return [person for programme_id in ids for person in app.snapshot.people_in(programme_id)]
