import pytest

from reflect.demo.authorization import RedirectRefused, answer
from reflect.demo.claims import Occasion
from reflect.demo.forgeries import FORGERIES
from reflect.demo.platform import CampusPlatform, LaunchMissing
from reflect.demo.tools import Tool

from .conftest import Verify


@pytest.fixture
def asked(platform: CampusPlatform, occasion: Occasion) -> dict[str, str]:
    """A right authentication request for a launch just begun."""
    initiation = platform.begin(occasion)
    return {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": occasion.tool.client_id,
        "redirect_uri": occasion.tool.launch_url,
        "login_hint": initiation["login_hint"],
        "lti_message_hint": initiation["lti_message_hint"],
        "state": "s-1",
        "nonce": "n-1",
    }


def test_a_right_request_is_answered_by_an_id_token_and_its_state(
    platform: CampusPlatform, tool: Tool, asked: dict[str, str], verify: Verify
) -> None:
    form = answer(platform, asked)
    claims = verify(form.fields["id_token"])
    assert (form.action, form.fields["state"]) == (tool.launch_url, "s-1")
    assert (claims["sub"], claims["nonce"]) == ("6", "n-1")


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("scope", "openid profile", "invalid_scope"),
        ("response_type", "code", "unsupported_response_type"),
        ("response_mode", "query", "invalid_request"),
        ("prompt", "login", "invalid_request"),
        ("prompt", "", "invalid_request"),
        ("nonce", "", "invalid_request"),
        ("login_hint", "7", "access_denied"),
    ],
)
def test_a_wrong_request_comes_back_to_the_tool_as_an_error(
    platform: CampusPlatform, asked: dict[str, str], name: str, value: str, error: str
) -> None:
    form = answer(platform, asked | {name: value})
    assert form.fields.keys() == {"error", "error_description", "state"}
    assert (form.fields["error"], form.fields["state"]) == (error, "s-1")


def test_a_launch_begun_for_one_tool_is_not_told_to_another(
    platform: CampusPlatform, other_tool: Tool, asked: dict[str, str]
) -> None:
    stolen = asked | {"client_id": other_tool.client_id, "redirect_uri": other_tool.launch_url}
    assert answer(platform, stolen).fields["error"] == "access_denied"


@pytest.mark.parametrize("ending", ["?x=1", "/", "#x"])
def test_a_redirect_uri_must_match_to_the_letter(platform: CampusPlatform, asked: dict[str, str], ending: str) -> None:
    with pytest.raises(RedirectRefused):
        answer(platform, asked | {"redirect_uri": asked["redirect_uri"] + ending})


def test_an_unknown_client_is_told_nothing_by_redirect(platform: CampusPlatform, asked: dict[str, str]) -> None:
    with pytest.raises(RedirectRefused):
        answer(platform, asked | {"client_id": "nobody"})


def test_a_request_may_not_be_answered_twice(platform: CampusPlatform, asked: dict[str, str]) -> None:
    answer(platform, asked)
    with pytest.raises(LaunchMissing):
        answer(platform, asked)


def test_a_hint_that_came_back_altered_belongs_to_no_launch(platform: CampusPlatform, asked: dict[str, str]) -> None:
    with pytest.raises(LaunchMissing):
        answer(platform, asked | {"lti_message_hint": asked["lti_message_hint"].replace(",", ", ")})


def test_a_faulty_request_does_not_use_up_the_launch(platform: CampusPlatform, asked: dict[str, str]) -> None:
    answer(platform, asked | {"prompt": "login"})
    assert "id_token" in answer(platform, asked).fields


def test_a_forgery_may_be_chosen_at_the_last_moment(platform: CampusPlatform, asked: dict[str, str]) -> None:
    assert answer(platform, asked, FORGERIES["B05-empty"]).fields["id_token"] == ""
