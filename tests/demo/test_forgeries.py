import json
from dataclasses import replace
from typing import Any

import jwt
import pytest
from starlette.testclient import TestClient

from reflect.demo.claims import LTI, Occasion
from reflect.demo.forgeries import BULKS, ENVELOPES, FORGERIES, HEADERS, KEYSETS, MESSAGES, PRETENSIONS
from reflect.demo.forging import Forgery, alter_claims, alter_header, alter_token
from reflect.demo.keysets import BAIT, FAULTS
from reflect.demo.platform import CampusPlatform, Pending
from reflect.demo.tokens import Claims
from reflect.demo.tools import Tool

from .conftest import ISSUER, Verify

ROWS = [*range(1, 25), *range(29, 34), *range(39, 43), 46, 47, 48]


def forged(platform: CampusPlatform, occasion: Occasion, name: str) -> str:
    return platform.id_token(Pending(occasion, FORGERIES[name]), "n-1")


def read(token: str) -> Claims:
    claims: Claims = jwt.decode(token, options={"verify_signature": False})
    return claims


def without_clock(claims: Claims) -> Claims:
    kept = {name: value for name, value in claims.items() if name not in {"iat", "exp"}}
    kept[LTI + "launch_presentation"] = None
    return kept


def test_every_row_of_the_table_has_a_forgery() -> None:
    assert {f"B{row:02}" for row in ROWS} <= {name.partition("-")[0] for name in FORGERIES}


@pytest.mark.parametrize("name", FORGERIES.keys() - PRETENSIONS.keys() - BULKS.keys())
def test_no_forged_token_passes_a_strict_check(
    platform: CampusPlatform, occasion: Occasion, tool: Tool, name: str
) -> None:
    token = forged(platform, occasion, name)
    with pytest.raises(AssertionError):
        strict_check(token, platform, tool)


@pytest.mark.parametrize("name", PRETENSIONS)
def test_a_pretended_role_comes_in_a_rightly_signed_token(
    platform: CampusPlatform, occasion: Occasion, verify: Verify, name: str
) -> None:
    claims = verify(forged(platform, occasion, name))
    assert len(claims[LTI + "roles"]) == 1
    assert FORGERIES[name].codes == ()


@pytest.mark.parametrize("name", [*ENVELOPES, *MESSAGES])
def test_a_forged_claim_is_rightly_signed_under_an_untouched_header(
    platform: CampusPlatform, occasion: Occasion, name: str
) -> None:
    token = forged(platform, occasion, name)
    key = jwt.PyJWKSet.from_dict(platform.keyset())[platform.key.kid]
    assert jwt.PyJWS().decode(token, key, ["RS256"])
    assert jwt.get_unverified_header(token) == {"typ": "JWT", "alg": "RS256", "kid": platform.key.kid}


@pytest.mark.parametrize("name", [name for name in HEADERS if name[:3] in {"B01", "B02", "B13", "B14", "B15", "B17"}])
def test_a_forged_header_or_signature_leaves_the_claims_alone(
    platform: CampusPlatform, occasion: Occasion, name: str
) -> None:
    right = platform.id_token(Pending(occasion, Forgery()), "n-1")
    assert without_clock(read(forged(platform, occasion, name))) == without_clock(read(right))


def test_a_flipped_payload_stays_json_and_keeps_its_signature(platform: CampusPlatform, occasion: Occasion) -> None:
    claims = read(forged(platform, occasion, "B16-payload"))
    assert abs(claims["exp"] - claims["iat"] - 60) == 1


def test_a_payload_that_says_a_claim_twice_reads_right_to_a_careless_parser(
    platform: CampusPlatform, occasion: Occasion
) -> None:
    assert read(forged(platform, occasion, "B48-iss"))["iss"] == ISSUER


def test_the_public_key_as_a_secret_makes_a_signature_that_a_careless_tool_believes(
    platform: CampusPlatform, occasion: Occasion
) -> None:
    signed, _, signature = forged(platform, occasion, "B14-pem").rpartition(".")
    hmac = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    assert hmac.verify(signed.encode(), platform.key.pem(), jwt.utils.base64url_decode(signature))


@pytest.mark.parametrize("name", ["B29", "B31"])
def test_another_tools_ids_are_those_of_a_tool_the_platform_knows(
    platform: CampusPlatform, occasion: Occasion, other_tool: Tool, name: str
) -> None:
    claims = read(forged(platform, occasion, name))
    assert claims[LTI + "deployment_id"] == other_tool.deployment_id
    assert claims["aud"] == (other_tool.client_id if name == "B29" else occasion.tool.client_id)


