"""`reflect demo`: Reflect and the demo campus side by side, with a class that has been using it for three weeks."""

import asyncio
import logging
import secrets
import socket
import tempfile
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import click
import uvicorn
from starlette.types import ASGIApp

from reflect.cli.demo_course import furnish
from reflect.demo.campus import create_campus
from reflect.demo.people import read_school
from reflect.demo.platform import CampusPlatform
from reflect.demo.tools import Tool
from reflect.domain import admins, weeks
from reflect.domain.audit import FROM_SHELL
from reflect.keyring import Keyring
from reflect.settings import Settings
from reflect.storage.database import Database
from reflect.storage.schema import migrate
from reflect.web import logs, styleguide
from reflect.web.admin import addresses
from reflect.web.app import create_app

WELCOME = """
  Reflect is running, with a small school beside it.

  The school's own site (start here):  {campus}
  Teacher and student side by side:    {campus}/courses/2/activities/1/side-by-side
  Add activities, gradebook, copies:   {campus}/courses/2?as=3
  Register a tool as an administrator: {campus}/tools
  Reflect itself:                      {reflect}
  Its portal (signs you in, once):     {portal}
  Its colours, type and components:    {reflect}/styleguide

  Try it side by side: as Wren Storybook (teacher) press "New check-in" and "Open the check-in", as Zoë Märchenwald
  (student) answer it, and watch Wren's page.
  Everything is kept in a temporary folder and gone when you stop with Ctrl-C.
"""


ADMIN = "admin@fablehill.example"


@click.command()
@click.option("--port", default=8000, show_default=True, help="Reflect's port.")
@click.option("--campus-port", default=8001, show_default=True, help="The demo campus's port.")
@click.option("--language", help="What everybody of the school speaks, such as fr; left out, each their own.")
def demo(port: int, campus_port: int, language: str | None) -> None:
    """Try everything on this machine: no LMS, no settings, nothing left behind."""
    for wanted in (port, campus_port):
        _must_be_free(wanted)
    logs.configure("console", logging.WARNING)
    with tempfile.TemporaryDirectory(prefix="reflect-demo-") as folder:
        settings = Settings(
            base_url=f"http://localhost:{port}",
            database_url=f"sqlite:///{Path(folder) / 'demo.db'}",
            secret_key=secrets.token_hex(32),  # type: ignore[arg-type]  # pydantic makes it a SecretStr
            private_hosts=f"127.0.0.1:{campus_port}",  # type: ignore[arg-type]  # and this a set
        )
        campus = _open_school(settings, f"http://127.0.0.1:{campus_port}", language)
        school, portal = f"http://127.0.0.1:{campus_port}", _portal(settings)
        click.echo(WELCOME.format(campus=school, reflect=settings.base_url, portal=portal))
        with suppress(KeyboardInterrupt):
            asyncio.run(_serve(create_app(settings, styleguide.ROUTES), port, campus, campus_port))


def _open_school(settings: Settings, address: str, language: str | None) -> ASGIApp:
    """Migrate, register the campus and furnish its first course; the campus as an application."""
    tool = Tool(
        client_id="reflect-on-campus",
        deployment_id="1",
        login_url=f"{settings.base_url}/lti/login",
        launch_url=f"{settings.base_url}/lti/launch",
        target_link_uri=f"{settings.base_url}/app",
        keyset_url=f"{settings.base_url}/lti/keys",
        custom={"context_history": "$Context.id.history", "groups": "$Moodle.Person.userGroupIds"},
    )
    school = read_school()
    platform = CampusPlatform(address, school=school.speaking(language) if language else school)
    database = Database(settings.database_url)
    migrate(database.engine)
    now = datetime.now(UTC)
    furnish(database, settings, platform, tool, now)
    for week in database.read_now(lambda db: weeks.due(db, now)):
        database.write_now(lambda db, week=week: weeks.publish(db, week, settings.min_group_size, now))  # type: ignore[misc]
    database.close()
    return create_campus(platform, tool)


def _portal(settings: Settings) -> str:
    """An address that signs the administrator of the demo in."""
    database = Database(settings.database_url)
    now = datetime.now(UTC)
    invitation_id = database.write_now(lambda db: admins.invite(db, ADMIN, FROM_SHELL, now))
    database.close()
    return addresses.sign_in(settings.base_url, Keyring(settings.secret_key.get_secret_value()), invitation_id)


async def _serve(reflect: ASGIApp, port: int, campus: ASGIApp, campus_port: int) -> None:
    # "localhost" and "127.0.0.1" are two sites to a browser, so that frames and cookies behave as with a real LMS.
    servers = [
        uvicorn.Server(uvicorn.Config(app, host=host, port=at, log_config=None, access_log=False))
        for app, host, at in ((reflect, "localhost", port), (campus, "127.0.0.1", campus_port))
    ]
    await asyncio.gather(*(server.serve() for server in servers))


def _must_be_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise click.ClickException(f"Port {port} is in use: choose another with --port or --campus-port.") from None
