"""The tables, step by step, in the dialect that SQLite and PostgreSQL share.

What belongs to a programme carries its id (design D14). What belongs to a platform account before
anybody knows the person (inbox, pending, attempt) or to the whole deployment (call, token, lease)
has none, or one that may be null. Unique indexes hold the rules across rows, so that two instances
cannot break them between a look and a write.
"""

from __future__ import annotations

PROGRAMME_TABLES = (
    """create table programme (
        programme_id text primary key,
        version integer not null,
        people_version integer not null,
        title text not null,
        year integer not null,
        timezone text not null,
        first_date text not null,
        last_date text not null,
        created_at text not null,
        planned_until text,
        unique (title, year))""",
    """create table session (
        programme_id text not null references programme (programme_id),
        session_id text not null,
        position integer not null,
        held_on text not null,
        starts text,
        ends text,
        period text,
        kind text not null,
        scope text not null,
        place text,
        required text not null,
        optional text not null,
        status text not null,
        version integer not null,
        source_line integer,
        source_phrase text not null,
        source_cell text,
        period_source text,
        table_row integer,
        primary key (programme_id, session_id))""",
    """create table item (
        programme_id text not null,
        session_id text not null,
        position integer not null,
        track text,
        title text,
        speaker text,
        primary key (programme_id, session_id, position),
        foreign key (programme_id, session_id) references session (programme_id, session_id))""",
    """create table occurrence (
        occurrence_id text primary key,
        programme_id text not null,
        session_id text not null,
        position integer not null,
        project_group text,
        held_on text not null,
        starts text,
        ends text,
        place text,
        version integer not null,
        foreign key (programme_id, session_id) references session (programme_id, session_id))""",
    "create index occurrence_of_session on occurrence (programme_id, session_id)",
    """create table topic (
        programme_id text not null references programme (programme_id),
        topic_order integer not null,
        printed_no integer,
        title text not null,
        note text,
        heading text not null,
        heading_line integer not null,
        paragraphs text not null,
        body_lines text not null,
        primary key (programme_id, topic_order))""",
    """create table rule (
        programme_id text not null references programme (programme_id),
        rule_id text not null,
        position integer not null,
        rule text not null,
        applies_to text not null,
        value text not null,
        source_line integer,
        source_phrase text,
        source_cell text,
        primary key (programme_id, rule_id))""",
    """create table reward (
        programme_id text not null references programme (programme_id),
        reward_id text not null,
        position integer not null,
        name text not null,
        condition text not null,
        amount integer,
        unit text,
        currency text,
        applies_to text not null,
        source_line integer,
        source_phrase text not null,
        source_cell text,
        primary key (programme_id, reward_id))""",
    """create table contact (
        programme_id text not null references programme (programme_id),
        position integer not null,
        name text not null,
        role text not null,
        channel text,
        account text,
        line integer,
        primary key (programme_id, position))""",
    """create table attachment (
        programme_id text not null references programme (programme_id),
        position integer not null,
        name text not null,
        present integer not null,
        lines text not null,
        primary key (programme_id, position))""",
    """create table question (
        programme_id text not null references programme (programme_id),
        number integer not null,
        code text not null,
        text text not null,
        subject text not null,
        options text not null,
        lines text not null,
        state text not null,
        answer text,
        answered_by text,
        answered_at text,
        primary key (programme_id, number))""",
    """create table notice_line (
        programme_id text not null references programme (programme_id),
        line integer not null,
        text text not null,
        primary key (programme_id, line))""",
    """create table setting (
        programme_id text not null references programme (programme_id),
        key text not null,
        value text not null,
        set_by text,
        set_at text not null,
        primary key (programme_id, key))""",
)

PEOPLE_TABLES = (
    """create table person (
        person_id text primary key,
        programme_id text not null references programme (programme_id),
        position integer not null,
        name text not null,
        student_no text,
        cohort text,
        project_group text,
        roles text not null,
        mentor text,
        opted_in integer not null,
        muted integer not null,
        joined_at text not null,
        left_at text,
        changed_in integer not null,
        unique (programme_id, student_no))""",
    # A roster that names two people alike without a number cannot be told apart the next time.
    """create unique index person_without_number on person (programme_id, name)
        where student_no is null""",
    "create index person_changed on person (programme_id, changed_in)",
    """create table account (
        programme_id text not null references programme (programme_id),
        channel text not null,
        account text not null,
        person_id text not null references person (person_id),
        how text not null,
        bound_at text not null,
        primary key (channel, account, programme_id),
        unique (person_id, channel))""",
    """create table bind_code (
        person_id text primary key references person (person_id),
        programme_id text not null references programme (programme_id),
        code_hash text not null,
        issued_at text not null,
        used_at text,
        unique (programme_id, code_hash))""",
    """create table attempt (
        programme_id text,
        channel text not null,
        account text not null,
        at text not null,
        text_kind text not null)""",
    "create index attempt_of_account on attempt (channel, account, at)",
)

