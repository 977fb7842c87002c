import asyncio
import json
from dataclasses import replace

import pytest

from reflect.lti import Outbound, registration
from reflect.lti.platform_configuration import PlatformConfiguration, RegistrationRefused, read
from reflect.lti.registration import SCOPES, TOOL, Registered, ToolDescription, registration_body
from reflect.lti.services import CONTEXT_GROUPS, LINE_ITEM, SCORE

from .campus import Server
from .service_platform import MISBEHAVIOUR, RECORDED, recorded, reply

BASE = "https://reflect.example.org:9443"
US = ToolDescription(
    name="Reflect",
    description="Wellbeing check-ins",
    launch_label="Reflect",
    selection_label="Add a check-in",
    login_url=BASE + "/lti/login",
    launch_url=BASE + "/lti/launch",
    target_link_uri=BASE + "/app",
    selection_uri=BASE + "/app/select",
    keyset_url=BASE + "/lti/keys",
)
MOODLE = read(
    RECORDED["configuration"]["body"],
    "https://moodle.test:8443/mod/lti/openid-configuration.php",
    lambda url: False,
)


@pytest.fixture
def there(server: Server) -> PlatformConfiguration:
    return replace(MOODLE, registration_url=server.url)


def register(server: Server, there: PlatformConfiguration, token: str | None = "one-time.token") -> Registered:
    return asyncio.run(registration.register(Outbound([server.host]), there, US, token))


def refused(server: Server, there: PlatformConfiguration) -> RegistrationRefused:
    with pytest.raises(RegistrationRefused) as raised:
        register(server, there)
    assert "one-time.token" not in f"{raised.value.said} {raised.value.detail}"
    return raised.value


def test_the_body_for_moodle_is_the_least_that_is_needed() -> None:
    assert registration_body(US, MOODLE) == {
        "application_type": "web",
        "grant_types": ["client_credentials", "implicit"],
        "response_types": ["id_token"],
        "initiate_login_uri": BASE + "/lti/login",
        "redirect_uris": [BASE + "/lti/launch"],
        "client_name": "Reflect",
        "jwks_uri": BASE + "/lti/keys",
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": " ".join(SCOPES),
        "https://purl.imsglobal.org/spec/lti-tool-configuration": {
            "domain": "reflect.example.org:9443",
            "target_link_uri": BASE + "/app",
            "description": "Wellbeing check-ins",
            "custom_parameters": {"context_history": "$Context.id.history", "groups": "$Moodle.Person.userGroupIds"},
            "claims": ["iss", "sub", "name", "given_name", "family_name"],
            "messages": [
                {"type": "LtiResourceLinkRequest", "target_link_uri": BASE + "/app", "label": "Reflect"},
                {"type": "LtiDeepLinkingRequest", "target_link_uri": BASE + "/app/select", "label": "Add a check-in"},
            ],
        },
    }


def test_a_scope_that_is_not_supported_is_not_asked_for() -> None:
    assert registration_body(US, replace(MOODLE, scopes=frozenset({SCORE, LINE_ITEM, "openid"})))["scope"] == (
        f"{LINE_ITEM} {SCORE}"
    )
    assert registration_body(US, replace(MOODLE, scopes=frozenset()))["scope"] == " ".join(SCOPES)


def test_groups_are_asked_for_only_where_the_platform_names_them() -> None:
    offering = replace(MOODLE, scopes=frozenset({*SCOPES, CONTEXT_GROUPS}))
    assert registration_body(US, offering)["scope"] == " ".join((*SCOPES, CONTEXT_GROUPS))


def test_a_logo_is_named_if_there_is_one() -> None:
    logo = BASE + "/static/logo.svg"
    assert registration_body(replace(US, logo_url=logo), MOODLE)["logo_uri"] == logo


def placements(there: PlatformConfiguration) -> dict[str, list[str] | None]:
    messages = registration_body(US, there)[TOOL]["messages"]
    return {message["type"]: message.get("placements") for message in messages}


@pytest.mark.parametrize("prefix", ["", "https://canvas.instructure.com/lti/"])
def test_canvas_is_told_where_messages_come_from_in_its_own_spelling(prefix: str) -> None:
    """Without, both messages would become `link_selection`, and Canvas would keep the first, which links nothing."""
    names = ("course_navigation", "link_selection", "assignment_selection", "editor_button")
    every = frozenset({prefix + name for name in names} | {"ContentArea"})
    offered = {"LtiResourceLinkRequest": every, "LtiDeepLinkingRequest": every - {prefix + "course_navigation"}}
    assert placements(replace(MOODLE, family="canvas", messages=offered)) == {
        "LtiResourceLinkRequest": [prefix + "course_navigation"],
        "LtiDeepLinkingRequest": [prefix + "link_selection", prefix + "assignment_selection"],
    }


