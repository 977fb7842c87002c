"""Who may use the portal, administrators and leaders, and their sessions."""

from collections.abc import Mapping, Sequence

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import admins, registrations
from reflect.domain.admins import Administrator, Appointment, Listed
from reflect.domain.refusals import FormRefused
from reflect.domain.registrations import Registered
from reflect.storage.admins import Role
from reflect.web.admin import addresses
from reflect.web.admin.visits import lead_to, render, say, visit
from reflect.web.field_errors import FIELD_ERRORS
from reflect.web.forms import fields_of
from reflect.web.house import house_of


async def index(request: Request) -> Response:
    """Everybody who may use the portal."""
    return await _page(request, {}, {})


async def create(request: Request) -> Response:
    """Invite somebody; the page shows the address to hand over, which is written down nowhere."""
    house, fields = house_of(request), await fields_of(request)
    email, now = fields.get("email", ""), house.now()
    try:
        appointment = Appointment.read(fields)
        admin, invitation_id = await visit(
            request, lambda db, admin: admins.invite(db, email, admin.email, now, appointment), writes=True
        )
    except FormRefused as refusal:
        return await _page(request, fields, refusal.errors)
    address = addresses.sign_in(house.settings.base_url, house.keyring, invitation_id)
    return render(
        request,
        "admin/admins/invited.html",
        admin,
        email=email.strip().lower(),
        address=address,
        is_leader=appointment.role == Role.LEADER,
    )


async def destroy(request: Request) -> Response:
    """Let somebody in no more."""
    admin_id, now = request.path_params["admin_id"], house_of(request).now()
    await visit(request, lambda db, admin: admins.remove(db, admin_id, admin.email, now), writes=True)
    return lead_to(request, "admin.admins")


async def _page(request: Request, fields: Mapping[str, str], errors: Mapping[str, str]) -> Response:
    now = house_of(request).now()

    def work(db: Session, _admin: Administrator) -> tuple[Sequence[Listed], Sequence[Registered]]:
        return admins.listed(db, now), registrations.listed(db)

    admin, (listed, known) = await visit(request, work)
    return render(
        request,
        "admin/admins/index.html",
        admin,
        status=422 if errors else 200,
        admins=listed,
        registrations=known,
        form={"email": "", "role": Role.ADMINISTRATOR, "registration": "", **fields},
        errors={field: say(request, FIELD_ERRORS[code]) for field, code in errors.items()},
    )
