"""A conversation in the terminal: each line read is a message, each answer is printed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from uuid import uuid4

from messages.envelope import Answer, Capabilities, Inbound

# The chat clients' links; a terminal shows where they lead.
LINK = re.compile(r'<a href="([^"]*)">([^<]*)</a>')
CAPABILITIES = Capabilities(text_bytes=2000, cards=False, markdown=False, buttons=False)


def converse(
    lines: Iterable[str],
    channel: str,
    account: str,
    clock: Callable[[], datetime],
    respond: Callable[[Inbound], Answer | None],
    say: Callable[[str], None],
) -> None:
    """Carry every line of *lines* to *respond* as *account* on *channel*; an answer goes to *say*."""
    for line in lines:
        text = line.strip("\r\n")
        if not text.strip():
            continue
        inbound = Inbound(
            channel=channel, message_id=uuid4().hex, sender=account, at=clock(), kind="text", text=text
        )
        answer = respond(inbound)
        if answer is not None:
            say(LINK.sub(r"\2：\1", answer.text))
