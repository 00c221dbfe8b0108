"""From outbox rows to requests: grouped, stored before they leave, sent under a lease, marked by outcome."""

from __future__ import annotations

import logging
import random
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta

from channels.channel import Delivery, PushChannel
from scheduler.alarms import Bell
from scheduler.attaching import Attaching, Shelf
from scheduler.gate import WIDTH, Gates
from scheduler.grouping import Address, AddressOf, Draft, Mail, Render, Sorter, body_of, drafts_of
from scheduler.outcomes import LEASE_S, Outcomes, Tally, Watch
from scheduler.pacing import A_MINUTE, AN_HOUR, CallPace, Pacing
from scheduler.quiet import Quiet
from storage import outbox
from storage.database import Conflict, Database, StorageAway, Tx
from storage.outbox import Call, NewCall, OutboxRow

__all__ = ["LEASE_S", "Relay", "Tally"]

log = logging.getLogger(__name__)

# Rendered and stored at a time, so that memory does not grow with what is due.
ROWS_AT_ONCE = 2000
# A run ends well before healthz takes the clock for dead (15 s); the last send may add some 6 s.
BUDGET_S = 8.0
# Runs follow each other by a second; after a longer pause somebody else may have sent.
ALONE = timedelta(seconds=2)
# Four requests with their time-outs (token, send, token, send); what is older than this hangs.
LONGEST_S = 40.0
BAD_ACCOUNT = "账号有误"
NO_SHELVES: Mapping[str, Shelf] = {}


