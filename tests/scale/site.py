"""A site of several machines: PostgreSQL and nginx in the middle, and around them machines that run Reflect."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import psycopg

from reflect.demo.campus import create_campus
from reflect.demo.people import read_school
from reflect.demo.platform import CampusPlatform
from reflect.settings import Settings
from reflect.storage.database import Database, open_engine
from reflect.storage.schema import migrate
from tests.installation import SECRET, Installation, tool_at
from tests.pairs import platform_keys
from tests.postgres import binary, run
from tests.scale.lan import MIDDLE, Lan, Machine, lan
from tests.servers import serving
from tests.walker import NO_CERTIFICATES, Walker

BASE_URL, PORT, CAMPUS_PORT = "http://localhost:8000", 8000, 9000
REFLECT = str(Path(sys.executable).with_name("reflect"))
PATIENCE = 90.0

NGINX = """
daemon off; master_process off; error_log stderr; pid {folder}/nginx.pid;
events {{ }}
http {{
  access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  upstream reflect {{ {servers} }}
  server {{
    listen unix:{folder}/nginx.socket;
    location / {{
      proxy_pass http://reflect;
      proxy_set_header Host $http_host;
      proxy_connect_timeout 1s;
      proxy_read_timeout 30s;
      error_page 502 504 = @away;
    }}
    location @away {{
      add_header Reflect-Error unavailable always;
      add_header Retry-After 2 always;
      return 503;
    }}
  }}
}}
"""


def until(is_so: Callable[[], object], what: str, patience: float = PATIENCE) -> None:
    """Wait until something is so; raises AssertionError with what was waited for."""
    deadline = time.monotonic() + patience
    while not is_so():
        assert time.monotonic() < deadline, f"not within {patience:g} s: {what}"
        time.sleep(0.05)


@dataclass
class Postgres:
    """A server on the middle, with every commit flushed."""

    folder: Path

    @property
    def near(self) -> str:
        """Its database's address for this process: files know no networks."""
        return f"postgresql://reflect@/postgres?host={self.folder}"

    def control(self, *words: str) -> None:
        """Start or stop it."""
        run([binary("pg_ctl"), "-D", self.folder / "data", "-w", *words])

    def start(self, machine: Machine) -> None:
        """Start it on a machine."""
        options = f"-c listen_addresses={machine.address} -c unix_socket_directories={self.folder}"
        command = [
            binary("pg_ctl"),
            "-D",
            self.folder / "data",
            "-w",
            "-o",
            options,
            "-l",
            self.folder / "log",
            "start",
        ]
        run(command, machine.command)


@dataclass
class App:
    """`reflect serve` on a machine of its own."""

    machine: Machine
    workers: int
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Begin to serve."""
        env = {
            "REFLECT_BASE_URL": BASE_URL,
            "REFLECT_DATABASE_URL": f"postgresql://reflect@{MIDDLE}/postgres",
            "REFLECT_SECRET_KEY": SECRET,
            "REFLECT_PRIVATE_HOSTS": f"127.0.0.1:{CAMPUS_PORT}",
        }
        words = [REFLECT, "serve", "--no-migrate", "--host", self.machine.address, "--port", str(PORT)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.machine.command([*words, "--workers", str(self.workers)]),
                env={**os.environ, **env},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The process that was started."""
        assert self.process is not None
        return self.process.pid

    def workers_now(self) -> set[int]:
        """The processes that serve, where there are several."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return {int(child) for child in children}

    def has_begun_anew(self) -> bool:
        """Whether the process is the one that a reload has made of it, on the socket that it was handed."""
        return b"LISTEN_FDS=1" in Path(f"/proc/{self.pid}/environ").read_bytes()

    def is_ready(self) -> bool:
        """Whether it answers and its database does."""
        return self._asked("/health/ready").startswith(b"HTTP/1.1 200")

    def _asked(self, path: str) -> bytes:
        def ask() -> bytes:
            try:
                with socket.create_connection((self.machine.address, PORT), 1) as connection:
                    connection.sendall(f"GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
                    return connection.recv(1000)
            except OSError:
                return b""

        return self.machine.do(ask)

    def end(self, sign: signal.Signals, *, whole: bool = False) -> None:
        """Send a signal to the process, or to all that it began, and wait for its end."""
        if self.process is None or self.process.poll() is not None:
            return
        (os.killpg if whole else os.kill)(self.pid, sign)
        try:
            self.process.wait(PATIENCE)
        finally:
            if self.process.poll() is None:
                os.killpg(self.pid, signal.SIGKILL)


@dataclass
class Site:
    """All of it; `running` is the installation as tests of one machine know it, on the same database."""

    network: Lan
    postgres: Postgres
    folder: Path
    running: Installation
    apps: dict[str, App] = field(default_factory=dict)

    def client(self) -> httpx2.Client:
        """A browser's connection to nginx; what takes longer than its patience has hung."""
        transport = httpx2.HTTPTransport(uds=str(self.folder / "nginx.socket"), verify=NO_CERTIFICATES)
        return httpx2.Client(transport=transport, trust_env=False, timeout=PATIENCE)

    def walker(self, client: httpx2.Client) -> Walker:
        """Somebody new, by such a connection."""
        return Walker(BASE_URL, self.running.platform, self.running.tool, client)

    def logs(self) -> str:
        """What the machines have logged."""
        return "".join(app.log.read_text() for app in self.apps.values())


