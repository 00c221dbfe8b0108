"""Due rows put together: one identical text to many people is one request."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from channels.channel import ButtonCard, CardChannel, MediaChannel, PushChannel
from messages.envelope import Attachment, Card
from storage.outbox import OutboxRow

log = logging.getLogger(__name__)

# WeCom takes at most this many recipients in one request (message/send, document 90236 of 2025-09-24).
RECIPIENTS = 1000

NOT_BOUND = "未绑定"
NOT_RENDERED = "内容无法生成"
NO_ROBOT = "没有这个群机器人"

# A robot is a channel of its own: it has its own key, its own limits and its own failures.
ROBOT_CHANNEL = "group_robot:"


def robot_channel(robot: str) -> str:
    """The name of the channel of a robot in config.toml."""
    return ROBOT_CHANNEL + robot


@dataclass(frozen=True)
class Address:
    """Where a person can be reached: a channel by its name, and the account there.

    *is_plain*: this reader sees text only (the WeChat plugin), whatever the channel shows to others.
    """

    channel: str
    account: str
    is_plain: bool = False


Render = Callable[[str, Mapping[str, object]], str]
AddressOf = Callable[[str], Address | None]
# Words by template and values; None when they cannot be rendered.
Texts = dict[tuple[str, str], str | None]
# Until when a row for that address waits at a moment; None when it may go.
HeldUntil = Callable[[OutboxRow, Address, datetime], datetime | None]


@dataclass(frozen=True)
class Letter:
    """One identical message on one channel; rows of another due moment or usefulness make another
    letter, so that letters in order of due moment keep the order for each reader."""

    channel: str
    text: str
    due_at: datetime
    useless_after: datetime | None
    shape: Shape | None = None


@dataclass(frozen=True)
class Titled:
    """A card with its title rendered."""

    title: str
    card: Card


# What a message is other than a text.
Shape = Titled | Attachment


@dataclass
class Mail:
    """Due rows told apart: by letter (row id → account), refused (row id → the Chinese reason), or
    to be looked at again (row id → when). *behind* counts rows that come after another one of the same
    reader and are looked at when that has left."""

    letters: dict[Letter, dict[str, str]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    held: dict[str, datetime] = field(default_factory=dict)
    behind: int = 0


@dataclass(frozen=True)
class Draft:
    """What becomes one call: the message, and the account of each row, at most 1,000 accounts."""

    channel: str
    text: str
    row_accounts: Mapping[str, str]
    shape: Shape | None = None

    @property
    def attachment(self) -> Attachment | None:
        return self.shape if isinstance(self.shape, Attachment) else None

    @property
    def recipients(self) -> tuple[str, ...]:
        """Sorted, each once: the platform compares whole requests. None for the chat of a robot."""
        return tuple(sorted(set(self.row_accounts.values()) - {""}))


class Sorter:
    """Tells due rows apart."""

    def __init__(
        self,
        channels: Mapping[str, PushChannel],
        render: Render,
        address_of: AddressOf,
        held_until: HeldUntil,
    ) -> None:
        self._channels = channels
        self._render = render
        self._address_of = address_of
        self._held_until = held_until

    def sort(self, rows: Sequence[OutboxRow], now: datetime) -> Mail:
        mail = Mail()
        texts: Texts = {}
        first_letters: dict[str, Letter] = {}
        for row in rows:
            address = self._address(row)
            if address is None:
                mail.refused[row.row_id] = NO_ROBOT if row.robot is not None else NOT_BOUND
                continue
            text = self._words(row.template, row, texts)
            if text is None:
                mail.refused[row.row_id] = NOT_RENDERED
                continue
            letter = self._letter(row, address, text, texts)
            if row.robot is None and first_letters.get(row.person_id, letter) != letter:
                mail.behind += 1
            elif (until := self._held_until(row, address, now)) is not None:
                mail.held[row.row_id] = until
            else:
                first_letters[row.person_id] = letter
                mail.letters.setdefault(letter, {})[row.row_id] = address.account
        return mail

    def _words(self, template: str, row: OutboxRow, texts: Texts) -> str | None:
        """Rendered once for all rows with the same values."""
        said = (template, repr(sorted(row.values.items())))
        if said not in texts:
            texts[said] = rendered(template, row, self._render)
        return texts[said]

    def _address(self, row: OutboxRow) -> Address | None:
        if row.robot is not None:
            address: Address | None = self._chat(row.robot, calls_everybody=row.calls_everybody)
        else:
            address = Address(*row.to) if row.to else self._address_of(row.person_id)
        return address if address is not None and address.channel in self._channels else None

    def _chat(self, robot: str, *, calls_everybody: bool) -> Address:
        """A robot speaks to its chat, which has no account; all in it have one where it can call them."""
        name = robot_channel(robot)
        channel = self._channels.get(name)
        everybody = channel.capabilities.everybody if channel is not None and calls_everybody else None
        return Address(name, everybody or "")

    def _letter(self, row: OutboxRow, address: Address, text: str, texts: Texts) -> Letter:
        shape = self._shape(row, address, self._channels[address.channel], texts)
        return Letter(address.channel, text, row.due_at, row.useless_after, shape)

    def _shape(self, row: OutboxRow, address: Address, channel: PushChannel, texts: Texts) -> Shape | None:
        if row.attachment is not None and isinstance(channel, MediaChannel):
            return row.attachment
        if row.card is None or not channel.capabilities.cards or address.is_plain:
            return None
        title = self._words(row.card.template, row, texts)
        return None if title is None else Titled(title, row.card)


def rendered(template: str, row: OutboxRow, render: Render) -> str | None:
    """The words of one row; None when its template cannot be rendered, which stops that row only."""
    try:
        return render(template, row.values)
    except Exception:  # the relay's edge: one bad template must not hold up the other pushes
        log.exception("push_not_rendered row=%s template=%s", row.row_id, template)
        return None


def body_of(draft: Draft, channel: PushChannel) -> bytes:
    """The bytes of its request. Of a picture or a file they name the content's hash in place of the
    platform's id, which is put there before they are sent (scheduler/attaching.py).

    Raises ValueError for an account that the platform's language has no word for.
    """
    match draft.shape:
        case Attachment() as attachment if isinstance(channel, MediaChannel):
            return channel.media_body(draft.recipients, attachment, attachment.sha256)
        case Titled(title, card) if isinstance(channel, CardChannel):
            # Never that of another card: a row is in one call only.
            task_id = sha256("\n".join(sorted(draft.row_accounts)).encode()).hexdigest()[:40]
            buttons = tuple((command, command) for command in card.commands)
            return channel.card_body(draft.recipients, ButtonCard(title, draft.text, buttons, task_id))
        case _:
            return channel.text_body(draft.recipients, draft.text)


def drafts_of(letters: Mapping[Letter, Mapping[str, str]]) -> Iterator[Draft]:
    """Cut every letter into calls of at most 1,000 accounts, in order of account."""
    for letter, row_accounts in letters.items():
        accounts = sorted(set(row_accounts.values()))
        for first in range(0, len(accounts), RECIPIENTS):
            chosen = set(accounts[first : first + RECIPIENTS])
            rows = {row_id: account for row_id, account in row_accounts.items() if account in chosen}
            yield Draft(letter.channel, letter.text, rows, letter.shape)
