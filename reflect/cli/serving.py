"""`reflect serve`: the production server, which goes and comes without losing what it has accepted.

The socket it listens on outlives what serves: workers share it, a reload hands it on, and systemd may have made it
(`sd_listen_fds`). So whoever comes meanwhile waits in its queue and is not refused.
"""

import atexit
import logging
import os
import shutil
import signal
import socket
import sys
import tempfile
from contextlib import suppress
from importlib import import_module

import click
import uvicorn

from reflect.cli.loading import undisturbed
from reflect.cli.reloads import will_do
from reflect.settings import METERS_FOLDER, Settings, settings_to_serve, unknown_names
from reflect.web import log_lines, logs

APP = "reflect.web.app:from_environment"
MOST_FILES = 65_536
FINISHING, STARTING = 25, 30
"""Seconds that a worker has to answer what it has accepted, and to begin."""
STARTUP_FAILURE = 3
FIRST_HANDED_OVER = 3
"""The first file that is handed over, by systemd's convention."""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--workers", default=1, show_default=True, help="Processes; with SQLite one is best.")
@click.option("--no-migrate", is_flag=True, help="Do not bring the database to the newest schema first.")
def serve(host: str, port: int, workers: int, no_migrate: bool) -> None:
    """Serve Reflect; the database is migrated first."""
    settings = settings_to_serve()
    logs.configure(settings.log_format, logging.WARNING)
    if unknown := unknown_names():
        logging.getLogger("reflect.settings").warning("unknown settings do nothing", extra={"names": " ".join(unknown)})
    if workers > 1:
        _count_together()
    _load()
    _look_for_file(settings)
    if not no_migrate:
        _migrate(settings)
    _allow_many_connections()
    config = uvicorn.Config(
        APP,
        factory=True,
        host=host,
        port=port,
        workers=workers,
        log_config=None,
        access_log=False,
        server_header=False,
        # Nothing of ours depends on what a proxy says of the visitor: addresses are made from REFLECT_BASE_URL alone.
        proxy_headers=False,
        ws="none",
        http="reflect.web.gathering:GatheringProtocol",
        timeout_graceful_shutdown=FINISHING,
        timeout_worker_healthcheck=STARTING,
    )
    listening = _handed_over() or _bound(config)
    listening.listen(config.backlog)  # from here on nobody is refused
    _say_ready()
    if workers > 1:
        from reflect.cli.workers import Workers

        Workers(config, sockets=[listening]).run()
    else:
        _serve_alone(Renewable(config), listening)


def _bound(config: uvicorn.Config) -> socket.socket:
    """The socket at host and port; raises ClickException where they cannot be had."""
    try:
        return config.bind_socket()
    except SystemExit:  # after a line of uvicorn's with the system's reason
        raise click.ClickException(
            f"The server cannot listen on {config.host}, port {config.port}; the line above says why. If another"
            " program has the port, maybe a Reflect that still runs, end that one, or choose another port with --port."
        ) from None


def _load() -> None:
    """Load all that serves; late, because how the meters count is decided by what the environment says by then."""
    with undisturbed():
        import_module(APP.partition(":")[0])


def _look_for_file(settings: Settings) -> None:
    from reflect.cli.databases import must_not_be_moved

    must_not_be_moved(settings.database_url)


def _migrate(settings: Settings) -> None:
    from reflect.storage.database import open_engine
    from reflect.storage.revisions import is_newer
    from reflect.storage.schema import migrate, revision_at

    engine = open_engine(settings.database_url)
    migrate(engine)
    revision = revision_at(engine)
    engine.dispose()
    if is_newer(revision):
        facts = {"revision": revision}
        logging.getLogger("reflect.schema").warning("a newer release has migrated, this one goes on", extra=facts)


class Renewable(uvicorn.Server):
    """A server that ends, to begin anew, where it is asked to and the settings will do."""

    is_asked = begins_anew = False

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second; not in the signal's handler, which may come amid a line of the log."""
        if self.is_asked:
            self.is_asked, self.begins_anew = False, will_do()
        return self.begins_anew or await super().on_tick(counter)


def _serve_alone(server: Renewable, listening: socket.socket) -> None:
    """One process; SIGHUP lets it finish and begin anew as the same process, on the same socket."""
    kept = listening.dup()

    def reload(_signal: int, _frame: object) -> None:
        server.is_asked = True

    signal.signal(signal.SIGHUP, reload)
    with suppress(KeyboardInterrupt):
        server.run(sockets=[listening])
    if not server.started:
        sys.exit(STARTUP_FAILURE)
    if server.begins_anew:
        _begin_anew(kept)


def _begin_anew(listening: socket.socket) -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until the new one can take it
    os.dup2(listening.fileno(), FIRST_HANDED_OVER)
    os.environ |= {"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())}
    log_lines.flush()  # nothing that is to be done at the end of a process is done here
    os.execv(sys.executable, sys.orig_argv)  # noqa: S606 - our own command line once more


def _handed_over() -> socket.socket | None:
    """The socket that systemd, or the process that this one was before, has made."""
    if os.environ.pop("LISTEN_PID", "") != str(os.getpid()) or os.environ.pop("LISTEN_FDS", "") != "1":
        return None
    handed = socket.socket(fileno=FIRST_HANDED_OVER)
    handed.set_inheritable(True)
    return handed


def _say_ready() -> None:
    """Tell systemd, if it waits for that (`Type=notify`), that the start has gone well (sd_notify)."""
    if address := os.environ.get("NOTIFY_SOCKET"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd, suppress(OSError):
            systemd.sendto(b"READY=1", address.replace("@", "\0", 1) if address.startswith("@") else address)


def _count_together() -> None:
    """Give the workers a folder through which `/metrics` of each tells of all; it goes with this process."""
    if METERS_FOLDER not in os.environ:
        folder = tempfile.mkdtemp(prefix="reflect-metrics-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        os.environ[METERS_FOLDER] = folder


def _allow_many_connections() -> None:
    """Each connection is an open file, and a login shell grants 1,024 of them; the system grants more to who asks."""
    if sys.platform == "win32":
        return
    import resource

    granted, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wished = MOST_FILES if most == resource.RLIM_INFINITY else min(most, MOST_FILES)
    if granted < wished:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wished, most))
