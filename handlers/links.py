"""Signed links: the projector's screens and personal calendars."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from itsdangerous import BadData, BadSignature, URLSafeSerializer

SCREEN = "qiyue.screen"
CALENDAR = "qiyue.calendar"
TALKS = "qiyue.talks"


def screen_link(public_url: str, key: bytes, occurrence_id: str, expires_at: datetime) -> str:
    return f"{public_url.rstrip('/')}/s/{seal(key, SCREEN, occurrence_id, expires_at)}"


def talk_link(public_url: str, key: bytes, programme_id: str, expires_at: datetime) -> str:
    return f"{public_url.rstrip('/')}/t/{seal(key, TALKS, programme_id, expires_at)}"


def seal(key: bytes, purpose: str, subject: str, expires_at: datetime) -> str:
    """A token for one *purpose* and *subject* that ends at *expires_at*."""
    return str(URLSafeSerializer(key, salt=purpose).dumps([subject, int(expires_at.timestamp())]))


def unseal(key: bytes, purpose: str, token: str, moment: datetime) -> tuple[str, bool] | None:
    """(subject, is still valid) of a genuine token; None for anything else."""
    try:
        subject, expires = URLSafeSerializer(key, salt=purpose).loads(token)
    except BadSignature:
        return None
    return str(subject), moment.timestamp() <= int(expires)


def calendar_link(public_url: str, key: bytes, person_id: str, version: int) -> str:
    """The same for the same person and version; it ends by a newer version, never by the clock."""
    return f"{public_url.rstrip('/')}/calendar/{calendar_token(key, person_id, version)}.ics"


def calendar_token(key: bytes, person_id: str, version: int) -> str:
    return str(URLSafeSerializer(key, salt=CALENDAR).dumps([person_id, version]))


def calendar_of(keys: Sequence[bytes], token: str) -> tuple[str, int] | None:
    """(person_id, version) of a genuine token of any of *keys* (the present one and the one before).

    Only the token as it was given: its last letter has spare bits that decoding would forgive.
    """
    if not token.isascii():
        return None
    for key in keys:
        try:
            opened = URLSafeSerializer(key, salt=CALENDAR).loads(token)
        except BadData:
            continue
        match opened:
            case [str(person_id), int(version)] if calendar_token(key, person_id, version) == token:
                return person_id, version
    return None
