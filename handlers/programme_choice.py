"""换项目: which of somebody's programmes the next messages are about."""

from __future__ import annotations

from datetime import timedelta

from handlers.asking import ask
from handlers.context import Context
from language.titles import best_titles
from language.understood import Understood
from messages.envelope import Reply
from programme.programme import Programme
from storage import pending, programme_choices
from storage.pending import Pending

HOLDS = timedelta(hours=12)  # then the nearest session decides again (design D14)
LOOKS_ALIKE = 0.6


def handle(understood: Understood, context: Context) -> Reply:
    """换项目 lists them; 换项目 2 or a title switches."""
    mine = programmes_of(context)
    if len(mine) < 2:
        return Reply("programme_choice/only_one", {"title": context.programme.title})
    wanted = str(understood.slots.get("which") or understood.text.partition("项目")[2]).strip()
    chosen = named(wanted, mine)
    if chosen is not None:
        return switch(chosen, context)
    ask(context, "programme", {})
    values = {
        "programmes": [
            {"title": p.title, "year": p.year, "is_current": p is context.programme} for p in mine
        ],
        "unknown": wanted or None,
    }
    return Reply("programme_choice/list", values)


def picked(understood: Understood, context: Context, asked: Pending) -> Reply | None:
    """A bare number after the list."""
    chosen = named(understood.text.strip(), programmes_of(context)) if understood.text.isdigit() else None
    return switch(chosen, context) if chosen is not None else None


def programmes_of(context: Context) -> list[Programme]:
    """The programmes that this account takes part in, the first one first."""
    people = context.snapshot.people_for(context.inbound.channel, context.inbound.sender)
    found = (context.snapshot.programme(person.programme_id) for person in people)
    return sorted((p for p in found if p is not None), key=lambda p: (p.first_date, p.programme_id))


def named(wanted: str, mine: list[Programme]) -> Programme | None:
    if wanted.isdecimal():
        return mine[int(wanted) - 1] if 1 <= int(wanted) <= len(mine) else None
    best = best_titles(wanted, [p.title for p in mine]) if wanted else []
    return next((mine[index] for index, score in best if score >= LOOKS_ALIKE), None)


def switch(chosen: Programme, context: Context) -> Reply:
    inbound = context.inbound
    pending.close(context.tx, inbound.channel, inbound.sender)
    programme_choices.choose(context.tx, inbound.channel, inbound.sender, chosen.programme_id, context.at)
    return Reply("programme_choice/switched", {"title": chosen.title, "year": chosen.year})
