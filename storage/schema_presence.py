"""The eighth step of the schema: presence decided by people, asked a second time, shown by a QR code."""

from __future__ import annotations

# A screen may open by itself: nobody opened it then. Neither engine shares a way to drop "not null".
PRESENCE_TABLES = (
    """create table screen_of_anybody (
        occurrence_id text primary key references occurrence (occurrence_id),
        programme_id text not null references programme (programme_id),
        opened_by text references person (person_id),
        opened_at text not null)""",
    """insert into screen_of_anybody (occurrence_id, programme_id, opened_by, opened_at)
        select occurrence_id, programme_id, opened_by, opened_at from screen""",
    "drop table screen",
    "alter table screen_of_anybody rename to screen",
    # What somebody's presence was before and is now, by whom and why; rows are only ever added.
    """create table correction (
        correction_id text primary key,
        programme_id text not null references programme (programme_id),
        occurrence_id text not null references occurrence (occurrence_id),
        person_id text not null references person (person_id),
        old_state text not null,
        new_state text not null,
        late_min integer not null,
        reason text not null,
        corrected_by text references person (person_id),
        corrected_at text not null)""",
    "create index correction_of_person on correction (person_id, occurrence_id, corrected_at)",
    "create index correction_of_occurrence on correction (occurrence_id)",
    """create table recheck (
        recheck_id text primary key,
        occurrence_id text not null references occurrence (occurrence_id),
        programme_id text not null references programme (programme_id),
        asked_by text not null references person (person_id),
        asked_at text not null,
        ends_at text not null,
        reported_at text)""",
    """create unique index recheck_open on recheck (occurrence_id)
        where reported_at is null""",
    """create table recheck_answer (
        recheck_id text not null references recheck (recheck_id),
        person_id text not null references person (person_id),
        programme_id text not null references programme (programme_id),
        tries integer not null,
        answered_at text,
        primary key (recheck_id, person_id))""",
    """create table device_code (
        occurrence_id text not null references occurrence (occurrence_id),
        code text not null,
        programme_id text not null references programme (programme_id),
        device text,
        issued_at text not null,
        used_by text references person (person_id),
        used_at text,
        primary key (occurrence_id, code))""",
    "create index device_code_of_device on device_code (occurrence_id, device)",
    """create table presence_signal (
        programme_id text not null references programme (programme_id),
        occurrence_id text not null references occurrence (occurrence_id),
        person_id text not null references person (person_id),
        kind text not null,
        at text not null,
        detail text not null)""",
    "create index presence_signal_of_occurrence on presence_signal (occurrence_id, at)",
)
