"""Reads and runs a conversation script: who types what when, and what must come back, word for word.

    # 标题
    setup proof=code unbound=王小明,赵六   [checkin] of the lab; people whose account nobody knows yet;
                                         unreachable=孙八: the platform says that this account is invalid;
                                         admins.userids=["lead01"]: a key of another section
    2023-07-04 14:25 王小明> 签到         a message; the date may be left out on later lines
                     bot> 第一行          the whole answer; further lines begin with "|"
                        | 第二行
               again 王小明> 签到         the last message of that person, delivered again
                push 李老师> 文字         a push to that person since the last line, as it would be sent;
                                         without a text: there was none
              silent                     nothing came back
           code 王小明>                   that person types the digits now on the screen
           cell 赵六> 王小明               types the two characters that stand in the cell last asked of
                                         王小明 (of 赵六 where nobody is named), as the screen shows it now
           scan 王小明> 14:20              scans the QR code that the screen showed at 14:20 (now, without)
           14:26 tick                    the scheduler runs at that moment, and what is due is sent
   20:11 file 王小明> 报告.pdf 23       that person opens the link given last and hands in a file of 23 pages;
                                         what the page says is the answer; a third word is the part (slides)
     20:12 opens 周老师> 报告.pdf           that person opens a file by a link of the last answer; its length is told
             restart                     the process is started anew on the same data

An unknown person is anyone whom the roster does not name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
SAID = re.compile(
    r"(?:(\d{4}-\d\d-\d\d) )?(?:(\d\d:\d\d(?::\d\d)?) )?\s*(again|push|code|cell|scan|event|file|opens)?\s*(\S+?)> ?(.*)"
)

TICK = re.compile(r"(?:(\d{4}-\d\d-\d\d) )?(?:(\d\d:\d\d(?::\d\d)?) )?\s*tick")

Verb = Literal[
    "says",
    "again",
    "push",
    "code",
    "cell",
    "scan",
    "event",
    "file",
    "opens",
    "bot",
    "silent",
    "restart",
    "tick",
]


@dataclass
class Step:
    """One line of a script with the lines that continue it; *line* is its 1-based number."""

    line: int
    verb: Verb
    who: str = ""
    text: str = ""
    on: date | None = None
    at: time | None = None

    @property
    def expected(self) -> str | None:
        """What must have been heard: None for silence and for a push line without a text."""
        return self.text or None


@dataclass
class Script:
    path: Path
    title: str = ""
    setup: dict[str, str] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)


def read(path: Path) -> Script:
    """Raises ValueError with the line number for anything it cannot read."""
    script = Script(path)
    for number, raw in enumerate(path.read_text("utf-8").splitlines(), 1):
        line = raw.strip()
        if not line:
            continue
        if line.startswith("#"):
            script.title = script.title or line.lstrip("# ")
        elif line.startswith("setup "):
            script.setup |= dict(pair.split("=", 1) for pair in line.removeprefix("setup ").split())
        elif line.startswith("|"):
            script.steps[-1].text += "\n" + line.removeprefix("|").strip()
        elif line in ("silent", "restart"):
            script.steps.append(Step(number, "silent" if line == "silent" else "restart"))
        else:
            script.steps.append(step_of(line, number))
    return script


def step_of(line: str, number: int) -> Step:
    ticks = TICK.fullmatch(line)
    if ticks is not None:
        return Step(number, "tick", on=day_of(ticks[1]), at=time_of(ticks[2]))
    found = SAID.fullmatch(line)
    if found is None:
        raise ValueError(f"line {number}: {line}")
    on, at, verb, who, text = found.groups()
    if who == "bot":
        return Step(number, "bot", text=text)
    verbs: dict[str, Verb] = {
        "again": "again",
        "push": "push",
        "code": "code",
        "cell": "cell",
        "scan": "scan",
        "event": "event",
        "file": "file",
        "opens": "opens",
    }
    return Step(
        number,
        verbs.get(verb or "", "says"),
        who,
        text,
        day_of(on),
        time_of(at),
    )


def day_of(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def time_of(text: str | None) -> time | None:
    return time.fromisoformat(text) if text else None


def moments(steps: Sequence[Step], start: datetime) -> Iterator[tuple[Step, datetime]]:
    """Each step with its moment: what a line leaves out is as on the line before."""
    moment = start
    for step in steps:
        if step.on is not None:
            moment = datetime.combine(step.on, step.at or moment.timetz().replace(tzinfo=None), ZONE)
        elif step.at is not None:
            moment = datetime.combine(moment.date(), step.at, ZONE)
        yield step, moment
