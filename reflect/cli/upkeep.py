"""Keeping the database in order: `migrate`, `tidy`, `purge`."""

import asyncio
import json
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final

import click

from reflect.cli.databases import BEHIND, must_be_there, must_not_be_moved, tell_if_newer
from reflect.domain.clocks import Trust
from reflect.domain.privacy.retention import PurgeReport
from reflect.domain.privacy.retention import purge as purge_now
from reflect.settings import Settings, read_settings
from reflect.storage import health
from reflect.storage.database import Database, open_engine
from reflect.storage.revisions import is_behind, is_newer
from reflect.storage.schema import migrate as migrate_now
from reflect.storage.schema import revision_at
from reflect.web.closures import close_due
from reflect.web.gradebooks import deliver
from reflect.web.house import House, build
from reflect.web.openings import open_due
from reflect.web.publications import publish_due

ROUNDS: Final[dict[str, Callable[[House], Coroutine[Any, Any, int]]]] = {
    "to open check-ins": open_due,
    "to close check-ins": close_due,
    "to deliver marks": deliver,
    "to publish weeks": publish_due,
}
"""What the server does by the way (`web/background.py`), by what it is called where it fails."""


@contextmanager
def opened(settings: Settings) -> Iterator[Database]:
    """The migrated database of an installation; says what to do if it is not migrated, or not there."""
    must_be_there(settings)
    database = Database(settings.database_url)
    try:
        revision = revision_at(database.engine)
        if is_behind(revision):
            raise click.ClickException(BEHIND)
        tell_if_newer(revision)
        yield database
    finally:
        database.close()


def settle(database: Database) -> None:
    """Let nothing that was deleted linger in SQLite's log; say so where it may."""
    if not database.settle():
        click.echo(
            "Something goes on reading the database, so its log could not be emptied: what was deleted may linger "
            "in the file that ends in -wal until the next hourly tidying or `reflect purge`.",
            err=True,
        )


@click.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    settings = read_settings()
    must_not_be_moved(settings.database_url)
    engine = open_engine(settings.database_url)
    migrate_now(engine)
    revision = revision_at(engine)
    engine.dispose()
    tell_if_newer(revision)
    if not is_newer(revision):
        click.echo("The database is at the newest schema.")


@click.command()
def tidy() -> None:
    """Do the background work once: check-ins open and close, marks are delivered, weeks are published for leaders, and
    what is over is deleted."""
    settings, faults = read_settings(), list[str]()
    with opened(settings) as database:
        house = build(settings, database)
        _must_believe_clock(database)
        for what, work in ROUNDS.items():
            with _noted(what, faults):
                asyncio.run(work(house))
    with _noted("to delete what is over", faults):
        _purge(clock_is_right=True)
    if faults:
        raise click.ClickException(f"All was tried, and not all is done: {', '.join(faults)}. All else is.")


@contextmanager
def _noted(what: str, faults: list[str]) -> Iterator[None]:
    """Let no fault keep the work that comes after from being done; only its kind is told, for its message may hold
    what somebody typed."""
    try:
        yield
    except Exception as fault:
        faults.append(f"{what} ({type(fault).__name__})")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option("--clock-is-right", is_flag=True, help="Also if nobody has launched for so long that it may be wrong.")
def purge(as_json: bool, clock_is_right: bool) -> None:
    """Carry out retention now and print the report: counts only."""
    report = asdict(_purge(clock_is_right))
    if as_json:
        click.echo(json.dumps(report))
    else:
        for what, count in report.items():
            click.echo(f"{what} deleted: {count}")


def _purge(clock_is_right: bool = False) -> PurgeReport:
    settings = read_settings()
    with opened(settings) as database:
        if not clock_is_right:
            _must_believe_clock(database)
        report = database.write_now(lambda db: purge_now(db, settings.retention_days, datetime.now(UTC)))
        settle(database)
        return report


def _must_believe_clock(database: Database) -> None:
    now, launched_at = datetime.now(UTC), database.read_now(health.last_launch_at)
    if not Trust().is_confirmed(now, launched_at):
        raise click.ClickException(
            f"Nothing was done: the clock says {now:%Y-%m-%d}, and the last launch was on {launched_at:%Y-%m-%d}. "
            "If the clock is right, `reflect purge --clock-is-right` deletes what is over."
        )
