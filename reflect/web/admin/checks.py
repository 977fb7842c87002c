"""Each value of a registration, looked at as it is typed: its shape, whether it answers, and what it holds."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import drafts, registrations
from reflect.domain.refusals import Refused
from reflect.lti.addresses import is_secure
from reflect.lti.keysets import usable_keys
from reflect.web import connection
from reflect.web.admin.visits import render, visit
from reflect.web.field_errors import FIELD_ERRORS
from reflect.web.forms import fields_of
from reflect.web.house import House, house_of
from reflect.web.language import language
from reflect.web.language import marked as _
from reflect.web.pages import language_of
from reflect.web.refusals import WORDINGS

ADDRESSES = ("issuer", "keyset_url", "auth_url", "token_url")


@dataclass(frozen=True, slots=True)
class Check:
    """What was found of one value; `is_well` is None where there is nothing to say against it, and nothing for it."""

    is_well: bool | None
    text: str
    facts: Mapping[str, object]

    def told(self, tag: str) -> dict[str, object]:
        """The check in a language."""
        return {"is_well": self.is_well, "text": language(tag).gettext(self.text) % self.facts}


async def create(request: Request) -> Response:
    """Look at one value while the form is being filled in, and keep everything that is typed so far."""
    house, fields = house_of(request), await fields_of(request)
    draft_id, field, now = request.path_params["draft_id"], request.path_params["field"], house.now()
    admin, draft = await visit(request, lambda db, _admin: drafts.save(db, draft_id, fields, now), writes=True)
    found = await check(house, field, draft.model_dump())
    return render(
        request, "admin/drafts/_check.html", admin, field=field, check=found and found.told(language_of(request))
    )


async def all_of(request: Request, values: Mapping[str, Any]) -> dict[str, dict[str, object]]:
    """Every value at once, for the last look before saving."""
    house, tag = house_of(request), language_of(request)
    names = (*ADDRESSES, "client_id", "deployment_id")
    found = await asyncio.gather(*(check(house, name, values) for name in names))
    return {name: one.told(tag) for name, one in zip(names, found, strict=True) if one}


async def check(house: House, field: str, values: Mapping[str, Any]) -> Check | None:
    """What can be said of one value; None for one that is not filled in."""
    value = str(values.get(field) or "")
    if not value:
        return None
    if field in ("client_id", "deployment_id"):
        return _identifier(value) or await _is_new(house, field, values)
    if field not in ADDRESSES:
        return None
    if not is_secure(value, house.outbound.allows_plain_http):
        return Check(False, FIELD_ERRORS["url"], {})
    if field == "issuer":
        return _issuer(value, str(values.get("lms")))
    return await (_keyset(house, value) if field == "keyset_url" else _reached(house, value))


def _identifier(value: str) -> Check | None:
    if len(value) > registrations.LONGEST:
        return Check(False, FIELD_ERRORS["too_long"], {})
    if not value.isascii() or not value.isprintable() or " " in value:
        return Check(False, _("There is a space or an odd character in it. Copy it once more."), {})
    return None


async def _is_new(house: House, field: str, values: Mapping[str, Any]) -> Check:
    """The pair of issuer and client id must be new; a deployment id can only be looked at by a launch."""
    if field == "deployment_id":
        return Check(None, _("Looks right. Whether it is, the first launch tells."), {})

    def work(db: Session) -> None:
        registrations.refuse_another(db, str(values.get("issuer")), str(values.get(field)))

    try:
        await house.database.read(work)
    except Refused as refusal:
        return Check(False, WORDINGS[refusal.code].sentence, {})
    return Check(None, _("Looks right. Whether it is, the first launch tells."), {})


def _issuer(value: str, lms: str) -> Check:
    if value.endswith("/") and lms == "moodle":
        return Check(False, _("Moodle writes its Platform ID without a slash at the end."), {})
    return Check(None, _("Looks right. It must be exactly what the LMS shows, to the letter."), {})


async def _keyset(house: House, url: str) -> Check:
    answer, finding = await connection.keys_of(house.outbound, url)
    if answer is None:
        return Check(False, finding.advice, finding.facts)
    keys, _others = usable_keys(answer.body)
    if len(keys) == 1:
        return Check(True, _("Fetched: it holds one RSA key."), {})
    return Check(True, _("Fetched: it holds %(count)s RSA keys."), {"count": len(keys)})


async def _reached(house: House, url: str) -> Check:
    status, finding = await connection.reach(house.outbound, url)
    if status is None:
        return Check(False, finding.advice, finding.facts)
    # Moodle says 404 to whoever calls this one without a launch.
    if status == 404 and not url.endswith("/mod/lti/auth.php"):
        return Check(False, _("The site answers, but says that there is nothing under this address (404)."), {})
    return Check(True, _("The address answers."), {})
