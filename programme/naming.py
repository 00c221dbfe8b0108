"""Whom a name said in chat can mean: a full name, 小李, 老王, 李老师, 王同学, with the number's last digits."""

from __future__ import annotations

from collections.abc import Iterable

from programme.people import Person

TITLES = (
    "老师", "教授", "博士", "同学", "师兄", "师姐", "师弟", "师妹", "学长", "学姐", "学弟", "学妹",
)  # fmt: skip
OF_STAFF = ("老师", "教授")
PET_NAMES = ("小", "老", "阿")


def people_meant(said: str, people: Iterable[Person], last4: str | None = None) -> tuple[Person, ...]:
    """Everybody whom *said* can mean, in the order of *people*; a full name goes before a short one."""
    known = tuple(p for p in people if last4 is None or (p.student_no or "").endswith(last4))
    exact = tuple(p for p in known if p.name == said)
    if exact:
        return exact
    short, is_staff = short_of(said)
    if short is None:
        return ()
    fitting = (p for p in known if p.name == short or is_short_for(short, p.name))
    return tuple(p for p in fitting if is_staff is None or is_staff != ("student" in p.roles))


def short_of(said: str) -> tuple[str | None, bool | None]:
    """The part of a name that *said* holds, and whether staff (True) or students (False) are called so."""
    title = next((t for t in TITLES if said.endswith(t) and len(said) > len(t)), None)
    if title is not None:
        return said.removesuffix(title), title in OF_STAFF
    if len(said) == 2 and said[0] in PET_NAMES:
        return said[1], None
    return (said, None) if len(said) == 2 else (None, None)


def is_short_for(short: str, name: str) -> bool:
    """Whether people of *name* are called *short*: by the surname, or by the end of the given name."""
    return name.startswith(short) or (len(name) > len(short) and name.endswith(short))
