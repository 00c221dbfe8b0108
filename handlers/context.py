"""What a handler is given: the message, the person, the programme, the clock, the transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time, tzinfo
from typing import Generic, Literal, TypeVar

from language.understood import SpeakerRole, Understood
from messages.envelope import Inbound, Push, Reply
from programme.attendance import CheckinRules
from programme.people import Person
from programme.policy import checkin_rules
from programme.programme import Programme
from programme.reminders import DEFAULT_RULES, ReminderRule
from storage import outbox
from storage.database import Tx
from storage.pending import Pending
from storage.snapshot import Snapshot


@dataclass(frozen=True)
class Setup:
    """What a deployment decides once: zone, lab rules, address and the key that signs codes and links."""

    zone: tzinfo
    checkin: CheckinRules
    signing_key: bytes
    public_url: str
    admins: frozenset[str] = frozenset()  # accounts, in lower case, that [admins] adds to the roster's
    messages_a_minute: int = 20
    reminders: tuple[ReminderRule, ...] = DEFAULT_RULES
    untimed_at: time = time(9, 7)
    previous_signing_key: bytes | None = None  # still taken for calendar links given before (design D22)
    lab_defaults: Mapping[str, str] = field(default_factory=dict)  # by key of programme/policy.py

    def of_programme(self, programme: Programme) -> Setup:
        """The same with the programme's own 本组规定 over the defaults (design D14)."""
        known: tuple[Setup, Setup] | None = programme.memo.get(("setup",))
        if known is None or known[0] is not self:
            known = (self, replace(self, checkin=checkin_rules(programme, self.checkin)))
            programme.memo["setup",] = known
        return known[1]


class Asked:
    """Whether this message's answer asks something back; *at* is the moment at which it did."""

    at: datetime | None = None


@dataclass(frozen=True)
class Context:
    """*at* is the sender's time in the programme's zone and decides windows; *moment* is the
    server's real time and decides lifetimes of codes, questions and links (they differ in demo)."""

    setup: Setup
    snapshot: Snapshot
    inbound: Inbound
    at: datetime
    moment: datetime
    person: Person
    programme: Programme
    tx: Tx
    asked: Asked = field(default_factory=Asked)

    def push(self, key: str, person_id: str, template: str, values: Mapping[str, object]) -> None:
        """Queue one message to *person_id* in this transaction; *key* makes it happen once."""
        push = Push(dedupe_key=key, person_id=person_id, template=template, values=values, due_at=self.at)
        outbox.enqueue(self.tx, self.programme.programme_id, push, self.at)


@dataclass(frozen=True)
class StrangerContext:
    """The same for an account without a person: no programme is theirs yet."""

    setup: Setup
    snapshot: Snapshot
    inbound: Inbound
    at: datetime
    moment: datetime
    tx: Tx
    asked: Asked = field(default_factory=Asked)


C = TypeVar("C", Context, StrangerContext)
Handle = Callable[[Understood, Context], Reply]
Mode = Literal["asks", "acts"]


@dataclass(frozen=True)
class Handling(Generic[C]):
    """One line of INTENTS: who handles the label, whether it changes anything, and whether what it
    changes is part of the snapshot in memory.

    A label that acts in any state of a conversation acts in all: a repeat must find its stored answer.
    """

    handle: Callable[[Understood, C], Reply]
    mode: Mode
    refreshes: bool = False


@dataclass(frozen=True)
class TakesAnswer(Generic[C]):
    """Who takes the answer to an open question; None from it means: that was not an answer.

    *takes_yes*: 好 right after the question is 确认. Never where many people are concerned.
    *words*: what the question offers to reply, where that word is a command of its own as well.
    """

    take: Callable[[Understood, C, Pending], Reply | None]
    refreshes: bool = False
    takes_yes: bool = False
    words: frozenset[str] = frozenset()


def role_of(person: Person | None) -> SpeakerRole:
    """As what somebody's words are understood: 同意 of a mentor decides, of a student it agrees (T7)."""
    if person is None or not person.roles & {"admin", "lead", "mentor"}:
        return "student"
    return "admin" if "admin" in person.roles else "mentor"
