"""`reflect serve` as a process of its own, as a service starts it, with the campus that launches it beside."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from reflect.demo.campus import create_campus
from reflect.demo.people import read_school
from reflect.demo.platform import CampusPlatform
from reflect.settings import Settings
from reflect.storage.database import Database
from tests.installation import SECRET, Installation, tool_at
from tests.pairs import platform_keys
from tests.servers import free_port, listening, serving
from tests.walker import http_client

COMMAND = "import sys; from reflect.cli import main; sys.exit(main())"


@dataclass
class Served:
    """An installation whose server can be killed and begun again on the same port."""

    running: Installation
    log: Path
    stderr: int | None = None
    process: "subprocess.Popen[bytes] | None" = None
    env: dict[str, str] = field(default_factory=dict)

    @property
    def port(self) -> int:
        return int(self.running.base_url.rpartition(":")[2])

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def start(self) -> None:
        """Begin to serve, and wait until the server is ready."""
        command = [sys.executable, "-c", COMMAND, "serve", "--no-migrate", "--port", str(self.port)]
        with self.log.open("ab") as log:
            stderr = log if self.stderr is None else self.stderr
            self.process = subprocess.Popen(command, env=self.env, stdout=log, stderr=stderr, cwd=self.log.parent)
        deadline = time.monotonic() + 90
        with http_client() as client:
            while time.monotonic() < deadline and self.process.poll() is None:
                with suppress(httpx2.TransportError):
                    if client.get(f"http://127.0.0.1:{self.port}/health/ready").status_code == 200:
                        return
                time.sleep(0.05)
        raise RuntimeError(f"The server did not start: {self.log.read_text()[-2000:]}")

    def kill(self) -> None:
        """kill -9."""
        os.kill(self.pid, signal.SIGKILL)
        assert self.process is not None
        self.process.wait(20)

    def memory(self) -> int:
        """Resident kilobytes of the server."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))


@contextmanager
def served(database_url: str, folder: Path, stderr: int | None = None) -> Iterator[Served]:
    """Serve a migrated database from a process; it is stopped at the end."""
    campus_socket, port = listening(), free_port()
    base_url, campus_port = f"http://localhost:{port}", campus_socket.getsockname()[1]
    env = os.environ | {
        "REFLECT_BASE_URL": base_url,
        "REFLECT_DATABASE_URL": database_url,
        "REFLECT_SECRET_KEY": SECRET,
        "REFLECT_PRIVATE_HOSTS": f"127.0.0.1:{campus_port}",
    }
    chosen = Settings(_env_file=None, base_url=base_url, database_url=database_url, secret_key=SECRET)
    school = read_school().speaking("en")
    platform = CampusPlatform(f"http://127.0.0.1:{campus_port}", school=school, keys=platform_keys())
    tool = tool_at(base_url)
    with ExitStack() as closing:
        database = Database(database_url)
        closing.callback(database.close)
        running = Installation(base_url, chosen, database, platform, tool, closing)
        running.register(tool)
        closing.enter_context(serving(create_campus(platform, tool), campus_socket))
        found = Served(running, folder / "serve.log", stderr, env=dict(env))
        found.start()
        try:
            yield found
        finally:
            if found.process is not None and found.process.poll() is None:
                found.process.terminate()
                found.process.wait(20)