def test_canvas_is_told_of_no_placement_that_it_does_not_list() -> None:
    offered = {"LtiDeepLinkingRequest": frozenset({"assignment_selection", "editor_button"})}
    assert placements(replace(MOODLE, family="canvas", messages=offered)) == {
        "LtiResourceLinkRequest": ["course_navigation"],
        "LtiDeepLinkingRequest": ["assignment_selection"],
    }


def test_a_canvas_that_lists_no_placements_is_told_their_short_names() -> None:
    assert placements(replace(MOODLE, family="canvas", messages={})) == {
        "LtiResourceLinkRequest": ["course_navigation"],
        "LtiDeepLinkingRequest": ["link_selection", "assignment_selection"],
    }


@pytest.mark.parametrize("family", ["moodle", "sakailms.org", "desire2learn", "blackboardlearn", None])
def test_no_other_platform_is_told_of_placements(family: str | None) -> None:
    offered = {"LtiResourceLinkRequest": frozenset({"course_navigation", "link_selection"})}
    there = replace(MOODLE, family=family, messages=offered)
    assert registration_body(US, there) == registration_body(US, MOODLE)
    assert set(placements(there).values()) == {None}


def test_moodle_registers_us(server: Server, there: PlatformConfiguration) -> None:
    server.reply = recorded("registration")
    registered = register(server, there)
    assert (registered.client_id, registered.deployment_id) == ("txSIYd6O3UVWnux", "1")
    assert SCORE in registered.scopes and len(registered.scopes) == 5
    (method, _, headers, body) = server.requests[0]
    assert (method, headers["Authorization"]) == ("POST", "Bearer one-time.token")
    assert (headers["Content-Type"], headers["Accept"]) == ("application/json", "application/json")
    assert json.loads(body) == registration_body(US, there)


def test_a_platform_without_tokens_and_deployments_registers_us(server: Server, there: PlatformConfiguration) -> None:
    server.reply = reply({"client_id": "a-b"}, 201)
    assert register(server, there, None) == Registered("a-b", None, frozenset())
    assert "Authorization" not in server.requests[0][2]


@pytest.mark.parametrize("deployment", [None, "", 5, ["1"], "x" * 256])
def test_a_deployment_that_is_no_id_is_told_later(
    server: Server, there: PlatformConfiguration, deployment: object
) -> None:
    server.reply = reply({"client_id": "a-b", TOOL: {"deployment_id": deployment}, "scope": None})
    assert register(server, there).deployment_id is None
    server.reply = reply({"client_id": "a-b", TOOL: [deployment]})
    assert register(server, there).deployment_id is None


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ("token_already_used", 401, "token_already_used"),
        ('{"errors": [{"field": "scope"}]}', 422, '{"errors": [{"field": "scope"}]}'),
        ("<h1>Bad</h1>\n<p>one-time.token &amp; more</p>", 400, "Bad   … & more"),
        ("", 500, None),
        ("x" * 10_000, 400, "x" * 500),
    ],
)
def test_the_platforms_refusal_is_kept_in_its_own_words(
    server: Server, there: PlatformConfiguration, body: str, status: int, said: str | None
) -> None:
    server.reply = reply(body, status)
    refusal = refused(server, there)
    assert (refusal.code, refusal.said) == ("registration_refused", said)
    assert str(status) in refusal.detail
    assert len(server.requests) == 1


@pytest.mark.parametrize("body", [{}, [], None, {"client_id": 5}, {"client_id": ""}, {"client_id": "é"}])
def test_an_answer_without_a_client_id_is_refused(server: Server, there: PlatformConfiguration, body: object) -> None:
    server.reply = reply(body)
    assert refused(server, there).code == "registration_malformed"


@pytest.mark.parametrize("name", sorted(MISBEHAVIOUR))
def test_a_platform_that_misbehaves_is_asked_once(server: Server, there: PlatformConfiguration, name: str) -> None:
    server.reply, code = MISBEHAVIOUR[name]
    expected = {
        "answer_malformed": "registration_malformed",
        **dict.fromkeys(("unreachable", "too_large", "encoded"), "registration_unavailable"),
    }
    assert refused(server, there).code == expected.get(code, "registration_refused")
    assert len(server.requests) == 1
