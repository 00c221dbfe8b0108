"""The second step of the schema: one's own reminders, leave, and what was missed while nothing ticked."""

from __future__ import annotations

REMINDING_TABLES = (
    "alter table person add column asked_reminders integer not null default 0",
    "alter table person add column lead_min integer",
    """create table leave (
        person_id text not null references person (person_id),
        occurrence_id text not null references occurrence (occurrence_id),
        programme_id text not null references programme (programme_id),
        state text not null,
        reason text not null,
        asked_at text not null,
        decided_by text references person (person_id),
        decided_at text,
        primary key (person_id, occurrence_id))""",
    "create index leave_of_occurrence on leave (occurrence_id)",
    """create table tick (
        name text primary key,
        at text not null,
        machine text not null,
        uptime_s integer not null)""",
    """create table gap (
        gap_id text primary key,
        kind text not null,
        began_at text not null,
        ended_at text not null,
        elapsed_s integer,
        reported_at text)""",
    """create table gap_push (
        gap_id text not null references gap (gap_id),
        dedupe_key text not null references outbox (dedupe_key),
        primary key (gap_id, dedupe_key))""",
    "create index outbox_of_person on outbox (person_id)",
)
