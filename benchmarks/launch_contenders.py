"""The LTI tools whose launches are compared, each started afresh."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks.browser import Tool
from benchmarks.databases import POSTGRESQL, SQLITE
from benchmarks.reflect_tool import running_reflect
from benchmarks.servers import Server, free_port
from benchmarks.workplace import PEERS, Workplace, program


@dataclass(frozen=True)
class LaunchContender:
    """A running tool."""

    server: Server
    tool: Tool
    share: float = 1.0
    """How many requests it gets, as a share of the others': slow tools fewer, the very fast more."""
    has_login: bool = True


@contextmanager
def reflect_sqlite(workplace: Workplace) -> Iterator[LaunchContender]:
    """Reflect on SQLite, its default."""
    with running_reflect(workplace, workplace.new_database(SQLITE)) as (server, tool):
        yield LaunchContender(server, tool)


@contextmanager
def reflect_postgres(workplace: Workplace) -> Iterator[LaunchContender]:
    """Reflect on PostgreSQL."""
    with running_reflect(workplace, workplace.new_database(POSTGRESQL)) as (server, tool):
        yield LaunchContender(server, tool)


@contextmanager
def pylti1p3_flask(workplace: Workplace) -> Iterator[LaunchContender]:
    """PyLTI1p3 in Flask, its key cache on."""
    port = free_port()
    with workplace.gunicorn("pylti1p3_flask:app", port, workplace.lti_environment()) as server:
        yield LaunchContender(server, Tool(port, "/login", "/launch"))


@contextmanager
def ltijs_postgres(workplace: Workplace) -> Iterator[LaunchContender]:
    """ltijs with ltijs-sequelize on PostgreSQL."""
    port = free_port()
    env = {
        **workplace.lti_environment(),
        **workplace.postgres_environment(),
        "PGDATABASE": workplace.new_database(POSTGRESQL).name,
        "NODE_ENV": "production",
    }
    command = ["node", str(PEERS / "ltijs_server.js"), str(port)]
    with workplace.serving(command, port, env) as server:
        yield LaunchContender(server, Tool(port, "/login", "/launch"), share=0.4)


@contextmanager
def floor(workplace: Workplace) -> Iterator[LaunchContender]:
    """Starlette reading the form and verifying the signature, and nothing else."""
    port = free_port()
    command = [program("uvicorn"), "floor:app", "--host=127.0.0.1", f"--port={port}", "--no-access-log"]
    with workplace.serving(command, port, workplace.lti_environment()) as server:
        yield LaunchContender(server, Tool(port, "", "/launch"), share=2.0, has_login=False)
