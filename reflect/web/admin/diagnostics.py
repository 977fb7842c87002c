"""What somebody's browser said of itself, from the code that they read aloud."""

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from reflect.domain.diagnostics import Diagnosis
from reflect.domain.refusals import Refused
from reflect.web.admin.visits import admitted, render, say
from reflect.web.diagnostic_cards import card
from reflect.web.house import house_of
from reflect.web.pages import language_of, path_of
from reflect.web.refusals import WORDINGS


async def index(request: Request) -> Response:
    """The form for a code, and what it tells; one that cannot be right stays in the form, with what is wrong."""
    admin, query = await admitted(request), request.query_params
    base_url = house_of(request).settings.base_url
    typed, errors, diagnosis, code = query.get("code", ""), {}, None, None
    try:
        diagnosis = Diagnosis.read(typed) if typed else None
    except Refused as refusal:
        code = refusal.code
        errors = {"code": say(request, WORDINGS[code].sentence)}
    return render(
        request,
        "admin/diagnostics/index.html",
        admin,
        status=WORDINGS[code].status if code else 200,
        headers={"Reflect-Error": code} if code else {},
        typed=typed,
        errors=errors,
        diagnosis=diagnosis and card(diagnosis, language_of(request), query.get("steps", "")),
        address=base_url + path_of(request.app, "diagnostics"),
        host=urlsplit(base_url).hostname,
        is_waiting=False,
        way_on="",
        tab="",
        is_read=True,
    )
