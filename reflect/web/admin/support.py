"""When adults are there for students, and the crisis lines that students find when nobody is."""

from collections.abc import Callable, Mapping

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import support
from reflect.domain.admins import Administrator
from reflect.domain.refusals import FormRefused
from reflect.domain.support import DAYS, Week
from reflect.storage.support import CrisisLine, lines
from reflect.web.admin.visits import lead_to, render, say, visit
from reflect.web.field_errors import FIELD_ERRORS
from reflect.web.forms import fields_of
from reflect.web.house import house_of
from reflect.web.language import marked as _
from reflect.web.talk_cards import line_card

DAY_NAMES = {
    "monday": _("Monday"),
    "tuesday": _("Tuesday"),
    "wednesday": _("Wednesday"),
    "thursday": _("Thursday"),
    "friday": _("Friday"),
    "saturday": _("Saturday"),
    "sunday": _("Sunday"),
}


async def index(request: Request) -> Response:
    """The hours and the lines as they are."""
    return await _page(request, {}, {})


async def update(request: Request) -> Response:
    """Set the hours anew."""
    fields, now = await fields_of(request), house_of(request).now()
    return await _change(request, fields, lambda db, admin: support.set_week(db, Week.read(fields), admin.email, now))


async def create(request: Request) -> Response:
    """Add a crisis line."""
    fields, now = await fields_of(request), house_of(request).now()
    return await _change(request, fields, lambda db, admin: support.add_line(db, fields, admin.email, now))


async def destroy(request: Request) -> Response:
    """Take a crisis line away."""
    line_id, now = request.path_params["line_id"], house_of(request).now()
    return await _change(request, {}, lambda db, admin: support.remove_line(db, line_id, admin.email, now))


async def _change(
    request: Request, fields: Mapping[str, str], job: Callable[[Session, Administrator], None]
) -> Response:
    try:
        await visit(request, job, writes=True)
    except FormRefused as refusal:
        return await _page(request, fields, refusal.errors)
    return lead_to(request, "admin.support")


async def _page(request: Request, fields: Mapping[str, str], errors: Mapping[str, str]) -> Response:
    def work(db: Session, _admin: Administrator) -> tuple[Week, list[CrisisLine]]:
        return support.week(db), list(lines(db))

    admin, (week, found) = await visit(request, work)
    return render(
        request,
        "admin/support/index.html",
        admin,
        status=422 if errors else 200,
        days=[(day, say(request, DAY_NAMES[day])) for day in DAYS],
        form={**week.texts(), "line_name": "", "contact": "", "line_language": "", **fields},
        lines=[line_card(line) for line in found],
        errors={field: say(request, FIELD_ERRORS[code]) for field, code in errors.items()},
    )
