"""The journey of one message: understand, find the person, ask or act, answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache

from handlers import (
    ANSWERS,
    STRANGER_ANSWERS,
    STRANGER_GUIDE,
    STRANGER_INTENTS,
    intents,
    pressed,
    programme_choice,
)
from handlers.context import Asked, C, Context, Handling, Setup, StrangerContext, TakesAnswer, role_of
from handlers.pace import Pace
from handlers.recall import Given, LastAnswer, Recall
from language.understand import understand
from language.understood import Understood
from messages.envelope import Answer, Capabilities, Inbound, Push, Reply
from messages.render import Renderer, split
from programme.nearness import distance
from programme.people import Person
from programme.programme import Programme
from storage import inbox, outbox, pending, programme_choices
from storage.database import Database, Params, Row, StorageAway, Tx
from storage.snapshot import Snapshot

TEXT_BYTES = 2000  # an answer of text, whatever more the channel allows
STALE_AFTER = timedelta(minutes=10)
AHEAD_BY = timedelta(minutes=2)
STALE_IN_A_ROW = 3  # as many authentic messages out of time mean that a clock is wrong (design D2)
WORDS_REMEMBERED = 4096
YES_LIFE = timedelta(minutes=2)  # how long 好 stands for 确认; a word that names the act stands for ten

understand_words = lru_cache(maxsize=WORDS_REMEMBERED)(understand)


@dataclass(frozen=True)
class Clocks:
    """*now* is the programme's clock (simulated in demo), *moment* the real one; both aware."""

    now: Callable[[], datetime]
    moment: Callable[[], datetime]


Handled = tuple[Reply, Asked]


