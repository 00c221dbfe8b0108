"""One access token per app, shared through a store: fetched by one at a time, once per failure."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

# A token is given up before the platform does, so that none expires on its way.
SPARE_S: Final = 300
SHORTEST_S, LONGEST_S = 60, 7200
# However often a fresh token is refused, the platform is asked for another at most this often.
REFRESH_PAUSE = timedelta(seconds=60)
ABSENT_VERSION: Final = 0


class Token(Protocol):
    @property
    def value(self) -> str: ...

    @property
    def expires_at(self) -> datetime: ...

    @property
    def version(self) -> int: ...


class TokenStore(Protocol):
    """Where tokens live between processes; *name* says whose."""

    def load(self, name: str) -> Token | None: ...

    def store(self, name: str, value: str, expires_at: datetime, expected_version: int) -> bool:
        """Compare and set: False, and nothing changed, unless *expected_version* is stored (0: none is)."""


@dataclass(frozen=True)
class HeldToken:
    value: str
    expires_at: datetime
    version: int

    def __repr__(self) -> str:
        return f"HeldToken(version={self.version})"


@dataclass(frozen=True)
class Fetched:
    """A token as the platform gave it; *expires_in_s* is not trusted."""

    value: str
    expires_in_s: int

    def __repr__(self) -> str:
        return "Fetched(…)"


class RefreshedTooOften(Exception):
    """The platform refuses a token it has just given; *wait_s* is when to ask again."""

    def __init__(self, wait_s: float) -> None:
        super().__init__("token refused again")
        self.wait_s = wait_s


class AccessToken:
    """The current token of *name*. *fetch* asks the platform and may raise; *clock* gives aware times."""

    def __init__(
        self, name: str, store: TokenStore, fetch: Callable[[], Fetched], clock: Callable[[], datetime]
    ) -> None:
        self._name = name
        self._store = store
        self._fetch = fetch
        self._clock = clock
        self._lock = threading.Lock()
        self._renewed_at: datetime | None = None
        self._fetches = 0
        self._failure: Exception | None = None

    def current(self) -> Token:
        """The stored token, or a new one when none is stored or it is nearly over."""
        fetches = self._fetches
        stored = self._store.load(self._name)
        if stored is not None and self._is_usable(stored):
            return stored
        with self._lock:
            # Twenty threads on a cold client must make one fetch, not twenty; and one that fails is
            # the answer for all that waited for it: ten wrong secrets get the address banned.
            stored = self._store.load(self._name)
            if stored is not None and self._is_usable(stored):
                return stored
            if self._fetches != fetches and self._failure is not None:
                raise self._failure
            return self._replace(stored)

    def renewed(self, refused: Token) -> Token:
        """A token other than *refused*, which the platform did not take.

        Another thread's or process's newer one if there is one. Raises RefreshedTooOften.
        """
        with self._lock:
            stored = self._store.load(self._name)
            if stored is not None and stored.version != refused.version and self._is_usable(stored):
                return stored
            now = self._clock()
            # abs(): after a clock stepped back, a pause measured from the future would not end.
            if self._renewed_at is not None and abs(now - self._renewed_at) < REFRESH_PAUSE:
                raise RefreshedTooOften(REFRESH_PAUSE.total_seconds())
            self._renewed_at = now
            return self._replace(stored)

    def _is_usable(self, token: Token) -> bool:
        return token.expires_at > self._clock()

    def _replace(self, stored: Token | None) -> Token:
        fetched = self._fetched()
        life_s = min(max(fetched.expires_in_s - SPARE_S, SHORTEST_S), LONGEST_S)
        version = stored.version if stored is not None else ABSENT_VERSION
        new = HeldToken(fetched.value, self._clock() + timedelta(seconds=life_s), version + 1)
        if self._store.store(self._name, new.value, new.expires_at, version):
            return new
        # Another process was faster; within a token's life the platform gives both the same one.
        return self._store.load(self._name) or new

    def _fetched(self) -> Fetched:
        try:
            fetched = self._fetch()
            self._failure = None
        except Exception as failure:  # whatever it is, it is passed on: to all who waited for it
            self._failure = failure
            raise
        finally:
            self._fetches += 1
        return fetched
