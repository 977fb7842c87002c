"""A registration switched off."""

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import audit, registrations
from reflect.domain.admins import Administrator
from reflect.web.admin.visits import lead_to, visit
from reflect.web.house import house_of


async def create(request: Request) -> Response:
    """Let a platform in no more; its sessions end with it."""
    return await switch(request, False)


async def switch(request: Request, is_enabled: bool) -> Response:
    """Switch a registration off, or on."""
    registration_id, now = request.path_params["registration_id"], house_of(request).now()

    def work(db: Session, admin: Administrator) -> None:
        registrations.switch(db, registration_id, is_enabled)
        name = registrations.find(db, registration_id).registration.name
        audit.note(db, admin.email, "registration_enabled" if is_enabled else "registration_disabled", name, now)

    await visit(request, work, writes=True)
    return lead_to(request, "admin.registration", registration_id=registration_id)
