"""Programmes: what the notice says, kept as rows, and every later change to it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from types import MappingProxyType

from programme.programme import Decided, Programme
from programme.sessions import Item, Occurrence, Session
from storage import corrections
from storage import programme_rows as rows
from storage.database import Row, Tx
from storage.times import from_text, to_text, to_text_or_none

INSERT_ITEM = """
    insert into item (programme_id, session_id, position, track, title, speaker)
    values (:programme_id, :session_id, :position, :track, :title, :speaker)"""

INSERT_OCCURRENCE = """
    insert into occurrence (
        occurrence_id, programme_id, session_id, position, project_group, held_on, starts, ends, place, version,
        is_cancelled)
    values (
        :occurrence_id, :programme_id, :session_id, :position, :project_group, :held_on, :starts, :ends,
        :place, :version, :is_cancelled)"""


def save(tx: Tx, programme: Programme, at: datetime) -> None:
    """Insert every row of a new programme. Raises Conflict when its id, or its title in that
    year, or one of its occurrence ids (unique over all programmes) is there already."""
    programme_id = programme.programme_id
    tx.execute(
        """
        insert into programme (
            programme_id, version, people_version, title, year, timezone, first_date, last_date, created_at)
        values (:programme_id, :version, 0, :title, :year, :timezone, :first_date, :last_date, :created_at)""",
        rows.programme_row(programme, to_text(at)),
    )
    _insert_sessions(tx, programme_id, programme.sessions)
    _insert_occurrences(tx, programme_id, programme.occurrences, first_position=0)
    _insert_topics(tx, programme)
    _insert_rules(tx, programme)
    _insert_rewards(tx, programme)
    _insert_contacts(tx, programme)
    _insert_attachments(tx, programme)
    _insert_questions(tx, programme)
    _insert_lines(tx, programme)
    for key, value in programme.settings.items():
        put_setting(tx, programme_id, key, value, None, at)


def load(tx: Tx, programme_id: str) -> Programme | None:
    found = tx.query(
        """
        select programme_id, version, title, year, timezone, first_date, last_date
        from programme
        where programme_id = :programme_id""",
        {"programme_id": programme_id},
    )
    if not found:
        return None
    head = found[0]
    settings = _part(tx, "setting", "key", programme_id)
    return Programme(
        programme_id=programme_id,
        version=head["version"],
        title=head["title"],
        year=head["year"],
        timezone=head["timezone"],
        first_date=date.fromisoformat(head["first_date"]),
        last_date=date.fromisoformat(head["last_date"]),
        sessions=_sessions(tx, programme_id),
        occurrences=_occurrences(tx, programme_id),
        topics=tuple(map(rows.topic_of, _part(tx, "topic", "topic_order", programme_id))),
        rules=tuple(map(rows.rule_of, _part(tx, "rule", "position", programme_id))),
        rewards=tuple(map(rows.reward_of, _part(tx, "reward", "position", programme_id))),
        contacts=tuple(map(rows.contact_of, _part(tx, "contact", "position", programme_id))),
        attachments=tuple(map(rows.attachment_of, _part(tx, "attachment", "position", programme_id))),
        questions=tuple(map(rows.question_of, _part(tx, "question", "number", programme_id))),
        lines=MappingProxyType(
            {row["line"]: row["text"] for row in _part(tx, "notice_line", "line", programme_id)}
        ),
        settings=MappingProxyType({row["key"]: row["value"] for row in settings}),
        decided=MappingProxyType(
            {
                row["key"]: Decided(row["set_by"], from_text(row["set_at"]))
                for row in settings
                if row["set_by"]
            }
        ),
    )


def ids(tx: Tx) -> tuple[str, ...]:
    found = tx.query("select programme_id from programme order by created_at, programme_id")
    return tuple(row["programme_id"] for row in found)


def version(tx: Tx, programme_id: str) -> int:
    """The stored version; 0 for a programme that is not there."""
    found = tx.query(
        "select version from programme where programme_id = :programme_id",
        {"programme_id": programme_id},
    )
    return found[0]["version"] if found else 0


def bump(tx: Tx, programme_id: str) -> int:
    """The next version of the programme, after any change to its rows."""
    found = tx.query(
        """
        update programme
        set version = version + 1
        where programme_id = :programme_id
        returning version""",
        {"programme_id": programme_id},
    )
    return int(found[0]["version"])


def change_session(tx: Tx, programme_id: str, session: Session, at: datetime | None = None) -> bool:
    """Store *session* over its previous version. False, and nothing changed, when the stored
    version is not *session.version* - 1: somebody else was first. *at* is what calendars say of it."""
    changed = tx.execute(
        """
        update session
        set held_on = :held_on, starts = :starts, ends = :ends, period = :period, kind = :kind,
            scope = :scope, place = :place, required = :required, optional = :optional,
            status = :status, version = :version, source_line = :source_line,
            source_phrase = :source_phrase, source_cell = :source_cell,
            period_source = :period_source, table_row = :table_row,
            changed_at = coalesce(:changed_at, changed_at)
        where programme_id = :programme_id
            and session_id = :session_id
            and version = :version - 1""",
        _without_position(rows.session_row(programme_id, 0, session)) | {"changed_at": to_text_or_none(at)},
    )
    if changed != 1:
        return False
    tx.execute(
        "delete from item where programme_id = :programme_id and session_id = :session_id",
        {"programme_id": programme_id, "session_id": session.session_id},
    )
    tx.execute(INSERT_ITEM, rows.item_rows(programme_id, session))
    bump(tx, programme_id)
    return True


def change_occurrence(tx: Tx, programme_id: str, occurrence: Occurrence, at: datetime | None = None) -> bool:
    """Store *occurrence* over its previous version; False as in change_session.

    Who had checked in is set free when it goes to another day.
    """
    held_on = _held_on(tx, occurrence.occurrence_id)
    changed = tx.execute(
        """
        update occurrence
        set project_group = :project_group, held_on = :held_on, starts = :starts, ends = :ends,
            place = :place, version = :version, is_cancelled = :is_cancelled,
            changed_at = coalesce(:changed_at, changed_at)
        where programme_id = :programme_id
            and session_id = :session_id
            and occurrence_id = :occurrence_id
            and version = :version - 1""",
        _without_position(rows.occurrence_row(programme_id, 0, occurrence))
        | {"changed_at": to_text_or_none(at)},
    )
    if changed != 1:
        return False
    if at is not None and held_on != occurrence.held_on.isoformat():
        corrections.set_aside(tx, occurrence.occurrence_id, at)
    bump(tx, programme_id)
    return True


def _held_on(tx: Tx, occurrence_id: str) -> str | None:
    found = tx.query(
        "select held_on from occurrence where occurrence_id = :occurrence_id",
        {"occurrence_id": occurrence_id},
    )
    return found[0]["held_on"] if found else None


def add_occurrences(tx: Tx, programme_id: str, occurrences: Sequence[Occurrence]) -> None:
    """Add occurrences of sessions that are there, such as one per project group after a roster."""
    if not occurrences:
        return
    found = tx.query(
        """
        select coalesce(max(position) + 1, 0) as next_position
        from occurrence
        where programme_id = :programme_id""",
        {"programme_id": programme_id},
    )
    _insert_occurrences(tx, programme_id, occurrences, first_position=found[0]["next_position"])
    bump(tx, programme_id)


def revise(tx: Tx, old: Programme, new: Programme, at: datetime) -> bool:
    """Store *new* over *old*, the same programme after a corrected notice (D21).

    False when a session was changed by somebody else meanwhile; the unit must then be rolled back.
    """
    programme_id = old.programme_id
    known = {session.session_id: session.version for session in old.sessions}
    for session in new.sessions:
        version_before = known.get(session.session_id)
        if version_before not in (None, session.version) and not change_session(
            tx, programme_id, session, at
        ):
            return False
    _insert_sessions(
        tx, programme_id, [s for s in new.sessions if s.session_id not in known], first_position=len(known)
    )
    stored = {occurrence.occurrence_id: occurrence.version for occurrence in old.occurrences}
    for occurrence in new.occurrences:
        version_before = stored.get(occurrence.occurrence_id)
        if version_before not in (None, occurrence.version) and not change_occurrence(
            tx, programme_id, occurrence, at
        ):
            return False
    add_occurrences(tx, programme_id, [o for o in new.occurrences if o.occurrence_id not in stored])
    _replace_what_is_said(tx, new)
    for key, value in new.settings.items():
        if key not in old.settings:
            put_setting(tx, programme_id, key, value, None, at)
    tx.execute(
        "update programme set first_date = :first, last_date = :last where programme_id = :programme_id",
        {
            "programme_id": programme_id,
            "first": new.first_date.isoformat(),
            "last": new.last_date.isoformat(),
        },
    )
    bump(tx, programme_id)
    return True


def _replace_what_is_said(tx: Tx, programme: Programme) -> None:
    """Everything of the notice that nothing else points at; a chosen topic that is gone stays."""
    of_programme = {"programme_id": programme.programme_id}
    for statement in (
        "delete from rule where programme_id = :programme_id",
        "delete from reward where programme_id = :programme_id",
        "delete from contact where programme_id = :programme_id",
        "delete from attachment where programme_id = :programme_id",
        "delete from question where programme_id = :programme_id",
        "delete from notice_line where programme_id = :programme_id",
        """delete from topic
        where programme_id = :programme_id
            and topic_order not in (
                select topic_order from topic_choice where programme_id = :programme_id)""",
    ):
        tx.execute(statement, of_programme)
    _insert_topics(tx, programme)
    _insert_rules(tx, programme)
    _insert_rewards(tx, programme)
    _insert_contacts(tx, programme)
    _insert_attachments(tx, programme)
    _insert_questions(tx, programme)
    _insert_lines(tx, programme)


def _insert_lines(tx: Tx, programme: Programme) -> None:
    tx.execute(
        "insert into notice_line (programme_id, line, text) values (:programme_id, :line, :text)",
        [
            {"programme_id": programme.programme_id, "line": line, "text": text}
            for line, text in programme.lines.items()
        ],
    )


def put_setting(
    tx: Tx, programme_id: str, key: str, value: str, by_person_id: str | None, at: datetime
) -> None:
    """Write one row of 本组规定; who changes a running programme bumps its version, too."""
    tx.execute(
        """
        insert into setting (programme_id, key, value, set_by, set_at)
        values (:programme_id, :key, :value, :set_by, :set_at)
        on conflict (programme_id, key) do update
        set value = excluded.value, set_by = excluded.set_by, set_at = excluded.set_at""",
        {
            "programme_id": programme_id,
            "key": key,
            "value": value,
            "set_by": by_person_id,
            "set_at": to_text(at),
        },
    )


def _without_position(row: Row) -> Row:
    return {key: value for key, value in row.items() if key != "position"}


def _part(tx: Tx, table: str, order: str, programme_id: str) -> list[Row]:
    # Table and column are literals of this module, never input.
    return tx.query(
        f"select * from {table} where programme_id = :programme_id order by {order}",  # noqa: S608
        {"programme_id": programme_id},
    )


def _sessions(tx: Tx, programme_id: str) -> tuple[Session, ...]:
    items: dict[str, list[Item]] = {}
    for row in _part(tx, "item", "session_id, position", programme_id):
        items.setdefault(row["session_id"], []).append(rows.item_of(row))
    return tuple(
        rows.session_of(row, tuple(items.get(row["session_id"], ())))
        for row in _part(tx, "session", "position", programme_id)
    )


def _occurrences(tx: Tx, programme_id: str) -> tuple[Occurrence, ...]:
    return tuple(map(rows.occurrence_of, _part(tx, "occurrence", "position, occurrence_id", programme_id)))


def _insert_sessions(tx: Tx, programme_id: str, sessions: Sequence[Session], first_position: int = 0) -> None:
    tx.execute(
        """
        insert into session (
            programme_id, session_id, position, held_on, starts, ends, period, kind, scope, place, required,
            optional, status, version, source_line, source_phrase, source_cell, period_source, table_row)
        values (
            :programme_id, :session_id, :position, :held_on, :starts, :ends, :period, :kind, :scope, :place,
            :required, :optional, :status, :version, :source_line, :source_phrase, :source_cell,
            :period_source, :table_row)""",
        [
            rows.session_row(programme_id, position, session)
            for position, session in enumerate(sessions, first_position)
        ],
    )
    tx.execute(INSERT_ITEM, [row for session in sessions for row in rows.item_rows(programme_id, session)])


def _insert_occurrences(
    tx: Tx, programme_id: str, occurrences: Sequence[Occurrence], first_position: int
) -> None:
    tx.execute(
        INSERT_OCCURRENCE,
        [
            rows.occurrence_row(programme_id, position, occurrence)
            for position, occurrence in enumerate(occurrences, first_position)
        ],
    )


def _insert_topics(tx: Tx, programme: Programme) -> None:
    tx.execute(
        """
        insert into topic (
            programme_id, topic_order, printed_no, title, note, heading, heading_line, paragraphs, body_lines)
        values (
            :programme_id, :topic_order, :printed_no, :title, :note, :heading, :heading_line, :paragraphs,
            :body_lines)
        on conflict (programme_id, topic_order) do update
        set printed_no = excluded.printed_no, title = excluded.title, note = excluded.note,
            heading = excluded.heading, heading_line = excluded.heading_line,
            paragraphs = excluded.paragraphs, body_lines = excluded.body_lines""",
        [rows.topic_row(programme.programme_id, topic) for topic in programme.topics],
    )


def _insert_rules(tx: Tx, programme: Programme) -> None:
    tx.execute(
        """
        insert into rule (
            programme_id, rule_id, position, rule, applies_to, value, source_line, source_phrase, source_cell)
        values (
            :programme_id, :rule_id, :position, :rule, :applies_to, :value, :source_line, :source_phrase,
            :source_cell)""",
        [
            rows.rule_row(programme.programme_id, position, rule)
            for position, rule in enumerate(programme.rules)
        ],
    )


def _insert_rewards(tx: Tx, programme: Programme) -> None:
    tx.execute(
        """
        insert into reward (
            programme_id, reward_id, position, name, condition, amount, unit, currency, applies_to,
            source_line, source_phrase, source_cell)
        values (
            :programme_id, :reward_id, :position, :name, :condition, :amount, :unit, :currency, :applies_to,
            :source_line, :source_phrase, :source_cell)""",
        [
            rows.reward_row(programme.programme_id, position, reward)
            for position, reward in enumerate(programme.rewards)
        ],
    )


def _insert_contacts(tx: Tx, programme: Programme) -> None:
    tx.execute(
        """
        insert into contact (programme_id, position, name, role, channel, account, line)
        values (:programme_id, :position, :name, :role, :channel, :account, :line)""",
        [
            rows.contact_row(programme.programme_id, position, contact)
            for position, contact in enumerate(programme.contacts)
        ],
    )


def _insert_attachments(tx: Tx, programme: Programme) -> None:
    tx.execute(
        """
        insert into attachment (programme_id, position, name, present, lines)
        values (:programme_id, :position, :name, :present, :lines)""",
        [
            rows.attachment_row(programme.programme_id, position, attachment)
            for position, attachment in enumerate(programme.attachments)
        ],
    )


def _insert_questions(tx: Tx, programme: Programme) -> None:
    tx.execute(
        """
        insert into question (
            programme_id, number, code, text, subject, options, lines, state, answer, answered_by, answered_at)
        values (
            :programme_id, :number, :code, :text, :subject, :options, :lines, :state, :answer, :answered_by,
            :answered_at)""",
        [rows.question_row(programme.programme_id, question) for question in programme.questions],
    )
