from datetime import timedelta
from typing import Any

from sqlalchemy import update
from sqlmodel import col, select

from reflect.domain import keys
from reflect.domain import registrations as domain_registrations
from reflect.keyring import Keyring
from reflect.storage import registrations
from reflect.storage.database import Database
from reflect.storage.registrations import Deployment, Registration, RegistrationKey
from tests.classroom import NOW, a_deployment
from tests.pairs import pairs

ISSUER = "https://campus.example"
KEYRING = Keyring("a secret for tests that is long enough to be one")


def ids(database: Database) -> list[int]:
    return [
        it or 0
        for it in database.read_now(lambda db: db.exec(select(Registration.id).order_by(col(Registration.id))).all())
    ]


def test_an_issuer_has_all_its_clients_disabled_ones_too(database: Database) -> None:
    for _ in range(3):
        database.write_now(a_deployment)
    first, second, third = ids(database)
    database.write_now(
        lambda db: db.exec(update(Registration).where(col(Registration.id) == first).values(is_enabled=False))
    )
    database.write_now(
        lambda db: db.exec(update(Registration).where(col(Registration.id) == third).values(issuer="https://x.example"))
    )
    found = database.read_now(lambda db: registrations.platforms_of(db, ISSUER))
    assert {platform.id: platform.enabled for platform in found} == {first: False, second: True}
    assert database.read_now(lambda db: registrations.platforms_of(db, "https://campus.example/")) == []


def test_a_platform_carries_all_that_the_lti_core_asks_for(database: Database) -> None:
    database.write_now(a_deployment)
    (registration_id,) = ids(database)
    found = database.read_now(lambda db: registrations.platform(db, registration_id))
    assert found
    assert (found.id, found.issuer, found.enabled, found.token_audience) == (registration_id, ISSUER, True, None)
    assert (found.auth_url, found.token_url, found.keyset_url) == tuple(
        f"{ISSUER}/{page}" for page in ("authorize", "token", "jwks")
    )
    assert database.read_now(lambda db: registrations.platform(db, registration_id + 1)) is None


def test_only_approved_deployments_are_let_in(database: Database) -> None:
    for _ in range(2):
        database.write_now(a_deployment)
    first, _ = ids(database)
    knocked: dict[str, Any] = {"registration_id": first, "is_approved": False, "first_seen_at": NOW}
    database.write_now(lambda db: db.add(Deployment(deployment_id="knocked", **knocked)))
    found = database.read_now(lambda db: registrations.sender(db, first))
    assert found
    assert found.platform.id == first
    assert [(it.deployment_id, it.allow_anonymous) for it in found.deployments] == [("1", False)]


def test_a_platform_without_an_approved_deployment_is_there_without_any(database: Database) -> None:
    database.write_now(a_deployment)
    (registration_id,) = ids(database)
    database.write_now(lambda db: db.execute(update(Deployment).values(is_approved=False)))
    found = database.read_now(lambda db: registrations.sender(db, registration_id))
    assert found
    assert found.deployments == ()
    assert database.read_now(lambda db: registrations.sender(db, registration_id + 1)) is None


def test_a_pair_of_issuer_and_client_id_is_known_or_not(database: Database) -> None:
    database.write_now(a_deployment)
    client_id = database.read_now(lambda db: db.exec(select(Registration.client_id)).one())
    assert database.read_now(lambda db: registrations.is_known(db, ISSUER, client_id))
    assert not database.read_now(lambda db: registrations.is_known(db, ISSUER, "other"))
    assert not database.read_now(lambda db: registrations.is_known(db, "https://x.example", client_id))


def test_the_keyset_holds_every_public_key_that_is_not_long_retired_oldest_first(database: Database) -> None:
    kids = []
    for _ in range(2):
        database.write_now(a_deployment)
    for registration_id, pair in zip(ids(database), pairs(), strict=False):
        kids.append(pair.kid)
        key = domain_registrations.new_key(KEYRING, pair.kid, pair.private_pem, pair.public_jwk)
        database.write_now(lambda db, to=registration_id, key=key: keys.add(db, to, key, NOW))
    published = database.read_now(lambda db: registrations.public_jwks(db, NOW))
    assert [kid in jwk for kid, jwk in zip(kids, published, strict=True)] == [True, True]
    assert not [jwk for jwk in published if '"d"' in jwk]
    database.write_now(
        lambda db: db.execute(update(RegistrationKey).where(col(RegistrationKey.kid) == kids[0]).values(retired_at=NOW))
    )
    for retired_after, expected in ((NOW - timedelta(seconds=1), kids), (NOW, kids[1:])):
        published = database.read_now(lambda db, it=retired_after: registrations.public_jwks(db, it))
        assert [kid in jwk for kid, jwk in zip(expected, published, strict=True)] == [True] * len(expected)