@pytest.mark.parametrize("field", ["jku", "x5u"])
def test_a_header_that_names_a_keyset_names_one_that_would_verify_it(
    platform: CampusPlatform, occasion: Occasion, campus: TestClient, field: str
) -> None:
    token = forged(platform, occasion, f"B39-{field}")
    header = jwt.get_unverified_header(token)
    keys = jwt.PyJWKSet.from_dict(campus.get(header[field].removeprefix(ISSUER)).json())
    assert jwt.PyJWS().decode(token, keys[header["kid"]], ["RS256"])


def test_who_takes_the_bait_is_counted(campus: TestClient, platform: CampusPlatform) -> None:
    before = platform.requests[BAIT]
    campus.get(BAIT)
    assert platform.requests[BAIT] == before + 1


@pytest.mark.parametrize("name", KEYSETS)
def test_a_keyset_is_broken_from_one_launch_to_the_next(
    platform: CampusPlatform, occasion: Occasion, name: str
) -> None:
    forged(platform, occasion, name)
    assert platform.keyset_fault in FAULTS
    platform.id_token(Pending(occasion, Forgery()), "n-1")
    assert platform.keyset_fault == ""


@pytest.mark.parametrize(
    ("fault", "status", "says"), [("down", 503, "Down"), ("redirected", 302, ""), ("html", 200, "<title>")]
)
def test_a_broken_keyset_is_broken_over_http(
    campus: TestClient, platform: CampusPlatform, fault: str, status: int, says: str
) -> None:
    platform.keyset_fault = fault
    response = campus.get("/jwks")
    platform.keyset_fault = ""
    assert response.status_code == status
    assert says in response.text


def test_a_huge_keyset_is_fifty_mebibytes(campus: TestClient, platform: CampusPlatform) -> None:
    platform.keyset_fault = "huge"
    size = len(campus.get("/jwks").content)
    platform.keyset_fault = ""
    assert size == 50 * 2**20


@pytest.mark.parametrize(("fault", "kid"), [("weak", "weak"), ("symmetric", "oct")])
def test_an_unfit_key_stands_in_the_keyset_under_the_kid_of_the_token(
    platform: CampusPlatform, occasion: Occasion, campus: TestClient, fault: str, kid: str
) -> None:
    token = forged(platform, occasion, f"B41-{fault}")
    keys = campus.get("/jwks").json()["keys"]
    platform.keyset_fault = ""
    assert [key["kid"] for key in keys] == [jwt.get_unverified_header(token)["kid"]] == [kid]


def test_tests_may_forge_by_hand(platform: CampusPlatform, occasion: Occasion) -> None:
    def made(forge: Any) -> str:
        return platform.id_token(Pending(occasion, Forgery(forge=forge)), "n-1")

    assert read(made(alter_claims(lambda claims: claims | {"sub": "x"})))["sub"] == "x"
    assert jwt.get_unverified_header(made(alter_header(lambda header: header | {"typ": "x"})))["typ"] == "x"
    assert made(alter_token(lambda token: "x")) == "x"
    assert read(made(lambda draft: replace(draft, claims={"sub": "y"}).token())) == {"sub": "y"}


def strict_check(token: str, platform: CampusPlatform, tool: Tool) -> None:
    """Assert all that a right launch of Zoë into course 2 is, in plain sight and without the tool's code."""
    right = {key["kid"]: key for key in platform.keyset()["keys"]}
    try:
        header = jwt.get_unverified_header(token)
        assert header.keys() == {"typ", "alg", "kid"}
        assert header["alg"] == "RS256"
        assert header["kid"] in right
        payload = jwt.PyJWS().decode(token, jwt.PyJWK(right[header["kid"]]), ["RS256"])
    except jwt.PyJWTError as fault:
        raise AssertionError(str(fault)) from fault
    pairs: list[tuple[str, Any]] = json.loads(payload, object_pairs_hook=list)
    claims = dict(json.loads(payload))
    assert len(pairs) == len(claims)
    now = platform.clock().timestamp()
    assert isinstance(claims.get("iat"), int) and abs(claims["iat"] - now) < 60
    assert isinstance(claims.get("exp"), int) and claims["iat"] + 60 == claims["exp"]
    course = platform.school.course("2")
    expected = platform.claims(platform.school.person("6"), course, course.activity("1"), "n-1", tool)
    assert without_clock(claims) == without_clock(expected)


def test_the_strict_check_takes_a_right_token(platform: CampusPlatform, occasion: Occasion, tool: Tool) -> None:
    strict_check(platform.id_token(Pending(occasion, Forgery()), "n-1"), platform, tool)
