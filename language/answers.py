"""Several answers in one text: 回复 3 14:00；回复 4 C101, on one line or on several."""

from __future__ import annotations

import re

MOST = 30  # answers that one text may hold; a notice asks fewer

_ASKED = r"(?:回复|回答|答)[ \t]*(?P<number>\d{1,3})(?!\d|[./月日号点]|[:：]\d{2}(?![:：\d]))"
# After a line break or a semicolon 回复 may be left out: 4 C101, but not 4号, 7/13 or 15:00.
_BARE = r"(?:(?<=[\n；;])[ \t]*)(?P<bare>\d{1,3})[ \t]+(?=[^\s\d]|\d)"
_HEAD = re.compile(
    rf"(?:(?:^|(?<=[\s；;，,。、]))[ \t]*{_ASKED}|{_BARE})[ \t]*[,，:：、.]?[ \t]*", re.MULTILINE
)
_AROUND = " \t\r\n；;，,。、"


def answers_in(text: str) -> tuple[tuple[int, str], ...]:
    """The (number, answer) pairs of *text* as they were typed; the answer is "" where none stands.

    Of two answers to one number the later one counts. Nothing when the text does not begin with one.
    """
    heads = list(_HEAD.finditer(text))
    if not heads or text[: heads[0].start()].strip():
        return ()
    found: dict[int, str] = {}
    for head, following in zip(heads, [*heads[1:], None], strict=True):
        number = int(head["number"] or head["bare"])
        answer = text[head.end() : following.start() if following else len(text)].strip(_AROUND)
        found.pop(number, None)
        found[number] = answer
    return tuple(found.items())[:MOST]
