"""Own topics (自拟选题): one a person, waiting for approval or approved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from storage.database import Row, Tx
from storage.times import to_text

OwnState = Literal["asked", "approved", "rejected", "withdrawn"]


@dataclass(frozen=True)
class OwnTopic:
    """*decided_by* is the person_id of who approved or rejected it."""

    person_id: str
    title: str
    state: OwnState
    request_id: str
    decided_by: str | None


def ask(tx: Tx, programme_id: str, person_id: str, title: str, request_id: str, at: datetime) -> None:
    """Put *title* forward; an earlier one of this person is replaced."""
    tx.execute(
        """
        insert into own_topic (programme_id, person_id, title, state, request_id, asked_at)
        values (:programme_id, :person_id, :title, 'asked', :request_id, :at)
        on conflict (programme_id, person_id) do update
        set title = excluded.title, state = excluded.state, request_id = excluded.request_id,
            asked_at = excluded.asked_at, decided_by = null, decided_at = null""",
        {
            "programme_id": programme_id,
            "person_id": person_id,
            "title": title,
            "request_id": request_id,
            "at": to_text(at),
        },
    )


def decide(tx: Tx, request_id: str, state: Literal["approved", "rejected"], by: str, at: datetime) -> bool:
    """The decision on what is still asked; False when it was withdrawn or replaced since."""
    changed = tx.execute(
        """
        update own_topic
        set state = :state, decided_by = :by, decided_at = :at
        where request_id = :request_id and state = 'asked'""",
        {"request_id": request_id, "state": state, "by": by, "at": to_text(at)},
    )
    return changed == 1


def withdraw(tx: Tx, programme_id: str, person_id: str) -> bool:
    """Take back what is asked or approved, by its owner or because something else is chosen."""
    changed = tx.execute(
        """
        update own_topic
        set state = 'withdrawn'
        where programme_id = :programme_id and person_id = :person_id and state in ('asked', 'approved')""",
        {"programme_id": programme_id, "person_id": person_id},
    )
    return changed == 1


def of_person(tx: Tx, programme_id: str, person_id: str) -> OwnTopic | None:
    """What this person put forward last and did not take back."""
    found = tx.query(
        """
        select person_id, title, state, request_id, decided_by
        from own_topic
        where programme_id = :programme_id and person_id = :person_id and state in ('asked', 'approved')""",
        {"programme_id": programme_id, "person_id": person_id},
    )
    return _own_topic(found[0]) if found else None


def _own_topic(row: Row) -> OwnTopic:
    return OwnTopic(**row)
