"""汇报大屏: the running order for the projector and the chair's timer, behind a signed link."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from handlers import talks as plans
from handlers.context import Context, Setup
from handlers.links import TALKS, talk_link, unseal
from language.understood import Understood
from messages.envelope import Reply
from programme.talk_clock import Standing, day_shown, standing
from programme.talk_plan import TalkSlot
from storage import talks
from storage.database import Database
from storage.snapshot import Snapshot
from storage.talks import TalkPlan

STAFF = frozenset({"admin", "lead", "mentor", "rater"})


@dataclass(frozen=True)
class RoomView:
    """One room of the day: its order with names, and where it stands."""

    room: str
    lines: tuple[tuple[TalkSlot, str], ...]
    standing: Standing


@dataclass(frozen=True)
class TalksView:
    title: str
    on: date
    now: time
    rooms: tuple[RoomView, ...]


def handle(understood: Understood, context: Context) -> Reply:
    """The link for who chairs; students get the order itself."""
    plan = talks.current(context.tx, context.programme.programme_id)
    if plan is None or not plan.slots or not context.person.roles & STAFF:
        return plans.order(understood, context)
    last = max(slot.held_on for slot in plan.slots)
    ends = datetime.combine(last + timedelta(days=1), time(0), context.setup.zone)
    if ends <= context.at:
        return Reply("talks/over")
    link = talk_link(
        context.setup.public_url,
        context.setup.signing_key,
        context.programme.programme_id,
        context.moment + (ends - context.at),
    )
    return Reply("talks/screen", {"link": link, "last": last})


class TalkScreens:
    """*now* is the programme's clock, *moment* the server's real time, which ends links."""

    def __init__(
        self,
        database: Database,
        snapshot: Snapshot,
        setup: Setup,
        now: Callable[[], datetime],
        moment: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._snapshot = snapshot
        self._setup = setup
        self._now = now
        self._moment = moment

    def view(self, token: str) -> TalksView | Literal["expired", "unknown"]:
        opened = unseal(self._setup.signing_key, TALKS, token, self._moment())
        if opened is None:
            return "unknown"
        programme_id, is_valid = opened
        if not is_valid:
            return "expired"
        programme = self._snapshot.programme(programme_id)
        plan = self._database.read(lambda tx: talks.current(tx, programme_id))
        if programme is None or plan is None or not plan.slots:
            return "unknown"
        now = self._now().astimezone(self._setup.zone).replace(tzinfo=None)
        day = day_shown(plan.slots, now.date())
        assert day is not None  # noqa: S101 - the plan has slots
        return TalksView(programme.title, day, now.time(), self._rooms(plan, day, now))

    def _rooms(self, plan: TalkPlan, day: date, now: datetime) -> tuple[RoomView, ...]:
        rooms: list[list[TalkSlot]] = []
        for slot in plan.slots:
            if slot.held_on == day:
                if slot.position == 1:
                    rooms.append([])
                rooms[-1].append(slot)
        return tuple(RoomView(r[0].room, self._named(r), standing(r, now)) for r in rooms)

    def _named(self, slots: Sequence[TalkSlot]) -> tuple[tuple[TalkSlot, str], ...]:
        people = [(slot, self._snapshot.person(slot.person_id)) for slot in slots]
        return tuple((slot, person.name if person else "（已不在名单）") for slot, person in people)
