"""Ratings, engineering, and what is paid: the tables of the second half of the programme."""

from __future__ import annotations

OWNED = """
        programme_id text not null references programme (programme_id),
        person_id text not null references person (person_id),"""

MONEY_TABLES = (
    f"""create table rating ({OWNED}
        rater_id text not null references person (person_id),
        grade text not null,
        rated_at text not null,
        primary key (programme_id, person_id, rater_id))""",
    """create table rating_release (
        programme_id text primary key references programme (programme_id),
        released_by text not null references person (person_id),
        released_at text not null)""",
    f"""create table engineering_goal ({OWNED}
        goal text not null,
        set_by text not null references person (person_id),
        set_at text not null,
        primary key (programme_id, person_id))""",
    f"""create table engineering_progress (
        entry_id text primary key,{OWNED}
        task text not null,
        percent integer not null,
        at text not null)""",
    "create index engineering_progress_of_person on engineering_progress (programme_id, person_id, at)",
    f"""create table engineering_acceptance (
        entry_id text primary key,{OWNED}
        is_passed integer not null,
        reason text not null,
        decided_by text not null references person (person_id),
        at text not null)""",
    "create index engineering_acceptance_of_person on engineering_acceptance (programme_id, person_id, at)",
    f"""create table writing (
        writing_id text primary key,{OWNED}
        kind text not null,
        title text not null,
        recorded_at text not null,
        unique (programme_id, person_id, kind, title))""",
    f"""create table payment ({OWNED}
        reward_id text not null,
        object_id text not null,
        amount_yuan integer not null,
        confirmed_by text not null references person (person_id),
        confirmed_at text not null,
        primary key (programme_id, person_id, reward_id, object_id))""",
)
