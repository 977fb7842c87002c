"""The institution's sign-in, where it is asked for: once of who comes from an LMS, and each time outside of one.

A frame cannot go to the provider, and a window of its own has none of the frame's cookies. So the frame's page carries
a handover for the window, encrypted, in the body of a form; the frame itself looks on until the sign-in is done.
"""

import hmac
import logging
import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import timedelta

from cryptography.fernet import Fernet, InvalidToken
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import identities
from reflect.domain.identities import Institution, SignInMissing
from reflect.domain.refusals import Missing, Refused
from reflect.domain.sessions import IDLE, Viewer
from reflect.web import sessions
from reflect.web.cookies import set_cookie
from reflect.web.entries import take_sign_in
from reflect.web.forms import fields_of
from reflect.web.house import House, house_of
from reflect.web.openid_provider import ONLY_WHO, Attempt, OpenIdProvider, OpenIdRefused
from reflect.web.pages import address, language_of, lead_to, path_of, render

ATTEMPT, IDENTITY = "__Host-reflect-sign-in", "__Host-reflect-identity"
LIFETIME = timedelta(minutes=10)
"""How long somebody may take at the provider, and then to choose a course."""
NOBODY = "'none'"
"""Who may frame these pages: they are windows."""
_PLACE = re.compile(r"/deep-links/new|/(?:courses|checkins|talks)/[0-9]{1,9}(?:/[a-z0-9-]{1,40}){0,4}")
log = logging.getLogger("reflect.oidc")


@dataclass(frozen=True, slots=True)
class _Errand:
    """What a window has gone to the provider for; it stays with the browser, sealed."""

    attempt: Attempt
    session: str
    """Fingerprint (hexadecimal) of the session that waits for it; empty outside of an LMS."""


_ERRAND = TypeAdapter(_Errand)


def asked(request: Request, viewer: Viewer) -> Response:
    """The page in place of all others while a session waits: a button for the window, and a way on without a script."""
    house, path = house_of(request), request.url.path
    home = path_of(request.app, "courses.show", course_id=viewer.course_id)
    place = path if request.method == "GET" and _PLACE.fullmatch(path) else home
    return render(
        request,
        "sign_ins/asked.html",
        viewer=viewer,
        status=401,
        headers={"Reflect-Error": "sign_in_missing", "HX-Retarget": "body", "HX-Reswap": "innerHTML"},
        handover=seal(house, "sign-in handover", viewer.token_hash.hex()),
        host=house.settings.oidc_host,
        place=place,
        way_on=f"{place}?tab={viewer.tab}",
    )


async def new(request: Request) -> Response:
    """The waiting page looks whether the sign-in is done: then on to the page that was asked for."""
    place = request.query_params.get("place", "")
    if not _PLACE.fullmatch(place):
        raise Missing()
    try:
        viewer, _ = await sessions.visit(request, lambda _db, viewer: None)
    except SignInMissing:
        return Response(status_code=204, headers={"Cache-Control": "no-store"})
    return lead_to(request, f"{place}?tab={viewer.tab}")


async def index(request: Request) -> Response:
    """Reflect outside of an LMS: signing in, and after that the courses to choose from."""
    house, mark = house_of(request), _identity(request)
    if house.institution is None:
        return render(request, "sign_ins/off.html", ancestors=NOBODY)
    today, found = house.now().date(), None
    if mark is not None:
        known = mark
        found = await house.database.read(lambda db: identities.courses(db, known, today))
    return render(request, "sign_ins/index.html", ancestors=NOBODY, courses=found, host=house.settings.oidc_host)


async def create(request: Request) -> Response:
    """In the window: a page that goes on to the provider. (A redirect would fail where a policy watches forms.)"""
    house, fields = house_of(request), await fields_of(request)
    provider, handover = _provider(request), fields.get("handover", "")
    session = _open(house, "sign-in handover", handover, IDLE) if handover else ""
    errand = _Errand(Attempt.new(), session)
    await take_sign_in(request)
    try:
        next_url = await provider.authentication_request(errand.attempt, ONLY_WHO, is_anew=bool(session))
    except OpenIdRefused as refusal:
        raise _told(refusal) from None
    host = house.settings.oidc_host
    response = render(request, "sign_ins/leaving.html", ancestors=NOBODY, next_url=next_url, host=host)
    _keep(house, response, ATTEMPT, _ERRAND.dump_json(errand).decode())
    return response


