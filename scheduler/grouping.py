"""Due rows put together: one identical text to many people is one request."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from storage.outbox import OutboxRow

log = logging.getLogger(__name__)

# WeCom takes at most this many recipients in one request (message/send, document 90236 of 2025-09-24).
RECIPIENTS = 1000

NOT_BOUND = "未绑定"
NOT_RENDERED = "内容无法生成"


@dataclass(frozen=True)
class Address:
    """Where a person can be reached: a channel by its name, and the account there."""

    channel: str
    account: str


Render = Callable[[str, Mapping[str, object]], str]
AddressOf = Callable[[str], Address | None]
May = Callable[[Address], bool]


@dataclass(frozen=True)
class Letter:
    """One identical text on one channel; rows of another usefulness make another letter."""

    channel: str
    text: str
    useless_after: datetime | None


@dataclass
class Mail:
    """Due rows told apart: by letter (row id → account), or refused (row id → the Chinese reason)."""

    letters: dict[Letter, dict[str, str]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Draft:
    """What becomes one call: the text, and the account of each row, at most 1,000 accounts."""

    channel: str
    text: str
    row_accounts: Mapping[str, str]

    @property
    def recipients(self) -> tuple[str, ...]:
        """Sorted, each once: the platform compares whole requests."""
        return tuple(sorted(set(self.row_accounts.values())))


def sort_rows(
    rows: Sequence[OutboxRow], channels: Mapping[str, object], render: Render, address_of: AddressOf, may: May
) -> Mail:
    """Tell *rows* apart. A row that *may* says no to (its minute is full) is left out for a later run."""
    mail = Mail()
    texts: dict[tuple[str, str], str | None] = {}
    for row in rows:
        address = Address(*row.to) if row.to else address_of(row.person_id)
        if address is None or address.channel not in channels:
            mail.refused[row.row_id] = NOT_BOUND
            continue
        said = (row.template, repr(sorted(row.values.items())))
        if said not in texts:
            texts[said] = text_of(row, render)
        text = texts[said]
        if text is None:
            mail.refused[row.row_id] = NOT_RENDERED
        elif may(address):
            letter = Letter(address.channel, text, row.useless_after)
            mail.letters.setdefault(letter, {})[row.row_id] = address.account
    return mail


def text_of(row: OutboxRow, render: Render) -> str | None:
    """The words of one row; None when its template cannot be rendered, which stops that row only."""
    try:
        return render(row.template, row.values)
    except Exception:  # the relay's edge: one bad template must not hold up the other pushes
        log.exception("push_not_rendered row=%s template=%s", row.row_id, row.template)
        return None


def drafts_of(letters: Mapping[Letter, Mapping[str, str]]) -> Iterator[Draft]:
    """Cut every letter into calls of at most 1,000 accounts, in order of account."""
    for letter, row_accounts in letters.items():
        accounts = sorted(set(row_accounts.values()))
        for first in range(0, len(accounts), RECIPIENTS):
            chosen = set(accounts[first : first + RECIPIENTS])
            rows = {row_id: account for row_id, account in row_accounts.items() if account in chosen}
            yield Draft(letter.channel, letter.text, rows)
