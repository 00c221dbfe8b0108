"""Signed links: the projector's screen (and later uploads, boards, calendars)."""

from __future__ import annotations

from datetime import datetime

from itsdangerous import BadSignature, URLSafeSerializer

SCREEN = "qiyue.screen"


def screen_link(public_url: str, key: bytes, occurrence_id: str, expires_at: datetime) -> str:
    return f"{public_url.rstrip('/')}/s/{seal(key, SCREEN, occurrence_id, expires_at)}"


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
