"""Registrations: how all of them fare at a glance, and each with its keys, deployments and test launch."""

from collections.abc import Mapping, Sequence
from dataclasses import fields as fields_in
from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import audit, drafts, health, invitations, keys, registrations
from reflect.domain.admins import Administrator
from reflect.domain.refusals import FormRefused, Refused
from reflect.domain.registrations import Application
from reflect.lti.addresses import is_secure
from reflect.web.admin.launches import shown as shown_health
from reflect.web.admin.visits import lead_to, render, say, visit
from reflect.web.admin.wordings import lms_name, tool_entries
from reflect.web.field_errors import FIELD_ERRORS
from reflect.web.forms import fields_of
from reflect.web.house import house_of
from reflect.web.lms import FORMS
from reflect.web.refusals import WORDINGS


async def index(request: Request) -> Response:
    """All registrations with their health, unfinished ones, and invitations that wait to be used."""
    now = house_of(request).now()

    def work(db: Session, _admin: Administrator) -> Any:
        listed = registrations.listed(db)
        return (
            list(zip(listed, health.of_all(db, listed), strict=True)),
            drafts.listed(db),
            invitations.waiting(db, now),
        )

    admin, (listed, unfinished, waiting) = await visit(request, work)
    return render(
        request,
        "admin/registrations/index.html",
        admin,
        registrations=[
            {"registration": it.registration, "lms": lms_name(request, it.registration.lms), "health": its}
            for it, its in listed
        ],
        drafts=[{"draft": draft, "lms": lms_name(request, draft.lms)} for draft in unfinished],
        invitations=[{"invitation": it, "lms": lms_name(request, it.lms)} for it in waiting],
    )


async def show(request: Request) -> Response:
    """One registration."""
    return await page(request)


async def page(
    request: Request,
    *,
    findings: Sequence[Mapping[str, object]] = (),
    errors: Mapping[str, str] | None = None,
    typed: str = "",
) -> Response:
    """The page of the registration in the address, with the findings of a connection test if there was one."""
    registration_id, now = request.path_params["registration_id"], house_of(request).now()

    def work(db: Session, _admin: Administrator) -> Any:
        found = registrations.find(db, registration_id)
        return found, health.of(db, found), keys.of(db, registration_id, now)

    admin, (found, its_health, own_keys) = await visit(request, work)
    registration = found.registration
    return render(
        request,
        "admin/registrations/show.html",
        admin,
        status=422 if errors else 200,
        registration=registration,
        health=shown_health(request, its_health),
        deployments=[it for it in found.deployments if it.is_approved],
        knocking=[it for it in found.deployments if not it.is_approved],
        keys=own_keys,
        findings=findings,
        errors=errors or {},
        typed=typed,
        **_of_lms(request, registration.lms),
    )


def _of_lms(request: Request, lms: str) -> dict[str, Any]:
    """What the page says in the words of the LMS."""
    form = FORMS[lms]
    return {
        "lms": lms_name(request, lms),
        "labels": {field: say(request, label) for field, label in form.reads.items()},
        "trial": [say(request, step) for step in form.trial],
        "entries": tool_entries(request, lms),
    }


async def edit(request: Request) -> Response:
    """The form to correct a registration."""
    registration_id = request.path_params["registration_id"]
    _, registration = await visit(request, lambda db, _admin: registrations.find(db, registration_id).registration)
    return await _form(request, registration.model_dump(), {})


async def update(request: Request) -> Response:
    """Correct a registration; a form with faults comes back as it was filled in."""
    house, fields = house_of(request), await fields_of(request)
    registration_id, now = request.path_params["registration_id"], house.now()
    application = _application(fields)

    def work(db: Session, admin: Administrator) -> None:
        faults = dict(application.faults(lambda url: is_secure(url, house.outbound.allows_plain_http)))
        faults.pop("deployment_id", None)
        if faults:
            raise FormRefused(faults)
        registrations.list_hosts(db, registration_id, application.service_hosts, admin.email, now)
        registrations.change(db, registration_id, application)
        audit.note(db, admin.email, "registration_changed", application.name, now)

    try:
        await visit(request, work, writes=True)
    except FormRefused as refusal:
        return await _form(request, fields, {field: FIELD_ERRORS[code] for field, code in refusal.errors.items()})
    except Refused as refusal:
        if refusal.code != "registered_already":
            raise
        return await _form(request, fields, {"client_id": WORDINGS[refusal.code].sentence})
    return lead_to(request, "admin.registration", registration_id=registration_id)


def _application(fields: Mapping[str, str]) -> Application:
    values: dict[str, Any] = {field.name: fields.get(field.name, "").strip() for field in fields_in(Application)}
    return Application(**values | {"token_audience": values["token_audience"] or None})


async def _form(request: Request, values: Mapping[str, Any], errors: Mapping[str, str]) -> Response:
    registration_id = request.path_params["registration_id"]
    admin, registration = await visit(request, lambda db, _admin: registrations.find(db, registration_id).registration)
    kind = values.get("lms", registration.lms)
    reads = FORMS.get(kind, FORMS["other"]).reads
    return render(
        request,
        "admin/registrations/edit.html",
        admin,
        status=422 if errors else 200,
        registration=registration,
        # Whoever leaves a field out of the form has left it empty.
        values={field.name: "" for field in fields_in(Application)} | dict(values),
        fields=[(field, say(request, label)) for field, label in reads.items() if field != "deployment_id"],
        kinds=[(name, lms_name(request, name)) for name in FORMS],
        errors={field: say(request, error) for field, error in errors.items()},
    )