async def callback(request: Request) -> Response:
    """The provider's answer: it opens the session that waits, or the list of courses."""
    house, given = house_of(request), request.query_params
    provider, institution = _provider(request), _institution(house)
    errand = _ERRAND.validate_json(_open(house, ATTEMPT, request.cookies.get(ATTEMPT, ""), LIFETIME))
    issuer = house.settings.oidc_issuer
    is_ours = hmac.compare_digest(given.get("state", "").encode(), errand.attempt.state.encode())
    if not is_ours or "code" not in given or given.get("iss", issuer) != issuer:
        raise Refused("sign_in_failed")
    await take_sign_in(request)
    try:
        sub = await provider.subject(given["code"], errand.attempt, house.now())
    except OpenIdRefused as refusal:
        raise _told(refusal) from None
    if errand.session:
        await _link(house, institution, bytes.fromhex(errand.session), sub)
        response = render(request, "sign_ins/done.html", ancestors=NOBODY)
    else:
        mark, now = institution.mark(sub), house.now()
        await house.database.write(lambda db: identities.confirm(db, mark, now.date()))
        response = lead_to(request, address(request, "sign_in"))
        _keep(house, response, IDENTITY, mark.hex())
    _drop(response, ATTEMPT)
    return response


async def _link(house: House, institution: Institution, session: bytes, sub: str) -> None:
    now = house.now()
    try:
        await house.database.write(lambda db: identities.link(db, session, institution, sub, now))
    except Refused as refusal:
        log.warning("link", extra={"code": refusal.code, **refusal.facts})
        raise


async def enter(request: Request) -> Response:
    """Begin a session in one of the courses; each sign-in is good for one."""
    house, mark = house_of(request), _identity(request)
    _institution(house)
    if mark is None:
        raise Refused("sign_in_late")
    course_id, tag, now = request.path_params["course_id"], language_of(request), house.now()
    tab, token = await house.database.write(lambda db: identities.enter(db, mark, course_id, tag, now))
    response = lead_to(request, f"{path_of(request.app, 'courses.show', course_id=course_id)}?tab={tab}")
    sessions.remember(request, response, tab, token)
    _drop(response, IDENTITY)
    return response


def _institution(house: House) -> Institution:
    if house.institution is None:
        raise Missing()
    return house.institution


def _provider(request: Request) -> OpenIdProvider:
    house = house_of(request)
    _institution(house)
    redirect_uri = house.settings.base_url + path_of(request.app, "sign_ins.callback")
    return OpenIdProvider(house.settings, house.outbound, house.provider_documents, redirect_uri)


def _told(refusal: OpenIdRefused) -> Refused:
    log.warning("oidc", extra={"code": refusal.code, "detail": refusal.detail})
    return Refused("sign_in_unavailable" if refusal.code == "oidc_unavailable" else "sign_in_failed")


def _identity(request: Request) -> bytes | None:
    """Who has just signed in with this browser, as their mark."""
    house = house_of(request)
    try:
        return bytes.fromhex(_open(house, IDENTITY, request.cookies.get(IDENTITY, ""), LIFETIME))
    except Refused:
        return None


def _keep(house: House, response: Response, name: str, content: str) -> None:
    lifetime = int(LIFETIME.total_seconds())
    set_cookie(response, name, seal(house, name, content), lifetime, partitioned=False, same_site="Lax")


def _drop(response: Response, name: str) -> None:
    set_cookie(response, name, "", 0, partitioned=False, same_site="Lax")


def seal(house: House, purpose: str, content: str) -> str:
    """Something for a page or a cookie that only we can read, and know the age of."""
    return _cipher(house, purpose).encrypt_at_time(content.encode(), int(house.now().timestamp())).decode()


def _open(house: House, purpose: str, sealed: str, lifetime: timedelta) -> str:
    seconds, now = int(lifetime.total_seconds()), int(house.now().timestamp())
    try:
        return _cipher(house, purpose).decrypt_at_time(sealed.encode(), seconds, now).decode()
    except InvalidToken:
        raise Refused("sign_in_late") from None


def _cipher(house: House, purpose: str) -> Fernet:
    return Fernet(urlsafe_b64encode(house.keyring.key_for(purpose)))
