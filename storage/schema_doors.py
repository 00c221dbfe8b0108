"""Later steps of the outbox: robots as readers, what was held back, order of calls, alarms, media."""

from __future__ import annotations

OUTBOX_COLUMNS = """
    dedupe_key, programme_id, person_id, template, slots, text, due_at, useless_after, state, call_id,
    reason, created_at, settled_at"""

# Neither engine shares an "alter column" with the other: a row for a robot has no person, so the
# table is made anew. A row waits for its person's turn until *hold_until*.
DOORS = (
    """create table outbox_of_doors (
        dedupe_key text primary key,
        programme_id text not null references programme (programme_id),
        person_id text references person (person_id),
        robot text,
        card text,
        template text not null,
        slots text not null,
        text text,
        due_at text not null,
        useless_after text,
        hold_until text,
        state text not null,
        call_id text references call (call_id),
        reason text,
        created_at text not null,
        settled_at text,
        check ((person_id is null) <> (robot is null)))""",
    f"insert into outbox_of_doors ({OUTBOX_COLUMNS}) select {OUTBOX_COLUMNS} from outbox",  # noqa: S608
    "drop table outbox",
    "alter table outbox_of_doors rename to outbox",
    """create index outbox_waiting on outbox (due_at)
        where state = 'waiting'""",
    "create index outbox_of_call on outbox (call_id)",
    """create index outbox_on_its_way on outbox (person_id)
        where state = 'in_call'""",
    # Calls leave in the order in which they were made.
    "alter table call add column number integer not null default 0",
    "alter table call add column msgid text",
    "alter table call add column response_code text",
    "create index call_number on call (number)",
    """create index call_in_order on call (number)
        where state in ('ready', 'sending')""",
    "create index call_sent on call (first_sent_at)",
    """create table alarm (
        alarm_id text primary key,
        channel text not null,
        kind text not null,
        errcode integer,
        detail text not null,
        raised_at text not null,
        times integer not null,
        last_at text not null,
        cleared_at text)""",
    """create unique index alarm_open on alarm (channel, kind)
        where cleared_at is null""",
    """create table media (
        channel text not null,
        kind text not null,
        sha256 text not null,
        media_id text not null,
        expires_at text not null,
        primary key (channel, kind, sha256))""",
)

# Cards of before are gone with the shape they had; none was ever sent.
ATTACHMENTS = (
    "alter table outbox add column attachment text",
    "alter table call add column attachment text",
    "alter table outbox add column calls_everybody integer not null default 0",
    "update outbox set card = null",
)
