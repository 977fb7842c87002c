"""Adding a registration, step by step; every step is kept, so leaving midway loses nothing."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import drafts
from reflect.domain.admins import Administrator
from reflect.domain.lms import SITES
from reflect.domain.refusals import FormRefused, Missing
from reflect.lti.addresses import is_secure
from reflect.storage.registering import RegistrationDraft
from reflect.web.admin import checks
from reflect.web.admin.keys import new_pair
from reflect.web.admin.visits import admitted, lead_to, render, say, visit
from reflect.web.admin.wordings import lms_name, tool_entries
from reflect.web.field_errors import FIELD_ERRORS
from reflect.web.forms import fields_of
from reflect.web.house import house_of
from reflect.web.lms import FORMS

STEPS = ("name", "tool", "platform", "review")


async def new(request: Request) -> Response:
    """The first step of a registration that does not exist yet."""
    return _step(request, await admitted(request), "name", None, {"name": "", "lms": ""})


async def create(request: Request) -> Response:
    """Begin a draft."""
    fields, now = await fields_of(request), house_of(request).now()
    try:
        _, draft_id = await visit(request, lambda db, admin: drafts.begin(db, fields, admin.email, now), writes=True)
    except FormRefused as refusal:
        values = {"name": "", "lms": "", **fields}
        return _step(request, await admitted(request), "name", None, values, refusal.errors)
    return lead_to(request, "admin.draft", draft_id=draft_id, step="tool")


async def edit(request: Request) -> Response:
    """One step, as it was left."""
    admin, draft = await visit(request, lambda db, _admin: drafts.find(db, request.path_params["draft_id"]))
    step = _step_of(request)
    if step == "review":
        if errors := _faults(request, draft):
            return _step(request, admin, "platform", draft, draft.model_dump(), errors)
        found = await checks.all_of(request, draft.model_dump())
        return _step(request, admin, step, draft, draft.model_dump(), checked=found)
    return _step(request, admin, step, draft, draft.model_dump())


async def update(request: Request) -> Response:
    """Keep what a step's form says, and go on; after the last step there is a registration."""
    step = _step_of(request)
    if step == "name":
        return await _rename(request, await fields_of(request))
    if step == "platform":
        return await _keep(request, await fields_of(request))
    if step == "review":
        return await _finish(request)
    return lead_to(request, "admin.draft", draft_id=request.path_params["draft_id"], step="platform")


async def derive(request: Request) -> Response:
    """Fill in the addresses that follow from the site's own, in the place of what was there."""
    fields, draft_id, now = await fields_of(request), request.path_params["draft_id"], house_of(request).now()

    def work(db: Session, _admin: Administrator) -> RegistrationDraft:
        drafts.save(db, draft_id, fields, now)
        return drafts.derive(db, draft_id, overwrites=True)

    admin, draft = await visit(request, work, writes=True)
    found = await checks.all_of(request, draft.model_dump())
    return _step(request, admin, "platform", draft, draft.model_dump(), checked=found)


async def destroy(request: Request) -> Response:
    """Throw a draft away."""
    draft_id = request.path_params["draft_id"]
    await visit(request, lambda db, _admin: drafts.discard(db, draft_id), writes=True)
    return lead_to(request, "admin.registrations")


async def _rename(request: Request, fields: Mapping[str, str]) -> Response:
    draft_id, now = request.path_params["draft_id"], house_of(request).now()
    try:
        await visit(request, lambda db, _admin: drafts.rename(db, draft_id, fields, now), writes=True)
    except FormRefused as refusal:
        admin, draft = await visit(request, lambda db, _admin: drafts.find(db, draft_id))
        return _step(request, admin, "name", draft, {"name": "", "lms": "", **fields}, refusal.errors)
    return lead_to(request, "admin.draft", draft_id=draft_id, step="tool")


async def _keep(request: Request, fields: Mapping[str, str]) -> Response:
    draft_id, now = request.path_params["draft_id"], house_of(request).now()

    def work(db: Session, _admin: Administrator) -> RegistrationDraft:
        drafts.save(db, draft_id, fields, now)
        return drafts.derive(db, draft_id, overwrites=False)

    admin, draft = await visit(request, work, writes=True)
    if errors := _faults(request, draft):
        return _step(request, admin, "platform", draft, draft.model_dump(), errors)
    return lead_to(request, "admin.draft", draft_id=draft_id, step="review")


async def _finish(request: Request) -> Response:
    house, draft_id = house_of(request), request.path_params["draft_id"]
    await admitted(request)
    key, now = await new_pair(house), house.now()

    def work(db: Session, admin: Administrator) -> int:
        return drafts.finish(db, draft_id, key, _is_secure(request), admin.email, now)

    try:
        _, registration_id = await visit(request, work, writes=True)
    except FormRefused as refusal:
        admin, draft = await visit(request, lambda db, _admin: drafts.find(db, draft_id))
        return _step(request, admin, "platform", draft, draft.model_dump(), refusal.errors)
    return lead_to(request, "admin.registration", registration_id=registration_id)


def _step_of(request: Request) -> str:
    step = request.path_params["step"]
    if step not in STEPS:
        raise Missing()
    return str(step)


def _is_secure(request: Request) -> Any:
    plain_http = house_of(request).outbound.allows_plain_http
    return lambda url: is_secure(url, plain_http)


def _faults(request: Request, draft: RegistrationDraft) -> Mapping[str, str]:
    return drafts.application_of(draft).faults(_is_secure(request))


def _step(
    request: Request,
    admin: Administrator,
    step: str,
    draft: RegistrationDraft | None,
    values: Mapping[str, Any],
    errors: Mapping[str, str] | None = None,
    checked: Mapping[str, Mapping[str, object]] | None = None,
) -> Response:
    lms = draft.lms if draft else ""
    return render(
        request,
        f"admin/drafts/{step}.html",
        admin,
        status=422 if errors else 200,
        step=step,
        draft=draft,
        values=values,
        kinds=[(name, lms_name(request, name)) for name in FORMS],
        errors={field: say(request, FIELD_ERRORS[code]) for field, code in (errors or {}).items()},
        checked=checked or {},
        **(_of_lms(request, lms) if lms else {}),
    )


def _of_lms(request: Request, lms: str) -> dict[str, Any]:
    """What the steps show in the words of the LMS."""
    form = FORMS[lms]
    return {
        "lms": lms_name(request, lms),
        "way_there": [say(request, line) for line in form.way_there],
        "way_back": [say(request, line) for line in form.way_back],
        "entries": tool_entries(request, lms),
        "labels": {field: say(request, label) for field, label in form.reads.items()},
        "site_label": say(request, form.site_label) if lms in SITES else "",
        "registers_itself": bool(form.registers_itself),
    }
