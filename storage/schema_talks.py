"""Tables of the talks: the plans, their slots, and the trace of who changed which."""

from __future__ import annotations

TALKS = (
    """create table talk_plan (
        programme_id text not null references programme (programme_id),
        plan_no integer not null,
        seed text not null,
        planned_by text not null,
        planned_at text not null,
        changes integer not null default 0,
        primary key (programme_id, plan_no))""",
    """create table talk_slot (
        programme_id text not null,
        plan_no integer not null,
        number integer not null,
        held_on text not null,
        room text not null,
        position integer not null,
        starts text not null,
        ends text not null,
        person_id text not null references person (person_id),
        primary key (programme_id, plan_no, number))""",
    "create index talk_slot_person on talk_slot (programme_id, plan_no, person_id)",
    """create table talk_trace (
        programme_id text not null,
        plan_no integer not null,
        change_no integer not null,
        number integer not null,
        was_person_id text not null,
        now_person_id text not null,
        changed_by text not null,
        changed_at text not null,
        primary key (programme_id, plan_no, change_no, number))""",
)
