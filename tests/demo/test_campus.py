import re
from html import unescape

import pytest
from starlette.testclient import TestClient

from reflect.demo.platform import CampusPlatform
from reflect.demo.tools import Tool

from .conftest import ISSUER, Verify

ACTIVITY = "/courses/2/activities/1"
PAGES = [
    "/",
    "/courses?as=3",
    "/courses/2?as=3",
    f"{ACTIVITY}?as=6",
    f"{ACTIVITY}/side-by-side",
    f"{ACTIVITY}/broken-launches?as=6",
    f"{ACTIVITY}/launch?as=6",
]


def form_of(html: str) -> tuple[str, dict[str, str]]:
    """Return the action and the hidden fields of the form on a page that goes on by itself."""
    action = re.search(r'<form method="post" action="([^"]+)" data-send-at-once>', html)
    assert action
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', html)
    return unescape(action[1]), {name: unescape(value) for name, value in fields}


@pytest.mark.parametrize("address", PAGES)
def test_every_page_is_whole_and_has_nothing_inline(campus: TestClient, address: str) -> None:
    response = campus.get(address)
    assert response.status_code == 200
    assert not re.search(r"<style|style=|<script(?! src=)|\son\w+=|javascript:", response.text)
    assert "{{" not in response.text
    assert len(re.findall("<h1", response.text)) == 1


@pytest.mark.parametrize("address", PAGES)
def test_every_page_may_frame_the_tool_and_post_to_it_and_to_nobody_else(
    campus: TestClient, tool: Tool, address: str
) -> None:
    policy = campus.get(address).headers["content-security-policy"]
    assert f"frame-src 'self' {tool.origin};" in policy
    assert f"form-action 'self' {tool.origin};" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("address", PAGES)
def test_no_page_sets_a_cookie_or_is_kept(campus: TestClient, address: str) -> None:
    response = campus.get(address)
    assert "set-cookie" not in response.headers
    assert response.headers["cache-control"] == "no-store"


def test_the_origin_of_the_campus_goes_with_a_launch(campus: TestClient) -> None:
    policy = campus.get(f"{ACTIVITY}/launch?as=6").headers["referrer-policy"]
    assert policy == "strict-origin-when-cross-origin", "by same-origin the browser would send Origin: null"


def test_everyone_can_be_picked(campus: TestClient, platform: CampusPlatform) -> None:
    html = campus.get("/").text
    assert all(person.name in html and f"as={person.sub}" in html for person in platform.school.people)


def test_a_person_sees_their_courses_only(campus: TestClient) -> None:
    html = campus.get("/courses?as=3").text
    assert "/courses/2?as=3" in html
    assert "/courses/3?as=3" not in html


def test_an_activity_opens_on_the_page_or_in_a_window_as_the_teacher_chose(campus: TestClient) -> None:
    html = campus.get("/courses/2?as=6").text
    assert 'href="/courses/2/activities/1?as=6"' in html
    assert 'target="_blank" href="/courses/2/activities/2/launch?as=6&amp;in=window"' in html


def test_frames_are_given_no_more_rights_than_moodle_gives(campus: TestClient) -> None:
    for address in (f"{ACTIVITY}?as=6", f"{ACTIVITY}/side-by-side", f"{ACTIVITY}/broken-launches?as=6"):
        frames = re.findall("<iframe[^>]*>", campus.get(address).text)
        assert frames
        assert not any("allow" in frame or "sandbox" in frame for frame in frames)
        assert all("title=" in frame for frame in frames)


def test_a_teacher_and_a_student_are_shown_side_by_side(campus: TestClient) -> None:
    frames = re.findall(r'<iframe[^>]*name="(\w+)"[^>]*as=(\d+)"', campus.get(f"{ACTIVITY}/side-by-side").text)
    assert frames == [("left", "3"), ("right", "6")]


def test_both_sides_can_be_somebody_else(campus: TestClient) -> None:
    html = campus.get(f"{ACTIVITY}/side-by-side?left=5&right=12").text
    assert re.findall(r'<iframe[^>]*as=(\d+)"', html) == ["5", "12"]
    assert re.findall(r'<option value="(\d+)" selected', html) == ["5", "12"]


