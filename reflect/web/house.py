"""What every handler may reach for, built once per process."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request

from reflect import __version__
from reflect.domain.clocks import Trust
from reflect.domain.identities import Institution
from reflect.domain.privacy.sealing import Sealer
from reflect.keyring import Keyring
from reflect.lti import Handshake, Keysets, Outbound
from reflect.lti.tokens import Tokens
from reflect.settings import Settings
from reflect.storage.database import Database
from reflect.storage.registrations import Sender
from reflect.web.fragments import Fragments
from reflect.web.openid_documents import Documents
from reflect.web.openid_provider import documents_of
from reflect.web.own_addresses import OwnAddress
from reflect.web.pace import Notes
from reflect.web.rates import (
    CHANGES_OF_PERSON,
    LAUNCHES_OF_PLATFORM,
    REFUSALS_OF_NETWORK,
    Changes,
    Launches,
    Rate,
    Rates,
)

Clock = Callable[[], datetime]
log = logging.getLogger("reflect.errands")


class Errands:
    """Work that a request begins and nobody waits for; kept until it is done, so that it is not lost on the way."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Start the work on the running event loop."""
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._done)

    async def end(self) -> None:
        """Give up what is not done."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("an errand failed", extra={"kind": type(error).__name__})


@dataclass(frozen=True, slots=True)
class House:
    """Settings, the database and the things made from them."""

    settings: Settings
    database: Database
    keyring: Keyring
    handshake: Handshake
    outbound: Outbound
    keysets: Keysets
    tokens: Tokens
    sealer: Sealer
    errands: Errands
    senders: dict[int, Sender]
    """Registrations as they were when last read. Whoever relies on one holds it against the database before acting."""
    notes: Notes
    fragments: Fragments
    rates: Rates
    changes: Changes
    launches: Launches
    launch_refusals: Rate
    own_address: OwnAddress
    provider_documents: Documents
    """What the institution's provider publishes about itself."""
    institution: Institution | None
    """Where everybody must sign in, besides their platform; None where that is not asked."""
    now: Clock
    trust: Trust
    """Whether what `now` says can be believed."""


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
        tokens=Tokens(outbound),
        sealer=Sealer(keyring),
        errands=Errands(),
        senders={},
        notes=Notes(),
        fragments=Fragments(),
        rates=Rates(database, keyring),
        changes=Changes(CHANGES_OF_PERSON),
        launches=Launches(LAUNCHES_OF_PLATFORM),
        launch_refusals=Rate(REFUSALS_OF_NETWORK),
        own_address=OwnAddress(settings.base_url),
        provider_documents=documents_of(outbound),
        institution=_institution(settings, keyring),
        now=lambda: datetime.now(UTC),
        trust=Trust(),
    )


def _institution(settings: Settings, keyring: Keyring) -> Institution | None:
    if not settings.oidc_required:
        return None
    return Institution.of(settings.oidc_issuer, keyring.key_for("institution identity"))


def house_of(request: Request) -> House:
    """The house of the application that serves this request."""
    house = request.app.state.house
    assert isinstance(house, House)
    return house
