"""What was decided in chat: answers to the open questions of a notice, and 本组规定."""

from __future__ import annotations

from datetime import datetime

from storage.database import Tx
from storage.programmes import bump, put_setting
from storage.times import to_text


def answer_question(
    tx: Tx, programme_id: str, number: int, answer: str, by_person_id: str | None, at: datetime
) -> bool:
    """Close question *number* with *answer*, also over an earlier answer; False when there is none."""
    changed = tx.execute(
        """
        update question
        set state = 'answered', answer = :answer, answered_by = :by_person_id, answered_at = :at
        where programme_id = :programme_id and number = :number""",
        {
            "programme_id": programme_id,
            "number": number,
            "answer": answer,
            "by_person_id": by_person_id,
            "at": to_text(at),
        },
    )
    if changed != 1:
        return False
    bump(tx, programme_id)
    return True


def reopen_question(tx: Tx, programme_id: str, number: int) -> bool:
    """Question *number* waits for an answer again; False when it does already, or is not there."""
    changed = tx.execute(
        """
        update question
        set state = 'open', answer = null, answered_by = null, answered_at = null
        where programme_id = :programme_id and number = :number and state <> 'open'""",
        {"programme_id": programme_id, "number": number},
    )
    if changed != 1:
        return False
    bump(tx, programme_id)
    return True


def set_setting(
    tx: Tx, programme_id: str, key: str, value: str, by_person_id: str | None, at: datetime
) -> None:
    """A lab's own rule (本组规定); wins over the defaults of config.toml."""
    put_setting(tx, programme_id, key, value, by_person_id, at)
    bump(tx, programme_id)


def drop_setting(tx: Tx, programme_id: str, key: str) -> None:
    """The default holds again."""
    tx.execute(
        "delete from setting where programme_id = :programme_id and key = :key",
        {"programme_id": programme_id, "key": key},
    )
    bump(tx, programme_id)
