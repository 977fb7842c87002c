"""`reflect serve`: the production server."""

import sys

import click
import uvicorn

from reflect.settings import SettingsRefused, read_settings
from reflect.storage.database import open_engine
from reflect.storage.schema import migrate
from reflect.web.deadlines import PunctualProtocol

APP = "reflect.web.app:from_environment"
MOST_FILES = 65_536


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--workers", default=1, show_default=True, help="Processes; with SQLite one is best.")
@click.option("--no-migrate", is_flag=True, help="Do not bring the database to the newest schema first.")
def serve(host: str, port: int, workers: int, no_migrate: bool) -> None:
    """Serve Reflect; the database is migrated first."""
    settings = read_settings()
    if faults := settings.production_faults():
        raise SettingsRefused(faults)
    if not no_migrate:
        engine = open_engine(settings.database_url)
        migrate(engine)
        engine.dispose()
    _allow_many_connections()
    uvicorn.run(
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
        http=PunctualProtocol,
    )


def _allow_many_connections() -> None:
    """Each connection is an open file, and a login shell grants 1,024 of them; the system grants more to who asks."""
    if sys.platform == "win32":
        return
    import resource

    granted, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wished = MOST_FILES if most == resource.RLIM_INFINITY else min(most, MOST_FILES)
    if granted < wished:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wished, most))
