"""A notice as JSON for import --json, and as the shared Programme."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from hashlib import sha256

from programme.notice.marks import WEEKDAY_NAMES
from programme.notice.notice import Anomaly, Notice
from programme.programme import Programme, Reward, Rule, Topic
from programme.sessions import Session, Source, occurrences_for

TIMEZONE = "Asia/Shanghai"
_CHINA = timezone(timedelta(hours=8))


class NoticeRefused(ValueError):
    """A notice that may not be imported was to become a programme; args[0] is the Chinese reason."""


def to_json(notice: Notice) -> dict[str, object]:
    """The object that `import --json` prints; nothing in it is computed anew."""
    return {
        "file": notice.name,
        "options": {"year": notice.year, "timezone": TIMEZONE, "utc_offset": "+08:00"},
        "refused": list(notice.refused),
        "candidate_years": list(notice.candidate_years),
        "programme": _programme(notice),
        "counts": _counts(notice),
        "sessions": [_session(session, index, notice) for index, session in enumerate(notice.sessions, 1)],
        "dates_without_session": [
            {
                "weekday": WEEKDAY_NAMES[free.weekday],
                "table_row": free.table_row,
                "printed_day": free.printed_day,
                "day_of_month": free.held_on.day,
                "date": free.held_on.isoformat(),
                "session": None,
                "line": free.line,
                "anomalies": [
                    a.anomaly_id for a in notice.anomalies if free.line in a.lines and a.code in free.codes
                ],
            }
            for free in notice.free_days
        ],
        "requirements": [_rule(rule) for rule in notice.rules],
        "rewards": [_reward(reward) for reward in notice.rewards],
        "contacts": [
            {"name": c.name, "role": c.role, "channel": c.channel, "account": c.account, "line": c.line}
            for c in notice.contacts
        ],
        "attachments": [
            {"name": a.name, "present": a.present, "lines": list(a.lines)} for a in notice.attachments
        ],
        "topics_preamble": _preamble(notice),
        "topics": [_topic(topic) for topic in notice.topics],
        "anomalies": [_anomaly(anomaly) for anomaly in notice.anomalies],
        "questions": [
            {
                "number": q.number,
                "code": q.code,
                "text": q.text,
                "subject": q.subject,
                "options": list(q.options),
                "lines": list(q.lines),
                "state": q.state,
                "answer": q.answer,
            }
            for q in notice.questions
        ],
        "settings": dict(notice.settings),
    }


def _programme(notice: Notice) -> dict[str, object]:
    days = notice.days
    held = [session.held_on for session in notice.sessions]
    return {
        "title": notice.title,
        "aliases": list(notice.aliases),
        "year": notice.year,
        "month": notice.month,
        "first_date": days[0].isoformat() if days else None,
        "last_date": days[-1].isoformat() if days else None,
        "first_session": min(held).isoformat() if held else None,
        "last_session": max(held).isoformat() if held else None,
        "preamble": notice.preamble,
        "preamble_chars": len(notice.preamble) if notice.preamble else None,
        "sections": list(notice.sections),
    }


def _counts(notice: Notice) -> dict[str, object]:
    kinds = [session.kind for session in notice.sessions]
    return {
        "sessions": len(notice.sessions),
        "session_items": sum(len(session.items) for session in notice.sessions),
        "group_meetings": kinds.count("group_meeting"),
        "lectures": kinds.count("lecture"),
        "talk_sessions": kinds.count("talks"),
        "report_days": kinds.count("report_day"),
        "sessions_without_start": sum(session.start is None for session in notice.sessions),
        "table_rows": notice.table_rows,
        "table_columns": notice.table_columns,
        "cells_without_session": sum(free.table_row is not None for free in notice.free_days),
        "topics": len(notice.topics),
        "requirements": len(notice.rules),
        "rewards": len(notice.rewards),
        "anomalies": len(notice.anomalies),
    }


def _clock(value: time | None) -> str | None:
    return value.strftime("%H:%M") if value is not None else None


def _session(session: Session, order: int, notice: Notice) -> dict[str, object]:
    start_at = datetime.combine(session.held_on, session.start, _CHINA) if session.start is not None else None
    return {
        "id": session.session_id,
        "order": order,
        "day_of_month": session.held_on.day,
        "date": session.held_on.isoformat(),
        "weekday": WEEKDAY_NAMES[session.held_on.weekday()],
        "table_row": session.table_row,
        "start": _clock(session.start),
        "start_at": start_at.isoformat() if start_at is not None else None,
        "end": _clock(session.end),
        "period": session.period,
        "period_source": session.period_source,
        "kind": session.kind,
        "items": [
            {"track": item.track, "title": item.title, "speaker": item.speaker} for item in session.items
        ],
        "location": session.place,
        "audience_required": list(session.required),
        "audience_optional": list(session.optional),
        "scope": session.scope,
        "status": session.status,
        "anomalies": [a.anomaly_id for a in notice.anomalies if session.session_id in a.session_ids],
        "source_line": session.source.line,
        "source_cell": session.source.phrase,
    }


def _source(source: Source | None) -> dict[str, object] | None:
    return {"line": source.line, "phrase": source.phrase} if source is not None else None


def _rule(rule: Rule) -> dict[str, object]:
    found: dict[str, object] = {
        "id": rule.rule_id,
        "rule": rule.rule,
        "applies_to": list(rule.applies_to),
        "value": rule.value,
        "source": _source(rule.source),
    }
    if rule.rule == "report_min_pages":
        found["inclusive"] = True
    if rule.rule in ("report_format_required", "slides_template_required"):
        found["asset"] = None
    return found


def _reward(reward: Reward) -> dict[str, object]:
    return {
        "id": reward.reward_id,
        "name": reward.name,
        "condition": reward.condition,
        "amount": reward.amount,
        "unit": reward.unit,
        "currency": reward.currency,
        "applies_to": list(reward.applies_to),
        "source": _source(reward.source),
    }


def _preamble(notice: Notice) -> dict[str, object] | None:
    if notice.topics_preamble is None:
        return None
    text, line = notice.topics_preamble
    return {"text": text, "line": line, "chars": len(text)}


def _topic(topic: Topic) -> dict[str, object]:
    body = "\n".join(topic.paragraphs)
    return {
        "order": topic.order,
        "original_number": topic.printed_no,
        "title": topic.title,
        "annotation": topic.note,
        "heading": topic.heading,
        "heading_line": topic.heading_line,
        "heading_chars": len(topic.heading),
        "body": body,
        "body_lines": list(topic.body_lines),
        "paragraphs": len(topic.paragraphs),
        "paragraph_chars": [len(paragraph) for paragraph in topic.paragraphs],
        "body_chars": sum(len(paragraph) for paragraph in topic.paragraphs),
        "body_chars_joined_with_newline": len(body),
        "body_bytes_utf8": len(body.encode()),
        "body_starts": body[:10],
        "body_ends": body[-10:],
        "body_sha256": sha256(body.encode()).hexdigest(),
    }


def _anomaly(anomaly: Anomaly) -> dict[str, object]:
    return {
        "id": anomaly.anomaly_id,
        "code": anomaly.code,
        "lines": list(anomaly.lines),
        "line": anomaly.line,
        "cell": anomaly.cell,
        "what": anomaly.what,
        "done": anomaly.done,
    }


def to_programme(notice: Notice, programme_id: str) -> Programme:
    """The shared value, at version 1. Raises NoticeRefused when the notice may not be imported."""
    if notice.refused or notice.year is None or not notice.sessions:
        raise NoticeRefused(notice.refused[0] if notice.refused else "没有读到任何场次")
    days: tuple[date, ...] = notice.days
    return Programme(
        programme_id=programme_id,
        version=1,
        title=notice.title or "未命名的安排",
        year=notice.year,
        timezone=TIMEZONE,
        first_date=days[0],
        last_date=days[-1],
        sessions=notice.sessions,
        occurrences=occurrences_for(programme_id, notice.sessions, ()),
        topics=notice.topics,
        rules=notice.rules,
        rewards=notice.rewards,
        contacts=notice.contacts,
        attachments=notice.attachments,
        questions=notice.questions,
        lines=notice.lines,
        settings=notice.settings,
    )
