"""What every contender stands on: a folder, an LMS, PostgreSQL where it is needed, and ways to start a server."""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from benchmarks.databases import POSTGRESQL, Database
from benchmarks.lms import AUTH_URL, CLIENT_ID, DEPLOYMENT_ID, ISSUER, TOKEN_URL, Lms
from benchmarks.postgres import USER, Postgres
from benchmarks.servers import SERVER_CPU, Server, running

PEERS = Path(__file__).parent / "peers"


@dataclass(frozen=True)
class Workplace:
    """Handed to whoever starts a contender."""

    folder: Path
    lms: Lms
    postgres: Postgres
    reflect: str
    """The `reflect` command of the installation that is measured."""
    largest: int = 10**6
    """Answers of the largest site that is measured."""
    numbers: Iterator[int] = field(default_factory=count)

    def new_path(self, suffix: str) -> Path:
        """A path in the folder that nothing has used yet."""
        return self.folder / f"{next(self.numbers)}{suffix}"

    def new_database(self, kind: str) -> Database:
        """An empty database of that kind."""
        if kind == POSTGRESQL:
            name = self.postgres.new_database()
            return Database(self.postgres.url(name), name)
        path = self.new_path(".db")
        return Database(f"sqlite:///{path}", str(path))

    def lti_environment(self) -> dict[str, str]:
        """The registration, for peers that read it from the environment."""
        return {
            "LTI_ISSUER": ISSUER,
            "LTI_CLIENT_ID": CLIENT_ID,
            "LTI_DEPLOYMENT_ID": DEPLOYMENT_ID,
            "LTI_AUTH_URL": AUTH_URL,
            "LTI_TOKEN_URL": TOKEN_URL,
            "LTI_KEYSET_URL": self.lms.keyset_url,
        }

    def postgres_environment(self) -> dict[str, str]:
        """How libpq and its like find our cluster."""
        return {"PGHOST": "127.0.0.1", "PGPORT": str(self.postgres.port), "PGUSER": USER}

    @contextmanager
    def serving(self, command: Sequence[str], port: int, env: Mapping[str, str]) -> Iterator[Server]:
        """Runs a server on the servers' CPU; peers are importable from its working directory."""
        peers = {"PYTHONPATH": str(PEERS), **env}
        with running(command, port, self.new_path(".log"), cpu=SERVER_CPU, env=peers) as server:
            yield server

    @contextmanager
    def gunicorn(self, application: str, port: int, env: Mapping[str, str]) -> Iterator[Server]:
        """One worker of eight threads, as small schools run WSGI; connections are kept as long as the generator's."""
        options = [
            "--worker-class=gthread",
            "--workers=1",
            "--threads=8",
            "--keep-alive=75",
            f"--bind=127.0.0.1:{port}",
        ]
        with self.serving([program("gunicorn"), *options, application], port, env) as server:
            yield server


def program(name: str) -> str:
    """A program of the virtual environment that the benchmark runs in."""
    return os.fspath(Path(sys.executable).parent / name)
