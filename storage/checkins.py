"""Check-ins (签到): the first one of a person and occurrence counts; screens and wrong codes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from storage.database import Row, Tx
from storage.times import from_text, to_text

# online_pending (线上-待担保) is never present: a guarantee makes it so (requirement R16).
CheckinState = Literal["present", "late", "to_verify", "voluntary", "online_pending"]
WAITING = frozenset({"to_verify", "online_pending"})  # no attendance yet: somebody has to decide
ONLINE = "online"  # the proof of somebody who is not in the room

COLUMNS = "occurrence_id, person_id, programme_id, at, state, late_min, proof, message_id"


@dataclass(frozen=True)
class Checkin:
    """A stored check-in; *is_new* False when it was there before this call."""

    programme_id: str
    occurrence_id: str
    person_id: str
    at: datetime
    state: CheckinState
    late_min: int
    proof: str
    message_id: str | None
    is_new: bool = False

    @property
    def counts(self) -> bool:
        """Whether it is a presence; one that waits for a person's word is none yet."""
        return self.state not in WAITING


def record(
    tx: Tx,
    programme_id: str,
    occurrence_id: str,
    person_id: str,
    at: datetime,
    state: CheckinState,
    late_min: int,
    proof: str,
    message_id: str | None,
) -> Checkin:
    """Store the check-in unless there is one; what is stored now. The unique key decides.

    The first one is kept, but a 到场(待核对) or 线上-待担保 gives way to one that counts: *is_new* then.
    """
    changed = tx.execute(
        f"""
        insert into checkin ({COLUMNS})
        values (
            :occurrence_id, :person_id, :programme_id, :at, :state, :late_min, :proof, :message_id)
        on conflict (occurrence_id, person_id) do update
        set at = excluded.at, state = excluded.state, late_min = excluded.late_min,
            proof = excluded.proof, message_id = excluded.message_id
        where checkin.state in ('to_verify', 'online_pending')
            and excluded.state not in ('to_verify', 'online_pending')""",  # noqa: S608 - a constant
        {
            "occurrence_id": occurrence_id,
            "person_id": person_id,
            "programme_id": programme_id,
            "at": to_text(at),
            "state": state,
            "late_min": late_min,
            "proof": proof,
            "message_id": message_id,
        },
    )
    if changed == 1:
        return Checkin(programme_id, occurrence_id, person_id, at, state, late_min, proof, message_id, True)
    stored = find(tx, occurrence_id, person_id)
    if stored is None:
        raise LookupError(f"check-in of {occurrence_id} vanished while it was read")
    return stored


def find(tx: Tx, occurrence_id: str, person_id: str) -> Checkin | None:
    found = tx.query(
        f"""
        select {COLUMNS}
        from checkin
        where occurrence_id = :occurrence_id and person_id = :person_id""",  # noqa: S608 - a constant
        {"occurrence_id": occurrence_id, "person_id": person_id},
    )
    return _checkin(found[0]) if found else None


def of_person(tx: Tx, programme_id: str, person_id: str) -> tuple[Checkin, ...]:
    """All check-ins of the person, oldest first."""
    found = tx.query(
        f"""
        select {COLUMNS}
        from checkin
        where person_id = :person_id and programme_id = :programme_id
        order by at, occurrence_id""",  # noqa: S608 - a constant of this module
        {"programme_id": programme_id, "person_id": person_id},
    )
    return tuple(map(_checkin, found))


def attended(tx: Tx, programme_id: str, person_id: str) -> frozenset[str]:
    """The occurrences at which the person was; 到场(待核对) and 线上-待担保 are none yet."""
    found = tx.query(
        """
        select occurrence_id
        from checkin
        where person_id = :person_id and programme_id = :programme_id
            and state not in ('to_verify', 'online_pending')""",
        {"programme_id": programme_id, "person_id": person_id},
    )
    return frozenset(row["occurrence_id"] for row in found)


def of_occurrence(tx: Tx, occurrence_id: str) -> tuple[Checkin, ...]:
    """All check-ins at the occurrence, in the order they came."""
    found = tx.query(
        f"""
        select {COLUMNS}
        from checkin
        where occurrence_id = :occurrence_id
        order by at, person_id""",  # noqa: S608 - a constant of this module
        {"occurrence_id": occurrence_id},
    )
    return tuple(map(_checkin, found))


def verify(tx: Tx, occurrence_id: str, person_id: str, state: CheckinState) -> bool:
    """A lead's word on a 到场(待核对); False when it is not to be verified (any more)."""
    changed = tx.execute(
        """
        update checkin
        set state = :state
        where occurrence_id = :occurrence_id and person_id = :person_id and state = 'to_verify'""",
        {"occurrence_id": occurrence_id, "person_id": person_id, "state": state},
    )
    return changed == 1


def put(tx: Tx, checkin: Checkin) -> None:
    """What a person decided, over whatever is stored; the trace of it is a correction."""
    tx.execute(
        f"""
        insert into checkin ({COLUMNS})
        values (
            :occurrence_id, :person_id, :programme_id, :at, :state, :late_min, :proof, :message_id)
        on conflict (occurrence_id, person_id) do update
        set at = excluded.at, state = excluded.state, late_min = excluded.late_min,
            proof = excluded.proof""",  # noqa: S608 - a constant of this module
        {
            "occurrence_id": checkin.occurrence_id,
            "person_id": checkin.person_id,
            "programme_id": checkin.programme_id,
            "at": to_text(checkin.at),
            "state": checkin.state,
            "late_min": checkin.late_min,
            "proof": checkin.proof,
            "message_id": checkin.message_id,
        },
    )


