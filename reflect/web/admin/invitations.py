"""Addresses for dynamic registration: made here, pasted into the LMS, good for a day and for one LMS."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import invitations
from reflect.domain.refusals import FormRefused
from reflect.web.admin import addresses
from reflect.web.admin.visits import admitted, lead_to, render, say, visit
from reflect.web.admin.wordings import lms_name
from reflect.web.field_errors import FIELD_ERRORS
from reflect.web.forms import fields_of
from reflect.web.house import house_of
from reflect.web.lms import FORMS


async def new(request: Request) -> Response:
    """The form for an address."""
    return await _form(request, {}, {})


async def create(request: Request) -> Response:
    """Make an address."""
    fields, now = await fields_of(request), house_of(request).now()
    name, lms = fields.get("name", "").strip(), fields.get("lms", "moodle")
    try:
        _, invitation_id = await visit(
            request, lambda db, admin: invitations.invite(db, name, lms, admin.email, now), writes=True
        )
    except FormRefused as refusal:
        return await _form(request, fields, refusal.errors)
    return lead_to(request, "admin.invitation", invitation_id=invitation_id)


async def show(request: Request) -> Response:
    """The address, to be pasted into the LMS."""
    house, invitation_id = house_of(request), request.path_params["invitation_id"]
    admin, invitation = await visit(request, lambda db, _admin: invitations.find(db, invitation_id, house.now()))
    return render(
        request,
        "admin/invitations/show.html",
        admin,
        invitation=invitation,
        lms=lms_name(request, invitation.lms),
        where=say(request, FORMS[invitation.lms].registers_itself),
        address=addresses.register(house.settings.base_url, house.keyring, invitation_id),
    )


async def destroy(request: Request) -> Response:
    """Take an address back."""
    invitation_id, now = request.path_params["invitation_id"], house_of(request).now()
    await visit(request, lambda db, admin: invitations.withdraw(db, invitation_id, admin.email, now), writes=True)
    return lead_to(request, "admin.registrations")


async def _form(request: Request, fields: Mapping[str, str], errors: Mapping[str, str]) -> Response:
    return render(
        request,
        "admin/invitations/new.html",
        await admitted(request),
        status=422 if errors else 200,
        values={"name": "", "lms": "moodle", **fields},
        kinds=[(name, lms_name(request, name)) for name, form in FORMS.items() if form.registers_itself],
        errors={field: say(request, FIELD_ERRORS[code]) for field, code in errors.items()},
    )
