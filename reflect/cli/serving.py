"""`reflect serve`: the production server."""

import atexit
import os
import shutil
import tempfile

import click
import uvicorn

from reflect.meters import FOLDER
from reflect.settings import SettingsRefused, read_settings
from reflect.storage.database import open_engine
from reflect.storage.schema import migrate

APP = "reflect.web.app:from_environment"


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
    if workers > 1:
        _count_together()
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
    )


def _count_together() -> None:
    """Give the workers a folder through which `/metrics` of each tells of all; it goes with this process."""
    if FOLDER not in os.environ:
        folder = tempfile.mkdtemp(prefix="reflect-metrics-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        os.environ[FOLDER] = folder
