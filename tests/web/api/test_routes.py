"""Every address of the API for everybody who may come with a key, or with what is none: by one table of rules."""

from typing import Any

import pytest
from sqlmodel import select
from starlette.routing import Route

from reflect.domain import api_keys
from reflect.storage.api_keys import ApiKey
from reflect.web.api.responses import NAME
from reflect.web.api.routes import ROUTES, V1
from reflect.web.sessions import COOKIE
from tests.classroom import NOW
from tests.installation import Installation
from tests.walker import http_client
from tests.web.admin.portal import signed_in
from tests.web.api.warehouse import PATH, make_key
from tests.web.dialogs import TEACHER, arrives

KEYS = {"anonymous", "named", "both", "of another platform"}
NO_KEYS = {
    "nobody": "api_key_missing",
    "administrator": "api_key_missing",
    "revoked": "api_key_unknown",
    "made up": "api_key_unknown",
    "teacher": "api_key_unknown",
}
RULES = {f"GET {PATH}": KEYS, f"GET {V1}/openapi.json": KEYS | set(NO_KEYS)}
"""Who is answered; everybody else is refused. What a key reads is for `test_responses.py`."""


def addresses() -> list[str]:
    """Every address of the API, with its method."""
    return [f"{method} {it.path}" for it in ROUTES if isinstance(it, Route) for method in (it.methods or ()) if method != "HEAD"]  # fmt: skip


def test_every_address_of_the_api_has_a_rule_and_only_reads() -> None:
    assert sorted(addresses()) == sorted(RULES)
    assert len(addresses()) == len(ROUTES) and all(it.startswith("GET ") for it in addresses())
    assert NAME


def headers_of(running: Installation, who: str) -> dict[str, str]:
    """What somebody comes with."""
    database = running.database
    if who == "administrator":
        cookies = signed_in(running).walker.cookies
        return {"Cookie": "; ".join(f"{name}={cookie.value}" for name, cookie in cookies.items())}
    if who == "nobody":
        return {}
    if who == "teacher":
        cookies = arrives(running, TEACHER).walker.cookies
        return {"Authorization": f"Bearer {next(cookie.value for name, cookie in cookies.items() if COOKIE in name)}"}
    if who == "made up":
        return {"Authorization": f"Bearer {api_keys.PREFIX}{'a' * 43}"}
    scopes = ("anonymous", "named") if who == "both" else ("named",) if who == "named" else ("anonymous",)
    secret = make_key(database, *scopes, registration_id=1 if who == "of another platform" else None)
    if who == "revoked":
        number = database.read_now(lambda db: max(db.exec(select(ApiKey.id)).all(), key=lambda it: it or 0))
        database.write_now(lambda db: api_keys.revoke(db, number or 0, "ada@school.example", NOW))
    return {"Authorization": f"Bearer {secret}"}


@pytest.mark.parametrize("who", sorted(KEYS | set(NO_KEYS)))
def test_each_address_of_the_api_answers_exactly_those_the_rules_name(shared: Installation, who: str) -> None:
    headers, wrong = headers_of(shared, who), []
    for address in addresses():
        with http_client() as client:
            answer = client.get(shared.base_url + address.partition(" ")[2], headers=headers)
        found: tuple[Any, ...] = answer.status_code, answer.headers.get("reflect-error")
        if found != ((200, None) if who in RULES[address] else (401, NO_KEYS[who])):
            wrong.append((address, found))
    assert not wrong