def remove(tx: Tx, occurrence_id: str, person_id: str) -> bool:
    """Nobody was there after all; False when there was no check-in."""
    removed = tx.execute(
        "delete from checkin where occurrence_id = :occurrence_id and person_id = :person_id",
        {"occurrence_id": occurrence_id, "person_id": person_id},
    )
    return removed == 1


def count_arrived(tx: Tx, occurrence_id: str) -> int:
    """How many have checked in; 到场(待核对) left out."""
    found = tx.query(
        """
        select count(*) as arrived
        from checkin
        where occurrence_id = :occurrence_id and state not in ('to_verify', 'online_pending')""",
        {"occurrence_id": occurrence_id},
    )
    return int(found[0]["arrived"])


def vouch(tx: Tx, occurrence_id: str, person_id: str) -> bool:
    """A guarantee was given: 线上-待担保 counts, late where it was late; False when there was none."""
    changed = tx.execute(
        """
        update checkin
        set state = case when late_min > 0 then 'late' else 'present' end
        where occurrence_id = :occurrence_id and person_id = :person_id and state = 'online_pending'""",
        {"occurrence_id": occurrence_id, "person_id": person_id},
    )
    return changed == 1


def unvouch(tx: Tx, occurrence_id: str, person_id: str) -> bool:
    """The guarantee is gone: an online check-in that counted is 线上-待担保 again."""
    changed = tx.execute(
        """
        update checkin
        set state = 'online_pending'
        where occurrence_id = :occurrence_id and person_id = :person_id
            and proof = :online and state in ('present', 'late')""",
        {"occurrence_id": occurrence_id, "person_id": person_id, "online": ONLINE},
    )
    return changed == 1


def count_code_try(tx: Tx, occurrence_id: str, person_id: str, at: datetime) -> int:
    """Count one more wrong code; how many there are now (design D20). Raises LookupError for an
    unknown occurrence."""
    found = tx.query(
        """
        insert into wrong_code (occurrence_id, person_id, programme_id, tries, last_at)
        select occurrence_id, :person_id, programme_id, 1, :at
        from occurrence
        where occurrence_id = :occurrence_id
        on conflict (occurrence_id, person_id) do update
        set tries = wrong_code.tries + 1, last_at = excluded.last_at
        returning tries""",
        {"occurrence_id": occurrence_id, "person_id": person_id, "at": to_text(at)},
    )
    if not found:
        raise LookupError(occurrence_id)
    return int(found[0]["tries"])


def code_tries(tx: Tx, occurrence_id: str, person_id: str) -> int:
    found = tx.query(
        "select tries from wrong_code where occurrence_id = :occurrence_id and person_id = :person_id",
        {"occurrence_id": occurrence_id, "person_id": person_id},
    )
    return found[0]["tries"] if found else 0


def open_screen(
    tx: Tx, programme_id: str, occurrence_id: str, by_person_id: str | None, at: datetime, since: datetime
) -> bool:
    """Note that the occurrence's screen is shown; True for the first time since *since* only, the
    beginning of its day: an opening before a move is none. *by_person_id* None: it opened by itself."""
    opened = tx.execute(
        """
        insert into screen (occurrence_id, programme_id, opened_by, opened_at)
        values (:occurrence_id, :programme_id, :opened_by, :opened_at)
        on conflict (occurrence_id) do update
        set opened_by = excluded.opened_by, opened_at = excluded.opened_at
        where screen.opened_at < :since""",
        {
            "occurrence_id": occurrence_id,
            "programme_id": programme_id,
            "opened_by": by_person_id,
            "opened_at": to_text(at),
            "since": to_text(since),
        },
    )
    return opened == 1


def screen_opened_at(tx: Tx, occurrence_id: str) -> datetime | None:
    found = tx.query(
        "select opened_at from screen where occurrence_id = :occurrence_id",
        {"occurrence_id": occurrence_id},
    )
    return from_text(found[0]["opened_at"]) if found else None


def record_attempt(
    tx: Tx, programme_id: str | None, channel: str, account: str, at: datetime, text_kind: str
) -> None:
    """Note that an account nobody is bound to tried something, such as a bind code."""
    tx.execute(
        """
        insert into attempt (programme_id, channel, account, at, text_kind)
        values (:programme_id, :channel, :account, :at, :text_kind)""",
        {
            "programme_id": programme_id,
            "channel": channel,
            "account": account,
            "at": to_text(at),
            "text_kind": text_kind,
        },
    )


def attempts_of(tx: Tx, channel: str, account: str) -> tuple[datetime, ...]:
    """When this account tried, oldest first."""
    found = tx.query(
        "select at from attempt where channel = :channel and account = :account order by at",
        {"channel": channel, "account": account},
    )
    return tuple(from_text(row["at"]) for row in found)


def forget_attempts_before(tx: Tx, at: datetime) -> int:
    return tx.execute("delete from attempt where at < :at", {"at": to_text(at)})


def _checkin(row: Row) -> Checkin:
    return Checkin(
        programme_id=row["programme_id"],
        occurrence_id=row["occurrence_id"],
        person_id=row["person_id"],
        at=from_text(row["at"]),
        state=row["state"],
        late_min=row["late_min"],
        proof=row["proof"],
        message_id=row["message_id"],
    )
