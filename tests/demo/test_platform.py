import json
from itertools import pairwise

import jwt
import pytest

from reflect.demo.claims import LTI, Occasion
from reflect.demo.platform import PENDING, CampusPlatform, LaunchMissing
from reflect.demo.tools import Tool


def test_a_login_initiation_has_what_moodle_sends(platform: CampusPlatform, occasion: Occasion) -> None:
    initiation = platform.begin(occasion)
    assert initiation.keys() == {
        "iss", "target_link_uri", "login_hint", "lti_message_hint", "client_id", "lti_deployment_id"
    }  # fmt: skip
    assert json.loads(initiation["lti_message_hint"])["cmid"] == 1
    assert initiation["login_hint"] == "6"


def test_a_message_hint_works_once(platform: CampusPlatform, occasion: Occasion) -> None:
    hint = platform.begin(occasion)["lti_message_hint"]
    assert platform.redeem(hint).occasion == occasion
    with pytest.raises(LaunchMissing):
        platform.redeem(hint)


def test_launches_that_nobody_finished_are_forgotten_in_the_end(platform: CampusPlatform, occasion: Occasion) -> None:
    first, *_ = [platform.begin(occasion)["lti_message_hint"] for _ in range(PENDING + 1)]
    with pytest.raises(LaunchMissing):
        platform.redeem(first)


def test_the_keyset_has_two_public_keys_and_nothing_private(platform: CampusPlatform) -> None:
    keys = platform.keyset()["keys"]
    assert [key.keys() for key in keys] == [{"kty", "kid", "alg", "use", "n", "e"}] * 2
    assert all(one["kid"] != next_["kid"] for one, next_ in pairwise(keys))


def test_a_token_signed_by_the_platform_is_verified_by_its_keyset(platform: CampusPlatform) -> None:
    token = platform.sign({"alg": "RS256", "typ": "JWT", "kid": platform.key.kid}, {"sub": "6"})
    key = jwt.PyJWKSet.from_dict(platform.keyset())[platform.key.kid]
    assert jwt.decode(token, key, ["RS256"]) == {"sub": "6"}


def test_a_rotation_keeps_the_key_of_before_and_drops_the_oldest(tool: Tool) -> None:
    platform = CampusPlatform("http://127.0.0.1:8001", tool)
    oldest, before = platform.keys
    platform.rotate()
    assert [key["kid"] for key in platform.keyset()["keys"]] == [before.kid, platform.key.kid]
    assert platform.key not in (oldest, before)


def test_claims_may_be_made_without_a_launch(platform: CampusPlatform, tool: Tool) -> None:
    course = platform.school.course("2")
    claims = platform.claims(platform.school.person("7"), course, course.activity("2"), "n-1", tool)
    assert claims["nonce"] == "n-1"
    assert claims[LTI + "launch_presentation"]["document_target"] == "window"


def test_a_client_id_names_one_tool(platform: CampusPlatform, tool: Tool) -> None:
    assert platform.tools[tool.client_id] == tool
