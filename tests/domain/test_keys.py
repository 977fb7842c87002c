import json
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice

import pytest
from sqlmodel import Session, col, select

from reflect.domain import audit, keys, registrations
from reflect.domain.keys import OVERLAP
from reflect.domain.privacy.retention import purge
from reflect.domain.refusals import Missing
from reflect.storage.database import Database
from reflect.storage.registrations import RegistrationKey, signing_key, with_private_half
from tests.classroom import NOW
from tests.domain.test_registrations import APPLICATION, KEYRING, NEXT_PAIR, add, keys_of
from tests.pairs import pairs

LATER = NOW + timedelta(days=1)
MOMENT = timedelta(seconds=1)
ADA = "ada@school.example"
NEXT = registrations.new_key(KEYRING, NEXT_PAIR.kid, NEXT_PAIR.private_pem, NEXT_PAIR.public_jwk)
_PAIR = next(islice(pairs(), 4, None))
THIRD = registrations.new_key(KEYRING, _PAIR.kid, _PAIR.private_pem, _PAIR.public_jwk)


def rotated(database: Database) -> tuple[int, RegistrationKey, RegistrationKey]:
    """A registration whose key was changed a day after it was made; the old key and the new one."""
    registration_id = add(database)
    database.write_now(lambda db: keys.add(db, registration_id, NEXT, LATER))
    old, new = keys_of(database, registration_id)
    return registration_id, old, new


def published(database: Database, now: datetime) -> list[str]:
    return [json.loads(jwk)["kid"] for jwk in database.read_now(lambda db: keys.published(db, now))]


def deeds(database: Database) -> list[tuple[str, str, str]]:
    return [(entry.actor, entry.action, entry.about) for entry in database.read_now(audit.newest)]


def revoke(database: Database, registration_id: int, key: RegistrationKey) -> None:
    assert key.id is not None
    key_id = key.id
    database.write_now(lambda db: keys.revoke(db, registration_id, key_id, THIRD, ADA, LATER))


def test_rotation_signs_with_the_new_key_and_keeps_the_old_one_published(database: Database) -> None:
    registration_id, old, new = rotated(database)
    assert (old.retired_at, new.retired_at, new.kid) == (LATER, None, NEXT_PAIR.kid)
    assert published(database, LATER) == [old.kid, new.kid]
    signing = database.read_now(lambda db: signing_key(db, registration_id))
    assert signing is not None
    assert signing.kid == new.kid
    assert registrations.private_pem(KEYRING, signing) == NEXT_PAIR.private_pem


def test_a_retired_key_is_published_for_an_overlap_and_not_a_moment_longer(database: Database) -> None:
    registration_id, old, new = rotated(database)
    for age, there in ((OVERLAP - MOMENT, [new.kid, old.kid]), (OVERLAP, [new.kid])):
        assert sorted(published(database, LATER + age)) == sorted(there)
        assert [
            it.kid for it in database.read_now(lambda db, at=LATER + age: keys.of(db, registration_id, at))
        ] == there


def test_the_private_half_goes_with_the_rotation(database: Database) -> None:
    _, old, new = rotated(database)
    assert (old.sealed_private_key, bool(new.sealed_private_key)) == (b"", True)
    assert [it.kid for it in database.read_now(with_private_half)] == [new.kid]


def test_rotation_leaves_other_registrations_alone(database: Database) -> None:
    rotated_id, other = add(database), add(database, replace(APPLICATION, client_id="def"))
    database.write_now(lambda db: keys.add(db, rotated_id, THIRD, NOW))
    [key] = keys_of(database, other)
    assert (key.retired_at, bool(key.sealed_private_key)) == (None, True)


def test_a_purge_forgets_a_retired_key_once_its_overlap_is_over(database: Database) -> None:
    registration_id, old, new = rotated(database)
    for age, there in ((OVERLAP - MOMENT, [old.kid, new.kid]), (OVERLAP, [new.kid])):
        database.write_now(lambda db, at=LATER + age: purge(db, 365, at))
        assert [it.kid for it in keys_of(database, registration_id)] == there


def test_a_purge_forgets_a_private_half_that_an_older_release_kept(database: Database) -> None:
    registration_id, _, _ = rotated(database)

    def keep(db: Session) -> None:
        retired = select(RegistrationKey).where(col(RegistrationKey.retired_at).is_not(None))
        db.exec(retired).one().sealed_private_key = b"a seal"

    database.write_now(keep)
    database.write_now(lambda db: purge(db, 365, LATER))
    assert [bool(it.sealed_private_key) for it in keys_of(database, registration_id)] == [False, True]


def test_a_retired_key_that_is_revoked_is_gone_at_once(database: Database) -> None:
    registration_id, old, new = rotated(database)
    revoke(database, registration_id, old)
    assert published(database, LATER) == [new.kid]
    [left] = keys_of(database, registration_id)
    assert (left.kid, left.retired_at) == (new.kid, None)
    assert deeds(database) == [(ADA, "key_revoked", f"Campus: {old.kid}")]


def test_a_new_key_takes_the_place_of_one_that_signed_and_is_revoked(database: Database) -> None:
    registration_id, old, new = rotated(database)
    revoke(database, registration_id, new)
    assert published(database, LATER) == [old.kid, _PAIR.kid]
    assert [(it.kid, it.retired_at) for it in keys_of(database, registration_id)] == [
        (old.kid, LATER),
        (_PAIR.kid, None),
    ]
    assert deeds(database) == [(ADA, "key_rotated", "Campus"), (ADA, "key_revoked", f"Campus: {new.kid}")]


def test_a_key_is_revoked_once_and_only_as_one_of_its_own_registration(database: Database) -> None:
    registration_id, old, new = rotated(database)
    other = add(database, replace(APPLICATION, client_id="def"))
    for wrong in (other, 987):
        with pytest.raises(Missing):
            revoke(database, wrong, new)
    revoke(database, registration_id, old)
    with pytest.raises(Missing):
        revoke(database, registration_id, old)
    assert new.kid in published(database, LATER)
    assert len(deeds(database)) == 1


def test_nothing_is_added_to_a_registration_that_is_not_there(database: Database) -> None:
    with pytest.raises(Missing) as missing:
        database.write_now(lambda db: keys.add(db, 99, {}, NOW))
    assert missing.value.code == "registration_missing"
