"""The step of the schema for what is handed in, for own topics, and for the cap of a topic."""

from __future__ import annotations

SUBMISSION_TABLES = (
    """create table submission (
        submission_id text primary key,
        programme_id text not null references programme (programme_id),
        person_id text not null references person (person_id),
        part text not null,
        kind text,
        state text not null,
        version integer,
        name text not null,
        url text,
        file text unique,
        size_bytes integer,
        sha256 text,
        pages integer,
        told text,
        task_id text,
        received_at text not null,
        judged_at text,
        unique (programme_id, person_id, part, version))""",
    "create index submission_of_person on submission (person_id, received_at)",
    "create index submission_of_part on submission (programme_id, part, state)",
    """create table submission_seen (
        person_id text not null references person (person_id),
        submission_id text not null references submission (submission_id),
        programme_id text not null references programme (programme_id),
        seen_at text not null,
        primary key (person_id, submission_id))""",
    """create table own_topic (
        programme_id text not null references programme (programme_id),
        person_id text not null references person (person_id),
        title text not null,
        state text not null,
        request_id text not null references request (request_id),
        asked_at text not null,
        decided_by text references person (person_id),
        decided_at text,
        primary key (programme_id, person_id))""",
    """create table topic_door (
        programme_id text not null,
        topic_order integer not null,
        passes integer not null,
        primary key (programme_id, topic_order))""",
)
