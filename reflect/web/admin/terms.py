"""Terms: administrators name periods, and leaders look at one of them."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import terms
from reflect.domain.refusals import FormRefused
from reflect.domain.terms import Named, Period
from reflect.storage.terms import listed
from reflect.web.admin.visits import lead_to, render, say, visit
from reflect.web.admin.week_cards import days
from reflect.web.field_errors import FIELD_ERRORS
from reflect.web.forms import fields_of
from reflect.web.house import house_of
from reflect.web.pages import language_of


async def index(request: Request) -> Response:
    """All terms, and a form for one more."""
    return await _page(request, {}, {})


async def create(request: Request) -> Response:
    """Name a period."""
    fields, now = await fields_of(request), house_of(request).now()
    try:
        named = Named.read(fields)
        await visit(request, lambda db, admin: terms.add(db, named, admin.email, now), writes=True)
    except FormRefused as refusal:
        return await _page(request, fields, refusal.errors)
    return lead_to(request, "admin.terms")


async def destroy(request: Request) -> Response:
    """Name a period no more."""
    term_id, now = request.path_params["term_id"], house_of(request).now()
    await visit(request, lambda db, admin: terms.remove(db, term_id, admin.email, now), writes=True)
    return lead_to(request, "admin.terms")


async def _page(request: Request, fields: Mapping[str, str], errors: Mapping[str, str]) -> Response:
    admin, rows = await visit(request, lambda db, _admin: listed(db))
    tag = language_of(request)
    return render(
        request,
        "admin/terms/index.html",
        admin,
        status=422 if errors else 200,
        terms=[{"id": row.id, "name": row.name, "days": days(Period(row.begins_on, row.ends_on), tag)} for row in rows],
        form={"term_name": "", "begins_on": "", "ends_on": "", **fields},
        errors={field: say(request, FIELD_ERRORS[code]) for field, code in errors.items()},
    )
