import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reflect.lti import Deployment, LaunchRefused, keys, refusals, verify
from reflect.lti import claims as names
from reflect.lti.messages import MessageType
from reflect.lti.roles import Role

from .campus import ISSUER, TARGET, TOOL, Campus, Change

CONTEXT_ROLE = "http://purl.imsglobal.org/vocab/lis/v2/membership#"


def refusal_of(launch: Callable[[], object]) -> LaunchRefused:
    with pytest.raises(LaunchRefused) as refusal:
        launch()
    assert refusal.value.status == refusals.STATUS[refusal.value.code]
    assert "Ines" not in str(refusal.value)
    return refusal.value


def put(name: str, value: object) -> Change:
    return lambda claims: claims.update({name: value})


def drop(*dropped: str) -> Change:
    return lambda claims: [claims.pop(name) for name in dropped]


def later(name: str, seconds: float) -> Change:
    return lambda claims: claims.update({name: claims["iat"] + seconds})


LINK = names.RESOURCE_LINK
LONG = "x" * 256
FAULTS: list[tuple[str, Change, str]] = [
    ("B03 version 11.3", put(names.VERSION, "11.3"), "version"),
    ("B03 version 1.1", put(names.VERSION, "1.1"), "version"),
    ("B03 version number", put(names.VERSION, 1.3), "version"),
    ("B04 version absent", drop(names.VERSION), "version"),
    ("B05 no LTI message", lambda claims: b'{"name":"badltilaunch"}', "token_malformed"),
    ("B06 several absent", drop(names.VERSION, names.ROLES, names.MESSAGE_TYPE), "claim_missing"),
    ("B07 old times", lambda claims: claims.update(iat=11111, exp=22222), "expired"),
    ("B08 type absent", drop(names.MESSAGE_TYPE), "message_type"),
    ("B08 type unknown", put(names.MESSAGE_TYPE, "LtiOtherRequest"), "message_type"),
    ("B08 type of LTI 1.1", put(names.MESSAGE_TYPE, "basic-lti-launch-request"), "message_type"),
    ("B08 type a list", put(names.MESSAGE_TYPE, ["LtiResourceLinkRequest"]), "message_type"),
    ("B09 roles absent", drop(names.ROLES), "roles"),
    ("B09 roles null", put(names.ROLES, None), "roles"),
    ("B09 roles a string", put(names.ROLES, "Instructor"), "roles"),
    ("B09 roles with a number", put(names.ROLES, ["Instructor", 1]), "roles"),
    ("B09 roles an object", put(names.ROLES, {"0": "Instructor"}), "roles"),
    ("B10 deployment absent", drop(names.DEPLOYMENT_ID), "deployment_missing"),
    ("B10 deployment empty", put(names.DEPLOYMENT_ID, ""), "deployment_missing"),
    ("B10 deployment long", put(names.DEPLOYMENT_ID, LONG), "deployment_missing"),
    ("B10 deployment number", put(names.DEPLOYMENT_ID, 1), "deployment_missing"),
    ("B10 deployment odd", put(names.DEPLOYMENT_ID, "1\x00"), "deployment_missing"),
    ("B11 link absent", drop(LINK), "resource_link"),
    ("B11 link without id", put(LINK, {"title": "x"}), "resource_link"),
    ("B11 link id empty", put(LINK, {"id": ""}), "resource_link"),
    ("B11 link id number", put(LINK, {"id": 3}), "resource_link"),
    ("B11 link a list", put(LINK, ["3"]), "resource_link"),
    ("B12 sub absent", drop("sub"), "user_missing"),
    ("B12 sub null", put("sub", None), "user_missing"),
    ("B12 sub empty", put("sub", ""), "user_missing"),
    ("B12 sub blank", put("sub", "  "), "user_missing"),
    ("B12 sub number", put("sub", 5), "user_missing"),
    ("B12 sub long", put("sub", LONG), "user_missing"),
    ("B18 other issuer", put("iss", "https://other.example.org"), "issuer"),
    ("B18 trailing slash", put("iss", ISSUER + "/"), "issuer"),
    ("B18 other case", put("iss", ISSUER.upper()), "issuer"),
    ("B18 http", put("iss", ISSUER.replace("https", "http")), "issuer"),
    ("B18 issuer list", put("iss", [ISSUER]), "issuer"),
    ("B18 issuer absent", drop("iss"), "issuer"),
    ("B19 other audience", put("aud", "someone"), "audience"),
    ("B19 audience empty list", put("aud", []), "audience"),
    ("B19 audience absent", drop("aud"), "audience"),
    ("B19 audience object", put("aud", {"client-1": 1}), "audience"),
    ("B19 audience number in list", put("aud", ["client-1", 1]), "audience"),
    ("B20 one audience too many", put("aud", ["client-1", "other"]), "audience"),
    ("B20 a known audience too many", put("aud", ["client-1", "client-3"]), "audience"),
    ("B21 other party", put("azp", "other"), "azp"),
    ("B21 party a list", put("azp", ["client-1"]), "azp"),
    ("B22 expired", later("exp", -60), "expired"),
    ("B22 exp absent", drop("exp"), "claim_missing"),
    ("B22 exp a string", put("exp", "1999999999"), "claim_type"),
    ("B22 exp true", put("exp", True), "claim_type"),
    ("B22 exp a list", put("exp", [1]), "claim_type"),
    ("B22 exp endless", put("exp", 10**400), "claim_type"),
    ("B22 lives too long", later("exp", 86_401), "expired"),
    ("B23 from the future", later("iat", 61), "iat"),
    ("B23 too old", later("iat", -3601), "iat"),
    ("B23 much too old", later("iat", -200_000), "iat"),
    ("B23 iat absent", drop("iat"), "iat"),
    ("B23 iat a string", put("iat", "1"), "claim_type"),
    ("not before", later("nbf", 61), "iat"),
    ("B24 nonce absent", drop("nonce"), "nonce"),
    ("B24 nonce empty", put("nonce", ""), "nonce"),
    ("B24 nonce list", put("nonce", []), "nonce"),
    ("B24 other nonce", put("nonce", "x" * 43), "nonce"),
    ("B29 other registration, same platform", put("aud", "client-3"), "mixup"),
    (
        "B29 other registration, same keys",
        lambda claims: claims.update(iss="https://second.example.org", aud=["client-2"]),
        "mixup",
    ),
    ("B30 unknown deployment", put(names.DEPLOYMENT_ID, "9"), "deployment_unknown"),
    ("B32 other host", put(names.TARGET_LINK_URI, "https://evil.example/app"), "target"),
    ("B32 script", put(names.TARGET_LINK_URI, "javascript:alert(1)"), "target"),
    ("B32 no scheme", put(names.TARGET_LINK_URI, "//reflect.example.org/app"), "target"),
    ("B32 path only", put(names.TARGET_LINK_URI, "/app"), "target"),
    ("B32 backslash", put(names.TARGET_LINK_URI, "\\evil"), "target"),
    ("B32 backslash host", put(names.TARGET_LINK_URI, TOOL + "\\@evil.example/"), "target"),
    ("B32 user part", put(names.TARGET_LINK_URI, "https://reflect.example.org@evil.example/"), "target"),
    ("B32 own user part", put(names.TARGET_LINK_URI, "https://evil@reflect.example.org/app"), "target"),
    ("B32 longer host", put(names.TARGET_LINK_URI, TOOL + ".evil.example/app"), "target"),
    ("B32 other port", put(names.TARGET_LINK_URI, TOOL + ":444/app"), "target"),
    ("B32 http", put(names.TARGET_LINK_URI, TARGET.replace("https", "http")), "target"),
    ("B32 new line", put(names.TARGET_LINK_URI, "https://reflect.example.org\n/app"), "target"),
    ("B32 number", put(names.TARGET_LINK_URI, 7), "target"),
    ("B32 absent", drop(names.TARGET_LINK_URI), "target"),
    ("B33 other page", put(names.TARGET_LINK_URI, TARGET + "?checkin=2"), "target_mismatch"),
    ("B38 many roles", put(names.ROLES, ["x"] * 10_000), "too_large"),
    ("B42 context without id", put(names.CONTEXT, {"title": "x"}), "context"),
    ("B42 context id empty", put(names.CONTEXT, {"id": ""}), "context"),
    ("B42 context id long", put(names.CONTEXT, {"id": LONG}), "context"),
    ("B42 context a string", put(names.CONTEXT, "2"), "context"),
    ("B48 duplicate keys", lambda claims: b'{"iss":"a","iss":"b"}', "token_malformed"),
]


