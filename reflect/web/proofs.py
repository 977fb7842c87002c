"""The proof of a launch without cookies: the browser shows the login's secret from another place it was kept in.

The verified launch waits in the page as a ticket that only we can read; nothing of it is stored until the proof comes.
"""

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass

from cryptography.fernet import Fernet, InvalidToken
from pydantic import TypeAdapter
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from reflect import meters
from reflect.domain.membership import Arrival, Welcome, arrive
from reflect.lti import LaunchRefused
from reflect.web import arrivals, noting, sessions
from reflect.web.forms import fields_of
from reflect.web.house import House, house_of

STORAGE_KEY = "reflect-login-"
LIFETIME = 120
"""Seconds; the script answers at once or never."""


@dataclass(frozen=True, slots=True)
class _Ticket:
    arrival: Arrival
    browser_secret: str


_TICKET = TypeAdapter(_Ticket)


def ticket(house: House, arrival: Arrival, browser_secret: str) -> str:
    """A verified launch as an encrypted, timed token for the page (Fernet)."""
    content = _TICKET.dump_json(_Ticket(arrival, browser_secret))
    return _cipher(house).encrypt_at_time(content, int(house.now().timestamp())).decode()


def _read(house: House, text: str) -> _Ticket:
    try:
        content = _cipher(house).decrypt_at_time(text.encode(), LIFETIME, int(house.now().timestamp()))
    except InvalidToken:
        raise LaunchRefused("state_expired", "the ticket of a launch is not ours or too old") from None
    return _TICKET.validate_json(content)


def _cipher(house: House) -> Fernet:
    return Fernet(urlsafe_b64encode(house.keyring.key_for("launch ticket")))


async def create(request: Request) -> Response:
    """Take the secret that the script found; the session's address and the tab's token as JSON."""
    house = house_of(request)
    form = await fields_of(request)
    waiting = _read(house, form.get("ticket", ""))
    if not hmac.compare_digest(form.get("secret", "").encode(), waiting.browser_secret.encode()):
        raise LaunchRefused("browser_unproven", "a proof with another browser's secret")
    welcome = await house.database.write(lambda db: _arrive(db, house, waiting.arrival))
    meters.ADMITTED.inc()
    body = {"address": arrivals.landing(request, welcome), "tab": welcome.tab, "token": welcome.token}
    response = JSONResponse(body, headers={"Cache-Control": "no-store"})
    sessions.remember(request, response, welcome.tab, welcome.token)
    return response


def _arrive(db: Session, house: House, arrival: Arrival) -> Welcome:
    noting.launched(house, db, arrival)
    return arrive(db, arrival, house.now(), house.institution)
