"""Keys of the API in the portal: made, shown once, listed and revoked, by administrators and by nobody else."""

import re
from collections.abc import Callable

import pytest

from tests.installation import Installation
from tests.web.admin.portal import Portal, assert_says, plain, signed_in
from tests.web.api.warehouse import Warehouse, assert_refused
from tests.web.dialogs import TEACHER, arrives

BOTH = {"reads_anonymous": "yes", "reads_named": "yes", "registration_id": ""}


def made(portal: Portal, name: str, **fields: str) -> str:
    """Make a key; its secret."""
    page = portal.post("/admin/api-keys", 200, key_name=name, **{**BOTH, **fields}).text
    return re.findall(r"<code[^>]*>(reflect_[\w-]{43})</code>", page)[0]


def row_of(portal: Portal, name: str) -> str:
    """What the list says of a key, as HTML."""
    return next(row for row in portal.get("/admin/api-keys").text.split('<li class="row">') if name in row)


def test_a_key_is_shown_once_and_opens_the_api(shared: Installation) -> None:
    portal = signed_in(shared)
    assert "/api-keys" in portal.get("/admin/registrations").text
    secret = made(portal, "Hall <b>of records")
    assert Warehouse(shared, secret).get().status_code == 200
    page = portal.get("/admin/api-keys").text
    assert secret not in page and "Hall &lt;b&gt;of records" in page
    row = plain(row_of(portal, "Hall"))
    for words in ("Anonymous check-ins, Named check-ins", "all registrations", portal.email, "last used in the hour"):
        assert words in row
    assert portal.log()[0] == ("api_key_made", "Hall <b>of records (read.anonymous, read.named)")
    assert "read answers" in portal.words("/admin/audit")


def test_a_key_is_revoked_and_stays_in_the_list(shared: Installation) -> None:
    portal = signed_in(shared)
    secret = made(portal, "Attic")
    address = re.findall(r'action="(/admin/api-keys/\d+/revocations)"', row_of(portal, "Attic"))[0]
    for _ in range(2):
        portal.post(address)
    assert_refused(Warehouse(shared, secret).get(), "api_key_unknown", 401)
    row = row_of(portal, "Attic")
    assert "revoked" in plain(row) and "revocations" not in row and "never used" in plain(row)
    assert [action for action, about in portal.log() if about == "Attic"] == ["api_key_revoked"]
    assert_says(portal.walker.post("/admin/api-keys/99999/revocations", {}), "missing", 404)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"key_name": " "}, "This is missing."),
        ({"key_name": "n" * 81}, "Use at most 80 characters."),
        ({"key_name": "a\u202eb"}, "Leave out characters that cannot be shown."),
        ({"reads_anonymous": "", "reads_named": ""}, "Choose at least one, or the key could read nothing."),
        ({"registration_id": "99999"}, "Choose one of the options."),
        ({"registration_id": "x"}, "Choose one of the options."),
    ],
)
def test_a_form_with_a_fault_comes_back_as_it_was(shared: Installation, fields: dict[str, str], says: str) -> None:
    portal = signed_in(shared)
    before = portal.get("/admin/api-keys").text.count('<li class="row">')
    page = portal.post("/admin/api-keys", 422, **{"key_name": "Cellar", **BOTH, **fields}).text
    assert says in plain(page)
    assert page.count(" checked") == 2 * bool(fields.get("reads_named", "yes"))
    if "key_name" not in fields:
        assert 'value="Cellar"' in page
    assert portal.get("/admin/api-keys").text.count('<li class="row">') == before


def test_a_key_may_be_for_one_registration_only(shared: Installation) -> None:
    portal = signed_in(shared)
    chosen = re.findall(r'<option value="(\d+)"', portal.get("/admin/api-keys").text)[0]
    made(portal, "Loft", registration_id=chosen)
    assert "Campus" in row_of(portal, "Loft")


@pytest.mark.parametrize("who", [lambda it: it.walker(), lambda it: arrives(it, TEACHER).walker])
def test_nobody_else_sees_or_makes_one(shared: Installation, who: Callable[[Installation], object]) -> None:
    walker = who(shared)
    assert_says(walker.get("/admin/api-keys"), "admin_session_missing", 401)  # type: ignore[attr-defined]
    for path in ("/admin/api-keys", "/admin/api-keys/1/revocations"):
        assert_says(walker.post(path, {"key_name": "x", **BOTH}), "admin_session_missing", 401)  # type: ignore[attr-defined]