@pytest.mark.parametrize(("change", "code"), [fault[1:] for fault in FAULTS], ids=[fault[0] for fault in FAULTS])
def test_every_single_fault_is_refused_by_its_own_code(campus: Campus, change: Change, code: str) -> None:
    assert refusal_of(lambda: campus.launch(change)).code == code


def test_several_missing_claims_are_all_named(campus: Campus) -> None:
    refusal = refusal_of(lambda: campus.launch(drop(names.VERSION, names.ROLES, names.MESSAGE_TYPE)))
    assert all(name in refusal.detail for name in ("version", "roles", "message_type"))


def test_an_unknown_deployment_is_told_to_the_caller(campus: Campus) -> None:
    assert refusal_of(lambda: campus.launch(put(names.DEPLOYMENT_ID, "9"))).deployment_id == "9"
    assert refusal_of(lambda: campus.launch(put(names.DEPLOYMENT_ID, 9))).deployment_id is None


def test_an_unknown_key_and_a_stranger_with_our_key_id_are_refused(campus: Campus, other_pair: keys.KeyPair) -> None:
    unknown = {"alg": "RS256", "kid": "../../etc/passwd' OR 1=1"}
    assert refusal_of(lambda: campus.launch(header=unknown)).code == "kid_unknown"
    assert refusal_of(lambda: campus.launch(signer=other_pair)).code == "signature"
    assert refusal_of(lambda: campus.launch(signer=keys.generate())).code == "signature"


