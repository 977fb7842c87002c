from typing import Any

import jwt
import pytest

from reflect.demo.addresses import ROSTER_SCOPE
from reflect.demo.tokens import new_key

from .services import EVERYTHING, Client


def test_a_right_assertion_gets_a_token_for_what_was_asked(client: Client) -> None:
    answer = client.asks(scope=f"{ROSTER_SCOPE} unheard-of")
    assert (answer.status_code, answer.json()["scope"]) == (200, ROSTER_SCOPE)
    assert (answer.json()["token_type"], answer.json()["expires_in"]) == ("Bearer", 3600)


def test_all_scopes_may_be_asked_for_at_once(client: Client) -> None:
    assert set(client.asks().json()["scope"].split()) == set(EVERYTHING.split())


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"client_assertion_type": "jwt"}, "invalid_request"),
        ({"client_assertion": "not.a.token"}, "invalid_request"),
        ({"scope": "openid"}, "invalid_scope"),
        ({"scope": ""}, "invalid_scope"),
    ],
)
def test_a_form_that_is_not_as_it_should_be_gets_none(client: Client, changes: dict[str, str], error: str) -> None:
    answer = client.asks(**changes)
    assert (answer.status_code, answer.json()) == (400, {"error": error})


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "somebody"},
        {"sub": "somebody"},
        {"aud": "https://elsewhere.example/token"},
        {"exp": 22222},
        {"exp": None},
        {"iat": 4_000_000_000},
        {"iat": None},
        {"jti": None},
        {"jti": ""},
        {"exp": 4_000_000_000},
    ],
)
def test_an_assertion_that_is_wrong_in_one_thing_gets_none(client: Client, changes: dict[str, Any]) -> None:
    answer = client.asks(client.signed(client.assertion(**changes)))
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_client"})


def test_an_assertion_works_once(client: Client) -> None:
    assertion = client.signed(client.assertion())
    assert [client.asks(assertion).status_code for _ in range(2)] == [200, 400]


def test_another_key_gets_none(client: Client) -> None:
    stranger = new_key()
    for token in (
        client.signed(client.assertion(), stranger),
        client.signed(client.assertion(), stranger.named(client.key.kid)),
        client.signed(client.assertion(), kid=None),
        jwt.encode(client.assertion(), "x" * 32, "HS256", {"kid": client.key.kid}),
        jwt.encode(client.assertion(), None, "none"),
    ):
        assert client.asks(token).status_code == 400


def test_a_body_that_is_no_form_gets_none(client: Client) -> None:
    answer = client.http.post(f"{client.platform.base_url}/token", json={"grant_type": "client_credentials"})
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_request"})
