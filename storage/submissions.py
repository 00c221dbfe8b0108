"""What people handed in (提交): every file and link with its verdict, its versions, and who has seen it.

A row is *received* until it was examined; then *submitted* (with a version), *draft*, *same* (as the one
before it) or *refused*.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from programme.submissions import PARTS, Finding, PageRule, Verdict, missing_parts, told_of
from storage.database import Row, Tx
from storage.json_text import from_json, mapping_json
from storage.times import from_text, from_text_or_none, to_text

SubmissionState = Literal["received", "submitted", "draft", "same", "refused"]
COLUMNS = (
    "submission_id, programme_id, person_id, part, kind, state, version, name, url, file, size_bytes, sha256,"
    " pages, told, task_id, received_at, judged_at"
)


@dataclass(frozen=True)
class Submission:
    """*file* is the random name in the upload folder, None for a link and for what was not kept; *told*
    is what its sender was told; *kind* the kind of report."""

    submission_id: str
    programme_id: str
    person_id: str
    part: str
    kind: str | None
    state: SubmissionState
    version: int | None
    name: str
    url: str | None
    file: str | None
    size_bytes: int | None
    sha256: str | None
    pages: int | None
    told: Mapping[str, object] | None
    task_id: str | None
    received_at: datetime
    judged_at: datetime | None

    def is_kept(self) -> bool:
        """Whether it is there to be looked at, as what counts or as a draft."""
        return self.state in ("submitted", "draft")


def receive(tx: Tx, one: Submission) -> bool:
    """Store a file that is on disk, or a link; False when it is stored already."""
    added = tx.execute(
        f"""
        insert into submission ({COLUMNS})
        values (
            :submission_id, :programme_id, :person_id, :part, :kind, :state, :version, :name, :url, :file,
            :size_bytes, :sha256, :pages, :told, :task_id, :received_at, :judged_at)
        on conflict (submission_id) do nothing""",  # noqa: S608 - a constant of this module
        {
            **{name: getattr(one, name) for name in COLUMNS.split(", ")},
            "told": None if one.told is None else mapping_json(one.told),
            "received_at": to_text(one.received_at),
            "judged_at": None if one.judged_at is None else to_text(one.judged_at),
        },
    )
    return added == 1


def judged(
    tx: Tx, one: Submission, finding: Finding, verdict: Verdict, rule: PageRule, at: datetime
) -> Submission | None:
    """Record the verdict on what was received, count its version, say what is missing; None when it was
    judged before. *at* carries the zone of the programme.

    Whatever else of this person's part comes at the same moment waits for it: the first statement locks
    their rows, so that two tabs make two versions, and one of them when the file is the same.
    """
    tx.execute(
        """
        update submission
        set state = state
        where programme_id = :programme_id and person_id = :person_id and part = :part""",
        {"programme_id": one.programme_id, "person_id": one.person_id, "part": one.part},
    )
    now = find(tx, one.submission_id)
    if now is None or now.state != "received":
        return None
    before = [row for row in of_part(tx, one.programme_id, one.person_id, one.part) if row.is_kept()]
    same = _same_as(before, one, verdict)
    state: SubmissionState = "same" if same else verdict.state
    counted = [row for row in before if row.version is not None]
    version = _last_version(counted) + 1 if state == "submitted" else None
    told = told_of(PARTS[one.part], finding, verdict, one.name) | {
        "rule_line": rule.source.line if rule.source else None,
        "is_of_notice": rule.source is not None,
        "version": version,
        "same_as": (same.version or 0) if same else None,
        "before": _said_of(counted[-1], at) if counted else None,
        "is_seen": bool(counted) and is_seen(tx, counted[-1].submission_id),
        "checksum": (one.sha256 or "")[:4],
        "at": _wall_time(one.received_at, at),
        "missing": list(missing_parts(done_parts(tx, one, state), has_talk=False)),
    }
    is_kept = state in ("submitted", "draft")
    tx.execute(
        """
        update submission
        set state = :state, version = :version, pages = :pages, told = :told, judged_at = :at, file = :file
        where submission_id = :submission_id""",
        {
            "submission_id": one.submission_id,
            "state": state,
            "version": version,
            "pages": verdict.pages,
            "told": mapping_json(told),
            "at": to_text(at),
            "file": one.file if is_kept else None,
        },
    )
    return find(tx, one.submission_id)


def _same_as(before: list[Submission], one: Submission, verdict: Verdict) -> Submission | None:
    """The newest one of this part, if it is the same file with the same verdict."""
    newest = before[-1] if before else None
    if newest is None or newest.sha256 is None or newest.sha256 != one.sha256:
        return None
    return newest if newest.state == verdict.state and newest.kind == one.kind else None


def _last_version(counted: list[Submission]) -> int:
    return max((row.version or 0 for row in counted), default=0)


def _said_of(one: Submission, at: datetime) -> dict[str, object]:
    return {"version": one.version, "pages": one.pages, "at": _wall_time(one.received_at, at)}


def _wall_time(instant: datetime, like: datetime) -> str:
    """*instant* as clocks show it in the zone of *like*, to the minute."""
    return instant.astimezone(like.tzinfo).isoformat(timespec="minutes")[:16]


def done_parts(tx: Tx, one: Submission, state: SubmissionState) -> set[str]:
    """The parts that count as handed in by this person, with *one* in its new *state*."""
    found = tx.query(
        """
        select distinct part
        from submission
        where programme_id = :programme_id and person_id = :person_id and state = 'submitted'""",
        {"programme_id": one.programme_id, "person_id": one.person_id},
    )
    return {row["part"] for row in found} | ({one.part} if state == "submitted" else set())


def of_part(tx: Tx, programme_id: str, person_id: str, part: str) -> tuple[Submission, ...]:
    """Everything of one part, in the order of its coming."""
    return tuple(one for one in of_person(tx, programme_id, person_id) if one.part == part)


def of_person(tx: Tx, programme_id: str, person_id: str) -> tuple[Submission, ...]:
    """Everything that this person handed in, in the order of its coming."""
    found = tx.query(
        f"""
        select {COLUMNS}
        from submission
        where programme_id = :programme_id and person_id = :person_id
        order by received_at, submission_id""",  # noqa: S608 - a constant of this module
        {"programme_id": programme_id, "person_id": person_id},
    )
    return tuple(map(_submission, found))


def of_programme(tx: Tx, programme_id: str) -> tuple[Submission, ...]:
    """What counts or waits in the whole programme: submitted and drafts, in the order of their coming."""
    found = tx.query(
        f"""
        select {COLUMNS}
        from submission
        where programme_id = :programme_id and state in ('submitted', 'draft')
        order by received_at, submission_id""",  # noqa: S608 - a constant of this module
        {"programme_id": programme_id},
    )
    return tuple(map(_submission, found))


def newest_asset(tx: Tx, programme_id: str, part: str) -> Submission | None:
    """The template that holds now: the last one that an admin handed in."""
    found = tx.query(
        f"""
        select {COLUMNS}
        from submission
        where programme_id = :programme_id and part = :part and state = 'submitted'
        order by version desc
        limit 1""",  # noqa: S608 - a constant of this module
        {"programme_id": programme_id, "part": part},
    )
    return _submission(found[0]) if found else None


def find(tx: Tx, submission_id: str) -> Submission | None:
    found = tx.query(
        f"select {COLUMNS} from submission where submission_id = :id",  # noqa: S608 - a constant
        {"id": submission_id},
    )
    return _submission(found[0]) if found else None


def count_since(tx: Tx, person_id: str, since: datetime) -> int:
    """How many files and links this person has sent since then, whatever became of them."""
    found = tx.query(
        """
        select count(*) as sent
        from submission
        where person_id = :person_id and received_at >= :since""",
        {"person_id": person_id, "since": to_text(since)},
    )
    return int(found[0]["sent"])


def files(tx: Tx) -> frozenset[str]:
    """Every file that a row names."""
    return frozenset(row["file"] for row in tx.query("select file from submission where file is not null"))


def checksums(tx: Tx) -> Mapping[str, str]:
    """Every file that a row names, with its SHA-256."""
    found = tx.query("select file, sha256 from submission where file is not null")
    return {row["file"]: row["sha256"] for row in found}


def see(tx: Tx, viewer_id: str, one: Submission, at: datetime) -> None:
    """A mentor or lead has fetched the file; the first time is kept."""
    tx.execute(
        """
        insert into submission_seen (person_id, submission_id, programme_id, seen_at)
        values (:viewer_id, :submission_id, :programme_id, :at)
        on conflict (person_id, submission_id) do nothing""",
        {
            "viewer_id": viewer_id,
            "submission_id": one.submission_id,
            "programme_id": one.programme_id,
            "at": to_text(at),
        },
    )


def is_seen(tx: Tx, submission_id: str) -> bool:
    return bool(
        tx.query(
            "select 1 as one from submission_seen where submission_id = :id limit 1", {"id": submission_id}
        )
    )


def _submission(row: Row) -> Submission:
    return Submission(
        **{
            **row,
            "told": None if row["told"] is None else from_json(row["told"]),
            "received_at": from_text(row["received_at"]),
            "judged_at": from_text_or_none(row["judged_at"]),
        }
    )


def is_seen_by(tx: Tx, viewer_id: str, submission_id: str) -> bool:
    return bool(
        tx.query(
            """
            select 1 as one
            from submission_seen
            where person_id = :viewer_id and submission_id = :id""",
            {"viewer_id": viewer_id, "id": submission_id},
        )
    )
