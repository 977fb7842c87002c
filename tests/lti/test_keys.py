import json

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from reflect.lti import keys


def test_a_pair_signs_what_its_published_key_verifies(pair: keys.KeyPair) -> None:
    published = keys.keyset([pair.public_jwk])
    key = jwt.PyJWKSet.from_dict(published)[pair.kid]
    assert jwt.decode(keys.sign({"a": 1}, pair), key, ["RS256"]) == {"a": 1}
    assert jwt.get_unverified_header(keys.sign({"a": 1}, pair))["kid"] == pair.kid


def test_the_key_set_names_algorithm_and_use_and_nothing_private(pair: keys.KeyPair) -> None:
    leaking = pair.public_jwk | {"d": "private", "p": "private"}
    (published,) = keys.keyset([leaking])["keys"]
    assert published.keys() == {"kty", "kid", "alg", "use", "n", "e"}
    assert (published["alg"], published["use"], published["e"]) == ("RS256", "sig", "AQAB")
    assert "private" not in json.dumps(published)


def test_pairs_are_2048_bits_and_named_by_their_thumbprint(pair: keys.KeyPair, other_pair: keys.KeyPair) -> None:
    private = load_pem_private_key(pair.private_pem, None)
    assert getattr(private, "key_size", None) == 2048
    assert pair.kid != other_pair.kid
    assert len(pair.kid) == 43


def test_a_pair_does_not_show_its_secret(pair: keys.KeyPair) -> None:
    assert "PRIVATE" not in repr(pair)


def test_only_an_rsa_key_signs(pair: keys.KeyPair) -> None:
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(TypeError):
        keys.sign({}, keys.KeyPair("k", pem, {}))
