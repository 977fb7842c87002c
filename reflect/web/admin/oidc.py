"""Signing in to the portal by OpenID Connect, where the settings name a provider; only for who is an administrator."""

import hmac
import json
import logging
from base64 import urlsafe_b64encode
from dataclasses import asdict

from cryptography.fernet import Fernet, InvalidToken
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from reflect.domain import admins
from reflect.domain.refusals import Missing, Refused
from reflect.web.admin.visits import keep_token, lead_to
from reflect.web.entries import take_sign_in
from reflect.web.house import House, house_of
from reflect.web.openid_provider import BY_EMAIL, Attempt, OpenIdProvider, OpenIdRefused

COOKIE = "__Host-reflect-oidc"
LIFETIME = 600
"""Seconds that somebody may take at the provider."""

log = logging.getLogger("reflect.oidc")


async def new(request: Request) -> Response:
    """Send the browser to the provider; what it must bring back stays with it in a sealed cookie."""
    house, provider = house_of(request), _provider(request)
    attempt = Attempt.new()
    await take_sign_in(request)
    try:
        address = await provider.authentication_request(attempt, BY_EMAIL)
    except OpenIdRefused as refusal:
        raise _told(refusal) from None
    response = RedirectResponse(address, 303, {"Cache-Control": "no-store"})
    sealed = _cipher(house).encrypt_at_time(json.dumps(asdict(attempt)).encode(), int(house.now().timestamp()))
    response.set_cookie(COOKIE, sealed.decode(), max_age=LIFETIME, path="/", secure=True, httponly=True, samesite="lax")
    return response


async def create(request: Request) -> Response:
    """The provider's answer: begin a session if it names a verified address of an administrator."""
    house, provider, given = house_of(request), _provider(request), request.query_params
    attempt = _attempt(house, request.cookies.get(COOKIE, ""))
    if not hmac.compare_digest(given.get("state", "").encode(), attempt.state.encode()):
        raise Refused("oidc")
    if "code" not in given or given.get("iss", house.settings.oidc_issuer) != house.settings.oidc_issuer:
        raise Refused("oidc")
    await take_sign_in(request)
    try:
        email = await provider.verified_email(given["code"], attempt, house.now())
    except OpenIdRefused as refusal:
        raise _told(refusal) from None
    browser, now = request.headers.get("user-agent", ""), house.now()
    token = await house.database.write(lambda db: admins.sign_in(db, email, browser, now))
    response = lead_to(request, "admin")
    keep_token(response, token)
    response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="lax")
    return response


def _provider(request: Request) -> OpenIdProvider:
    house = house_of(request)
    if not house.settings.oidc_issuer:
        raise Missing()
    redirect_uri = house.settings.base_url + str(request.app.url_path_for("admin.oidc.create"))
    return OpenIdProvider(house.settings, house.outbound, house.provider_documents, redirect_uri)


def _told(refusal: OpenIdRefused) -> Refused:
    log.warning("oidc", extra={"code": refusal.code, "detail": refusal.detail})
    return Refused(refusal.code)


def _attempt(house: House, sealed: str) -> Attempt:
    try:
        content = _cipher(house).decrypt_at_time(sealed.encode(), LIFETIME, int(house.now().timestamp()))
    except InvalidToken:
        raise Refused("oidc") from None
    return Attempt(**json.loads(content))


def _cipher(house: House) -> Fernet:
    return Fernet(urlsafe_b64encode(house.keyring.key_for("oidc attempt")))
