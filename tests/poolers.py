"""PgBouncer as schools run it: each transaction gets whichever of a few sessions is free."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.engine import make_url

from tests.servers import free_port

SESSIONS = 2
"""Fewer than one process of ours has connections, so that they are shared from the start."""

CONFIG = """
[databases]
* = host={host} port={port} user={user}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {own}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {sessions}
"""


@contextmanager
def pooled(url: str) -> Iterator[str]:
    """The address of a database by way of a PgBouncer in transaction mode, which runs until the block ends."""
    parts, own, folder = make_url(url), free_port(), Path(tempfile.mkdtemp(prefix="reflect-pgbouncer-"))
    config = folder / "pgbouncer.ini"
    values = {"host": parts.host, "port": parts.port or 5432, "user": parts.username, "own": own, "sessions": SESSIONS}
    config.write_text(CONFIG.format(**values))
    prefix = []
    if os.geteuid() == 0:  # which PgBouncer refuses to be
        shutil.chown(folder, "postgres")
        shutil.chown(config, "postgres")
        prefix = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    command = [*prefix, shutil.which("pgbouncer") or "/usr/sbin/pgbouncer", str(config)]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        _wait_for(own, process)
        yield parts.set(host="127.0.0.1", port=own).render_as_string(hide_password=False)
    finally:
        process.terminate()
        process.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError("PgBouncer did not start.")