def test_a_token_of_another_registration_is_a_mixup_even_if_its_key_is_not_ours(campus: Campus) -> None:
    stranger = keys.generate()

    def of_another(claims: dict[str, Any]) -> None:
        claims.update(iss="https://second.example.org", aud="client-2")

    header = {"alg": "RS256", "kid": stranger.kid}
    assert refusal_of(lambda: campus.launch(of_another, header=header, signer=stranger)).code == "mixup"
    assert refusal_of(lambda: campus.launch(of_another, signer=stranger)).code == "mixup"
    unknown = put("iss", "https://nobody.example.org")
    assert refusal_of(lambda: campus.launch(unknown, signer=stranger)).code == "signature"


def test_a_state_of_another_registration_is_a_mixup(campus: Campus) -> None:
    other = replace(campus.platform, id=8)
    assert refusal_of(lambda: campus.launch(platform=other)).code == "mixup"


def test_a_registration_that_is_off_launches_nobody(campus: Campus) -> None:
    off = replace(campus.platform, enabled=False)
    assert refusal_of(lambda: campus.launch(platform=off)).code == "registration_off"


def test_a_token_sent_with_a_fresh_state_is_refused(campus: Campus) -> None:
    first = campus.resume()
    id_token = keys.sign(campus.claims() | {"nonce": first.nonce}, campus.pair)
    assert campus.verify(id_token, first).sub == "5"
    assert refusal_of(lambda: campus.verify(id_token, campus.resume())).code == "nonce"


def test_a_correct_launch_says_who_where_and_what(campus: Campus) -> None:
    launch = campus.launch()
    assert (launch.message_type, launch.sub, launch.name) == (MessageType.RESOURCE_LINK, "5", "Ines Probe")
    assert launch.platform == campus.platform
    assert launch.deployment == campus.deployments[0]
    assert launch.roles.role is Role.LEARNER
    assert launch.context is not None and launch.context.types == ("CourseSection",)
    assert launch.resource_link is not None and launch.resource_link.id == "3"
    assert launch.target_link_uri == TARGET
    assert (launch.deep_linking, launch.for_user, launch.grades, launch.names_and_roles) == (None,) * 4


