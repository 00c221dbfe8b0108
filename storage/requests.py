"""Requests that somebody else decides (请假, 绑定 …), numbered for each approver (design D9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Literal
from uuid import uuid4

from storage.database import Row, Tx
from storage.json_text import from_json, mapping_json
from storage.times import from_text, from_text_or_none, to_text

# withdrawn: by who asked; superseded: somebody else was approved for the same person.
RequestState = Literal["open", "approved", "rejected", "withdrawn", "superseded"]

COLUMNS = (
    "r.request_id, r.programme_id, r.kind, r.channel, r.account, r.person_id, r.data, r.state, r.asked_at,"
    " r.decided_by, r.decided_at"
)


@dataclass(frozen=True)
class Request:
    """*numbers* maps each approver's person_id to the number this request has for that approver."""

    request_id: str
    programme_id: str
    kind: str
    channel: str
    account: str
    person_id: str | None
    data: Mapping[str, object]
    state: RequestState
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    numbers: Mapping[str, int]


def ask(
    tx: Tx,
    programme_id: str,
    kind: str,
    asker: tuple[str, str],
    person_id: str | None,
    data: Mapping[str, object],
    approver_person_ids: Sequence[str],
    at: datetime,
) -> Request:
    """Open a request; each approver gets their own next number, which is never given again.

    *asker* is (channel, account). *person_id* is whom it is about, None while nobody knows.
    """
    channel, account = asker
    request_id = uuid4().hex
    tx.execute(
        """
        insert into request (request_id, programme_id, kind, channel, account, person_id, data, state, asked_at)
        values (
            :request_id, :programme_id, :kind, :channel, :account, :person_id, :data, 'open', :asked_at)""",
        {
            "request_id": request_id,
            "programme_id": programme_id,
            "kind": kind,
            "channel": channel,
            "account": account,
            "person_id": person_id,
            "data": mapping_json(data),
            "asked_at": to_text(at),
        },
    )
    # In one order everywhere, so that two requests to the same approvers cannot lock each other out.
    numbers = {
        approver: _number(tx, programme_id, request_id, approver)
        for approver in sorted(set(approver_person_ids))
    }
    return Request(
        request_id=request_id,
        programme_id=programme_id,
        kind=kind,
        channel=channel,
        account=account,
        person_id=person_id,
        data=MappingProxyType(dict(data)),
        state="open",
        asked_at=at,
        decided_by=None,
        decided_at=None,
        numbers=MappingProxyType(numbers),
    )


def open_for(tx: Tx, approver_person_id: str) -> tuple[Request, ...]:
    """What waits for this approver, by number."""
    return _requests(
        tx,
        tx.query(
            f"""
            select {COLUMNS}
            from request r
            join request_approver a on a.request_id = r.request_id
            where a.approver_person_id = :approver and r.state = 'open'
            order by a.number""",  # noqa: S608 - a constant of this module
            {"approver": approver_person_id},
        ),
    )


def find(tx: Tx, approver_person_id: str, number: int) -> Request | None:
    """The request with that number for that approver, whatever its state."""
    found = _requests(
        tx,
        tx.query(
            f"""
            select {COLUMNS}
            from request r
            join request_approver a on a.request_id = r.request_id
            where a.approver_person_id = :approver and a.number = :number""",  # noqa: S608 - a constant
            {"approver": approver_person_id, "number": number},
        ),
    )
    return found[0] if found else None


def with_id(tx: Tx, request_id: str) -> Request | None:
    found = _requests(
        tx,
        tx.query(
            f"select {COLUMNS} from request r where r.request_id = :request_id",  # noqa: S608 - a constant
            {"request_id": request_id},
        ),
    )
    return found[0] if found else None