class Reading:
    """A Tx for handlers that only ask: each query borrows a reader, nothing is held open."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def execute(self, sql: str, params: Params | Sequence[Params] = ()) -> int:
        raise PermissionError("a handler that asks must not change anything")

    def query(self, sql: str, params: Params = {}) -> list[Row]:  # noqa: B006 - never changed
        return self._database.read(lambda tx: tx.query(sql, params))


class Responder:
    """`respond(inbound)` is the only way in for a message, whatever carries it."""

    def __init__(
        self,
        database: Database,
        snapshot: Snapshot,
        renderer: Renderer,
        setup: Setup,
        clocks: Clocks,
        capabilities: Mapping[str, Capabilities],
    ) -> None:
        self._database = database
        self._snapshot = snapshot
        self._renderer = renderer
        self._setup = setup
        self._clocks = clocks
        self._capabilities = capabilities
        self._reading = Reading(database)
        self._has_peers = database.engine != "sqlite"
        self._recall = Recall()
        self._given = Given()
        self._intents = intents(self._recall)
        self._pace = Pace(setup.messages_a_minute)
        self.stale_in_a_row = 0
        self.stale_messages = 0

    def respond(self, inbound: Inbound) -> Answer | None:
        """The answer, or None where silence is right (events nobody waits on, a flood).

        Raises StorageAway when the database cannot be used; nothing was recorded then.
        """
        if self.is_out_of_time(inbound):
            return self._stored(inbound)
        if inbound.kind == "event" and inbound.event in FIRST_CONTACTS:
            return self._greet(inbound)
        worded = as_text(inbound)
        if worded is None:
            return None if inbound.kind == "event" else self._say(type_please(inbound), inbound)
        given = self._given.of(inbound.channel, inbound.message_id)
        if given is not None:
            return Answer(given)
        pace = self._pace.of(inbound.channel, inbound.sender, self._clocks.moment())
        if pace != "fine":
            return self._stored(inbound) or self._hurried(inbound, pace == "warn")
        try:
            return self._converse(worded)
        except StalePlan:
            self._snapshot.refresh(self._database)
            return self._converse(worded)

    def is_out_of_time(self, inbound: Inbound) -> bool:
        """Whether an unseen message is too old or from the future (design D2)."""
        age = self._clocks.now() - inbound.at
        is_stale = age > STALE_AFTER or age < -AHEAD_BY
        self.stale_in_a_row = self.stale_in_a_row + 1 if is_stale else 0
        self.stale_messages += is_stale
        return is_stale

    @property
    def has_clock_trouble(self) -> bool:
        return self.stale_in_a_row >= STALE_IN_A_ROW

    def _greet(self, inbound: Inbound) -> Answer | None:
        """Once per person, not at each enter_agent: the outbox keeps its dedupe key. A stranger is
        told how to bind, at most once in the time that the inbox remembers."""
        person, _ = self._who(inbound, inbound.at.astimezone(self._setup.zone))
        if person is None:
            account = f"{inbound.channel}:{inbound.sender}"
            is_new = self._database.write(lambda tx: inbox.take(tx, "welcome", account, self._clocks.now()))
            return self._say(Reply("binding/guide"), inbound) if is_new else None
        key = f"welcome:{person.person_id}"
        values = {"name": person.name, "roles": sorted(person.roles)}
        push = Push(key, person.person_id, "guide/welcome", values, inbound.at)
        self._database.write(lambda tx: outbox.enqueue(tx, person.programme_id, push, inbound.at))
        return None

    def _hurried(self, inbound: Inbound, is_warned: bool) -> Answer | None:
        return self._say(Reply("guide/too_fast"), inbound) if is_warned else None

    def _stored(self, inbound: Inbound) -> Answer | None:
        """The answer given before, word for word; silence if there was none."""
        found = self._database.read(lambda tx: inbox.find(tx, inbound.channel, inbound.message_id))
        return Answer(found.answer) if found and found.answer else None

    def _converse(self, inbound: Inbound) -> Answer | None:
        at = inbound.at.astimezone(self._setup.zone)
        person, programme = self._who(inbound, at)
        heard = heard_in(inbound, at, person)
        if person is None or programme is None:
            return self._with_stranger(heard, inbound, at)
        return self._with_person(heard, inbound, at, person, programme)

    def _who(self, inbound: Inbound, at: datetime) -> tuple[Person | None, Programme | None]:
        """The person and programme of an account; of several, the one with a session nearest (D14)."""
        found: list[tuple[Person, Programme]] = []
        for person in self._snapshot.people_for(inbound.channel, inbound.sender):
            programme = self._snapshot.programme(person.programme_id)
            if programme is not None:
                found.append((self._with_rights(person, inbound), programme))
        if not found:
            return None, None
        if len(found) == 1:
            return found[0]
        chosen = self._chosen(inbound, at)
        by_choice = (pair for pair in found if pair[1].programme_id == chosen)
        return next(by_choice, None) or min(found, key=lambda pair: distance(pair[1], pair[0], at))

    def _chosen(self, inbound: Inbound, at: datetime) -> str | None:
        """What 换项目 said a short while ago; only asked of somebody in several programmes."""
        since = at - programme_choice.HOLDS
        return self._database.read(
            lambda tx: programme_choices.chosen_since(tx, inbound.channel, inbound.sender, since)
        )

    def _with_rights(self, person: Person, inbound: Inbound) -> Person:
        """[admins] of the configuration adds to the roles of the roster, by account id only (D13)."""
        if inbound.sender.lower() not in self._setup.admins:
            return person
        return replace(person, roles=person.roles | {"admin"})

    def _with_person(
        self, heard: Understood, inbound: Inbound, at: datetime, person: Person, programme: Programme
    ) -> Answer | None:
        def context(tx: Tx) -> Context:
            moment = self._clocks.moment()
            return Context(
                self._setup.of_programme(programme),
                self._snapshot,
                inbound,
                at,
                moment,
                person,
                programme,
                tx,
            )

        handling = self._intents.get(heard.intent) or self._intents["out_of_scope"]
        if heard.also is not None:
            handling = beside(handling, self._intents[heard.also.intent], heard.also)
        return self._handle(heard, inbound, handling, ANSWERS, context)

    def _with_stranger(self, heard: Understood, inbound: Inbound, at: datetime) -> Answer | None:
        def context(tx: Tx) -> StrangerContext:
            return StrangerContext(self._setup, self._snapshot, inbound, at, self._clocks.moment(), tx)

        handling = STRANGER_INTENTS.get(heard.intent, STRANGER_GUIDE)
        return self._handle(heard, inbound, handling, STRANGER_ANSWERS, context)

    def _handle(
        self,
        heard: Understood,
        inbound: Inbound,
        handling: Handling[C],
        takers: Mapping[str, TakesAnswer[C]],
        context: Callable[[Tx], C],
    ) -> Answer | None:
        """A recognised command beats the open question; small words and numbers may answer it (D9)."""
        if heard.text.strip() in OFFERED_WORDS:
            taken = self._take_answer(heard, inbound, takers, context)
            if taken is not None:
                return taken
        if handling.mode == "acts":

            def act(tx: Tx) -> Handled:
                given = context(tx)
                reply = handling.handle(heard, given)
                if given.asked.at is None and heard.intent not in LEAVES_OPEN:
                    # What was asked before is over: a 确认 later must not do it after all.
                    pending.close(tx, inbound.channel, inbound.sender)
                return reply, given.asked

            return self._act(inbound, act, handling.refreshes)
        if may_answer(heard):
            taken = self._take_answer(heard, inbound, takers, context)
            if taken is not None:
                return taken
        return self._say(handling.handle(heard, context(self._reading)), inbound)

    def _take_answer(
        self,
        heard: Understood,
        inbound: Inbound,
        takers: Mapping[str, TakesAnswer[C]],
        context: Callable[[Tx], C],
    ) -> Answer | None:
        """The answer to the open question of this account, if *heard* is one; None otherwise.

        A message that answered a question before is found in the inbox: the question is closed by then.
        """
        seen, asked = self._database.read(lambda tx: (found(tx, inbound), self._asked(tx, inbound)))
        if seen is not None:
            return seen
        takes = takers.get(asked.kind) if asked else None
        if heard.intent == "yes" and asked and takes and takes.takes_yes and self._is_fresh(asked, inbound):
            heard = replace(heard, intent="confirm")
        if takes is None:
            return None

        def work(tx: Tx) -> Handled:
            given, still = context(tx), self._asked(tx, inbound)
            reply = takes.take(heard, given, still) if still is not None else None
            if reply is None:
                raise NotAnAnswer
            return reply, given.asked

        try:
            return self._act(inbound, work, takes.refreshes)
        except NotAnAnswer:
            return None

    def _is_fresh(self, asked: pending.Pending, inbound: Inbound) -> bool:
        """Whether a mere 好 can only mean *asked*: it was the last thing said here, and just now."""
        last = self._recall.asked_at(inbound.channel, inbound.sender)
        return last == asked.asked_at and self._clocks.moment() - asked.asked_at <= YES_LIFE

    def _asked(self, tx: Tx, inbound: Inbound) -> pending.Pending | None:
        return pending.open_question(tx, inbound.channel, inbound.sender, self._clocks.moment())

    def _act(self, inbound: Inbound, work: Callable[[Tx], Handled], refreshes: bool) -> Answer | None:
        """Do, render and keep the message with its answer in one transaction (design D4); a repeat
        changes nothing and is given the stored answer."""

        def unit(tx: Tx) -> tuple[Answer, LastAnswer]:
            if self._has_peers and inbox.plan_version(tx) > self._snapshot.plan_version:
                raise StalePlan
            reply, asked = work(tx)
            pressed.note(tx, inbound, reply, self._clocks.now())
            answer, last = self._compose(reply, inbound, asked.at)
            if not inbox.take(tx, inbound.channel, inbound.message_id, self._clocks.now(), answer.text):
                raise Repeated
            return answer, last

        try:
            answer, last = self._database.write(unit)
        except (StorageAway, StalePlan):
            raise
        except Exception:
            # A repeat that no memory knew runs as if it were new until its end says otherwise, or
            # until a rule of the tables stops it: either way what was said then is said again.
            seen = self._database.read(lambda tx: inbox.find(tx, inbound.channel, inbound.message_id))
            if seen is None:
                raise
            return Answer(seen.answer) if seen.answer else None
        self._given.keep(inbound.channel, inbound.message_id, answer.text)
        self._recall.remember(inbound.channel, inbound.sender, last)
        if refreshes:
            self._snapshot.refresh(self._database)
        return answer

    def _say(self, reply: Reply, inbound: Inbound) -> Answer:
        """Render and keep what 依据 and 更多 need; after these two, 依据 is still about the answer before."""
        answer, last = self._compose(reply, inbound)
        if reply.template.startswith("evidence/") or reply.template in MORE_OF_AN_ANSWER:
            sources = self._recall.sources(inbound.channel, inbound.sender)
            if sources is None:
                return answer
            last = replace(last, sources=sources)
        self._recall.remember(inbound.channel, inbound.sender, last)
        return answer

    def _compose(
        self, reply: Reply, inbound: Inbound, asked_at: datetime | None = None
    ) -> tuple[Answer, LastAnswer]:
        words, sources = self._renderer.render(reply), reply.sources
        if reply.then is not None:
            words, sources = f"{words}\n{self._renderer.render(reply.then)}", sources + reply.then.sources
        text, rest = split(words, self._limit(inbound))
        return Answer(text), LastAnswer(sources, rest, asked_at)

    def _limit(self, inbound: Inbound) -> int:
        capabilities = self._capabilities.get(inbound.channel)
        return min(capabilities.text_bytes, TEXT_BYTES) if capabilities else TEXT_BYTES


class StalePlan(Exception):
    """Another instance has changed the programme or the people since this one looked (design D19)."""


class Repeated(Exception):
    """Rolls the unit back: another delivery of the same message was committed before."""


class NotAnAnswer(Exception):
    """Rolls the unit back: the text was no answer to the open question."""


def found(tx: Tx, inbound: Inbound) -> Answer | None:
    seen = inbox.find(tx, inbound.channel, inbound.message_id)
    return Answer(seen.answer) if seen and seen.answer else None


def heard_in(inbound: Inbound, at: datetime, person: Person | None) -> Understood:
    """What the words ask for; what a camera read is no words, and asks for one thing."""
    if inbound.event == SCAN:
        return Understood("scan_checkin", inbound.text)
    return understand_words(inbound.text, at.replace(second=0, microsecond=0), role_of(person))


def as_text(inbound: Inbound) -> Inbound | None:
    """The message as words: a menu button's key is the command itself; None where there are none."""
    if inbound.kind == "text":
        return inbound
    if inbound.kind == "event" and inbound.event == SCAN:
        return replace(inbound, text=inbound.details.get("ScanResult", ""))
    if inbound.kind != "event" or inbound.event not in WORDED_EVENTS:
        return None
    return replace(inbound, text=inbound.event_key) if inbound.event_key else None


