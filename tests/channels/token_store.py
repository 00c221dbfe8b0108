"""A store of access tokens in memory; the product keeps them in the database."""

from __future__ import annotations

import threading
from datetime import datetime

from channels.access_token import ABSENT_VERSION, HeldToken, Token


class MemoryTokenStore:
    """Tokens of one process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: dict[str, HeldToken] = {}

    def load(self, name: str) -> Token | None:
        return self._held.get(name)

    def store(self, name: str, value: str, expires_at: datetime, expected_version: int) -> bool:
        with self._lock:
            held = self._held.get(name)
            if (held.version if held else ABSENT_VERSION) != expected_version:
                return False
            self._held[name] = HeldToken(value, expires_at, expected_version + 1)
            return True