def open_of_asker(tx: Tx, channel: str, account: str, kind: str) -> Request | None:
    """The newest open request of that kind which this account asked."""
    found = _requests(
        tx,
        tx.query(
            f"""
            select {COLUMNS}
            from request r
            where r.channel = :channel and r.account = :account and r.kind = :kind and r.state = 'open'
            order by r.asked_at desc
            limit 1""",  # noqa: S608 - a constant of this module
            {"channel": channel, "account": account, "kind": kind},
        ),
    )
    return found[0] if found else None


def open_about(tx: Tx, programme_id: str, person_id: str, kind: str) -> tuple[Request, ...]:
    """The open requests of that kind about this person, whoever asked them, oldest first."""
    return _requests(
        tx,
        tx.query(
            f"""
            select {COLUMNS}
            from request r
            where r.programme_id = :programme_id and r.person_id = :person_id and r.kind = :kind
                and r.state = 'open'
            order by r.asked_at, r.request_id""",  # noqa: S608 - a constant of this module
            {"programme_id": programme_id, "person_id": person_id, "kind": kind},
        ),
    )


def last_of_asker(tx: Tx, channel: str, account: str, kind: str) -> Request | None:
    """The newest request of that kind which this account asked, whatever became of it."""
    found = _requests(
        tx,
        tx.query(
            f"""
            select {COLUMNS}
            from request r
            where r.channel = :channel and r.account = :account and r.kind = :kind
            order by r.asked_at desc, r.request_id
            limit 1""",  # noqa: S608 - a constant of this module
            {"channel": channel, "account": account, "kind": kind},
        ),
    )
    return found[0] if found else None


def withdraw(tx: Tx, request_id: str, at: datetime) -> bool:
    """Who asked takes it back; False when it is not open (any more)."""
    changed = tx.execute(
        """
        update request
        set state = 'withdrawn', decided_at = :at
        where request_id = :request_id and state = 'open'""",
        {"request_id": request_id, "at": to_text(at)},
    )
    return changed == 1


def decide(
    tx: Tx,
    request_id: str,
    state: Literal["approved", "rejected", "superseded"],
    by: str,
    at: datetime,
) -> bool:
    """Close an open request; False when another approver was faster. *by* is a person_id."""
    changed = tx.execute(
        """
        update request
        set state = :state, decided_by = :by, decided_at = :at
        where request_id = :request_id and state = 'open'""",
        {"request_id": request_id, "state": state, "by": by, "at": to_text(at)},
    )
    return changed == 1


def _number(tx: Tx, programme_id: str, request_id: str, approver_person_id: str) -> int:
    found = tx.query(
        """
        insert into request_number (approver_person_id, programme_id, last_number)
        values (:approver, :programme_id, 1)
        on conflict (approver_person_id) do update
        set last_number = request_number.last_number + 1
        returning last_number""",
        {"approver": approver_person_id, "programme_id": programme_id},
    )
    number = int(found[0]["last_number"])
    tx.execute(
        """
        insert into request_approver (approver_person_id, number, programme_id, request_id)
        values (:approver, :number, :programme_id, :request_id)""",
        {
            "approver": approver_person_id,
            "number": number,
            "programme_id": programme_id,
            "request_id": request_id,
        },
    )
    return number


def _requests(tx: Tx, found: list[Row]) -> tuple[Request, ...]:
    return tuple(_request(row, _numbers(tx, row["request_id"])) for row in found)


def _numbers(tx: Tx, request_id: str) -> Mapping[str, int]:
    found = tx.query(
        "select approver_person_id, number from request_approver where request_id = :request_id",
        {"request_id": request_id},
    )
    return MappingProxyType({row["approver_person_id"]: row["number"] for row in found})


def _request(row: Row, numbers: Mapping[str, int]) -> Request:
    return Request(
        request_id=row["request_id"],
        programme_id=row["programme_id"],
        kind=row["kind"],
        channel=row["channel"],
        account=row["account"],
        person_id=row["person_id"],
        data=from_json(row["data"]),
        state=row["state"],
        asked_at=from_text(row["asked_at"]),
        decided_by=row["decided_by"],
        decided_at=from_text_or_none(row["decided_at"]),
        numbers=numbers,
    )
