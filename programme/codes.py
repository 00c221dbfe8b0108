"""Codes that people type: the rotating six digits of a check-in, and one-time binding codes."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime

DIGITS = 6
BIND_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # no 0/O, 1/I/L: read aloud and typed on phones
BIND_LENGTH = 10  # 31**10 is about 2**49, above the 40 bits asked of links and codes


def checkin_code(key: bytes, occurrence_id: str, moment: datetime, rotate_s: int) -> str:
    """The six digits shown for *occurrence_id* during the step of *rotate_s* seconds around *moment*."""
    step = int(moment.timestamp()) // rotate_s
    return code_of_step(key, occurrence_id, step)


def code_of_step(key: bytes, occurrence_id: str, step: int) -> str:
    digest = hmac.new(key, f"checkin|{occurrence_id}|{step}".encode(), hashlib.sha256).digest()
    return f"{int.from_bytes(digest[:8], 'big') % 10**DIGITS:0{DIGITS}d}"


def is_current(key: bytes, occurrence_id: str, typed: str, moment: datetime, rotate_s: int) -> bool:
    """Whether *typed* is the code of this step or the one before (both count, config [checkin])."""
    step = int(moment.timestamp()) // rotate_s
    given = typed.encode()
    fits = [
        hmac.compare_digest(given, code_of_step(key, occurrence_id, s).encode()) for s in (step, step - 1)
    ]
    return any(fits)


def bind_code(entropy: bytes) -> str:
    """A one-time binding code from at least 8 random bytes."""
    number = int.from_bytes(hashlib.sha256(entropy).digest(), "big")
    letters = []
    for _ in range(BIND_LENGTH):
        number, index = divmod(number, len(BIND_ALPHABET))
        letters.append(BIND_ALPHABET[index])
    return "".join(letters)


def bind_code_hash(key: bytes, code: str) -> str:
    """What is stored instead of the code; case and spaces do not matter when it is typed."""
    typed = "".join(code.split()).upper()
    return hmac.new(key, f"bind|{typed}".encode(), hashlib.sha256).hexdigest()
