"""What an answer of the WeCom API says, and what it means that none came."""

from __future__ import annotations

import requests


class Unanswered(Exception):
    """No usable answer. *is_certain*: the platform surely did nothing. Its text is ours, without URLs."""

    def __init__(self, detail: str, *, is_certain: bool = False) -> None:
        super().__init__(detail)
        self.detail = detail
        self.is_certain = is_certain


def errcode_of(answer: object) -> int:
    """The errcode of a JSON answer, also where it is a text of digits. Raises Unanswered."""
    if not isinstance(answer, dict):
        raise Unanswered("not_json")
    # A token answer may come without errcode; a send never does.
    errcode = answer.get("errcode", 0 if "access_token" in answer else None)
    if isinstance(errcode, str) and errcode.lstrip("-").isdecimal():
        errcode = int(errcode)
    if not isinstance(errcode, int) or isinstance(errcode, bool):
        raise Unanswered("no_errcode")
    return errcode


def is_certain(error: requests.RequestException) -> bool:
    """Whether no connection was made at all, so that nothing can have been sent."""
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.InvalidURL):
        return True
    cause = error.args[0] if error.args else None
    return type(getattr(cause, "reason", None)).__name__ in {"NewConnectionError", "NameResolutionError"}
