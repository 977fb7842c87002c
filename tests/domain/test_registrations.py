import json
from dataclasses import replace
from itertools import islice

import pytest
from cryptography.fernet import InvalidToken
from sqlmodel import col, select

from reflect.domain import audit, registrations
from reflect.domain.refusals import FormRefused, Missing, Refused
from reflect.domain.registrations import LMS, LONGEST, Application
from reflect.keyring import Keyring
from reflect.storage.database import Database
from reflect.storage.registrations import RegistrationKey
from tests.classroom import NOW
from tests.pairs import pairs

KEYRING = Keyring("a secret for tests that is long enough to be one")
PAIR, NEXT_PAIR = islice(pairs(), 2)
APPLICATION = Application(
    name="Campus",
    lms="moodle",
    issuer="https://campus.example",
    client_id="abc",
    auth_url="https://campus.example/authorize",
    token_url="https://campus.example/token",
    keyset_url="https://campus.example/jwks",
    deployment_id="1",
)


def is_https(address: str) -> bool:
    return address.startswith("https://")


def add(database: Database, application: Application = APPLICATION) -> int:
    stored = len(database.read_now(lambda db: db.exec(select(RegistrationKey)).all()))
    pair = next(islice(pairs(), 2 + stored, None))
    key = registrations.new_key(KEYRING, pair.kid, pair.private_pem, pair.public_jwk)
    return database.write_now(lambda db: registrations.add(db, application, key, NOW))


def keys_of(database: Database, registration_id: int) -> list[RegistrationKey]:
    own = (
        select(RegistrationKey)
        .where(col(RegistrationKey.registration_id) == registration_id)
        .order_by(col(RegistrationKey.id))
    )
    return list(database.read_now(lambda db: db.exec(own).all()))


def test_a_right_application_has_no_faults() -> None:
    assert APPLICATION.faults(is_https) == {}
    registrations.refuse_faults(APPLICATION, is_https)


@pytest.mark.parametrize(
    "field", ["name", "issuer", "client_id", "auth_url", "token_url", "keyset_url", "deployment_id"]
)
@pytest.mark.parametrize("value", ["", "  "])
def test_each_value_is_required(field: str, value: str) -> None:
    assert replace(APPLICATION, **{field: value}).faults(is_https) == {field: "required"}


@pytest.mark.parametrize("field", ["issuer", "auth_url", "token_url", "keyset_url"])
def test_an_address_that_we_would_not_call_is_a_fault(field: str) -> None:
    assert replace(APPLICATION, **{field: "http://campus.example"}).faults(is_https) == {field: "url"}


@pytest.mark.parametrize("field", ["client_id", "deployment_id"])
def test_an_id_may_have_255_characters(field: str) -> None:
    assert replace(APPLICATION, **{field: "x" * LONGEST}).faults(is_https) == {}
    assert replace(APPLICATION, **{field: "x" * (LONGEST + 1)}).faults(is_https) == {field: "too_long"}


def test_an_lms_is_one_that_we_know() -> None:
    assert all(replace(APPLICATION, lms=lms).faults(is_https) == {} for lms in LMS)
    assert replace(APPLICATION, lms="blackbox").faults(is_https) == {"lms": "choose"}


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(FormRefused) as refused:
        registrations.refuse_faults(replace(APPLICATION, name="", lms="x", token_url="ftp:"), is_https)
    assert refused.value.errors == {"name": "required", "lms": "choose", "token_url": "url"}


def test_a_registration_comes_with_its_deployment_and_a_key(database: Database) -> None:
    registration_id = add(database, replace(APPLICATION, token_audience="https://campus.example/aud"))
    found = database.read_now(lambda db: registrations.find(db, registration_id))
    assert (found.registration.issuer, found.registration.client_id) == ("https://campus.example", "abc")
    assert found.registration.token_audience == "https://campus.example/aud"
    assert found.registration.is_enabled
    assert [(it.deployment_id, it.is_approved) for it in found.deployments] == [("1", True)]
    assert len(keys_of(database, registration_id)) == 1