class Relay:
    """Sends what is due, several calls at once. Safe beside another relay on the same database: rows
    and calls are won by conditional updates, and the fencing number keeps a stalled relay from marking
    anything. The calls of one reader leave one after the other, in order of their due moments.

    *render* turns a template and its values into text; *address_of* (person id) picks the account to
    write to, or None. Whether an attempt of unknown outcome may be repeated is a capability of the
    channel (design D5). *shelves*: what each channel's platform holds of pictures and files. *quiet*: when reminders wait. *seconds* is a monotonic clock: a run that takes
    long claims its later calls at a later time.
    """

    def __init__(
        self,
        database: Database,
        channels: Mapping[str, PushChannel],
        render: Render,
        address_of: AddressOf,
        owner: str,
        *,
        shelves: Mapping[str, Shelf] = NO_SHELVES,
        quiet: Quiet | None = None,
        bell: Bell | None = None,
        on_alarm: Callable[[str, Delivery], None] | None = None,
        jitter: Callable[[], float] = random.random,
        seconds: Callable[[], float] = time.monotonic,
        rows_at_once: int = ROWS_AT_ONCE,
    ) -> None:
        self._database = database
        self._channels = channels
        self._address_of = address_of
        self._owner = owner
        self._quiet = quiet
        self._seconds = seconds
        self._rows_at_once = rows_at_once
        self._once = [name for name, one in channels.items() if not one.capabilities.swallows_repeats]
        self._gates = Gates(channels, self._once)
        self._outcomes = Outcomes(
            database,
            channels,
            self._gates,
            address_of,
            bell or Bell(database, channels, render),
            on_alarm=on_alarm,
            jitter=jitter,
        )
        self._attaching = Attaching(database, channels, shelves)
        self._sorter = Sorter(channels, render, address_of, self._held_until)
        self._pacing = Pacing()
        self._paces: dict[str, CallPace] = {}
        self._paced_at: dict[str, datetime] = {}
        self._ran_at: datetime | None = None
        self._unmarked: deque[tuple[Call, Delivery]] = deque()
        self._held: dict[str, Held] = {}

    @property
    def stopped(self) -> Mapping[str, Delivery]:
        """Channels that send nothing until told to, each with the answer that stopped it."""
        return self._gates.stopped

    def resume(self, channel: str) -> None:
        """Send on *channel* again, after somebody mended what the alarm named."""
        self._gates.resume(channel)

    def recover(self, now: datetime) -> int:
        """Take up at once what this instance's last process left behind; called when it starts.

        Returns how many calls that were. Nobody else may run under this relay's owner name.
        """
        return self._database.write(lambda tx: outbox.free_calls(tx, self._owner, now))

    def keep(self, tx: Tx, moment: datetime) -> None:
        """Prolong the leases of what is on its way; called each second while a run lasts, by another
        thread. May run more than once."""
        before_s = self._seconds()
        held = {
            call_id: one.fence
            for call_id, one in list(self._held.items())
            if before_s - one.claimed_s < LONGEST_S
        }
        for call_id in outbox.prolong_calls(tx, held, moment + timedelta(seconds=LEASE_S)):
            if (one := self._held.get(call_id)) is not None:
                one.fresh_s = before_s

    def run(self, now: datetime) -> Tally:
        """One pass at *now* (aware): drop, group, send; after 8 s the rest waits for the next pass.

        Raises StorageAway while the database cannot be used; nothing is lost then.
        """
        watch = Watch(now, self._seconds)
        # A run that broke off may have left something: nothing is on its way between runs.
        self._held.clear()
        self._prime(now)
        tally = self._mark_late(watch)
        tally += self._database.write(lambda tx: drop(tx, now, self._once))
        is_more = True
        while is_more and watch.spent_s() < BUDGET_S:
            made, is_more = self._make_calls(watch.moment())
            sent = self._send(watch)
            # What was tried again and has left makes room for what comes after it.
            is_more = is_more or sent.delivered + sent.failed > made.made
            tally += made + sent
        self._ran_at = watch.moment()
        return tally

    # What is due becomes calls

    def _make_calls(self, now: datetime) -> tuple[Tally, bool]:
        """Group and store at most so many rows; whether there may be more."""
        rows = self._database.read(lambda tx: outbox.due(tx, now, self._rows_at_once))
        if not rows:
            return Tally(), False
        mail = self._sorter.sort(rows, now)
        drafts = tuple(drafts_of(mail.letters))
        calls = self._new_calls(drafts, mail)
        try:
            made, refused = self._database.write(lambda tx: store(tx, calls, mail, now))
        except Conflict:
            # Another relay was faster with one of the rows; what is left comes with the next pass.
            log.info("calls_made_elsewhere")
            return Tally(), False
        self._paced_at |= dict.fromkeys(made, now)
        is_moving = bool(made or refused or mail.held)
        is_more = bool(mail.behind) or len(rows) == self._rows_at_once
        return Tally(refused=refused, made=len(made)), is_moving and is_more

    def _new_calls(self, drafts: Sequence[Draft], mail: Mail) -> list[NewCall]:
        calls = []
        for draft in drafts:
            try:
                body = body_of(draft, self._channels[draft.channel])
            except ValueError:
                # An account that the platform's language has no word for must not stop the others.
                log.exception("call_without_body channel=%s", draft.channel)
                mail.refused |= dict.fromkeys(draft.row_accounts, BAD_ACCOUNT)
                continue
            rows = tuple(draft.row_accounts)
            calls.append(NewCall(draft.channel, body, rows, draft.text, draft.attachment))
        return calls

    def _held_until(self, row: OutboxRow, address: Address, now: datetime) -> datetime | None:
        """Why a due row is no call yet: its hour, its channel, or its reader's full minute."""
        if self._quiet is not None:
            until = self._quiet.held_until(row.template, row.useless_after, now)
            if until is not None:
                return until
        closed = self._gates.closed_until(address.channel, now)
        if closed is not None:
            return closed
        if row.robot is not None or self._pacing.take(address.channel, address.account, now):
            return None
        return self._pacing.free_at(address.channel, address.account, now)

    # Calls become requests

    def _send(self, watch: Watch) -> Tally:
        """Send what is ready, at most WIDTH at once; begins no call after the budget is spent."""
        tally = Tally()
        on_way: dict[Future[Tally], Call] = {}
        with ThreadPoolExecutor(WIDTH, thread_name_prefix="relay") as pool:
            while True:
                channels = [call.channel for call in on_way.values()]
                calls = self._claim(watch, channels) if watch.spent_s() < BUDGET_S else ()
                if len(calls) == 1 and not on_way:
                    # The usual case costs no thread.
                    tally += self._carry(calls[0], watch)
                    continue
                for call in calls:
                    on_way[pool.submit(self._carry, call, watch)] = call
                if not on_way:
                    return tally
                for done in wait(on_way, return_when=FIRST_COMPLETED).done:
                    del on_way[done]
                    tally += done.result()

    def _claim(self, watch: Watch, on_way: Sequence[str]) -> tuple[Call, ...]:
        moment = watch.moment()
        free = {name: self._free(name, moment, on_way) for name in self._channels}
        wanted = {name: places for name, places in free.items() if places > 0}
        if not wanted:
            return ()

        held = tuple(self._held)

        def claim(tx: Tx) -> tuple[tuple[Call, ...], float]:
            # The moment at which it is done, not asked for: a lease is short, and a database may be slow.
            at, at_s = watch.moment(), watch.seconds()
            calls = tuple(
                call
                for name, places in wanted.items()
                for call in outbox.claim_calls(tx, self._owner, at, LEASE_S, places, [name], self._once, held)
            )
            return calls, at_s

        claimed, claimed_s = self._database.write(claim)
        for call in claimed:
            self._held[call.call_id] = Held(call.fence, claimed_s, claimed_s)
            self._paces[call.channel].count(1, moment)
        return tuple(call for call in claimed if self._may_leave(call, moment))

    def _free(self, channel: str, moment: datetime, on_way: Sequence[str]) -> int:
        places = min(self._gates.width(channel, moment) - on_way.count(channel), WIDTH - len(on_way))
        return self._paces[channel].allowance(moment, places) if places > 0 else 0

    def _may_leave(self, call: Call, moment: datetime) -> bool:
        """Whether the minute of every reader has room for this attempt; else it is put off.

        Its messages were counted when the call was made. One that leaves much later (its channel was
        held, its process killed), or once more, is counted when it does: else it would meet others.
        """
        counted_at = self._paced_at.pop(call.call_id, None)
        if counted_at is not None and abs(moment - counted_at) < A_MINUTE:
            return True
        addresses = [a for a in map(self._address_of, call.person_ids) if a is not None]
        free_at = max((self._pacing.free_at(a.channel, a.account, moment) for a in addresses), default=moment)
        if free_at > moment:
            self._held.pop(call.call_id, None)
            self._outcomes.postpone(call, free_at)
            return False
        for address in addresses:
            self._pacing.count(address.channel, address.account, moment)
        return True

    def _carry(self, call: Call, watch: Watch) -> Tally:
        """Send one claimed call and mark it. Whatever goes wrong, the next call has its turn: a call
        that could not be marked keeps its lease until that runs out, and is then repeated."""
        try:
            return self._carried(call, watch)
        finally:
            self._held.pop(call.call_id, None)

    def _carried(self, call: Call, watch: Watch) -> Tally:
        try:
            moment = watch.moment()
            if watch.seconds() - self._held[call.call_id].fresh_s > LEASE_S / 2:
                # The process was stopped in between: somebody else may hold this call by now.
                log.warning("call_stale call=%s", call.call_id)
                self._outcomes.postpone(call, moment)
                return Tally(later=1)
            if call.useless_after is not None and call.useless_after <= moment:
                return self._outcomes.give_up(call, "useless", moment)
            delivery = self._attaching.send(call)
            if delivery is None:
                return Tally(later=1)
        except StorageAway:
            log.warning("call_not_given_up call=%s", call.call_id)
            return Tally(later=1)
        except Exception:  # the relay's edge: a defect in one call must not stop the others
            log.exception("call_broken call=%s", call.call_id)
            return Tally(later=1)
        return self._mark(call, delivery, watch.moment())

    def _mark(self, call: Call, delivery: Delivery, moment: datetime) -> Tally:
        try:
            return self._outcomes.mark(call, delivery, moment)
        except StorageAway:
            # What is known is kept in mind: without it the call would wait for the end of its lease,
            # and a robot's would be listed as unknown. A kill before the next run loses no more.
            log.warning("call_not_marked call=%s", call.call_id)
            self._unmarked.append((call, delivery))
        except Exception:  # the relay's edge: a defect in one call must not stop the others
            log.exception("call_broken call=%s", call.call_id)
        return Tally(later=1)

    def _mark_late(self, watch: Watch) -> Tally:
        """Record the outcomes that could not be recorded when they were known. Raises StorageAway."""
        tally = Tally()
        while self._unmarked:
            call, delivery = self._unmarked[0]
            tally += self._outcomes.mark(call, delivery, watch.moment())
            self._unmarked.popleft()
        return tally

    def _prime(self, now: datetime) -> None:
        """Count what others sent since this relay's last run: the process before this one, or another
        instance while it held the lease. The platform drops the excess silently."""
        if self._ran_at is not None and abs(now - self._ran_at) < ALONE:
            return
        self._pacing = Pacing()
        self._paced_at.clear()
        for name, channel_of_name in self._channels.items():
            self._paces[name] = CallPace(channel_of_name.capabilities.calls_a_minute)
        for channel, person_id, at in self._database.read(lambda tx: outbox.sent_since(tx, now - AN_HOUR)):
            address = self._address_of(person_id)
            if address is not None:
                self._pacing.count(channel, address.account, at)
        for channel, at in self._database.read(lambda tx: outbox.calls_since(tx, now - A_MINUTE)):
            if channel in self._paces:
                self._paces[channel].count(1, at)


@dataclass
class Held:
    """A call on its way: *claimed_s* and *fresh_s* (lease last prolonged) by the monotonic clock."""

    fence: int
    claimed_s: float
    fresh_s: float


def drop(tx: Tx, now: datetime, once: Sequence[str] = ()) -> Tally:
    """What must not be sent any more: too late to be of use, or too old to be repeated safely."""
    return Tally(useless=outbox.mark_useless(tx, now), unknown=outbox.expire_unknown(tx, now, once))


def store(tx: Tx, calls: Sequence[NewCall], mail: Mail, now: datetime) -> tuple[tuple[str, ...], int]:
    """One transaction for what was sorted: the ids of the new calls, how many rows were refused."""
    refused = sum(outbox.mark_failed(tx, row_id, why, now) for row_id, why in mail.refused.items())
    outbox.hold(tx, mail.held)
    return outbox.create_calls(tx, calls, now), refused
