"""Reflect calls nobody but by its one client, for the reasons that docs/security.md lists, and never by itself."""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from reflect.files import ROOT

PACKAGE = ROOT / "reflect"
WAYS_OUT = (
    *("httpx2", "httpx", "httpcore2", "httpcore", "requests", "urllib3", "aiohttp", "websockets", "anyio", "h11"),
    *(
        "urllib.request",
        "http.client",
        "socket",
        "ssl",
        "smtplib",
        "ftplib",
        "poplib",
        "imaplib",
        "xmlrpc",
        "telnetlib",
    ),
    *("subprocess", "pty", "multiprocessing", "authlib.integrations", "webbrowser"),
)
"""Modules by which a program can speak with another machine, or have another program do so."""
METHODS = frozenset(
    {"open_connection", "open_unix_connection", "create_connection", "create_datagram_endpoint", "sock_connect",
     "create_subprocess_exec", "create_subprocess_shell", "system", "popen", "execv", "execvp", "posix_spawn", "fork"}
)  # fmt: skip
MAY = {
    "reflect/lti/outbound.py": "the one client",
    "reflect/lti/networks.py": "resolves names for it",
    "reflect/lti/paging.py": "reads links by httpx2's rules; calls nobody",
    "reflect/demo/trust.py": "the demo campus is another party: it fetches the tool's keys",
    "reflect/cli/demo.py": "looks whether a port is free",
    "reflect/storage/postgresql_dumps.py": "pg_dump and pg_restore, on the database of the settings",
    "reflect/cli/serving.py": "its own socket, and itself anew",
    "reflect/cli/workers.py": "its own workers",
}
TABLE = re.compile(r"^## Calls that Reflect makes$.*?(?=^## )", re.MULTILINE | re.DOTALL)


def ways_out(source: str) -> set[str]:
    """What a module uses that can leave the process."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Attribute) and node.attr in METHODS:
            found.add(node.attr)
        found |= {way for name in names for way in WAYS_OUT if name == way or name.startswith(f"{way}.")}
    return found


def test_nothing_leaves_the_process_but_where_it_may() -> None:
    found = {path.relative_to(ROOT).as_posix(): ways_out(path.read_text()) for path in PACKAGE.rglob("*.py")}
    assert {name: ways for name, ways in found.items() if ways and name not in MAY} == {}


@pytest.mark.parametrize(
    "source",
    [
        "import httpx2",
        "from urllib.request import urlopen",
        "from urllib import request",
        "def later():\n    import smtplib",
        "import socket as plug",
        "import asyncio\nasyncio.open_connection('elsewhere', 443)",
        "import os\nos.system('curl elsewhere')",
        "from authlib.integrations.httpx_client import AsyncOAuth2Client",
    ],
)
def test_a_way_around_the_client_would_be_noticed(source: str) -> None:
    assert ways_out(source)


def callers() -> Iterator[str]:
    """The modules that make a call by the one client."""
    for path in sorted(PACKAGE.rglob("*.py")):
        if re.search(r"outbound\.(?:get|post)\(", path.read_text()):
            yield path.relative_to(ROOT).as_posix()


def test_every_call_is_in_the_list_and_every_entry_of_the_list_makes_one() -> None:
    table = TABLE.search((ROOT / "docs" / "security.md").read_text())
    assert table
    assert set(re.findall(r"\| `(reflect/[\w/]+\.py)` \|$", table[0], re.MULTILINE)) == set(callers())


QUIET = """
import asyncio, json, sys
from reflect.settings import Settings
from reflect.storage.database import open_engine
from reflect.storage.schema import migrate
from reflect.web.app import create_app
from reflect.web import background

rounds = []
async def note_round(*given):
    rounds.extend(it for it in given if callable(it))
background._rounds = note_round

seen = []
def listen(event, args):
    if event in {"socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname", "subprocess.Popen"}:
        seen.append([event, str(args[1:])])
sys.addaudithook(listen)

async def ask(app, path):
    heard = []
    scope = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": b"",
             "headers": [(b"host", b"localhost:8000")], "client": ("127.0.0.1", 1), "server": ("localhost", 8000),
             "scheme": "http", "root_path": "", "http_version": "1.1"}
    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}
    async def send(message):
        heard.append(message)
    await app(scope, receive, send)
    return heard[0]["status"]

async def main(url):
    settings = Settings(_env_file=None, base_url="http://localhost:8000", database_url=url, secret_key="x" * 40,
                        private_hosts="127.0.0.1:9")
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        house, done = app.state.house, []
        await asyncio.sleep(0)
        for work in rounds:
            await work(house)
            done.append(work.__name__)
        pages = [await ask(app, path) for path in ("/", "/health/ready", "/app", "/toolkit", "/diagnostics", "/admin")]
        by_itself = list(seen)
        try:
            await house.outbound.get("http://127.0.0.1:9/")
        except Exception:
            pass
    print(json.dumps({"rounds": done, "pages": pages, "by itself": by_itself, "asked to": seen[len(by_itself):]}))

url = "sqlite:///" + sys.argv[1]
engine = open_engine(url)
migrate(engine)
engine.dispose()
asyncio.run(main(url))
"""


def test_a_server_that_nobody_registered_with_calls_nobody(tmp_path: Path) -> None:
    command = [sys.executable, "-c", QUIET, str(tmp_path / "reflect.db")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    # By these names logs, /metrics and its alerts call them.
    assert sorted(told["rounds"]) == ["close_due", "deliver", "forget", "open_due", "publish_due"]
    assert told["pages"][:2] == [200, 200]
    assert told["by itself"] == []
    assert told["asked to"], "a call would have been heard"
