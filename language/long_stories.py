"""A story with a request at its end: what comes before only explains it."""

from __future__ import annotations

import re

LONG = 36
"""Characters from which a text may be a story; shorter ones are read as a whole."""

_CLAUSE = re.compile(r"[^,。;!?\n~]+[,。;!?\n~]*")
_REQUEST = re.compile(
    r"(?:麻烦|请(?!假)|拜托|烦请|还望|望)(?:您|你|老师|帮|把|给|先|安排|批准|登记|转告|通知|查)?|帮(?:我|忙|他|她|大家)|"
    r"(?:就|最后|还是|决定)+(?:还是)?选|给(?:他|她)?个(?:优|良|中|差|\d)|吧[。!~ ]*$|想(?:请|问|确认|知道|看看)|请问|[?]|吗[。!~ ]*$|你(?:更新|通知|发|改|记|查)(?:一下|下)"
)


def request_of(text: str) -> str | None:
    """The last clauses of a long text from the one that asks for something; None for other texts."""
    if len(text) < LONG:
        return None
    clauses = [found[0] for found in _CLAUSE.finditer(text)]
    if len(clauses) < 3:
        return None
    for count in (1, 2):
        part = "".join(clauses[-count:]).strip(" ,。;!\n~")
        if _REQUEST.search(part) and len(part) >= 4:
            return part
    return None
