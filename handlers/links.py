"""Signed links: the projector's screens, the QR code on them, personal calendars, uploads and files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from itsdangerous import BadData, BadSignature, URLSafeSerializer

SCREEN = "qiyue.screen"
CALENDAR = "qiyue.calendar"
TALKS = "qiyue.talks"
QR = "qiyue.qr"


def screen_link(public_url: str, key: bytes, occurrence_id: str, expires_at: datetime) -> str:
    return f"{public_url.rstrip('/')}/s/{seal(key, SCREEN, occurrence_id, expires_at)}"


def talk_link(public_url: str, key: bytes, programme_id: str, expires_at: datetime) -> str:
    return f"{public_url.rstrip('/')}/t/{seal(key, TALKS, programme_id, expires_at)}"


def qr_link(public_url: str, key: bytes, occurrence_id: str, step: int) -> str:
    """What the QR code of *occurrence_id* says during *step*: an address, for cameras outside the chat."""
    return f"{public_url.rstrip('/')}/c/{URLSafeSerializer(key, salt=QR).dumps([occurrence_id, step])}"


def qr_of(key: bytes, token: str) -> tuple[str, int] | None:
    """(occurrence_id, step) of a genuine token, however old; None for anything else."""
    try:
        opened = URLSafeSerializer(key, salt=QR).loads(token)
    except BadData:
        return None
    match opened:
        case [str(occurrence_id), int(step)]:
            return occurrence_id, step
    return None


def token_in(scanned: str) -> str | None:
    """The token in what a camera read, if it is one of our addresses, whatever its host is called."""
    found = re.search(r"/c/([A-Za-z0-9_.-]{20,400})$", scanned.strip())
    return found[1] if found else None


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


UPLOAD = "qiyue.upload"
FILE = "qiyue.file"
Fields = tuple[str, ...]


def personal_token(key: bytes, purpose: str, fields: Fields, expires_at: datetime) -> str:
    """A token for one *purpose* that carries *fields* and ends at *expires_at*."""
    return str(URLSafeSerializer(key, salt=purpose).dumps([*fields, int(expires_at.timestamp())]))


def personal_fields(
    keys: Sequence[bytes], purpose: str, token: str, count: int, moment: datetime
) -> tuple[Fields, bool] | None:
    """(fields, is still valid) of a genuine token of any of *keys*; None for anything else, also for one
    that differs from what was given in no more than its spare last bits."""
    if not token.isascii():
        return None
    for key in keys:
        try:
            opened = URLSafeSerializer(key, salt=purpose).loads(token)
        except BadData:
            continue
        if not isinstance(opened, list) or len(opened) != count + 1 or not isinstance(opened[-1], int):
            return None
        fields = tuple(str(field) for field in opened[:-1])
        if str(URLSafeSerializer(key, salt=purpose).dumps(opened)) != token:
            return None
        return fields, moment.timestamp() <= opened[-1]
    return None


def upload_link(public_url: str, key: bytes, fields: Fields, expires_at: datetime) -> str:
    return f"{public_url.rstrip('/')}/u/{personal_token(key, UPLOAD, fields, expires_at)}"


def file_link(public_url: str, key: bytes, fields: Fields, expires_at: datetime) -> str:
    return f"{public_url.rstrip('/')}/f/{personal_token(key, FILE, fields, expires_at)}"
