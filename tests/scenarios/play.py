"""Plays a script and says, step by step, what came back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time
from functools import partial
from pathlib import Path

from handlers.links import qr_link
from programme.codes import checkin_code
from programme.grid import Cell, grid_of, step_of, word_in
from programme.schedule import events_for
from storage import checkins
from tests.house import KEY, Talk
from tests.scenarios.script import ZONE, Script, Step, moments

CELL = re.compile(r"第(\d)行第(\d)列")


@dataclass(frozen=True)
class Heard:
    """*answer* is what the last message brought: None for silence; a push's text for a push line."""

    step: Step
    answer: str | None


def play(script: Script, folder: Path, template: Path) -> Iterator[Heard]:
    unbound = script.setup.pop("unbound", "")
    unreachable = script.setup.pop("unreachable", "").split(",")
    overlay = dict(setting(key, value) for key, value in script.setup.items())
    talk = Talk(folder, template, overlay, unreachable)
    talk.forget_accounts(unbound.split(","))
    answer: str | None = None
    said: dict[str, str] = {}
    waiting: dict[str, list[str]] = {}
    try:
        for step, at in moments(script.steps, datetime(2023, 7, 3, 9, 0, tzinfo=ZONE)):
            match step.verb:
                case "says":
                    answer = talk.say(step.who, step.text, at)
                case "event":
                    event, _, key = step.text.partition(" ")
                    answer = talk.event(step.who, event, key, at)
                case "file":
                    answer = talk.send_file(step.who, step.text, at)
                case "opens":
                    answer = talk.open_file(step.who, step.text, at)
                case "again":
                    answer = talk.again(step.who, at)
                case "code":
                    answer = talk.say(step.who, code_on_screen(talk, at), at)
                case "cell":
                    cell = CELL.search(said[step.text or step.who])
                    assert cell is not None
                    answer = talk.say(step.who, word_on_screen(talk, int(cell[1]), int(cell[2]), at), at)
                case "scan":
                    shown_at = time.fromisoformat(step.text) if step.text else at.timetz()
                    answer = talk.scan(step.who, qr_on_screen(talk, datetime.combine(at, shown_at, ZONE)), at)
                case "tick":
                    talk.tick(at)
                case "restart":
                    talk.restart()
                case "bot" | "silent":
                    yield Heard(step, answer)
                case "push":
                    waiting = merged(waiting, talk.pushes())
                    texts = waiting.get(step.who, [])
                    yield Heard(step, texts.pop(0) if texts else None)
            if answer is not None and step.verb not in ("bot", "push") and CELL.search(answer):
                said[step.who] = answer
    finally:
        talk.close()


def setting(key: str, value: str) -> tuple[str, str]:
    """proof=code is a key of [checkin]; admins.userids=… names its section."""
    section, _, name = key.rpartition(".")
    return f"QIYUE_{section or 'checkin'}__{name}".upper(), value


def merged(before: dict[str, list[str]], new: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: [*before.get(name, []), *new.get(name, [])] for name in {*before, *new}}


def code_on_screen(talk: Talk, at: datetime) -> str:
    """The digits that the open screen of the day shows at *at*."""
    return checkin_code(KEY, open_screen_of(talk, at), at, talk.app.setup.checkin.rotate_s)


def word_on_screen(talk: Talk, row: int, column: int, at: datetime) -> str:
    """What stands there in the grid of the open screen at *at*; both counted from 1."""
    step = step_of(at, talk.app.setup.checkin.rotate_s)
    return word_in(grid_of(KEY, open_screen_of(talk, at), step), Cell(row, column))


def qr_on_screen(talk: Talk, at: datetime) -> str:
    """What a camera reads from the open screen at *at*."""
    step = step_of(at, talk.app.setup.checkin.rotate_s)
    return qr_link(talk.app.setup.public_url, KEY, open_screen_of(talk, at), step)


def open_screen_of(talk: Talk, at: datetime) -> str:
    """The occurrence of that day whose screen is open."""
    app = talk.app
    programme = app.snapshot.programme(app.snapshot.programme_ids()[0])
    assert programme is not None
    for event in events_for(programme, None):
        occurrence_id = event.occurrence.occurrence_id
        if event.occurrence.held_on != at.date():
            continue
        if app.database.read(partial(checkins.screen_opened_at, occurrence_id=occurrence_id)):
            return occurrence_id
    raise LookupError("no screen is open")
