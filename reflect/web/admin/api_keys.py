"""Keys of the API: made here, shown once, and revoked."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlmodel import Session, col
from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import api_keys
from reflect.domain.admins import Administrator
from reflect.domain.api_keys import FIELDS, REGISTRATION, Listed, Scope, Wish
from reflect.domain.refusals import FormRefused
from reflect.storage.registrations import Registration
from reflect.web.admin.visits import lead_to, render, say, visit
from reflect.web.field_errors import FIELD_ERRORS
from reflect.web.forms import fields_of
from reflect.web.house import house_of
from reflect.web.language import marked as _

SCOPES = {
    Scope.ANONYMOUS: (
        _("Anonymous check-ins"),
        _("As they are released: at least as many answers at once as the group size, and nobody behind them."),
    ),
    Scope.NAMED: (
        _("Named check-ins"),
        _(
            "Answers with the platform’s id of the student. Only check-ins that are opened from now on: their receipts "
            "say so before anybody answers, and students see when this key read their answers."
        ),
    ),
}


async def index(request: Request) -> Response:
    """All keys."""
    return await _page(request, {}, {})


async def create(request: Request) -> Response:
    """Make a key; the page shows its secret, which is written down nowhere."""
    fields, now = await fields_of(request), house_of(request).now()

    def work(db: Session, admin: Administrator) -> tuple[Wish, str]:
        wish = Wish.read(fields)
        return wish, api_keys.make(db, wish, admin.email, now)

    try:
        admin, (wish, secret) = await visit(request, work, writes=True)
    except FormRefused as refusal:
        return await _page(request, fields, refusal.errors)
    address = house_of(request).settings.base_url + request.app.url_path_for("api.responses.index")
    return render(request, "admin/api_keys/made.html", admin, name=wish.name, secret=secret, address=address, wish=wish)


async def destroy(request: Request) -> Response:
    """Let a key read nothing any more."""
    key_id, now = request.path_params["key_id"], house_of(request).now()
    await visit(request, lambda db, admin: api_keys.revoke(db, key_id, admin.email, now), writes=True)
    return lead_to(request, "admin.api_keys")


async def _page(request: Request, fields: Mapping[str, str], errors: Mapping[str, str]) -> Response:
    def work(db: Session, _admin: Administrator) -> tuple[Sequence[Listed], Sequence[Registration]]:
        registrations = db.scalars(select(Registration).order_by(col(Registration.name), col(Registration.id)))
        return api_keys.listed(db), registrations.all()

    admin, (listed, registrations) = await visit(request, work)
    labels = {scope: say(request, label) for scope, (label, _hint) in SCOPES.items()}
    return render(
        request,
        "admin/api_keys/index.html",
        admin,
        status=422 if errors else 200,
        keys=[
            {"key": it.key, "registration": it.registration, "scopes": [labels[s] for s in it.scopes]} for it in listed
        ],
        registrations=registrations,
        scopes=[(FIELDS[scope], label, say(request, SCOPES[scope][1]), scope) for scope, label in labels.items()],
        form={"key_name": "", REGISTRATION: "", **fields},
        errors={field: say(request, FIELD_ERRORS[code]) for field, code in errors.items()},
    )
