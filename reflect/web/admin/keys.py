"""Our keys for a registration: a new one signs from now on, and the old one stays published unless it is revoked."""

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import audit, keys, registrations
from reflect.domain.admins import Administrator
from reflect.lti.keys import generate
from reflect.web.admin.visits import admitted, lead_to, visit
from reflect.web.house import House, house_of


async def new_pair(house: House) -> dict[str, object]:
    """A fresh key pair as it is stored; made off the event loop, for it takes a while."""
    pair = await run_in_threadpool(generate)
    return dict(registrations.new_key(house.keyring, pair.kid, pair.private_pem, pair.public_jwk))


async def create(request: Request) -> Response:
    """Rotate."""
    house, registration_id = house_of(request), request.path_params["registration_id"]
    await admitted(request)
    key, now = await new_pair(house), house.now()

    def work(db: Session, admin: Administrator) -> None:
        keys.add(db, registration_id, key, now)
        name = registrations.find(db, registration_id).registration.name
        audit.note(db, admin.email, "key_rotated", name, now)

    await visit(request, work, writes=True)
    return lead_to(request, "admin.registration", registration_id=registration_id)


async def destroy(request: Request) -> Response:
    """Publish a key no more; if it is the one that signs, a new one takes its place."""
    house, registration_id = house_of(request), request.path_params["registration_id"]
    key_id = request.path_params["key_id"]
    await admitted(request)
    successor, now = await new_pair(house), house.now()

    def work(db: Session, admin: Administrator) -> None:
        keys.revoke(db, registration_id, key_id, successor, admin.email, now)

    await visit(request, work, writes=True)
    return lead_to(request, "admin.registration", registration_id=registration_id)
