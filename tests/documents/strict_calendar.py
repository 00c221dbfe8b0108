"""RFC 5545 read strictly and without any library: what a picky calendar program would refuse, it refuses."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

CONTENT_LINE = re.compile(
    r"(?P<name>[A-Z0-9-]+)(?P<params>(?:;[A-Z0-9-]+=(?:\"[^\"\x00-\x08\x0a-\x1f\x7f]*\"|[^\";:,\x00-\x08\x0a-\x1f\x7f]*))*)"
    r":(?P<value>[^\x00-\x08\x0a-\x1f\x7f-\x9f]*)"
)
TEXT = re.compile(r"(?:[^\\;,]|\\[\\;,nN])*")
TEXTS = {"SUMMARY", "DESCRIPTION", "LOCATION", "NAME", "X-WR-CALNAME", "UID", "PRODID", "COMMENT"}
FORMS = {
    "DTSTAMP": r"\d{8}T\d{6}Z",
    "LAST-MODIFIED": r"\d{8}T\d{6}Z",
    "SEQUENCE": r"\d+",
    "STATUS": r"TENTATIVE|CONFIRMED|CANCELLED",
    "TRANSP": r"OPAQUE|TRANSPARENT",
    "DURATION": r"P(\d+D)?(T(\d+H)?(\d+M)?(\d+S)?)?",
    "REFRESH-INTERVAL": r"PT\d+H",
    "X-PUBLISHED-TTL": r"PT\d+H",
    "VERSION": r"2\.0",
}
ONCE = (
    "UID",
    "DTSTAMP",
    "DTSTART",
    "SEQUENCE",
    "STATUS",
    "TRANSP",
    "SUMMARY",
    "DESCRIPTION",
    "LAST-MODIFIED",
)


class Broken(Exception):
    """A rule of RFC 5545 that the file breaks."""


@dataclass
class Component:
    name: str
    lines: list[tuple[str, str, str]] = field(default_factory=list)
    parts: list[Component] = field(default_factory=list)

    def value(self, name: str) -> str | None:
        return next((value for key, _, value in self.lines if key == name), None)

    def params(self, name: str) -> str | None:
        return next((params for key, params, _ in self.lines if key == name), None)

    def text(self, name: str) -> str:
        """The text that stands behind the escapes."""
        return re.sub(r"\\(.)", lambda m: "\n" if m[1] in "nN" else m[1], self.value(name) or "")


def read(body: bytes) -> Component:
    """The one VCALENDAR of *body*. Raises Broken."""
    root = Component("")
    open_ones = [root]
    for raw in unfolded(body):
        found = CONTENT_LINE.fullmatch(raw)
        if found is None:
            raise Broken(f"no content line: {raw[:60]!r}")
        name, params, value = found["name"], found["params"], found["value"]
        if name == "BEGIN":
            open_ones.append(Component(value))
            open_ones[-2].parts.append(open_ones[-1])
        elif name == "END":
            if open_ones.pop().name != value:
                raise Broken(f"END:{value} closes something else")
        else:
            check_value(name, value)
            open_ones[-1].lines.append((name, params, value))
    if open_ones != [root] or [part.name for part in root.parts] != ["VCALENDAR"]:
        raise Broken("not exactly one closed VCALENDAR")
    check_calendar(root.parts[0])
    return root.parts[0]


def unfolded(body: bytes) -> list[str]:
    if not body.endswith(b"\r\n"):
        raise Broken("the last line has no end")
    lines: list[bytes] = []
    for line in body[:-2].split(b"\r\n"):
        if b"\r" in line or b"\n" in line:
            raise Broken("a bare CR or LF")
        if len(line) > 75:
            raise Broken(f"{len(line)} octets in a line")
        line.decode()  # each physical line alone: some readers decode before they unfold
        if line[:1] in (b" ", b"\t"):
            lines[-1] += line[1:]
        else:
            lines.append(line)
    return [line.decode() for line in lines]


def check_value(name: str, value: str) -> None:
    if name in TEXTS and not TEXT.fullmatch(value):
        raise Broken(f"{name} has a bare comma, semicolon or backslash: {value[:60]!r}")
    if name in FORMS and not re.fullmatch(FORMS[name], value):
        raise Broken(f"{name}:{value}")


def check_calendar(calendar: Component) -> None:
    names = {part.value("TZID") for part in calendar.parts if part.name == "VTIMEZONE"}
    events = [part for part in calendar.parts if part.name == "VEVENT"]
    uids = [event.value("UID") for event in events]
    if len(set(uids)) != len(uids):
        raise Broken("two events of one UID")
    if not calendar.value("PRODID") or not calendar.value("VERSION"):
        raise Broken("PRODID or VERSION is missing")
    for event in events:
        check_event(event, names)


def check_event(event: Component, zones: set[str | None]) -> None:
    keys = [key for key, _, _ in event.lines]
    if any(keys.count(key) != 1 for key in ONCE):
        raise Broken(f"each of {ONCE} once: {keys}")
    if keys.count("DTEND") + keys.count("DURATION") != 1:
        raise Broken("neither or both of DTEND and DURATION")
    start, params = event.value("DTSTART") or "", event.params("DTSTART") or ""
    if params == ";VALUE=DATE":
        is_fine = re.fullmatch(r"\d{8}", start) and event.params("DTEND") == params
    else:
        is_fine = re.fullmatch(r"\d{8}T\d{6}", start) and params.removeprefix(";TZID=") in zones
    if not is_fine:
        raise Broken(f"DTSTART{params}:{start}")
    if event.value("DTEND") is not None and (event.value("DTEND") or "") <= start:
        raise Broken("ends before it starts")
    if any(part.name == "VALARM" for part in event.parts):
        raise Broken("an alarm: reminders come from the bot")
