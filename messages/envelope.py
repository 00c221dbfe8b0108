"""One model for every message, whichever platform carries it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Literal

from programme.sessions import Source

MediaKind = Literal["image", "file"]
InboundKind = Literal["text", "image", "voice", "video", "location", "link", "file", "event", "unknown"]

NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Inbound:
    """A message or event as it came in.

    *message_id* is the platform's id, else a hash of the plaintext; unique per channel.
    *at* is the sender's aware time (CreateTime inside the ciphertext, never the query's).
    *event* is lower-case. *details* holds the platform's own fields by the platform's names.
    """

    channel: str
    message_id: str
    sender: str
    at: datetime
    kind: InboundKind
    text: str = ""
    event: str | None = None
    event_key: str = ""
    details: Mapping[str, str] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True)
class Reply:
    """What a handler decided to say: a template and its values; only messages/ knows wording.

    *template* is "<stem>/<outcome>", for example "checkin/closed". *sources* are the places in
    the notice that the answer rests on, shown when the person asks 依据. *then* answers the
    question that stood beside an act, and is said after it.
    """

    template: str
    values: Mapping[str, object] = field(default_factory=dict)
    sources: tuple[Source, ...] = ()
    then: Reply | None = None


@dataclass(frozen=True)
class Answer:
    """A rendered reply, stored with the message that caused it and given again on a retry."""

    text: str


@dataclass(frozen=True)
class Push:
    """A message to one person that nobody asked for just now; the outbox row of design D5.

    *dedupe_key* is unique per person, subject version and kind. Later than *useless_after* it is
    not sent. *due_at* and *useless_after* are aware. *to* (channel, account) is written to where the
    account is not, or no longer, the person's.
    """

    dedupe_key: str
    person_id: str
    template: str
    values: Mapping[str, object]
    due_at: datetime
    useless_after: datetime | None = None
    to: tuple[str, str] | None = None
    card: Card | None = None
    attachment: Attachment | None = None


@dataclass(frozen=True)
class Card:
    """The shape a push takes where its reader sees cards; elsewhere its text says all.

    *template* is the title's, rendered with the values of the push; the text stands below it. Each of
    *commands* is a button that does what its words do when they are typed.
    """

    template: str
    commands: tuple[str, ...]


@dataclass(frozen=True)
class Attachment:
    """A picture or a file that a push is, where the channel carries them; elsewhere its text says it.

    The content lies in the folder of uploads under its *sha256*; *name* is what the reader sees.
    """

    kind: MediaKind
    name: str
    sha256: str


@dataclass(frozen=True)
class Announcement:
    """A message to a group chat by its robot, once per dedupe key; otherwise like a Push.

    *calls_everybody*: it mentions all in the chat, so that each phone rings.
    """

    dedupe_key: str
    robot: str
    template: str
    values: Mapping[str, object]
    due_at: datetime
    useless_after: datetime | None = None
    calls_everybody: bool = False


@dataclass(frozen=True)
class Capabilities:
    """What a channel can show and bear; the product never offers what is not there.

    *calls_a_minute* is the platform's limit for one sender, None where it has none.
    *swallows_repeats*: the same request sent again reaches nobody twice. *recalls*: a sent message
    can be taken back. *everybody*: the account that means all in a chat, None where it has none.
    """

    text_bytes: int
    cards: bool
    markdown: bool
    buttons: bool
    calls_a_minute: int | None = None
    swallows_repeats: bool = False
    recalls: bool = False
    everybody: str | None = None
