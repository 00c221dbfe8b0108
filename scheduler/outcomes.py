"""What an answer means for its call: done, given up, put back for later, or a channel that stops."""

from __future__ import annotations

import logging
import random
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from channels.channel import Delivery, PushChannel
from scheduler.alarms import STOPPED, UNDELIVERED, Bell
from scheduler.gate import Gates
from scheduler.grouping import AddressOf
from storage import outbox
from storage.database import Database
from storage.outbox import Call, CallOutcome

log = logging.getLogger(__name__)

TRIES = 8
# A call on its way keeps its lease by being prolonged each second; a dead sender's is free this soon.
LEASE_S = 4.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 5.0, 600.0

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


class Watch:
    """The moment of one run, which goes on with the monotonic clock *seconds*."""

    def __init__(self, now: datetime, seconds: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._started_s = seconds()
        self._now = now

    def spent_s(self) -> float:
        return self.seconds() - self._started_s

    def moment(self) -> datetime:
        return self._now + timedelta(seconds=self.spent_s())


class Outcomes:
    """Marks calls by what became of them. Several threads may, each with a call of its own."""

    def __init__(
        self,
        database: Database,
        channels: Mapping[str, PushChannel],
        gates: Gates,
        address_of: AddressOf,
        bell: Bell,
        *,
        on_alarm: Callable[[str, Delivery], None] | None = None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._database = database
        self._channels = channels
        self._gates = gates
        self._address_of = address_of
        self._bell = bell
        self._on_alarm = on_alarm
        self._jitter = jitter
        self._clean_refusals: Counter[str] = Counter()

    def mark(self, call: Call, delivery: Delivery, moment: datetime) -> Tally:
        log.info(
            "call call=%s channel=%s outcome=%s errcode=%s attempt=%s",
            *(call.call_id, call.channel, delivery.outcome, delivery.errcode, call.attempts),
        )
        if self._gates.note(call.channel, delivery, moment):
            self._bell.clear(call.channel, STOPPED, moment)
        may_repeat = self._channels[call.channel].capabilities.swallows_repeats
        match delivery.outcome:
            case "delivered":
                return self._finish(call, "done", moment, delivery)
            case "permanent":
                return self._finish(call, "failed", moment, delivery, REFUSED)
            case "wait":
                until = self._gates.closed_until(call.channel, moment) or moment
                return self._put_back(call, until, delivery, counts=False)
            case "alarm":
                # First the call, then the alarm: a bell that fails must not cost the call its place.
                tally = self._put_back(call, moment, delivery, counts=False)
                self._stop(call.channel, delivery, moment)
                return tally
            case "retry" if call.attempts < TRIES:
                self._clean_refusals[call.call_id] += 1
                return self._put_back(call, moment + self._pause(call, delivery), delivery)
            case "retry":
                self._clean_refusals[call.call_id] += 1
                return self.give_up(call, "dead", moment, delivery)
            case "unknown" if call.attempts < TRIES and may_repeat:
                return self._put_back(call, moment + self._pause(call, delivery), delivery)
        return self._finish(call, "unknown", moment, delivery, NOT_KNOWN)

    def give_up(
        self, call: Call, outcome: CallOutcome, moment: datetime, delivery: Delivery | None = None
    ) -> Tally:
        """End a call that was not delivered; unknown, if an earlier attempt may have come through.

        Only attempts that this relay saw refused are certain; after a restart nothing is.
        """
        tries = call.attempts if delivery is not None else call.attempts - 1
        if self._clean_refusals[call.call_id] < tries:
            return self._finish(call, "unknown", moment, delivery, NOT_KNOWN)
        return self._finish(call, outcome, moment, delivery, GIVEN_UP)

    def postpone(self, call: Call, until: datetime) -> None:
        """Give a claimed call back unsent."""
        self._put_back(call, until, Delivery("wait", None, "paced"), counts=False)

    def _finish(
        self,
        call: Call,
        outcome: CallOutcome,
        moment: datetime,
        delivery: Delivery | None = None,
        reason: str = "",
    ) -> Tally:
        answer = delivery or Delivery("unknown")
        detail = f"{reason}（{answer.errcode}）" if reason and answer.errcode is not None else reason
        unreachable = self._persons(call, answer.unreachable)
        is_ours = self._database.write(
            lambda tx: outbox.finish_call(
                tx,
                call.call_id,
                call.fence,
                outcome,
                unreachable,
                moment,
                answer.errcode,
                detail,
                answer.msgid,
                answer.response_code,
            )
        )
        self._clean_refusals.pop(call.call_id, None)
        if not is_ours:
            log.warning("call_fenced call=%s fence=%s", call.call_id, call.fence)
            return Tally()
        if outcome in ("failed", "dead", "unknown"):
            self._bell.ring(
                call.channel, f"{UNDELIVERED}:{moment.date()}", answer.errcode, detail or NOT_KNOWN, moment
            )
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

    def _stop(self, channel: str, delivery: Delivery, moment: datetime) -> None:
        """A wrong secret or a foreign address stays wrong: hammering gets the address banned (45009)."""
        if self._on_alarm is not None:
            self._on_alarm(channel, delivery)
        self._bell.ring(channel, STOPPED, delivery.errcode, delivery.detail, moment)