@contextmanager
def site(workers: dict[str, int]) -> Iterator[Site]:
    """A site with machines of these names, each with so many workers."""
    with ExitStack() as closing:
        network = closing.enter_context(lan(list(workers)))
        folder = Path(tempfile.mkdtemp(prefix="reflect-scale-"))
        closing.callback(shutil.rmtree, folder, ignore_errors=True)
        folder.chmod(0o755)
        postgres = closing.enter_context(_postgres(network.middle))
        engine = open_engine(postgres.near)
        migrate(engine)
        engine.dispose()
        found = Site(network, postgres, folder, _registered(postgres, closing))
        for name, machine in network.machines.items():
            campus = create_campus(found.running.platform, found.running.tool)
            closing.enter_context(serving(campus, machine.bound("127.0.0.1", CAMPUS_PORT)))
            app = found.apps[name] = App(machine, workers[name], folder / f"{name}.log")
            closing.callback(app.end, signal.SIGTERM)
            app.start()
        for name, app in found.apps.items():
            until(app.is_ready, f"{name} is ready")
        closing.enter_context(_nginx(found))
        yield found


@contextmanager
def _postgres(machine: Machine) -> Iterator[Postgres]:
    folder = Path(tempfile.mkdtemp(prefix="reflect-scale-postgres-"))
    shutil.chown(folder, "postgres")
    found = Postgres(folder)
    try:
        run([binary("initdb"), "-D", folder / "data", "-U", "reflect", "-A", "trust", "-E", "UTF8", "--no-locale"])
        with (folder / "data/pg_hba.conf").open("a") as rules:
            rules.write("host all all 10.77.0.0/24 trust\n")
        found.start(machine)
        yield found
    finally:
        if (folder / "data/postmaster.pid").exists():
            found.control("-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def _registered(postgres: Postgres, closing: ExitStack) -> Installation:
    database = Database(postgres.near)
    closing.callback(database.close)
    platform = CampusPlatform(
        f"http://127.0.0.1:{CAMPUS_PORT}", school=read_school().speaking("en"), keys=platform_keys()
    )
    tool = tool_at(BASE_URL)
    settings = Settings(_env_file=None, base_url=BASE_URL, database_url=postgres.near, secret_key=SECRET)
    running = Installation(BASE_URL, settings, database, platform, tool, closing)
    running.register(tool)
    return running


@contextmanager
def _nginx(found: Site) -> Iterator[None]:
    servers = " ".join(
        f"server {it.address}:{PORT} max_fails=1 fail_timeout=2s;" for it in found.network.machines.values()
    )
    config = found.folder / "nginx.conf"
    config.write_text(NGINX.format(folder=found.folder, servers=servers))
    command = found.network.middle.command([shutil.which("nginx") or "/usr/sbin/nginx", "-c", str(config)])
    with (found.folder / "nginx.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        until((found.folder / "nginx.socket").exists, "nginx listens")
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE)


def is_up(postgres: Postgres) -> bool:
    """Whether the server takes connections."""
    try:
        psycopg.connect(postgres.near, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True
