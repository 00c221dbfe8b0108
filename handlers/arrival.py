"""/c/<token>, the address in the QR code: for cameras outside the chat, a one-time number to reply there.

Who holds the phone is not known here: signing in through WeCom (OAuth) is not built. So the page says
what to do, and the number it shows is good once, for one account, for two minutes.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from handlers.context import Setup
from handlers.links import qr_of
from handlers.screen import count, occurrence_in, state_of
from programme.grid import step_of
from programme.sessions import Item
from storage import device_codes
from storage.database import Database, Tx
from storage.snapshot import Snapshot

DIGITS = 8  # with three tries a person and session, ten thousand numbers at once are not guessed
DRAWS = 5
Outcome = Literal["code", "plain", "old", "closed", "unknown"]


@dataclass(frozen=True)
class Arrival:
    """*plain*: the lab shows no QR code (any more), the word 签到 is enough or asks for what it needs."""

    outcome: Outcome
    items: tuple[Item, ...] = ()
    code: str | None = None


class Arrivals:
    """*draw* gives a random number below its argument; *moment* and *now* as in handlers.screen."""

    def __init__(
        self,
        database: Database,
        snapshot: Snapshot,
        setup: Setup,
        clocks: tuple[Callable[[], datetime], Callable[[], datetime]],
        draw: Callable[[int], int],
    ) -> None:
        self._database = database
        self._snapshot = snapshot
        self._setup = setup
        self._moment, self._now = clocks
        self._draw = draw

    @property
    def keeps_devices(self) -> bool:
        """Whether the page may give the browser a cookie (config [checkin] signals)."""
        return self._setup.checkin.signals

    def arrive(self, token: str, device: str | None) -> Arrival:
        """*device* is the value of the browser's cookie, None without one. Raises StorageAway."""
        opened = qr_of(self._setup.signing_key, token)
        found = occurrence_in(self._snapshot, opened[0]) if opened else None
        if opened is None or found is None:
            return Arrival("unknown")
        programme, event = found
        setup, moment, items = self._setup.of_programme(programme), self._moment(), event.session.items
        if setup.checkin.proof != "qr":
            return Arrival("plain", items)
        counted = self._database.read(lambda tx: count(tx, opened[0]))
        if state_of(event, counted, setup, self._now())[0] != "open":
            return Arrival("closed", items)
        if step_of(moment, setup.checkin.rotate_s) - opened[1] not in (0, 1):
            return Arrival("old", items)
        kept = self._hashed(device) if device and self.keeps_devices else None
        code = self._database.write(
            lambda tx: self._issue(tx, programme.programme_id, opened[0], kept, moment)
        )
        return Arrival("code", items, code)

    def _issue(
        self, tx: Tx, programme_id: str, occurrence_id: str, device: str | None, moment: datetime
    ) -> str:
        for _ in range(DRAWS):
            code = f"{self._draw(10**DIGITS):0{DIGITS}d}"
            if device_codes.issue(tx, programme_id, occurrence_id, code, device, moment):
                return code
        raise RuntimeError("five random numbers of eight digits were all given out already")

    def _hashed(self, device: str) -> str:
        """What is stored of a device: enough to tell two apart, not enough to find one."""
        return hmac.new(self._setup.signing_key, f"device|{device}".encode(), hashlib.sha256).hexdigest()[:32]
