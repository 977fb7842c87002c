"""The connection test of a registration, run when somebody asks for it."""

from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from reflect.domain.admins import Administrator
from reflect.web import connection
from reflect.web.admin.registrations import page
from reflect.web.admin.visits import render, visit
from reflect.web.house import house_of
from reflect.web.pages import language_of, wants_part


async def create(request: Request) -> Response:
    """Look at everything that can be looked at without a launch."""
    house, registration_id = house_of(request), request.path_params["registration_id"]

    def work(db: Session, _admin: Administrator) -> Any:
        return connection.subject_of(db, registration_id, house.keyring)

    admin, subject = await visit(request, work)
    found = connection.installation(house.settings)
    found += await connection.examine(house.settings, house.outbound, house.tokens, subject)
    findings = [finding.told(language_of(request)) for finding in found]
    if not wants_part(request):
        return await page(request, findings=findings)
    return render(request, "admin/registrations/_findings.html", admin, findings=findings)