def test_what_the_tool_says_on_the_way_back_is_shown_and_escaped(campus: TestClient) -> None:
    html = campus.get("/courses/2?as=6&sesskey=x&lti_msg=%3Cb%3EThanks").text
    assert "&lt;b&gt;Thanks" in html


@pytest.mark.parametrize(
    "address",
    [
        "/courses?as=99",
        "/courses",
        "/courses/9?as=3",
        "/courses/2/activities/3?as=3",
        "/courses/3?as=3",
        "/courses/3/activities/3/launch?as=3",
        "/courses/3/activities/3/side-by-side?left=3",
        f"{ACTIVITY}/launch?as=6&forgery=B99",
    ],
)
def test_what_is_not_there_is_missing(campus: TestClient, address: str) -> None:
    response = campus.get(address)
    assert response.status_code == 404
    assert "not_on_campus" in response.text


def test_the_openid_configuration_names_what_the_campus_has_and_no_more(campus: TestClient) -> None:
    configuration = campus.get("/.well-known/openid-configuration").json()
    assert configuration["issuer"] == ISSUER
    for name in ("authorization_endpoint", "jwks_uri", "token_endpoint", "registration_endpoint"):
        assert campus.get(configuration[name].removeprefix(ISSUER)).status_code in {200, 400, 405}


def test_a_keyset_request_is_counted(campus: TestClient, platform: CampusPlatform) -> None:
    before = platform.requests["/jwks"]
    campus.get("/jwks")
    assert platform.requests["/jwks"] == before + 1


def authentication(campus: TestClient, tool: Tool, launch: str) -> dict[str, str]:
    action, initiation = form_of(campus.get(launch).text)
    assert action == tool.login_url
    return {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": initiation["client_id"],
        "redirect_uri": tool.launch_url,
        "login_hint": initiation["login_hint"],
        "lti_message_hint": initiation["lti_message_hint"],
        "state": 's<1>"&',
        "nonce": "n-1",
    }


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_launch_goes_from_the_page_to_a_token_that_the_keyset_verifies(
    campus: TestClient, tool: Tool, verify: Verify, method: str
) -> None:
    asked = authentication(campus, tool, f"{ACTIVITY}/launch?as=7")
    answered = campus.get("/authorize", params=asked) if method == "GET" else campus.post("/authorize", data=asked)
    action, fields = form_of(answered.text)
    assert (action, fields["state"]) == (tool.launch_url, 's<1>"&')
    assert verify(fields["id_token"])["name"] == "قمر الحكاية"


def test_a_window_is_told_to_the_tool(campus: TestClient, tool: Tool, verify: Verify) -> None:
    asked = authentication(campus, tool, "/courses/2/activities/2/launch?as=7&in=window")
    claims = verify(form_of(campus.get("/authorize", params=asked).text)[1]["id_token"])
    presentation = claims["https://purl.imsglobal.org/spec/lti/claim/launch_presentation"]
    assert presentation["document_target"] == "window"


def test_a_broken_launch_is_broken(campus: TestClient, tool: Tool) -> None:
    asked = authentication(campus, tool, f"{ACTIVITY}/launch?as=6&forgery=B05-word")
    assert form_of(campus.get("/authorize", params=asked).text)[1]["id_token"] == "badltilaunch"


def test_a_launch_that_was_answered_for_is_over(campus: TestClient, tool: Tool) -> None:
    asked = authentication(campus, tool, f"{ACTIVITY}/launch?as=6")
    campus.get("/authorize", params=asked)
    again = campus.get("/authorize", params=asked)
    assert again.status_code == 404
    assert "launch_missing" in again.text


@pytest.mark.parametrize("wrong", [{"client_id": "nobody"}, {"redirect_uri": "https://evil.example/"}])
def test_nobody_is_redirected_to_an_address_that_is_not_registered(
    campus: TestClient, tool: Tool, wrong: dict[str, str]
) -> None:
    asked = authentication(campus, tool, f"{ACTIVITY}/launch?as=6")
    response = campus.post("/authorize", data=asked | wrong)
    assert response.status_code == 400
    assert "redirect_refused" in response.text
    assert "evil" not in response.text


def test_the_styles_and_the_script_are_served(campus: TestClient) -> None:
    for address in ("/static/css/demo.css", "/static/js/campus.js"):
        assert campus.get(address).status_code == 200
