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

from channels.channel import PushChannel
from channels.wecom_requests import is_userid
from config import Settings
from messages.envelope import Reply
from operations.china_days import known_days
from programme.programme import Programme
from scheduler.alarms import Bell
from scheduler.announce import ADMINS_CHAT, Announcing, Robot
from scheduler.catch_up import CatchUp, Uptime
from scheduler.clock import Tick, machine_uptime
from scheduler.drawing import MakeFile
from scheduler.expand import Expand, Report
from scheduler.grouping import Address, robot_channel
from scheduler.odd_days import OddDays
from scheduler.plan import enqueue_due, next_event
from scheduler.quiet import Quiet
from scheduler.recalling import Recall
from scheduler.recheck import Recheck
from scheduler.relay import Relay
from scheduler.summing import Summing, next_summary
from scheduler.worker import Work, Worker
from storage import checkins, inbox, outbox, tasks
from storage.database import Database, StorageAway
from storage.shelf import Shelf
from wiring.application import Application, real_time
from wiring.attendance_files import make_attendance_file

ATTEMPTS_KEPT = timedelta(days=30)  # when somebody unknown said 签到, for whoever enters it by hand
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
    owner = owner or f"{os.getpid()}-{uuid4().hex[:8]}"

    def address_of(person_id: str) -> Address | None:
        accounts = app.snapshot.accounts_of(person_id)
        reachable = (a for a in accounts if a.channel in pushes and is_userid(a.account))
        return next((Address(a.channel, a.account) for a in reachable), None)

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
    shelf = Shelf(Path(app.settings.storage.uploads) / "outgoing")
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
    relay = Relay(app.database, pushes, render, address_of, owner, quiet=quiet_of(app.settings), bell=bell)
    if is_lasting:
        relay.recover(real_time())
    steps = (
        ("refresh", lambda _now: app.snapshot.refresh(app.database)),
        ("announce", announcing),
        ("plan", plan),
        ("odd_days", odd_days),
        ("work", Worker(app.database, {**works(app.database, pushes, robots), **files}, owner).run),
        ("recheck", recheck),
        ("summaries", summing),
        ("collect", catch_up.collect),
        ("relay", relay.run),
        ("report", catch_up.report),
        ("forget", Forgetting(app.database)),
    )
    return Tick(app.database, steps, owner, catch_up if gap_after is not None else None), relay


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
    database: Database, pushes: Mapping[str, PushChannel], robots: Sequence[Robot] = ()
) -> Mapping[str, Work]:
    """What the worker can do, by kind of task; each is quick enough to run within a tick."""
    return {
        "expand": Expand(database, robots),
        "report": Report(database),
        "recall": Recall(database, pushes),
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
    """Drops answers older than the promised seven days, and old attempts of people unknown, once an hour."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._next_at: datetime | None = None

    def __call__(self, now: datetime) -> None:
        if self._next_at is not None and now < self._next_at:
            return
        while self._database.write(lambda tx: inbox.forget_before(tx, now - ANSWERS_KEPT)):
            continue
        self._database.write(lambda tx: checkins.forget_attempts_before(tx, now - ATTEMPTS_KEPT))
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
    moments += app.database.read(lambda tx: [outbox.next_hold(tx, after), tasks.next_run(tx, after)])
    return min((moment for moment in moments if moment is not None), default=None)
