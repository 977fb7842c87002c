"""What the portal is told of launches: that one went well, or why one was refused; seldom, and nothing of anybody."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from sqlalchemy import select
from sqlmodel import Session, col

from reflect.domain.health import OF_ONE_VISIT
from reflect.domain.membership import Arrival
from reflect.domain.refusals import Refused
from reflect.lti import LaunchRefused
from reflect.lti.addresses import origin
from reflect.storage import health
from reflect.storage.health import RegistrationHealth
from reflect.storage.registrations import Registration
from reflect.web.house import House


def launched(house: House, db: Session, arrival: Arrival) -> None:
    """Note a launch that went well, in its own transaction."""
    if house.notes.launches.is_due(arrival.deployment_id):
        health.note_launch(db, arrival.deployment_id, bool(arrival.name), house.now())
        house.notes.refusals.forget()


async def refused(house: House, registration_id: int, refusal: LaunchRefused | Refused) -> None:
    """Note a launch's refusal against its registration."""
    await _refused(house, [registration_id], refusal.code)


@asynccontextmanager
async def refused_logins(house: House, issuer: str) -> AsyncIterator[None]:
    """Note a login's refusal, and let it pass.

    It leads to no registration: meant are those at the same origin that still wait for their first launch. One that
    works is not doubted because another tool of that site is unknown.
    """
    try:
        yield
    except LaunchRefused as refusal:
        there = origin(issuer)
        if there and house.notes.refusals.is_due(there):
            await _refused(house, await house.database.read(lambda db: _at(db, issuer)), refusal.code)
        raise


def _at(db: Session, issuer: str) -> Sequence[int]:
    launched = select(col(RegistrationHealth.registration_id))
    rows = db.execute(
        select(col(Registration.id), col(Registration.issuer)).where(col(Registration.id).not_in(launched))
    )
    return [registration_id for registration_id, known in rows if origin(known) == origin(issuer)]


async def _refused(house: House, registration_ids: Sequence[int], code: str) -> None:
    if code in OF_ONE_VISIT:
        return
    if due := [it for it in registration_ids if house.notes.refusals.is_due((it, code))]:
        await house.database.write(lambda db: _note(db, due, code, house))
        house.notes.launches.forget()


def _note(db: Session, registration_ids: Sequence[int], code: str, house: House) -> None:
    for registration_id in registration_ids:
        if db.get(Registration, registration_id) is not None:
            health.note_refusal(db, registration_id, code, house.now())
