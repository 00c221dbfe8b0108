"""From outbox rows to requests: grouped, stored before they leave, sent under a lease, marked by outcome."""

from __future__ import annotations

import logging
import random
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from channels.channel import Delivery, PushChannel
from scheduler.grouping import Address, AddressOf, Render, drafts_of, sort_rows
from scheduler.pacing import Pacing
from storage import outbox
from storage.database import Conflict, Database, StorageAway, Tx
from storage.outbox import Call, CallOutcome

log = logging.getLogger(__name__)

ROWS_A_RUN = 5000
TRIES = 8
LEASE_S = 60.0
# A run ends well before healthz takes the clock for dead (15 s); the last send may add some 6 s.
BUDGET_S = 8.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 5.0, 600.0
UNSAID_WAIT_S = 60.0

REFUSED = "平台拒绝"
GIVEN_UP = "多次重试未成功"
NOT_KNOWN = "送达未知"


@dataclass(frozen=True)
class Tally:
    """What one run did, in calls; *refused* counts rows, *useless* rows that were in no call as well."""

    useless: int = 0
    refused: int = 0
    unknown: int = 0
    made: int = 0
    delivered: int = 0
    failed: int = 0
    later: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


class Relay:
    """Sends what is due, call by call. Safe beside another relay on the same database: rows and calls
    are won by conditional updates, and the fencing number keeps a stalled relay from marking anything.

    *render* turns a template and its values into text; *address_of* (person id) picks the account to
    write to, or None. *swallows_repeats* names the channels whose platform delivers a repeated
    request once, so that an attempt of unknown outcome may be repeated there (design D5). *seconds*
    is a monotonic clock: a run that takes long claims its later calls at a later time.
    """

    def __init__(
        self,
        database: Database,
        channels: Mapping[str, PushChannel],
        render: Render,
        address_of: AddressOf,
        owner: str,
        *,
        swallows_repeats: Iterable[str] = ("wecom",),
        on_alarm: Callable[[str, Delivery], None] | None = None,
        jitter: Callable[[], float] = random.random,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._channels = channels
        self._render = render
        self._address_of = address_of
        self._owner = owner
        self._swallows_repeats = frozenset(swallows_repeats)
        self._on_alarm = on_alarm
        self._jitter = jitter
        self._seconds = seconds
        self._pacing = Pacing()
        self._stopped: dict[str, Delivery] = {}
        self._held_until: dict[str, datetime] = {}
        self._clean_refusals: Counter[str] = Counter()

    @property
    def stopped(self) -> Mapping[str, Delivery]:
        """Channels that send nothing until told to, each with the answer that stopped it."""
        return dict(self._stopped)

    def resume(self, channel: str) -> None:
        """Send on *channel* again, after somebody mended what the alarm named."""
        self._stopped.pop(channel, None)

    def run(self, now: datetime) -> Tally:
        """One pass at *now* (aware): drop, group, send; after 8 s the rest waits for the next pass.

        Raises StorageAway while the database cannot be used; nothing is lost then.
        """
        started = self._seconds()
        tally = self._database.write(lambda tx: drop(tx, now)) + self._make_calls(now)
        while (spent := self._seconds() - started) < BUDGET_S:
            call = self._claim(now + timedelta(seconds=spent))
            if call is None:
                break
            tally += self._carry(call, now - timedelta(seconds=started), started + spent)
        return tally

    def _make_calls(self, now: datetime) -> Tally:
        rows = self._database.read(lambda tx: outbox.due(tx, now, ROWS_A_RUN))
        if not rows:
            return Tally()

        def may(address: Address) -> bool:
            return self._pacing.take(address.channel, address.account, now)

        mail = sort_rows(rows, self._channels, self._render, self._address_of, may)
        calls = [
            (draft, self._channels[draft.channel].text_body(draft.recipients, draft.text))
            for draft in drafts_of(mail.letters)
        ]

        def store(tx: Tx) -> Tally:
            refused = [outbox.mark_failed(tx, row_id, why, now) for row_id, why in mail.refused.items()]
            for draft, body in calls:
                outbox.create_call(tx, draft.channel, body, tuple(draft.row_accounts), now, draft.text)
            return Tally(refused=sum(refused), made=len(calls))

        try:
            return self._database.write(store)
        except Conflict:
            # Another relay was faster with one of the rows; what is left comes with the next pass.
            log.info("calls_made_elsewhere")
            return Tally()

    def _claim(self, moment: datetime) -> Call | None:
        ready = [name for name in self._channels if self._is_ready(name, moment)]
        if not ready:
            return None
        claimed = self._database.write(
            lambda tx: outbox.claim_calls(tx, self._owner, moment, LEASE_S, 1, ready)
        )
        return claimed[0] if claimed else None

    def _is_ready(self, channel: str, moment: datetime) -> bool:
        return channel not in self._stopped and self._held_until.get(channel, moment) <= moment

    def _carry(self, call: Call, epoch: datetime, claimed_s: float) -> Tally:
        """Send one claimed call and mark it. Whatever goes wrong, the next call has its turn: a call
        that could not be marked keeps its lease until that runs out, and is then repeated.

        *epoch* is the moment at which the monotonic clock showed zero.
        """
        try:
            asked_s = self._seconds()
            if asked_s - claimed_s > LEASE_S / 2:
                # The process was stopped in between: somebody else may hold this call by now.
                log.warning("call_stale call=%s", call.call_id)
                return Tally(later=1)
            if call.useless_after is not None and call.useless_after <= epoch + timedelta(seconds=asked_s):
                return self._give_up(call, "useless", epoch + timedelta(seconds=asked_s))
            delivery = self._channels[call.channel].send(call.body)
            return self._mark(call, delivery, epoch + timedelta(seconds=self._seconds()))
        except StorageAway:
            log.warning("call_not_marked call=%s", call.call_id)
        except Exception:  # the relay's edge: a defect in one call must not stop the others
            log.exception("call_broken call=%s", call.call_id)
        return Tally(later=1)

    def _mark(self, call: Call, delivery: Delivery, moment: datetime) -> Tally:
        log.info(
            "call call=%s channel=%s outcome=%s errcode=%s attempt=%s",
            *(call.call_id, call.channel, delivery.outcome, delivery.errcode, call.attempts),
        )
        match delivery.outcome:
            case "delivered":
                return self._finish(call, "done", moment, delivery)
            case "permanent":
                return self._finish(call, "failed", moment, delivery, REFUSED)
            case "wait":
                pause_s = delivery.wait_s or UNSAID_WAIT_S
                self._held_until[call.channel] = moment + timedelta(seconds=pause_s)
                return self._put_back(call, self._held_until[call.channel], delivery, counts=False)
            case "alarm":
                self._stop(call.channel, delivery)
                return self._put_back(call, moment, delivery, counts=False)
            case "retry" if call.attempts < TRIES:
                self._clean_refusals[call.call_id] += 1
                return self._put_back(call, moment + self._pause(call, delivery), delivery)
            case "retry":
                self._clean_refusals[call.call_id] += 1
                return self._give_up(call, "dead", moment, delivery)
            case "unknown" if call.attempts < TRIES and call.channel in self._swallows_repeats:
                return self._put_back(call, moment + self._pause(call, delivery), delivery)
        return self._finish(call, "unknown", moment, delivery, NOT_KNOWN)

    def _give_up(
        self, call: Call, outcome: CallOutcome, moment: datetime, delivery: Delivery | None = None
    ) -> Tally:
        """End a call that was not delivered; unknown, if an earlier attempt may have come through.

        Only attempts that this relay saw refused are certain; after a restart nothing is.
        """
        tries = call.attempts if delivery is not None else call.attempts - 1
        if self._clean_refusals[call.call_id] < tries:
            return self._finish(call, "unknown", moment, delivery, NOT_KNOWN)
        return self._finish(call, outcome, moment, delivery, GIVEN_UP)

    def _finish(
        self,
        call: Call,
        outcome: CallOutcome,
        moment: datetime,
        delivery: Delivery | None = None,
        reason: str = "",
    ) -> Tally:
        errcode = delivery.errcode if delivery else None
        unreachable = self._persons(call, delivery.unreachable if delivery else None)
        detail = f"{reason}（{errcode}）" if reason and errcode is not None else reason
        is_ours = self._database.write(
            lambda tx: outbox.finish_call(
                tx, call.call_id, call.fence, outcome, unreachable, moment, errcode, detail
            )
        )
        self._clean_refusals.pop(call.call_id, None)
        if not is_ours:
            log.warning("call_fenced call=%s fence=%s", call.call_id, call.fence)
            return Tally()
        return Tally(
            useless=outcome == "useless",
            unknown=outcome == "unknown",
            delivered=outcome == "done",
            failed=outcome in ("failed", "dead"),
        )

    def _persons(self, call: Call, unreachable: Mapping[str, str] | None) -> dict[str, str]:
        """The platform's accounts as our persons. It returns userids in lower case (90236)."""
        if not unreachable:
            return {}
        reasons = {account.lower(): reason for account, reason in unreachable.items()}
        found = {}
        for person_id in call.person_ids:
            address = self._address_of(person_id)
            if address is not None and address.account.lower() in reasons:
                found[person_id] = reasons[address.account.lower()]
        return found

    def _put_back(
        self, call: Call, next_try_at: datetime, delivery: Delivery, *, counts: bool = True
    ) -> Tally:
        self._database.write(
            lambda tx: outbox.retry_call(
                tx,
                call.call_id,
                call.fence,
                next_try_at,
                delivery.errcode,
                delivery.detail,
                counts=counts,
            )
        )
        return Tally(later=1)

    def _pause(self, call: Call, delivery: Delivery) -> timedelta:
        """5 s, 15 s, 45 s … at most 10 min, each up to half longer by chance: eight tries span half an
        hour, and instances that failed together do not come back together."""
        pause_s = min(FIRST_PAUSE_S * 3 ** (call.attempts - 1), LONGEST_PAUSE_S)
        return timedelta(seconds=max(pause_s * (1 + self._jitter() / 2), delivery.wait_s))

    def _stop(self, channel: str, delivery: Delivery) -> None:
        """A wrong secret or a foreign address stays wrong: hammering gets the address banned (45009)."""
        self._stopped[channel] = delivery
        log.error("channel_stopped channel=%s errcode=%s", channel, delivery.errcode)
        if self._on_alarm is not None:
            self._on_alarm(channel, delivery)


def drop(tx: Tx, now: datetime) -> Tally:
    """What must not be sent any more: too late to be of use, or too old to be repeated safely."""
    return Tally(useless=outbox.mark_useless(tx, now), unknown=outbox.expire_unknown(tx, now))
