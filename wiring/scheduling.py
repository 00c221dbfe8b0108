"""What happens each second: planning, slow work, sending, reports; and what comes next."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import uuid4

from channels.channel import MediaChannel, PushChannel
from channels.media import MediaShelf
from channels.wecom_requests import is_userid
from config import Settings
from handlers.links import screen_link
from handlers.opening import SCREEN_LIFE
from messages.envelope import Reply
from operations.china_days import known_days
from programme.programme import Programme
from scheduler.alarms import Bell
from scheduler.announce import ADMINS_CHAT, Announcing, Robot
from scheduler.cards import CardUpdate
from scheduler.catch_up import CatchUp, Uptime
from scheduler.clock import Tick, machine_uptime
from scheduler.drawing import MakeFile
from scheduler.expand import Expand, Missed, Report
from scheduler.grouping import Address, Render, robot_channel
from scheduler.odd_days import OddDays
from scheduler.plan import enqueue_due, next_event
from scheduler.presence import Opening, Rechecking
from scheduler.quiet import Quiet
from scheduler.recalling import Recall
from scheduler.recheck import Recheck
from scheduler.relay import Relay
from scheduler.summing import Summing, next_summary
from scheduler.worker import Work, Worker
from storage import checkins, device_codes, inbox, outbox, rechecks, signals, tasks
from storage.database import Database, StorageAway
from storage.shelf import Shelf
from wiring.application import Application, StoredMedia, real_time
from wiring.attendance_files import make_attendance_file

ATTEMPTS_KEPT = timedelta(days=30)  # when somebody unknown said 签到, for whoever enters it by hand
FILES_KEPT = timedelta(days=7)  # longer than any push waits, and than the platform holds them
SIGNS_KEPT = timedelta(days=7)  # devices and signs, for a lead to look at
ANSWERS_KEPT = timedelta(days=7)  # a message delivered again within them gets the same answer


def scheduling(
    app: Application,
    pushes: Mapping[str, PushChannel],
    gap_after: timedelta | None = None,
    owner: str | None = None,
    uptime: Callable[[], Uptime] = machine_uptime,
) -> tuple[Tick, Relay]:
    """What happens each second: memory catches up, due reminders are written, due messages sent.

    *gap_after*: how long nothing may tick before the admins are told; None for a clock that leaps.
    *owner* is the lasting name of an instance that serves: what its last process had on its way is
    taken up at once. Raises StorageAway.
    """
    is_lasting = owner is not None
    plain = frozenset(account.lower() for account in app.settings.wecom.text_only)
    shelf = Shelf(Path(app.settings.storage.uploads) / "outgoing")
    owner = owner or f"{os.getpid()}-{uuid4().hex[:8]}"

    def address_of(person_id: str) -> Address | None:
        accounts = app.snapshot.accounts_of(person_id)
        reachable = (a for a in accounts if a.channel in pushes and is_userid(a.account))
        return next((Address(a.channel, a.account, a.account.lower() in plain) for a in reachable), None)

    def render(template: str, values: Mapping[str, object]) -> str:
        return app.renderer.render(Reply(template, values))

    def programmes() -> list[Programme]:
        found = (app.snapshot.programme(programme_id) for programme_id in app.snapshot.programme_ids())
        return [programme for programme in found if programme is not None]

    days = known_days(app.settings.holidays)

    def plan(now: datetime) -> object:
        return enqueue_due(
            app.database,
            programmes(),
            app.snapshot.people_in,
            app.rules,
            now,
            untimed_at=app.settings.programme.untimed_at,
            holidays=days,
        )

    robots = tuple(Robot(robot.name, robot.groups) for robot in app.settings.group_robot)
    announcing = Announcing(
        app.database, programmes, robots, app.rules, app.settings.programme.untimed_at, days
    )
    after = gap_after or timedelta(minutes=1)
    catch_up = CatchUp(app.database, programmes, partial(admins_of, app), uptime, after)
    recheck = Recheck(app.database, app.snapshot, app.rules, app.settings.programme.untimed_at, days)
    make_file = MakeFile(
        app.database,
        app.setup.checkin,
        lambda programme_id, person_id: person_id in admins_of(app, programme_id),
        make_attendance_file,
        shelf.put,
    )
    files: dict[str, Work] = {"draw": make_file, "export": make_file}
    summing = Summing(
        app.database,
        programmes,
        app.snapshot.people_in,
        partial(admins_of, app),
        app.setup.checkin,
        app.settings.attendance.summary_after,
    )
    odd_days = OddDays(app.database, programmes, partial(admins_of, app), days)
    bell = Bell(app.database, pushes, render, doors=alarm_doors(app.settings), admins=admins_but(app))
    relay = Relay(
        app.database,
        pushes,
        render,
        address_of,
        owner,
        shelves=shelves_of(app, pushes, shelf),
        quiet=quiet_of(app.settings),
        bell=bell,
    )
    kinds = {**works(app.database, pushes, robots, shelf.put, render), **files}
    worker = Worker(app.database, kinds, owner)
    if is_lasting:
        relay.recover(real_time())
        worker.recover(real_time())
    opening = Opening(
        app.database, programmes, app.snapshot.people_in, app.setup.checkin, partial(screen_address, app)
    )
    rechecking = Rechecking(app.database, app.snapshot.programme, app.snapshot.person)
    steps = (
        ("refresh", lambda _now: app.snapshot.refresh(app.database)),
        ("announce", announcing),
        ("plan", plan),
        ("opening", opening),
        ("rechecking", rechecking),
        ("odd_days", odd_days),
        ("work", worker.run),
        ("recheck", recheck),
        ("summaries", summing),
        ("collect", catch_up.collect),
        ("relay", relay.run),
        ("report", catch_up.report),
        ("forget", Forgetting(app.database, shelf)),
    )
    watch = catch_up if gap_after is not None else None
    return Tick(app.database, steps, owner, watch, relay.keep), relay


def screen_address(app: Application, occurrence_id: str) -> str:
    """The signed address of a screen, good as long as one that a lead asks for."""
    expires_at = app.clocks.moment() + SCREEN_LIFE
    return screen_link(app.setup.public_url, app.setup.signing_key, occurrence_id, expires_at)


def admins_of(app: Application, programme_id: str) -> list[str]:
    """The person ids of a programme's admins: by the roster, or by an account that [admins] names."""
    return [
        person.person_id
        for person in app.snapshot.people_in(programme_id)
        if "admin" in person.roles
        or any(
            account.account.lower() in app.setup.admins
            for account in app.snapshot.accounts_of(person.person_id)
        )
    ]