def test_the_same_issuer_and_client_id_are_registered_once(database: Database) -> None:
    add(database)
    with pytest.raises(Refused) as refused:
        add(database, replace(APPLICATION, name="Again", deployment_id="2"))
    assert refused.value.code == "registered_already"
    assert refused.value.facts == {"issuer": "https://campus.example", "client_id": "abc"}


def test_several_clients_of_one_issuer_and_one_client_id_of_several_issuers_live_side_by_side(
    database: Database,
) -> None:
    ids = [
        add(database),
        add(database, replace(APPLICATION, client_id="def")),
        add(database, replace(APPLICATION, issuer="https://other.example")),
    ]
    listed = database.read_now(registrations.listed)
    assert [it.registration.id for it in listed] == ids
    assert [len(it.deployments) for it in listed] == [1, 1, 1]


def test_what_is_not_registered_is_missing(database: Database) -> None:
    with pytest.raises(Missing) as missing:
        database.read_now(lambda db: registrations.find(db, 99))
    assert missing.value.code == "registration_missing"
    with pytest.raises(Missing):
        database.write_now(lambda db: registrations.switch(db, 99, False))


def test_a_registration_is_disabled_and_enabled(database: Database) -> None:
    registration_id = add(database)
    for is_enabled in (False, True):
        database.write_now(lambda db, to=is_enabled: registrations.switch(db, registration_id, to))
        found = database.read_now(lambda db: registrations.find(db, registration_id))
        assert found.registration.is_enabled is is_enabled


def test_the_private_half_of_a_key_is_stored_encrypted() -> None:
    stored = RegistrationKey(registration_id=1, created_at=NOW, **registrations.new_key(KEYRING, PAIR.kid, PAIR.private_pem, PAIR.public_jwk))  # fmt: skip
    assert b"PRIVATE" not in stored.sealed_private_key
    assert "d" not in json.loads(stored.public_jwk)
    assert registrations.private_pem(KEYRING, stored) == PAIR.private_pem
    with pytest.raises(InvalidToken):
        registrations.private_pem(Keyring("another secret, just as long as the first one"), stored)


@pytest.mark.parametrize(
    "typed", ["", "api.campus.example", "API.campus.example, b.example:8443 api.campus.example", "x"]
)
def test_hosts_may_be_typed_in_any_order_and_case(typed: str) -> None:
    assert replace(APPLICATION, service_hosts=typed).faults(is_https) == {}
    assert registrations.hosts_of("B.example:1,a.example\n b.example:1") == ("a.example", "b.example:1")


@pytest.mark.parametrize(
    "typed",
    ["*.campus.example", "*", "https://a.example", "a.example/path", "a.example:", "a.example:0", "a.example:65536", ".a",
     "a..b", "-a.example", "a_b.example", "a.example.", "user@a.example", "a.example:http", "[::1]", "bücher.example",
     f"{'a' * 64}.example", ".".join(["a" * 60] * 5), " ".join(f"a{number}.example" for number in range(21))],
)  # fmt: skip
def test_what_is_no_host_and_port_is_a_fault(typed: str) -> None:
    assert replace(APPLICATION, service_hosts=typed).faults(is_https) == {"service_hosts": "hosts"}


def test_each_change_of_the_hosts_is_written_down_once(database: Database) -> None:
    registration_id = add(database, replace(APPLICATION, service_hosts="B.example a.example"))

    def listed(text: str) -> str:
        database.write_now(lambda db: registrations.list_hosts(db, registration_id, text, "ada@school.example", NOW))
        return database.read_now(lambda db: registrations.find(db, registration_id).registration.service_hosts)

    assert listed("a.example b.example") == "a.example b.example"
    assert database.read_now(audit.newest) == []
    assert listed("c.example:8443") == "c.example:8443"
    assert listed("") == ""
    deeds = [(entry.actor, entry.action, entry.about) for entry in database.read_now(audit.newest)]
    assert deeds == [
        ("ada@school.example", "service_hosts_changed", "Campus: –"),
        ("ada@school.example", "service_hosts_changed", "Campus: c.example:8443"),
    ]
    with pytest.raises(FormRefused):
        listed("*.example")
    with pytest.raises(Missing):
        database.write_now(lambda db: registrations.list_hosts(db, 987, "", "ada@school.example", NOW))