GOOD: list[tuple[str, Change]] = [
    ("G05 no role", put(names.ROLES, [])),
    ("G05 an empty role", put(names.ROLES, [""])),
    ("G09 no context", drop(names.CONTEXT)),
    ("G20 audience a list", lambda claims: claims.update(aud=["client-1"], azp="client-1")),
    ("G21 30 s past", later("exp", -30)),
    ("G21 30 s ahead", later("iat", 30)),
    ("59 minutes old", lambda claims: claims.update(iat=claims["iat"] - 3590)),
    ("half seconds", lambda claims: claims.update(exp=claims["exp"] + 0.5)),
    (
        "G27 unknown and null",
        lambda claims: claims.update({"x": 1, names.CUSTOM: None, names.GRADES: None, "azp": None}),
    ),
    ("context null", put(names.CONTEXT, None)),
    ("lives a day", lambda claims: claims.update(exp=claims["iat"] + 86_400)),
]


@pytest.mark.parametrize("change", [good[1] for good in GOOD], ids=[good[0] for good in GOOD])
def test_what_the_specification_allows_is_accepted(campus: Campus, change: Change) -> None:
    assert campus.launch(change).sub == "5"


def test_a_target_on_our_origin_may_be_spelt_with_its_port(campus: Campus) -> None:
    spelt = "https://REFLECT.example.org:443/app"
    assert replace(campus, target=spelt).launch().target_link_uri == spelt


def test_an_anonymous_launch_needs_a_deployment_that_allows_it(campus: Campus) -> None:
    named = {names.DEPLOYMENT_ID: "2"}
    assert campus.launch(lambda claims: claims.update(named | {"sub": None})).sub is None
    assert campus.launch(lambda claims: [claims.update(named), claims.pop("sub")]).sub is None
    assert refusal_of(lambda: campus.launch(lambda claims: claims.update(named | {"sub": ""}))).code == "user_missing"


def test_deployments_of_one_client_are_told_apart(campus: Campus) -> None:
    assert campus.launch(put(names.DEPLOYMENT_ID, "2")).deployment == Deployment(2, "2", True)


@pytest.mark.parametrize("role", ["Learner", "Instructor", "Mentor", "Member"])
def test_a_submission_review_is_for_staff_and_names_a_user(campus: Campus, role: str) -> None:
    def review(claims: dict[str, Any]) -> None:
        claims[names.MESSAGE_TYPE] = "LtiSubmissionReviewRequest"
        claims[names.FOR_USER] = {"user_id": "9"}
        claims[names.ROLES] = [CONTEXT_ROLE + role]

    def nobody(claims: dict[str, Any]) -> None:
        review(claims)
        claims[names.FOR_USER] = {"user_id": ""}

    if role == "Instructor":
        assert campus.launch(review).for_user == "9"
    else:
        assert refusal_of(lambda: campus.launch(review)).code == "submission_review_role"
    assert refusal_of(lambda: campus.launch(nobody)).code == "submission_review"


def test_a_data_privacy_launch_needs_no_link(campus: Campus) -> None:
    def privacy(claims: dict[str, Any]) -> None:
        claims[names.MESSAGE_TYPE] = "DataPrivacyLaunchRequest"
        for name in (names.RESOURCE_LINK, names.ROLES, names.TARGET_LINK_URI):
            del claims[name]

    launch = campus.launch(privacy)
    assert (launch.resource_link, launch.roles.role, launch.target_link_uri) == (None, Role.NONE, TOOL)


SETTINGS: dict[str, Any] = {
    "deep_link_return_url": "https://campus.example.org/return?x=1",
    "accept_types": ["ltiResourceLink"],
    "accept_presentation_document_targets": ["iframe"],
    "accept_multiple": True,
    "data": "opaque",
}


def deep(**changes: object) -> Change:
    def change(claims: dict[str, Any]) -> None:
        claims[names.MESSAGE_TYPE] = "LtiDeepLinkingRequest"
        claims[names.DEEP_LINKING_SETTINGS] = SETTINGS | changes
        for name in (names.RESOURCE_LINK, names.ROLES):
            del claims[name]

    return change