ATTENDANCE_TABLES = (
    """create table checkin (
        occurrence_id text not null references occurrence (occurrence_id),
        person_id text not null references person (person_id),
        programme_id text not null references programme (programme_id),
        at text not null,
        state text not null,
        late_min integer not null,
        proof text not null,
        message_id text,
        primary key (occurrence_id, person_id))""",
    "create index checkin_of_person on checkin (person_id)",
    """create table wrong_code (
        occurrence_id text not null references occurrence (occurrence_id),
        person_id text not null references person (person_id),
        programme_id text not null references programme (programme_id),
        tries integer not null,
        last_at text not null,
        primary key (occurrence_id, person_id))""",
    """create table screen (
        occurrence_id text primary key references occurrence (occurrence_id),
        programme_id text not null references programme (programme_id),
        opened_by text not null references person (person_id),
        opened_at text not null)""",
)

CHOICE_TABLES = (
    """create table topic_choice (
        programme_id text not null,
        person_id text not null references person (person_id),
        topic_order integer not null,
        chosen_at text not null,
        primary key (programme_id, person_id),
        foreign key (programme_id, topic_order) references topic (programme_id, topic_order))""",
    "create index topic_choice_of_topic on topic_choice (programme_id, topic_order)",
    """create table topic_choice_history (
        programme_id text not null references programme (programme_id),
        person_id text not null references person (person_id),
        topic_order integer,
        at text not null)""",
    "create index topic_choice_history_of_person on topic_choice_history (person_id, at)",
)

REQUEST_TABLES = (
    """create table request (
        request_id text primary key,
        programme_id text not null references programme (programme_id),
        kind text not null,
        channel text not null,
        account text not null,
        person_id text references person (person_id),
        data text not null,
        state text not null,
        asked_at text not null,
        decided_by text,
        decided_at text)""",
    "create index request_of_asker on request (channel, account, kind)",
    """create table request_approver (
        approver_person_id text not null references person (person_id),
        number integer not null,
        programme_id text not null references programme (programme_id),
        request_id text not null references request (request_id),
        primary key (approver_person_id, number),
        unique (request_id, approver_person_id))""",
    """create table request_number (
        approver_person_id text primary key references person (person_id),
        programme_id text not null references programme (programme_id),
        last_number integer not null)""",
)

CONVERSATION_TABLES = (
    """create table inbox (
        channel text not null,
        message_id text not null,
        at text not null,
        answer text,
        primary key (channel, message_id))""",
    "create index inbox_at on inbox (at)",
    """create table pending (
        channel text not null,
        account text not null,
        kind text not null,
        data text not null,
        asked_at text not null,
        expires_at text not null,
        primary key (channel, account))""",
    """create table audit (
        audit_id text primary key,
        programme_id text not null references programme (programme_id),
        at text not null,
        actor_person_id text references person (person_id),
        action text not null,
        object text not null,
        old_value text,
        new_value text,
        reason text)""",
    "create index audit_of_programme on audit (programme_id, at)",
)

DELIVERY_TABLES = (
    """create table call (
        call_id text primary key,
        channel text not null,
        body text not null,
        state text not null,
        lease_owner text,
        lease_until text,
        fence integer not null,
        attempts integer not null,
        next_try_at text not null,
        first_sent_at text,
        finished_at text,
        errcode integer,
        detail text not null)""",
    """create index call_open on call (next_try_at)
        where state in ('ready', 'sending')""",
    """create table outbox (
        dedupe_key text primary key,
        programme_id text not null references programme (programme_id),
        person_id text not null references person (person_id),
        template text not null,
        slots text not null,
        text text,
        due_at text not null,
        useless_after text,
        state text not null,
        call_id text references call (call_id),
        reason text,
        created_at text not null,
        settled_at text)""",
    """create index outbox_waiting on outbox (due_at)
        where state = 'waiting'""",
    "create index outbox_of_call on outbox (call_id)",
    """create table task (
        task_id text primary key,
        programme_id text references programme (programme_id),
        kind text not null,
        data text not null,
        state text not null,
        run_at text not null,
        lease_owner text,
        lease_until text,
        fence integer not null,
        attempts integer not null,
        result text,
        created_at text not null,
        finished_at text)""",
    """create index task_open on task (run_at)
        where state in ('waiting', 'running')""",
    """create table token (
        name text primary key,
        value text not null,
        expires_at text not null,
        version integer not null)""",
    """create table lease (
        name text primary key,
        owner text not null,
        lease_until text not null,
        fence integer not null)""",
)

CANCELLED_MEETINGS = ("alter table occurrence add column is_cancelled integer not null default 0",)

# Columns that came later; each step is applied once and never edited.
ADDRESSED_PUSHES_AND_JOINING = (
    "alter table person add column opted_in_at text",
    "alter table outbox add column to_channel text",
    "alter table outbox add column to_account text",
)

PROGRAMME_CHOICE = (
    """create table programme_choice (
        channel text not null,
        account text not null,
        programme_id text not null references programme (programme_id),
        chosen_at text not null,
        primary key (channel, account))""",
)

FIRST_SCHEMA = (
    *PROGRAMME_TABLES,
    *PEOPLE_TABLES,
    *ATTENDANCE_TABLES,
    *CHOICE_TABLES,
    *REQUEST_TABLES,
    *CONVERSATION_TABLES,
    *DELIVERY_TABLES,
)

# A calendar entry says when it last changed, and a person may end the links given before.
CALENDAR = (
    "alter table session add column changed_at text",
    "alter table occurrence add column changed_at text",
    """create table calendar_feed (
        person_id text primary key references person (person_id),
        programme_id text not null references programme (programme_id),
        version integer not null,
        renewed_at text not null)""",
)
