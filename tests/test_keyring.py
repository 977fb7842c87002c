import hashlib
import hmac

from reflect.keyring import Keyring

SECRET = "a secret for tests that is long enough to be one"


def test_a_purpose_has_the_same_key_in_every_process() -> None:
    assert Keyring(SECRET).key_for("sealed answers") == Keyring(SECRET).key_for("sealed answers")


def test_each_purpose_has_a_key_of_its_own() -> None:
    purposes = ("sealed answers", "lti handshake", "registration keys", "", "sealed answers ")
    assert len({Keyring(SECRET).key_for(purpose) for purpose in purposes}) == len(purposes)


def test_each_secret_has_keys_of_its_own() -> None:
    assert Keyring(SECRET).key_for("x") != Keyring(SECRET + "!").key_for("x")


def test_keys_are_derived_as_rfc_5869_says() -> None:
    extracted = hmac.digest(bytes(32), SECRET.encode(), hashlib.sha256)
    expanded = hmac.digest(extracted, b"reflect:sealed answers\x01", hashlib.sha256)
    assert Keyring(SECRET).key_for("sealed answers") == expanded


def test_a_secret_may_be_in_any_script() -> None:
    assert len(Keyring("ein Geheimnis für Tests, lang genug: 秘密").key_for("x")) == 32


def test_a_keyring_tells_no_secret_when_it_is_printed() -> None:
    assert SECRET not in repr(Keyring(SECRET))
