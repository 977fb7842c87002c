"""What every handler may reach for, built once per process."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.requests import Request

from reflect import __version__
from reflect.domain.privacy.sealing import Sealer
from reflect.keyring import Keyring
from reflect.lti import Handshake, Keysets, Outbound
from reflect.settings import Settings
from reflect.storage.database import Database

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class House:
    """Settings, the database and the things made from them."""

    settings: Settings
    database: Database
    keyring: Keyring
    handshake: Handshake
    outbound: Outbound
    keysets: Keysets
    sealer: Sealer
    now: Clock


def build(settings: Settings, database: Database) -> House:
    """A house over an open database."""
    keyring = Keyring(settings.secret_key.get_secret_value())
    outbound = Outbound(settings.private_hosts, f"Reflect/{__version__} (+{settings.base_url})")
    return House(
        settings=settings,
        database=database,
        keyring=keyring,
        handshake=Handshake(keyring.key_for("lti handshake")),
        outbound=outbound,
        keysets=Keysets(outbound),
        sealer=Sealer(keyring),
        now=lambda: datetime.now(UTC),
    )


def house_of(request: Request) -> House:
    """The house of the application that serves this request."""
    house = request.app.state.house
    assert isinstance(house, House)
    return house