def works(
    database: Database,
    pushes: Mapping[str, PushChannel],
    robots: Sequence[Robot],
    shelve: Callable[[bytes], str],
    render: Render,
) -> Mapping[str, Work]:
    """What the worker can do, by kind of task; each is quick enough to run within a tick."""
    return {
        "expand": Expand(database, robots),
        "report": Report(database, list_writer(render), shelve),
        "recall": Recall(database, pushes),
        "card": CardUpdate(database, pushes),
    }


def list_writer(render: Render) -> Callable[[Sequence[Missed]], bytes]:
    """Who was not reached, with the reason in the words of the report, as a file."""

    def write_list(missed: Sequence[Missed]) -> bytes:
        # Loaded with the first list that is too long for a message.
        from documents.delivery_list import delivery_list

        return delivery_list([(str(one["name"]), render("change/why", {"missed": one})) for one in missed])

    return write_list


def shelves_of(app: Application, pushes: Mapping[str, PushChannel], shelf: Shelf) -> dict[str, MediaShelf]:
    """What each platform holds of our pictures and files."""
    store = StoredMedia(app.database)
    return {
        name: MediaShelf(channel, store, shelf.get, real_time)
        for name, channel in pushes.items()
        if isinstance(channel, MediaChannel)
    }


def quiet_of(settings: Settings) -> Quiet:
    quiet = settings.quiet
    return Quiet(quiet.start, quiet.end, quiet.avoid_minutes, settings.programme.zone)


def alarm_doors(settings: Settings) -> tuple[str, ...]:
    """The robots in the admins' own chat."""
    return tuple(robot_channel(robot.name) for robot in settings.group_robot if ADMINS_CHAT in robot.groups)


def admins_but(app: Application) -> Callable[[str], list[tuple[str, str]]]:
    """Every admin who can be reached otherwise than by a channel, with the programme."""

    def admins(channel: str) -> list[tuple[str, str]]:
        return [
            (programme_id, person_id)
            for programme_id in app.snapshot.programme_ids()
            for person_id in admins_of(app, programme_id)
            if any(account.channel != channel for account in app.snapshot.accounts_of(person_id))
        ]

    return admins


def instance_name(settings: Settings, port: int) -> str:
    """Which instance this is, the same after a restart. One process at a time listens on a port of a
    machine; a SQLite file has one process that serves it, whatever machine and port (its lock)."""
    return "serve" if settings.sqlite_path else f"{socket.gethostname()}:{port}"


class Forgetting:
    """Drops answers older than the promised seven days, old attempts of people unknown, and files that
    were sent, once an hour."""

    def __init__(self, database: Database, shelf: Shelf) -> None:
        self._database = database
        self._shelf = shelf
        self._next_at: datetime | None = None

    def __call__(self, now: datetime) -> None:
        if self._next_at is not None and now < self._next_at:
            return
        while self._database.write(lambda tx: inbox.forget_before(tx, now - ANSWERS_KEPT)):
            continue
        self._database.write(lambda tx: checkins.forget_attempts_before(tx, now - ATTEMPTS_KEPT))
        self._shelf.forget_before((real_time() - FILES_KEPT).timestamp())
        self._database.write(lambda tx: device_codes.forget_before(tx, now - SIGNS_KEPT))
        self._database.write(lambda tx: signals.forget_before(tx, now - SIGNS_KEPT))
        self._next_at = now + timedelta(hours=1)


def beat(app: Application, tick: Callable[[datetime], object]) -> Callable[[datetime], object]:
    """What the ticker calls: memory catches up on every instance, also on one that may not tick."""

    def step(now: datetime) -> object:
        with suppress(StorageAway):  # the tick says it once more, in one line
            app.snapshot.refresh(app.database)
        return tick(now)

    return step


def next_moment(app: Application, after: datetime) -> datetime | None:
    """The next thing that happens in any programme, for the clock of the simulator."""
    found = [app.snapshot.programme(programme_id) for programme_id in app.snapshot.programme_ids()]
    opens_before = timedelta(minutes=app.setup.checkin.opens_min_before)
    untimed_at = app.settings.programme.untimed_at
    moments = [
        next_event(
            programme,
            app.rules,
            after,
            untimed_at=untimed_at,
            opens_before=opens_before,
            people=app.snapshot.people_in(programme.programme_id),
        )
        for programme in found
        if programme is not None
    ]
    delay = app.settings.attendance.summary_after
    moments += [next_summary(p, app.setup.checkin, delay, after) for p in found if p is not None]
    moments += app.database.read(
        lambda tx: [outbox.next_hold(tx, after), tasks.next_run(tx, after), rechecks.next_end(tx, after)]
    )
    return min((moment for moment in moments if moment is not None), default=None)
