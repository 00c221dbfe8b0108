"""A PostgreSQL server of the tests' own: on loopback, as an ordinary user, thrown away after."""

from __future__ import annotations

import getpass
import itertools
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from storage.engines import open_database
from storage.migrations import migrate

BINARIES = "/usr/lib/postgresql"
READY = "database system is ready to accept connections"
START_TRIES = 5
MIGRATED_AT = datetime(2023, 7, 1, tzinfo=UTC)


class ServerDied(Exception):
    """The server ended before it was ready, for instance because its port was taken meanwhile."""


def binaries() -> Path | None:
    """The folder of the newest installed server's programs; None when there is none."""
    found = [path.parent for path in Path(BINARIES).glob("*/bin/initdb")]
    return max(found, key=lambda path: int(path.parent.name), default=None)


def _account() -> str:
    """The server refuses to run as root; then Debian's own account for it is used."""
    return "postgres" if os.geteuid() == 0 else getpass.getuser()


def _as_account(*command: str) -> list[str]:
    """*command* as that account, ended by the kernel when the tests die, however they die."""
    dropped = ["--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
    return ["setpriv", *dropped, "--pdeathsig=QUIT", *command]


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


class PostgresServer:
    """A running server; every test asks it for a database of its own."""

    def __init__(self, folder: Path, programs: Path) -> None:
        self._folder = folder
        self._programs = programs
        self._numbers = itertools.count(1)
        self._used: list[str] = []
        self._start()
        self._prepare_template()

    def _start(self) -> None:
        data = self._folder / "data"
        subprocess.run(
            _as_account(
                str(self._programs / "initdb"),
                "--auth=trust",
                "--encoding=UTF8",
                "--no-locale",
                "--no-sync",
                "--username=qiyue",
                f"--pgdata={data}",
            ),
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=self._folder,
        )
        for _ in range(START_TRIES):
            self._port = _free_port()
            self._process = self._launch(data)
            if self._is_ready():
                return
        raise ServerDied(f"no start in {START_TRIES} tries")

    def _launch(self, data: Path) -> subprocess.Popen[str]:
        settings = {
            "port": self._port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "fsync": "on",
            "max_connections": 100,
            "shared_buffers": "32MB",
            "lc_messages": "C",
        }
        return subprocess.Popen(
            _as_account(
                str(self._programs / "postgres"),
                f"-D{data}",
                *(f"-c{name}={value}" for name, value in settings.items()),
            ),
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
            cwd=self._folder,
        )

    def _is_ready(self) -> bool:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            if READY in line:
                # What it says later must be read too, or it would stop at a full pipe.
                self._drain = threading.Thread(target=self._process.stderr.read, daemon=True)
                self._drain.start()
                return True
        self._process.wait()
        self._process.stderr.close()
        return False

    def _prepare_template(self) -> None:
        self._run("create database template_of_tests")
        database = open_database(self._url("template_of_tests"))
        migrate(database, MIGRATED_AT)
        database.close()

    def new_database(self) -> str:
        """The url of a database with the schema and no row in it."""
        if self._used:
            return self._used.pop()
        name = f"test_{next(self._numbers)}"
        self._run(f"create database {name} template template_of_tests")
        return self._url(name)

    def new_empty_database(self) -> str:
        """The url of a fresh database without any table."""
        name = f"test_{next(self._numbers)}"
        self._run(f"create database {name}")
        return self._url(name)

    def give_back(self, url: str) -> None:
        """Empty a database from new_database() for the next test: ten times faster than a new one."""
        with psycopg.connect(url) as connection:
            # The references are not looked at while everything goes.
            connection.execute("set session_replication_role = replica")
            tables = connection.execute(
                "select tablename from pg_tables where schemaname = 'public' and tablename <> 'migration'"
            )
            for (table,) in tables.fetchall():
                connection.execute(sql.SQL("delete from {}").format(sql.Identifier(table)))
        self._used.append(url)

    def drop(self, url: str) -> None:
        """Throw a database away, whoever is still connected to it."""
        self._run(f"drop database {url.rsplit('/', 1)[1]} with (force)")

    def close(self) -> None:
        # SIGQUIT: stop at once; nothing here is worth a checkpoint.
        self._process.send_signal(3)
        self._process.wait()
        self._drain.join()
        assert self._process.stderr is not None
        self._process.stderr.close()

    def _url(self, name: str) -> str:
        return f"postgresql://qiyue@127.0.0.1:{self._port}/{name}"

    def _run(self, statement: str) -> None:
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())


def _missing() -> str | None:
    if binaries() is None:
        return f"PostgreSQL is not installed under {BINARIES}: its half of the storage tests does not run"
    if os.geteuid() == 0 and "postgres" not in {entry.pw_name for entry in pwd.getpwall()}:
        return "the account postgres is missing: PostgreSQL does not run as root"
    return None


@contextmanager
def thrown_away_server(programs: Path) -> Iterator[PostgresServer]:
    """A server in a folder of its own, both gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="qiyue-postgres-"))
    shutil.chown(folder, _account())
    server = PostgresServer(folder, programs)
    try:
        yield server
    finally:
        server.close()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One server a test process. Missing binaries: one loud line and a skip; in CI a failure."""
    missing = _missing()
    if missing is not None and os.environ.get("CI") == "true":
        pytest.fail(missing)
    programs = binaries()
    if missing is not None or programs is None:
        print(f"\n*** SKIPPED: {missing} ***", file=sys.__stderr__)
        pytest.skip(str(missing))
    with thrown_away_server(programs) as server:
        yield server
