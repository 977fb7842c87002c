from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from reflect.demo.registering import TOOL

from .services import EVERYTHING, Client


def invited(client: Client, address: str = "https://tool.example/lti/register?invitation=a%2Fb") -> dict[str, str]:
    """What the tool's page is given by the office's."""
    page = client.http.get(f"{client.platform.base_url}/tools/new", params={"address": address})
    assert page.status_code == 200
    source = page.text.partition('data-closes-to="/tools" src="')[2].partition('"')[0].replace("&amp;", "&")
    return {name: values[0] for name, values in parse_qs(urlsplit(source).query).items()}


def body(**changes: Any) -> dict[str, Any]:
    right = {
        "application_type": "web",
        "grant_types": ["client_credentials", "implicit"],
        "response_types": ["id_token"],
        "initiate_login_uri": "https://tool.example/login",
        "redirect_uris": ["https://tool.example/launch"],
        "client_name": "A tool",
        "jwks_uri": "https://tool.example/keys",
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": f"{EVERYTHING} unheard-of",
        TOOL: {
            "domain": "tool.example",
            "target_link_uri": "https://tool.example/app",
            "custom_parameters": {"history": "$Context.id.history"},
            "claims": ["sub", "name"],
            "messages": [{"type": "LtiResourceLinkRequest"}, {"type": "LtiDeepLinkingRequest"}],
        },
    }
    return {name: value for name, value in (right | changes).items() if value is not None}


def registered(client: Client, token: str, sent: Any) -> Any:
    headers = {"Authorization": f"Bearer {token}"}
    return client.http.post(f"{client.platform.base_url}/register", json=sent, headers=headers)


def test_the_address_is_opened_with_what_registering_needs_and_its_own_query(client: Client) -> None:
    given = invited(client)
    assert given.keys() == {"invitation", "openid_configuration", "registration_token"}
    assert given["invitation"] == "a/b"
    configuration = client.http.get(given["openid_configuration"]).json()
    assert configuration["registration_endpoint"] == f"{client.platform.base_url}/register"


def test_a_tool_registers_is_pending_and_is_switched_on(client: Client) -> None:
    token = invited(client)["registration_token"]
    answer = registered(client, token, body())
    assert answer.status_code == 200
    told = answer.json()
    assert set(told["scope"].split()) == set(EVERYTHING.split())
    assert told[TOOL]["deployment_id"] == "1" and "registration_access_token" not in told
    tool = client.platform.tools[told["client_id"]]
    assert not tool.is_active and tool.custom == {"history": "$Context.id.history"}
    page = client.http.get(f"{client.platform.base_url}/tools").text
    assert "pending" in page
    assert "A tool" not in client.http.get(f"{client.platform.base_url}/courses/2?as=3").text
    on = client.http.post(f"{client.platform.base_url}/tools/{tool.client_id}/activations")
    assert on.status_code == 303
    course = client.http.get(f"{client.platform.base_url}/courses/2?as=3")
    assert "Add an activity from A tool" in course.text
    assert "form-action 'self' " in course.headers["content-security-policy"]
    assert "https://tool.example" in course.headers["content-security-policy"]


def test_a_tool_that_is_pending_cannot_be_launched(client: Client) -> None:
    told = registered(client, invited(client)["registration_token"], body()).json()
    asked = {"client_id": told["client_id"], "redirect_uri": "https://tool.example/launch"}
    answer = client.http.get(f"{client.platform.base_url}/authorize", params=asked)
    assert (answer.status_code, "redirect_refused" in answer.text) == (400, True)


def test_a_registration_token_works_once(client: Client) -> None:
    token = invited(client)["registration_token"]
    assert [registered(client, token, body()).status_code for _ in range(2)] == [200, 401]
    assert registered(client, "guessed", body()).status_code == 401


@pytest.mark.parametrize(
    "changes",
    [
        {"application_type": "native"},
        {"grant_types": ["implicit"]},
        {"response_types": ["code"]},
        {"token_endpoint_auth_method": "client_secret_post"},
        {"initiate_login_uri": None},
        {"jwks_uri": ""},
        {"redirect_uris": []},
        {"redirect_uris": ["https://tool.example/a", "https://tool.example/b"]},
        {"contacts": ["somebody@example.org"]},
        {TOOL: None},
        {TOOL: {"domain": "other.example", "target_link_uri": "https://tool.example/app"}},
        {TOOL: {"domain": "tool.example", "target_link_uri": "https://tool.example/app", "secondary_domains": []}},
        {
            TOOL: {
                "domain": "tool.example",
                "target_link_uri": "https://tool.example/app",
                "messages": [{"type": "LtiEulaRequest"}],
            }
        },
    ],
)
def test_a_body_that_is_wrong_in_one_thing_is_refused_and_the_token_stays_good(
    client: Client, changes: dict[str, Any]
) -> None:
    token, before = invited(client)["registration_token"], len(client.platform.tools)
    answer = registered(client, token, body(**changes))
    assert (answer.status_code, answer.json()["error"].split(":")[0]) == (400, "invalid_client_metadata")
    assert len(client.platform.tools) == before
    assert registered(client, token, body()).status_code == 200


@pytest.mark.parametrize("address", ["", "javascript:alert(1)", "tool.example", "https://a b/"])
def test_what_is_no_address_is_not_opened(client: Client, address: str) -> None:
    page = client.http.get(f"{client.platform.base_url}/tools/new", params={"address": address})
    assert (page.status_code, "address_refused" in page.text) == (400, True)
