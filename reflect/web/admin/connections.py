"""The connection test of a registration, run when somebody asks for it."""

import json
from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import health, registrations
from reflect.domain.admins import Administrator
from reflect.keyring import Keyring
from reflect.lti.keys import KeyPair
from reflect.storage.registrations import platform
from reflect.web import connection
from reflect.web.admin.registrations import page
from reflect.web.admin.visits import render, visit
from reflect.web.connection import Subject
from reflect.web.house import house_of
from reflect.web.pages import language_of, wants_part


async def create(request: Request) -> Response:
    """Look at everything that can be looked at without a launch."""
    house, registration_id = house_of(request), request.path_params["registration_id"]

    def work(db: Session, _admin: Administrator) -> Any:
        return subject_of(db, registration_id, house.keyring)

    admin, subject = await visit(request, work)
    found = connection.installation(house.settings)
    found += await connection.examine(house.settings, house.outbound, house.tokens, subject)
    findings = [finding.told(language_of(request)) for finding in found]
    if not wants_part(request):
        return await page(request, findings=findings)
    return render(request, "admin/registrations/_findings.html", admin, findings=findings)


def subject_of(db: Session, registration_id: int, keyring: Keyring) -> Subject:
    """A registration as the connection test wants it; raises Missing."""
    found = registrations.find(db, registration_id)
    keys = registrations.keys_of(db, registration_id)
    known = platform(db, registration_id)
    assert known is not None
    approved = [it.deployment_id for it in found.deployments if it.is_approved]
    return Subject(
        name=found.registration.name,
        platform=known,
        deployment_id=approved[0] if approved else None,
        pair=KeyPair(keys[0].kid, registrations.private_pem(keyring, keys[0]), json.loads(keys[0].public_jwk))
        if keys
        else None,
        shares_names=health.of(db, found).shares_names,
    )
