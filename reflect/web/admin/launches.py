"""The live test launch: a part of a registration's page that asks again until a launch arrives, and after it."""

from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import health, registrations
from reflect.domain.admins import Administrator
from reflect.domain.health import Health
from reflect.web.admin.visits import render, visit
from reflect.web.admin.wordings import refusal_words
from reflect.web.pages import language_of, wants_part

MOST_REFUSALS = 5


async def show(request: Request) -> Response:
    """How launches fare right now: 304 while nothing has changed (RFC 9110 13.1.2)."""
    registration_id = request.path_params["registration_id"]

    def work(db: Session, _admin: Administrator) -> Any:
        found = registrations.find(db, registration_id)
        return found.registration, health.of(db, found)

    admin, (registration, found) = await visit(request, work)
    seen = shown(request, found)
    if request.headers.get("if-none-match") == seen["etag"]:
        return Response(status_code=304, headers={"ETag": seen["etag"], "Cache-Control": "no-store"})
    return render(
        request,
        "admin/registrations/_health.html" if wants_part(request) else "admin/registrations/health.html",
        admin,
        headers={"ETag": seen["etag"]},
        registration=registration,
        health=seen,
    )


def shown(request: Request, found: Health) -> dict[str, Any]:
    """The health of a registration as the templates show it."""
    return {
        "etag": f'"{found.version}-{language_of(request)}"',
        "state": found.state.value,
        "last_launch_at": found.last_launch_at,
        "first_launch_at": found.first_launch_at,
        "refusals": [
            {"at": refusal.refused_at, **refusal_words(request, refusal.code)}
            for refusal in found.refusals[:MOST_REFUSALS]
        ],
    }
