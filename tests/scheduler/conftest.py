"""Whatever the scheduler stores is stored on both engines."""

from __future__ import annotations

from tests.postgres import postgres_server
from tests.storage.conftest import instance, url

__all__ = ["instance", "postgres_server", "url"]
