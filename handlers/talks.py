"""排汇报 and what follows from it: the plan with its proof, 汇报顺序, 我哪天汇报."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from hashlib import sha256

from handlers import rules
from handlers.asking import ask
from handlers.context import Context
from handlers.names import name_of
from language.understood import Understood
from messages.envelope import Reply
from programme.people import Person
from programme.policy import LAB_RULES, value_of
from programme.talk_plan import (
    BREAK_MIN,
    GAP_MIN,
    LEAST_MIN,
    MOST_MIN,
    MOST_ROOMS,
    Option,
    TalkSlot,
    Wanted,
    laid_out,
    minutes_of,
    missing,
    options,
    participants,
    report_sessions,
)
from storage import audit, pending, talks
from storage.pending import Pending
from storage.talks import TalkPlan

REPORT_ONCE = next(rule for rule in LAB_RULES if rule.key == "report_once")
EVERY_DAY = "每天都报"


def propose(understood: Understood, context: Context) -> Reply:
    """排汇报 14:30-17:30 每人10: the proof that all fit, or the number that does not (R31, B56)."""
    if "admin" not in context.person.roles:
        return Reply("talks/only_admin")
    days = days_ahead(context)
    if not days:
        return Reply("talks/no_days")
    people = speakers(context)
    if not people:
        return Reply("talks/nobody")
    wanted = read(understood.slots, days, context)
    least, most = bounds(context)
    if wanted is None or minutes_of(wanted.end) <= minutes_of(wanted.start):
        return Reply("talks/how", {"least": least, "most": most})
    if not least <= wanted.talk_min <= most:
        return Reply("talks/minutes", {"minutes": wanted.talk_min, "least": least, "most": most})
    if missing(wanted, len(people)):
        return too_many(wanted, len(people), context)
    seed = seed_of(understood.slots.get("seed"), context)
    ask(context, "plan_talks", as_data(wanted, seed))
    slots = laid_out(wanted, people, seed)
    values = told(wanted, len(people)) | {
        "seed": seed,
        "ends": [ends_of(slots, day) for day in days],
        "is_again": talks.current(context.tx, context.programme.programme_id) is not None,
    }
    return Reply("talks/preview", values)


def too_many(wanted: Wanted, people: int, context: Context) -> Reply:
    ways = [shown_option(way) for way in options(wanted, people, bounds(context)[0])]
    values = told(wanted, people) | {"missing": missing(wanted, people), "options": ways}
    return Reply("talks/too_many", values)


def read(slots: Mapping[str, object], days: Sequence[date], context: Context) -> Wanted | None:
    """What the command asks for; None without a window."""
    window = [clock(slots.get("from")), clock(slots.get("until"))]
    if window[0] is None or window[1] is None:
        return None
    named = str(slots.get("rooms") or "").split()
    count = min(int(str(slots.get("room_count") or len(named) or 1)), MOST_ROOMS)
    default = context.setup.lab_defaults.get("talk_slot_min", str(bounds(context)[1]))
    return Wanted(
        days=tuple(days),
        start=window[0],
        end=window[1],
        talk_min=int(str(slots.get("minutes", default))),
        gap_min=int(str(slots.get("gap_min", GAP_MIN))),
        break_min=int(str(slots.get("break_min", BREAK_MIN))),
        rooms=rooms_of(list(dict.fromkeys(named)), count),
        is_both=is_every_day(context),
    )


def rooms_of(named: Sequence[str], count: int) -> tuple[str, ...]:
    """Rooms without a name are numbered as soon as there are several: everybody must know which."""
    if count <= 1 and not named:
        return ("",)
    return (*named, *(f"第{number}间" for number in range(len(named) + 1, count + 1)))


def clock(text: object) -> time | None:
    try:
        hour, minute = str(text).split(":")
        return time(int(hour), int(minute))
    except ValueError:
        return None


def days_ahead(context: Context) -> list[date]:
    today = context.at.date()
    return sorted({s.held_on for s in report_sessions(context.programme) if s.held_on >= today})


def speakers(context: Context) -> tuple[Person, ...]:
    return participants(context.programme, context.snapshot.people_in(context.programme.programme_id))


def is_every_day(context: Context) -> bool:
    return value_of(REPORT_ONCE, context.programme, context.setup.lab_defaults) == EVERY_DAY


def bounds(context: Context) -> tuple[int, int]:
    """Least and most minutes of one talk as the notice prints them (L32), else 5 and 10."""
    rule = next((rule for rule in context.programme.rules if rule.rule == "talk_minutes"), None)
    if rule is None or not isinstance(rule.value, Mapping):
        return LEAST_MIN, MOST_MIN
    return int(str(rule.value["min"])), int(str(rule.value["max"]))


def seed_of(named: object, context: Context) -> str:
    """The seed that was named, else six digits that come from this one message."""
    if named is not None:
        return str(named)
    mark = f"{context.inbound.message_id}:{context.at.isoformat()}".encode()
    return f"{int.from_bytes(sha256(mark).digest()[:8], 'big') % 1_000_000:06d}"


def as_data(wanted: Wanted, seed: str) -> dict[str, object]:
    return {
        "from": f"{wanted.start:%H:%M}",
        "until": f"{wanted.end:%H:%M}",
        "minutes": wanted.talk_min,
        "gap_min": wanted.gap_min,
        "break_min": wanted.break_min,
        "rooms": " ".join(room for room in wanted.rooms if room),
        "room_count": len(wanted.rooms),
        "seed": seed,
    }


def confirmed(understood: Understood, context: Context, asked: Pending) -> Reply | None:
    """确认: the plan is stored and everybody hears of the own slot once."""
    if understood.intent != "confirm":
        return None
    pending.close(context.tx, context.inbound.channel, context.inbound.sender)
    days, people = days_ahead(context), speakers(context)
    wanted = read(asked.data, days, context)
    if not days or wanted is None:
        return Reply("talks/no_days")
    if missing(wanted, len(people)):
        return too_many(wanted, len(people), context)
    programme_id, seed = context.programme.programme_id, str(asked.data["seed"])
    before = talks.current(context.tx, programme_id)
    slots = laid_out(wanted, people, seed)
    plan_no = talks.store(context.tx, programme_id, seed, slots, context.person.person_id, context.at)
    audit.write(
        context.tx,
        programme_id,
        context.at,
        context.person.person_id,
        "plan_talks",
        "talks",
        str(before.plan_no) if before else None,
        f"{plan_no}:{seed}",
        None,
    )
    for person in people:
        own = [slot for slot in slots if slot.person_id == person.person_id]
        was = before.of(person.person_id) if before else ()
        if [replace(slot, number=0) for slot in own] != [replace(slot, number=0) for slot in was]:
            values = {"slots": [plain_slot(slot) for slot in own], "seed": seed, "is_again": bool(was)}
            context.push(
                f"talk_plan:{programme_id}:{plan_no}:{person.person_id}",
                person.person_id,
                "talks/told",
                values,
            )
    return Reply("talks/planned", {"count": len(people), "seed": seed})


def plain_slot(slot: TalkSlot) -> dict[str, object]:
    """A slot in values fit for JSON."""
    return {
        "held_on": slot.held_on.isoformat(),
        "position": slot.position,
        "start": f"{slot.start:%H:%M}",
        "end": f"{slot.end:%H:%M}",
        "room": slot.room,
    }


def told(wanted: Wanted, people: int) -> dict[str, object]:
    return {
        "wanted": wanted,
        "people": people,
        "days": len(wanted.days),
        "rooms": [r for r in wanted.rooms if not r.startswith("第")] if wanted.rooms != ("",) else [],
    }


def shown_option(way: Option) -> dict[str, object]:
    return {"kind": way.kind, "wanted": way.wanted, "missing": way.missing}


def ends_of(slots: Sequence[TalkSlot], day: date) -> dict[str, object]:
    """How many speak on *day*, and until when."""
    of_day = [slot for slot in slots if slot.held_on == day]
    return {"on": day, "count": len(of_day), "until": max((slot.end for slot in of_day), default=None)}


def order(understood: Understood, context: Context) -> Reply:
    """汇报顺序: everybody of the programme may see the list that hangs at the door."""
    plan = talks.current(context.tx, context.programme.programme_id)
    if plan is None:
        return Reply("talks/no_plan", {"days": days_ahead(context)})
    return Reply("talks/order", {"runs": runs_of(plan, context), "seed": plan.seed, "changes": plan.changes})


def runs_of(plan: TalkPlan, context: Context) -> list[dict[str, object]]:
    """The running order, one list for each day and room."""
    found: dict[tuple[date, str, int], list[dict[str, object]]] = {}
    part = 0
    for slot in plan.slots:
        part += slot.position == 1
        line: dict[str, object] = {"slot": slot, "name": name_of(slot.person_id, context)}
        found.setdefault((slot.held_on, slot.room, part), []).append(line)
    days = [day for day, _, _ in found]
    return [
        {"on": day, "room": room, "is_alone": days.count(day) == 1, "lines": lines}
        for (day, room, _), lines in found.items()
    ]


def mine(understood: Understood, context: Context) -> Reply:
    """我哪天汇报: day, position, from-to and room (B31); before the plan what the notice says."""
    plan = talks.current(context.tx, context.programme.programme_id)
    if plan is None:
        return rules.handle(understood, context)
    own = plan.of(context.person.person_id)
    if not own:
        return Reply("talks/not_in_plan", {"is_student": "student" in context.person.roles})
    minutes = minutes_of(own[0].end) - minutes_of(own[0].start)
    return Reply("talks/mine", {"slots": own, "minutes": minutes, "seed": plan.seed})


def count(understood: Understood, context: Context) -> Reply:
    """两天都要讲吗: the notice's words, this group's reading, and whether it was decided (B33)."""
    days = [session.held_on for session in report_sessions(context.programme)]
    decided = REPORT_ONCE.key in context.programme.settings
    values = {"days": days, "is_both": is_every_day(context), "is_decided": decided}
    return Reply("talks/count", values)


def starts_at(slot: TalkSlot, context: Context) -> datetime:
    return datetime.combine(slot.held_on, slot.start, context.setup.zone)
