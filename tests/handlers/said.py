"""Listens to what handlers decide to say, before it becomes words."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from handlers.respond import Responder
from messages.envelope import Capabilities, Reply
from messages.render import Renderer
from programme.people import Person
from programme.programme import Programme
from tests.house import Talk
from wiring.application import everybody

PLAIN = Capabilities(text_bytes=2048, cards=False, markdown=False, buttons=False)


class Said(Renderer):
    """A renderer that keeps the replies it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.replies: list[Reply] = []

    def render(self, reply: Reply) -> str:
        self.replies.append(reply)
        return super().render(reply)

    def value(self, name: str) -> Any:
        """A value of the last reply."""
        return self.replies[-1].values[name]


def listen(talk: Talk, shows: Capabilities = PLAIN) -> Said:
    """From now on *talk* goes through a responder of the same house whose replies are kept."""
    said, app = Said(), talk.app
    app.responder = Responder(app.database, app.snapshot, said, app.setup, app.clocks, {"wecom": shows})
    return said


def template_of(talk: Talk, name: str, text: str, at: datetime) -> str | None:
    """Which template answers *text*; None for silence."""
    said = listen(talk)
    talk.say(name, text, at)
    return said.replies[-1].template if said.replies else None


def person(talk: Talk, name: str) -> Person:
    return next(found for found in everybody(talk.app) if found.name == name)


def programme(talk: Talk) -> Programme:
    found = talk.app.snapshot.programme(talk.app.snapshot.programme_ids()[0])
    assert found is not None
    return found
