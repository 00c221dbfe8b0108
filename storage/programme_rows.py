"""Programme types to rows and back; the only place that knows how each field is kept."""

from __future__ import annotations

from datetime import date, time

from programme.programme import Attachment, Contact, Programme, Question, Reward, Rule, Topic
from programme.sessions import Item, Occurrence, Session, Source
from storage.database import Row
from storage.json_text import from_json, to_json, tuple_from_json
from storage.times import from_text_or_none, to_text_or_none


def hour_text(hour: time | None) -> str | None:
    return None if hour is None else hour.isoformat()


def hour_of(text: str | None) -> time | None:
    return None if text is None else time.fromisoformat(text)


def source_row(source: Source | None) -> Row:
    """The three columns that say where something is printed; all null where the notice is silent."""
    return {
        "source_line": source.line if source else None,
        "source_phrase": source.phrase if source else None,
        "source_cell": source.cell if source else None,
    }


def source_of(row: Row) -> Source:
    return Source(row["source_line"], row["source_phrase"], row["source_cell"])


def programme_row(programme: Programme, created_at: str) -> Row:
    return {
        "programme_id": programme.programme_id,
        "version": programme.version,
        "title": programme.title,
        "year": programme.year,
        "timezone": programme.timezone,
        "first_date": programme.first_date.isoformat(),
        "last_date": programme.last_date.isoformat(),
        "created_at": created_at,
    }


def session_row(programme_id: str, position: int, session: Session) -> Row:
    return {
        "programme_id": programme_id,
        "session_id": session.session_id,
        "position": position,
        "held_on": session.held_on.isoformat(),
        "starts": hour_text(session.start),
        "ends": hour_text(session.end),
        "period": session.period,
        "kind": session.kind,
        "scope": session.scope,
        "place": session.place,
        "required": to_json(session.required),
        "optional": to_json(session.optional),
        "status": session.status,
        "version": session.version,
        **source_row(session.source),
        "period_source": session.period_source,
        "table_row": session.table_row,
    }


def session_of(row: Row, items: tuple[Item, ...]) -> Session:
    return Session(
        session_id=row["session_id"],
        held_on=date.fromisoformat(row["held_on"]),
        start=hour_of(row["starts"]),
        end=hour_of(row["ends"]),
        period=row["period"],
        kind=row["kind"],
        scope=row["scope"],
        items=items,
        place=row["place"],
        required=tuple_from_json(row["required"]),
        optional=tuple_from_json(row["optional"]),
        status=row["status"],
        version=row["version"],
        source=source_of(row),
        period_source=row["period_source"],
        table_row=row["table_row"],
    )


def item_rows(programme_id: str, session: Session) -> list[Row]:
    return [
        {
            "programme_id": programme_id,
            "session_id": session.session_id,
            "position": position,
            "track": item.track,
            "title": item.title,
            "speaker": item.speaker,
        }
        for position, item in enumerate(session.items)
    ]


def item_of(row: Row) -> Item:
    return Item(row["track"], row["title"], row["speaker"])


def occurrence_row(programme_id: str, position: int, occurrence: Occurrence) -> Row:
    return {
        "programme_id": programme_id,
        "occurrence_id": occurrence.occurrence_id,
        "session_id": occurrence.session_id,
        "position": position,
        "project_group": occurrence.group,
        "held_on": occurrence.held_on.isoformat(),
        "starts": hour_text(occurrence.start),
        "ends": hour_text(occurrence.end),
        "place": occurrence.place,
        "version": occurrence.version,
        "is_cancelled": int(occurrence.is_cancelled),
    }


def occurrence_of(row: Row) -> Occurrence:
    return Occurrence(
        occurrence_id=row["occurrence_id"],
        session_id=row["session_id"],
        group=row["project_group"],
        held_on=date.fromisoformat(row["held_on"]),
        start=hour_of(row["starts"]),
        end=hour_of(row["ends"]),
        place=row["place"],
        version=row["version"],
        is_cancelled=bool(row["is_cancelled"]),
    )