SCAN = "scancode_waitmsg"  # the menu button that scans and waits for our answer (document 90240)
# Events whose key stands for words: a menu button, a button on a card.
WORDED_EVENTS = frozenset({"click", "template_card_event"})
MORE_OF_AN_ANSWER = frozenset({"guide/rest", "guide/no_more"})
FIRST_CONTACTS = frozenset({"enter_agent", "subscribe"})


def type_please(inbound: Inbound) -> Reply:
    """Voice, pictures, stickers and unknown types are answered with words."""
    return Reply("guide/type_please", {"kind": inbound.kind})


def beside(act: Handling[Context], ask: Handling[Context], question: Understood) -> Handling[Context]:
    """签到，顺便问下…: the act as ever, and the answer to the question; what is asked back comes last."""

    def handle(understood: Understood, context: Context) -> Reply:
        done, answer = act.handle(understood, context), ask.handle(question, context)
        if understood.intent == "choose_topic":
            return replace(answer, then=done)
        return replace(done, then=answer)

    return replace(act, handle=handle)


def may_answer(heard: Understood) -> bool:
    """Whether *heard* could answer an open question: small words, bare numbers, what is no command."""
    return heard.intent in SMALL_WORDS or heard.text.isdigit()


# Commands that are also what an open question offers to reply (提交); then they answer it.
OFFERED_WORDS = frozenset().union(*(takes.words for takes in ANSWERS.values()))
# 签到 in between is no change of mind about what was asked before.
LEAVES_OPEN = frozenset({"check_in", "scan_checkin", "online_checkin"})
SMALL_WORDS = frozenset({"confirm", "confirm_quietly", "yes", "rebind", "ack", "out_of_scope", "no_action"})