def test_a_deep_linking_request_brings_its_settings(campus: Campus) -> None:
    launch = campus.launch(deep())
    assert launch.deep_linking is not None
    assert launch.deep_linking.return_url == "https://campus.example.org/return?x=1"
    assert launch.deep_linking.accept_types == ("ltiResourceLink",)
    assert (launch.deep_linking.accept_multiple, launch.deep_linking.accept_lineitem) == (True, None)
    assert (launch.deep_linking.data, launch.roles.role, launch.resource_link) == ("opaque", Role.NONE, None)


@pytest.mark.parametrize(
    "change",
    [
        deep(deep_link_return_url=None),
        deep(deep_link_return_url="http://campus.example.org/return"),
        deep(deep_link_return_url="javascript:alert(1)"),
        deep(deep_link_return_url="https:campus.example.org"),
        deep(deep_link_return_url="https://me@campus.example.org"),
        deep(deep_link_return_url=["https://campus.example.org"]),
        deep(accept_types=[]),
        deep(accept_types=None),
        deep(accept_types="ltiResourceLink"),
        deep(accept_types=[7]),
        deep(accept_presentation_document_targets=[]),
        lambda claims: [deep()(claims), claims.pop(names.DEEP_LINKING_SETTINGS)],
        lambda claims: [deep()(claims), claims.update({names.DEEP_LINKING_SETTINGS: []})],
    ],
)
def test_deep_linking_settings_that_cannot_be_answered_are_refused(campus: Campus, change: Change) -> None:
    assert refusal_of(lambda: campus.launch(change)).code == "deep_link"


def test_plain_http_is_for_listed_hosts_only(campus: Campus) -> None:
    change = deep(deep_link_return_url="http://127.0.0.1:8001/return")
    assert refusal_of(lambda: campus.launch(change)).code == "deep_link"
    launch = campus.launch(change, plain_http=lambda url: url.startswith("http://127.0.0.1:8001/"))
    assert launch.deep_linking is not None


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
ANY_CLAIM = st.sampled_from(
    [
        *("iss", "aud", "azp", "exp", "iat", "nbf", "nonce", "sub", "name", "given_name", "locale"),
        *(value for name, value in vars(names).items() if name.isupper() and name != "PREFIX"),
    ]
)
INNER = st.sampled_from(["id", "type", "user_id", "lineitem", "scope", "return_url", "document_target", "version"])


@settings(max_examples=150, deadline=None)
@given(name=ANY_CLAIM, value=JSON | st.dictionaries(INNER, JSON), deep_linking=st.booleans())
def test_a_claim_of_any_shape_is_accepted_or_refused(
    campus: Campus, name: str, value: object, deep_linking: bool
) -> None:
    def change(claims: dict[str, Any]) -> None:
        if deep_linking:
            deep()(claims)
        claims[name] = value

    try:
        launch = campus.launch(change)
    except LaunchRefused as refusal:
        assert refusal.code in refusals.STATUS
    else:
        assert launch.sub is None or 0 < len(launch.sub) <= 255


def test_launches_at_once_do_not_disturb_each_other(campus: Campus) -> None:
    async def all_at_once() -> list[str | None]:
        begun = [campus.resume() for _ in range(20)]
        tokens = [
            keys.sign(campus.claims() | {"nonce": resumed.nonce, "sub": str(number)}, campus.pair)
            for number, resumed in enumerate(begun)
        ]
        launches = await asyncio.gather(
            *(
                verify(
                    id_token,
                    platform=campus.platform,
                    resumed=resumed,
                    keysets=campus.keysets,
                    deployments=campus.deployments,
                    tool_origin=TOOL,
                    known=lambda issuer, client_id: False,
                    now=campus.now,
                )
                for id_token, resumed in zip(tokens, begun, strict=True)
            )
        )
        return [launch.sub for launch in launches]

    assert asyncio.run(all_at_once()) == [str(number) for number in range(20)]