def topic_row(programme_id: str, topic: Topic) -> Row:
    return {
        "programme_id": programme_id,
        "topic_order": topic.order,
        "printed_no": topic.printed_no,
        "title": topic.title,
        "note": topic.note,
        "heading": topic.heading,
        "heading_line": topic.heading_line,
        "paragraphs": to_json(topic.paragraphs),
        "body_lines": to_json(topic.body_lines),
    }


def topic_of(row: Row) -> Topic:
    return Topic(
        order=row["topic_order"],
        printed_no=row["printed_no"],
        title=row["title"],
        note=row["note"],
        heading=row["heading"],
        heading_line=row["heading_line"],
        paragraphs=tuple_from_json(row["paragraphs"]),
        body_lines=tuple_from_json(row["body_lines"]),
    )


def rule_row(programme_id: str, position: int, rule: Rule) -> Row:
    return {
        "programme_id": programme_id,
        "rule_id": rule.rule_id,
        "position": position,
        "rule": rule.rule,
        "applies_to": to_json(rule.applies_to),
        "value": to_json(rule.value),
        **source_row(rule.source),
    }


def rule_of(row: Row) -> Rule:
    return Rule(
        rule_id=row["rule_id"],
        rule=row["rule"],
        applies_to=tuple_from_json(row["applies_to"]),
        value=from_json(row["value"]),
        source=None if row["source_phrase"] is None else source_of(row),
    )


def reward_row(programme_id: str, position: int, reward: Reward) -> Row:
    return {
        "programme_id": programme_id,
        "reward_id": reward.reward_id,
        "position": position,
        "name": reward.name,
        "condition": reward.condition,
        "amount": reward.amount,
        "unit": reward.unit,
        "currency": reward.currency,
        "applies_to": to_json(reward.applies_to),
        **source_row(reward.source),
    }


def reward_of(row: Row) -> Reward:
    return Reward(
        reward_id=row["reward_id"],
        name=row["name"],
        condition=row["condition"],
        amount=row["amount"],
        unit=row["unit"],
        currency=row["currency"],
        applies_to=tuple_from_json(row["applies_to"]),
        source=source_of(row),
    )


def contact_row(programme_id: str, position: int, contact: Contact) -> Row:
    return {
        "programme_id": programme_id,
        "position": position,
        "name": contact.name,
        "role": contact.role,
        "channel": contact.channel,
        "account": contact.account,
        "line": contact.line,
    }


def contact_of(row: Row) -> Contact:
    return Contact(row["name"], row["role"], row["channel"], row["account"], row["line"])


def attachment_row(programme_id: str, position: int, attachment: Attachment) -> Row:
    return {
        "programme_id": programme_id,
        "position": position,
        "name": attachment.name,
        "present": int(attachment.present),
        "lines": to_json(attachment.lines),
    }


def attachment_of(row: Row) -> Attachment:
    return Attachment(row["name"], bool(row["present"]), tuple_from_json(row["lines"]))


def question_row(programme_id: str, question: Question) -> Row:
    return {
        "programme_id": programme_id,
        "number": question.number,
        "code": question.code,
        "text": question.text,
        "subject": question.subject,
        "options": to_json(question.options),
        "lines": to_json(question.lines),
        "state": question.state,
        "answer": question.answer,
        "answered_by": question.answered_by,
        "answered_at": to_text_or_none(question.answered_at),
    }


def question_of(row: Row) -> Question:
    return Question(
        number=row["number"],
        code=row["code"],
        text=row["text"],
        subject=row["subject"],
        options=tuple_from_json(row["options"]),
        lines=tuple_from_json(row["lines"]),
        state=row["state"],
        answer=row["answer"],
        answered_by=row["answered_by"],
        answered_at=from_text_or_none(row["answered_at"]),
    )
