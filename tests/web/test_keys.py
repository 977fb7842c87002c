"""Our own keys: what we publish, and how a key is changed without a platform noticing."""

from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from sqlmodel import col, select

from reflect.domain import keys, registrations
from reflect.domain.keys import OVERLAP
from reflect.keyring import Keyring
from reflect.lti.keys import KeyPair, sign
from reflect.storage.registrations import RegistrationKey
from tests.installation import SECRET, Installation
from tests.walker import http_client
from tests.web.launching import second_tool

PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "k"}


def published(running: Installation) -> dict[str, dict[str, Any]]:
    """The keys that we publish, by their ids."""
    with http_client() as client:
        response = client.get(f"{running.base_url}/lti/keys")
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert response.headers["cache-control"] == "no-cache"
    return {key["kid"]: key for key in response.json()["keys"]}


def stored(running: Installation) -> list[RegistrationKey]:
    return list(
        running.database.read_now(lambda db: db.exec(select(RegistrationKey).order_by(col(RegistrationKey.id))).all())
    )


def rotated(running: Installation, ago: timedelta) -> str:
    """The id of a new key that has signed for so long."""
    pair = next(running.pairs)
    key = registrations.new_key(Keyring(SECRET), pair.kid, pair.private_pem, pair.public_jwk)
    running.database.write_now(lambda db: keys.add(db, 1, key, datetime.now(UTC) - ago))
    return pair.kid


def test_every_registration_has_a_key_of_its_own_in_the_keyset(installation: Installation) -> None:
    assert len(published(installation)) == 1
    second_tool(installation)
    found = published(installation)
    assert found.keys() == {row.kid for row in stored(installation)}
    assert len(found) == 2
    for key in found.values():
        assert key.keys() == {"kty", "kid", "alg", "use", "n", "e"}
        assert (key["kty"], key["alg"], key["use"]) == ("RSA", "RS256", "sig")


def test_a_private_half_is_neither_published_nor_readable_in_the_database(shared: Installation) -> None:
    for key in published(shared).values():
        assert not PRIVATE & key.keys()
    for row in stored(shared):
        assert b"PRIVATE KEY" not in row.sealed_private_key
        assert registrations.private_pem(Keyring(SECRET), row).startswith(b"-----BEGIN PRIVATE KEY-----")


def test_what_we_sign_verifies_with_what_we_publish(shared: Installation) -> None:
    row = stored(shared)[0]
    pair = KeyPair(row.kid, registrations.private_pem(Keyring(SECRET), row), {})
    token = sign({"sub": "x"}, pair)
    key = published(shared)[jwt.get_unverified_header(token)["kid"]]
    assert jwt.decode(token, jwt.PyJWK(key), algorithms=["RS256"]) == {"sub": "x"}


def test_after_a_rotation_old_and_new_are_published_for_an_overlap(installation: Installation) -> None:
    old = set(published(installation))
    new = rotated(installation, timedelta())
    assert published(installation).keys() == old | {new}
    assert {row.kid for row in stored(installation) if row.retired_at} == old


def test_after_the_overlap_only_the_new_key_is_published(installation: Installation) -> None:
    new = rotated(installation, OVERLAP)
    assert published(installation).keys() == {new}
    assert len(stored(installation)) == 2, "nobody has tidied yet"


def test_after_a_rotation_no_private_half_of_the_old_key_is_left(installation: Installation) -> None:
    new = rotated(installation, timedelta())
    assert [(row.kid == new, bool(row.sealed_private_key)) for row in stored(installation)] == [
        (False, False),
        (True, True),
    ]


def test_nobody_can_write_to_the_keyset(shared: Installation) -> None:
    with http_client() as client:
        headers = {"Origin": shared.base_url}
        assert client.post(f"{shared.base_url}/lti/keys", headers=headers).headers["reflect-error"] == "method"
