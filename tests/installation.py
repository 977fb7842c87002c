"""A whole installation for tests: Reflect on a real database, and the campus that launches it, both over real HTTP."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from socket import socket

from sqlalchemy import func, select
from sqlmodel import Session
from starlette.types import ASGIApp

from reflect.demo.campus import create_campus
from reflect.demo.people import read_school
from reflect.demo.platform import CampusPlatform
from reflect.demo.tools import Tool
from reflect.domain import registrations
from reflect.domain.registrations import Application
from reflect.keyring import Keyring
from reflect.lti.keys import KeyPair
from reflect.settings import Settings
from reflect.storage.database import Database
from reflect.web.app import create_app
from tests.pairs import pairs, platform_keys
from tests.servers import listening, serving
from tests.walker import Walker

SECRET = "a secret for tests that is long enough to be one"


@dataclass(frozen=True)
class Installation:
    """What a test needs to know of a running Reflect; `database` is a second way in, to look and to prepare."""

    base_url: str
    settings: Settings
    database: Database
    platform: CampusPlatform
    tool: Tool
    closing: ExitStack
    pairs: Iterator[KeyPair] = field(default_factory=pairs)

    def walker(self) -> Walker:
        """A new browser without a screen."""
        walker = Walker(self.base_url, self.platform)
        self.closing.callback(walker.client.close)
        return walker

    def register(self, tool: Tool, issuer: str | None = None) -> int:
        """Register the campus (or another issuer) once more, with this tool's client id and deployment."""
        address = self.platform.base_url
        application = Application(
            name="Campus",
            lms="other",
            issuer=issuer or address,
            client_id=tool.client_id,
            auth_url=f"{address}/authorize",
            token_url=f"{address}/token",
            keyset_url=f"{address}/jwks",
            deployment_id=tool.deployment_id,
        )
        pair, keyring = next(self.pairs), Keyring(SECRET)
        key = registrations.new_key(keyring, pair.kid, pair.private_pem, pair.public_jwk)
        return self.database.write_now(lambda db: registrations.add(db, application, key, datetime.now(UTC)))

    def count(self, *tables: type) -> list[int]:
        """How many rows each table has."""

        def work(db: Session) -> list[int]:
            return [db.scalar(select(func.count()).select_from(table)) or 0 for table in tables]

        return self.database.read_now(work)


def tool_at(base_url: str, client_id: str = "reflect-on-campus", deployment_id: str = "1") -> Tool:
    """Reflect as the campus knows it."""
    addresses = (f"{base_url}{path}" for path in ("/lti/login", "/lti/launch", "/app", "/lti/keys"))
    return Tool(client_id, deployment_id, *addresses, custom={"context_history": "$Context.id.history"})


@contextmanager
def installed(
    database_url: str,
    wire: Callable[[ASGIApp], ASGIApp] = lambda app: app,
    bound: socket | None = None,
    at: str | None = None,
    language: str = "en",
    **settings: object,
) -> Iterator[Installation]:
    """Start Reflect on a migrated database, with the campus registered; more settings may be given.

    `wire` is what lies between Reflect and its visitors, such as a proxy that loses things; `bound` is where it listens,
    and `at` the address under which people reach it, where that is another one. `language` is what everybody of the
    campus speaks.
    """
    reflect_socket, campus_socket = bound or listening(), listening()
    base_url = at or f"http://localhost:{reflect_socket.getsockname()[1]}"
    campus_port = campus_socket.getsockname()[1]
    given = {"private_hosts": f"127.0.0.1:{campus_port}", **settings}
    chosen = Settings(_env_file=None, base_url=base_url, database_url=database_url, secret_key=SECRET, **given)
    school = read_school().speaking(language)
    platform = CampusPlatform(f"http://127.0.0.1:{campus_port}", school=school, keys=platform_keys())
    tool = tool_at(base_url)
    campus = create_campus(platform, tool)
    with ExitStack() as closing:
        database = Database(database_url)
        closing.callback(database.close)
        running = Installation(base_url, chosen, database, platform, tool, closing)
        running.register(tool)
        closing.enter_context(serving(campus, campus_socket))
        closing.enter_context(serving(wire(create_app(chosen)), reflect_socket))
        yield running
