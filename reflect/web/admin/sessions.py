"""Signing in to the portal and out of it. Opening a sign-in address shows a button; only pressing it spends it."""

from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import admins, invitations
from reflect.web.admin.visits import COOKIE, keep_token, lead_to, render, visit
from reflect.web.entries import counted
from reflect.web.forms import fields_of
from reflect.web.house import house_of


async def new(request: Request) -> Response:
    """The sign-in page; with a live invitation, one button."""
    house, text = house_of(request), request.query_params.get("invitation", "")
    email = ""
    if text:
        async with counted(request):
            invitation_id = invitations.read(house.keyring, "sign in", text)
            email = await house.database.read(lambda db: admins.invited(db, invitation_id, house.now()))
    return render(
        request, "admin/sessions/new.html", None, invitation=text, email=email, oidc_host=house.settings.oidc_host
    )


async def create(request: Request) -> Response:
    """Spend a sign-in address."""
    house, fields = house_of(request), await fields_of(request)
    browser, now = request.headers.get("user-agent", ""), house.now()
    async with counted(request):
        invitation_id = invitations.read(house.keyring, "sign in", fields.get("invitation", ""))
        token = await house.database.write(lambda db: admins.accept(db, invitation_id, browser, now))
    response = lead_to(request, "admin")
    keep_token(response, token)
    return response


async def destroy(request: Request) -> Response:
    """Sign out of this browser."""
    house, token = house_of(request), request.cookies.get(COOKIE, "")
    await house.database.write(lambda db: admins.sign_out(db, token))
    response = lead_to(request, "admin.sign_in")
    response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="lax")
    return response


async def revoke(request: Request) -> Response:
    """End a session, also of somebody else or of another browser."""
    session_id, now = request.path_params["session_id"], house_of(request).now()
    await visit(request, lambda db, admin: admins.revoke(db, session_id, admin.email, now), writes=True)
    return lead_to(request, "admin.admins")
