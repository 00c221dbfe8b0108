"""The step of the schema for guarantees (担保): who vouches for whose online presence, and at what."""

from __future__ import annotations

GUARANTEE_TABLES = (
    """create table guarantee (
        guarantee_id text primary key references request (request_id),
        programme_id text not null references programme (programme_id),
        person_id text not null references person (person_id),
        guarantor_id text not null references person (person_id),
        state text not null,
        reason text not null,
        asked_at text not null,
        decided_at text,
        withdrawn_at text)""",
    "create index guarantee_of_person on guarantee (person_id)",
    "create index guarantee_of_guarantor on guarantee (guarantor_id)",
    """create table guaranteed (
        guarantee_id text not null references guarantee (guarantee_id),
        occurrence_id text not null references occurrence (occurrence_id),
        programme_id text not null references programme (programme_id),
        primary key (guarantee_id, occurrence_id))""",
    "create index guaranteed_of_occurrence on guaranteed (occurrence_id)",
    # Summaries count a month of thousands of people; the index alone answers them.
    "create index checkin_counted on checkin (programme_id, occurrence_id, state, person_id)",
    # It answers alone, too: else SQLite reads one person's rows out of the index above, through everybody's.
    "drop index checkin_of_person",
    "create index checkin_of_person on checkin (person_id, programme_id, state, occurrence_id)",
    "create index audit_of_object on audit (object)",
)
