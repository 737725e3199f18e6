# SPDX-License-Identifier: Apache-2.0
"""A private PostgreSQL server for tests: Debian's, on a socket in a folder of its own, and gone with them.

It sorts text by the rules of English, which is what a mission's tables must not follow.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

NOBODY = "nobody"
GUARDED, PASSWORD = "guarded", "EXERCISE-open-sesame"
"""A user who needs a password, and which."""


def _programs() -> Path:
    """Return the folder with the newest server's programs.

    Raises:
        FileNotFoundError: There is none; .ci/tools installs one.
    """
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    elsewhere = shutil.which("initdb")
    if elsewhere is None:
        raise FileNotFoundError("These tests need PostgreSQL's server: run .ci/tools")
    return Path(elsewhere).resolve().parent


def _as_nobody() -> list[str]:
    """Return what a command begins with: the server refuses to be root, and is to end when we do."""
    who = ["--reuid", NOBODY, "--regid", "nogroup", "--clear-groups"] if os.getuid() == 0 else []
    return ["setpriv", *who, "--pdeathsig", "QUIT", "--"]


@dataclass(slots=True)
class Server:
    """A server that runs.

    Attributes:
        folder: Its own, with data and socket.
        made: How many databases were made on it.
        dropped: How many of them are gone.
    """

    folder: Path
    made: int = 0
    dropped: int = 0

    def url(self, name: str = "postgres", user: str = "postgres") -> str:
        """Return the URL of one of its databases."""
        return f"postgresql+psycopg://{user}@/{name}?host={self.folder}"

    def connect(self, name: str = "postgres") -> psycopg.Connection:
        """Return a connection that commits each statement, as whoever runs the server has."""
        return psycopg.connect(host=str(self.folder), dbname=name, user="postgres", autocommit=True)

    def files(self, name: str) -> list[Path]:
        """Return the files of one of its databases, with all that is in its memory written out."""
        with self.connect(name) as connection:
            connection.execute("CHECKPOINT")
            found = connection.execute("SELECT oid FROM pg_database WHERE datname = current_database()")
            folder = self.folder / "data" / "base" / str(next(found)[0])
        return [path for path in folder.rglob("*") if path.is_file()]

    def database(self, encoding: str = "UTF8") -> str:
        """Make a database and return its name."""
        self.made += 1
        name = f"truce_{self.made}"
        with self.connect() as connection:
            connection.execute(
                f"CREATE DATABASE {name} TEMPLATE template0 ENCODING '{encoding}' "
                f"LOCALE '{'C.UTF-8' if encoding == 'UTF8' else 'C'}' "
                f"{'' if encoding == 'UTF8' else 'LOCALE_PROVIDER libc'}"
            )
        return name

    def drop(self) -> None:
        """Drop the databases that were made and not dropped yet: each takes eight megabytes."""
        with self.connect() as connection:
            for number in range(self.dropped + 1, self.made + 1):
                connection.execute(f"DROP DATABASE truce_{number} WITH (FORCE)")
        self.dropped = self.made


@contextmanager
def running() -> Iterator[Server]:
    """Start a server; it ends with the block."""
    programs, begin = _programs(), _as_nobody()
    folder = Path(tempfile.mkdtemp(prefix="truce-"))  # short: a socket's path has at most 107 bytes
    if os.getuid() == 0:
        shutil.chown(folder, NOBODY, "nogroup")
    data = folder / "data"
    subprocess.run(
        [
            *begin, programs / "initdb", "--pgdata", data, "--username", "postgres", "--auth", "trust",
            "--no-sync", "--encoding", "UTF8", "--locale", "C.UTF-8",
            "--locale-provider", "icu", "--icu-locale", "en-US",
        ],
        check=True,
        capture_output=True,
        cwd="/",
    )  # fmt: skip
    rules = data / "pg_hba.conf"
    rules.write_text(f"local all {GUARDED} scram-sha-256\nlocal all all trust\n", encoding="utf-8")
    with (folder / "said").open("wb") as said:
        server = subprocess.Popen(
            [
                *begin, programs / "postgres", "-D", data, "-k", folder, "-c", "listen_addresses=",
                "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off",
                "-c", "max_connections=60", "-c", "shared_buffers=32MB",
            ],
            stdout=said,
            stderr=said,
            cwd="/",
        )  # fmt: skip
    try:
        made = Server(folder)
        _await(made, programs)
        with made.connect() as connection:
            connection.execute(f"CREATE ROLE {GUARDED} LOGIN PASSWORD '{PASSWORD}'")
        yield made
    finally:
        server.send_signal(signal.SIGQUIT)  # at once: nothing of it is kept
        server.wait(60)
        shutil.rmtree(folder)


def _await(server: Server, programs: Path) -> None:
    """Wait until it lets people in.

    Raises:
        RuntimeError: It does not.
    """
    asked = [str(programs / "pg_isready"), "--host", str(server.folder), "--timeout", "60"]
    for _ in range(600):
        if subprocess.run(asked, capture_output=True, check=False).returncode == 0:
            return
        subprocess.run(["sleep", "0.1"], check=True)
    raise RuntimeError((server.folder / "said").read_text(encoding="utf-8"))
