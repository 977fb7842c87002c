"""Deployments of a registration: added, approved or rejected after they knocked, and whether nobody may launch."""

from collections.abc import Callable

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import audit, deployments, registrations
from reflect.domain.admins import Administrator
from reflect.domain.refusals import FormRefused
from reflect.storage.registrations import Deployment
from reflect.web.admin.registrations import page
from reflect.web.admin.visits import lead_to, say, visit
from reflect.web.field_errors import FIELD_ERRORS
from reflect.web.forms import fields_of
from reflect.web.house import house_of


async def create(request: Request) -> Response:
    """Let one more deployment in."""
    registration_id, now = request.path_params["registration_id"], house_of(request).now()
    typed = (await fields_of(request)).get("deployment_id", "")

    def work(db: Session, admin: Administrator) -> None:
        name = registrations.find(db, registration_id).registration.name
        deployments.add(db, registration_id, typed, now)
        audit.note(db, admin.email, "deployment_added", f"{name}, {typed.strip()}", now)

    try:
        await visit(request, work, writes=True)
    except FormRefused as refusal:
        errors = {field: say(request, FIELD_ERRORS[code]) for field, code in refusal.errors.items()}
        return await page(request, errors=errors, typed=typed)
    return lead_to(request, "admin.registration", registration_id=registration_id)


async def approve(request: Request) -> Response:
    """Let a deployment in that knocked."""

    def work(_db: Session, deployment: Deployment) -> str:
        deployment.is_approved = True
        return "deployment_approved"

    return await _on_one(request, work)


async def reject(request: Request) -> Response:
    """Forget a deployment that knocked."""

    def work(db: Session, deployment: Deployment) -> str:
        assert deployment.id is not None
        deployments.reject(db, deployment.registration_id, deployment.id)
        return "deployment_rejected"

    return await _on_one(request, work)


async def update(request: Request) -> Response:
    """Allow launches without a person, or allow them no more."""
    is_allowed = (await fields_of(request)).get("allow_anonymous") == "yes"

    def work(_db: Session, deployment: Deployment) -> str:
        deployment.allow_anonymous = is_allowed
        return "anonymous_allowed" if is_allowed else "anonymous_refused"

    return await _on_one(request, work)


async def _on_one(request: Request, change: Callable[[Session, Deployment], str]) -> Response:
    registration_id, row_id = request.path_params["registration_id"], request.path_params["deployment_id"]
    now = house_of(request).now()

    def work(db: Session, admin: Administrator) -> None:
        deployment = deployments.find(db, registration_id, row_id)
        name = registrations.find(db, registration_id).registration.name
        about = f"{name}, {deployment.deployment_id}"
        audit.note(db, admin.email, change(db, deployment), about, now)

    await visit(request, work, writes=True)
    return lead_to(request, "admin.registration", registration_id=registration_id)
