"""The seam between the rooms and an engine: two verbs, read and write (design D3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

Params = Mapping[str, object]
Row = dict[str, Any]
T = TypeVar("T")


class StorageAway(Exception):
    """The database cannot be used now. The caller may try again.

    A waiter that gave up while its unit was already running cannot know whether it was stored;
    the inbox row tells the next try (design D4).
    """


class DamagedDatabase(StorageAway):
    """What lies there is no database of ours, or a broken one: trying again does not help."""


class ForeignDatabase(DamagedDatabase):
    """A sound database of another program lies there; nothing was written to it."""


class SecondWriter(Exception):
    """Another process already serves this SQLite file."""


class Conflict(Exception):
    """A row that a rule across rows forbids; the whole unit was rolled back."""


class WrongStatement(Exception):
    """A statement the engine does not accept: a defect of ours, never the caller's input."""


class SchemaTooNew(Exception):
    """The database was migrated by a newer release; this one must not touch it."""


class Tx(Protocol):
    """What a unit of work may do; it may run more than once and acts only through this."""

    def execute(self, sql: str, params: Params | Sequence[Params] = ()) -> int:
        """Run one statement (or one per element of a sequence); how many rows it changed.

        The empty tuple means "no parameters"; an empty list runs nothing. Raises Conflict.
        """

    def query(self, sql: str, params: Params = {}) -> list[Row]:  # noqa: B006 - never changed
        """The rows of a select or of a statement with returning."""


class Database(Protocol):
    engine: str

    def read(self, work: Callable[[Tx], T]) -> T:
        """Run *work* on a reader connection, outside any transaction that writes."""

    def write(self, work: Callable[[Tx], T]) -> T:
        """Run *work* in a transaction and return its result after the commit.

        Raises StorageAway when it could not be committed within 4 s.
        """

    def close(self) -> None:
        """Finish what is queued and let go of the engine."""
