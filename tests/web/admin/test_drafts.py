"""The wizard: its steps, the words of each LMS, values looked at as they are typed, and nothing lost midway."""

import json
from pathlib import Path

import pytest

from reflect.domain.registrations import LMS
from reflect.storage.registering import RegistrationDraft
from reflect.web.lms import FORMS
from tests.installation import Installation, tool_at
from tests.web.admin.portal import Portal, assert_says, plain, rows, signed_in

RECORDED = json.loads((Path(__file__).parent / "manual_tool_form_fields.json").read_text("utf-8"))
"""The fields of Moodle's own form, as a Moodle 4.5.6 sent it."""


@pytest.fixture
def portal(shared: Installation) -> Portal:
    """Somebody signed in."""
    return signed_in(shared)


def check(portal: Portal, at: str, field: str, **values: str) -> str:
    """Leave a field as a browser with script does; what the page says under it."""
    headers = {"Sec-Fetch-Site": "same-origin", "HX-Request": "true", "HX-Request-Type": "partial"}
    cookies = {"Cookie": "; ".join(f"{name}={cookie.value}" for name, cookie in portal.walker.cookies.items())}
    url = f"{portal.running.base_url}{at}/checks/{field}"
    answer = portal.walker.client.post(url, data=values, headers=headers | cookies)
    assert answer.status_code == 200, answer.text
    assert f'id="{field}-check"' in answer.text
    return ("well: " if "check-well" in answer.text else "fault: " if "check-fault" in answer.text else "") + plain(
        answer.text
    )


def test_from_the_first_step_to_a_launch_that_works(portal: Portal) -> None:
    portal.get("/admin/registrations/new")
    at = portal.draft(name="Fable Hill")
    words = portal.words(f"{at}/tool")
    for path in ("/app", "/lti/login", "/lti/launch", "/lti/keys"):
        assert f"{portal.running.base_url}{path}" in words
    assert portal.post(f"{at}/tool").headers["location"] == f"{at}/platform"
    portal.get(f"{at}/platform")
    values = portal.campus_values()
    assert portal.post(f"{at}/platform", **values).headers["location"] == f"{at}/review"
    review = portal.words(f"{at}/review")
    assert values["client_id"] in review
    assert "Fetched: it holds 2 RSA keys." in review
    here = portal.post(f"{at}/review").headers["location"]
    assert "Waiting for a first launch" in portal.words(here)
    tool = tool_at(portal.running.base_url, values["client_id"])
    portal.running.platform.register(tool)
    walker = portal.running.walker()
    walker.tool = tool
    assert walker.walk("3", "2", "1").status_code == 303
    assert "It works" in portal.words(here)
    assert_says(portal.walker.get(f"{at}/review"), "draft_missing", 404)


@pytest.mark.parametrize("lms", LMS)
def test_every_lms_is_led_through_in_its_own_words(portal: Portal, lms: str) -> None:
    at, form = portal.draft(lms), FORMS[lms]
    tool, platform = portal.words(f"{at}/tool"), portal.words(f"{at}/platform")
    position = 0
    for entry in form.entries:
        position = tool.index(entry.label, position)
    position = 0
    for label in form.reads.values():
        position = platform.index(label, position)
    for value in ("{base}/lti/login", "{base}/lti/launch", "{base}/lti/keys"):
        assert value.format(base=portal.running.base_url) in tool
    assert {"issuer", "client_id", "keyset_url", "auth_url", "token_url", "deployment_id"} <= set(form.reads)


def test_moodle_is_told_of_copies_and_groups_in_lines_of_their_own() -> None:
    (entry,) = [entry for entry in FORMS["moodle"].entries if entry.label == "Custom parameters"]
    assert entry.value.split("\n") == ["context_history=$Context.id.history", "groups=$Moodle.Person.userGroupIds"]


SWITCHES = {
    "canvas": (
        "Can create and view assignment data in the gradebook associated with the tool.",
        "Can view assignment data in the gradebook associated with the tool.",
        "Can create and update submission results for assignments associated with the tool.",
        "Can retrieve user data associated with the context the tool is installed in.",
        "Link Selection: LtiDeepLinkingRequest",
        "Assignment Selection: LtiDeepLinkingRequest",
        "Course Navigation: LtiResourceLinkRequest",
    ),
    "sakai": (
        "Allow External Tool to return grades",
        "Allow External Tool to create grade columns",
        "Provide Roster to External Tool",
    ),
    "blackboard": ("Role in Course", "Allow grade service access", "Allow Membership Service Access"),
}
"""What rosters, marks and the choosing of check-ins are switched on by, in the words of each LMS's own pages."""


@pytest.mark.parametrize("lms", SWITCHES)
def test_the_wizard_names_what_switches_services_on(portal: Portal, lms: str) -> None:
    at = portal.draft(lms)
    words = portal.words(f"{at}/tool") + portal.words(f"{at}/platform")
    for switch in SWITCHES[lms]:
        assert switch in words


def test_what_is_to_be_chosen_in_moodle_is_among_what_moodle_offers() -> None:
    offered = {text for field in RECORDED for _, text in field["options"] or ()}
    chosen = [entry.value for entry in FORMS["moodle"].entries if entry.is_choice and entry.value != "tick it"]
    assert len(chosen) == 8
    assert set(chosen) <= offered


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"name": "", "lms": "moodle"}, "This is missing."),
        ({"name": "x" * 256, "lms": "moodle"}, "Use at most 255 characters."),
        ({"name": "Fable Hill", "lms": ""}, "Choose one of the options."),
        ({"name": "Fable Hill"}, "Choose one of the options."),
        ({"name": "Fable Hill", "lms": "blackbox"}, "Choose one of the options."),
    ],
)
def test_the_first_step_says_what_is_missing(portal: Portal, fields: dict[str, str], error: str) -> None:
    page = portal.post("/admin/drafts", 422, **fields)
    assert error in page.text
    assert fields["name"][:50] in page.text


def test_leaving_midway_loses_nothing(portal: Portal) -> None:
    at = portal.draft("moodle", "Left alone")
    check(portal, at, "client_id", client_id="half-typed", issuer="https://moo")
    again = signed_in(portal.running)
    assert f'href="{at}/tool"' in again.get("/admin/registrations").text
    page = again.get(f"{at}/platform").text
    assert 'value="half-typed"' in page
    assert 'value="https://moo"' in page
    again.post(f"{at}/removals")
    assert_says(again.walker.get(f"{at}/platform"), "draft_missing", 404)


def test_name_and_lms_can_be_changed_later(portal: Portal) -> None:
    at = portal.draft("canvas", "Before")
    assert "sso.canvaslms.com" in portal.get(f"{at}/platform").text
    assert "Before" in portal.get(f"{at}/name").text
    portal.post(f"{at}/name", name="After", lms="schoology")
    page = portal.get(f"{at}/platform").text
    assert "lti-service.svc.schoology.com" in page
    assert "canvaslms" not in page
    assert "This is missing." in portal.post(f"{at}/name", 422, name=" ", lms="schoology").text


@pytest.mark.parametrize(
    "typed", ["moodle.example", "https://moodle.example/", "https://moodle.example/my/courses.php"]
)
def test_moodles_addresses_follow_from_the_sites(portal: Portal, typed: str) -> None:
    at = portal.draft("moodle")
    page = portal.post(f"{at}/derivations", 200, site_url=typed, client_id="abc").text
    for value in (
        "https://moodle.example",
        *(f"https://moodle.example/mod/lti/{name}.php" for name in ("certs", "token", "auth")),
    ):
        assert f'value="{value}"' in page
    assert 'value="abc"' in page


def test_the_sites_address_alone_is_enough_on_the_way_to_the_review(portal: Portal) -> None:
    at = portal.draft("moodle")
    portal.post(
        f"{at}/platform", site_url="https://moodle.example/school/login/index.php", client_id="abc", deployment_id="7"
    )
    draft = next(
        it
        for it in rows(portal.running, RegistrationDraft)
        if isinstance(it, RegistrationDraft) and at.endswith(f"/{it.id}")
    )
    assert draft.issuer == "https://moodle.example/school"
    assert draft.token_url == "https://moodle.example/school/mod/lti/token.php"


def test_what_was_typed_is_not_overwritten_by_what_follows(portal: Portal) -> None:
    at = portal.draft("moodle")
    portal.post(
        f"{at}/platform", site_url="https://a.example", issuer="https://b.example", client_id="abc", deployment_id="7"
    )
    assert 'value="https://b.example"' in portal.get(f"{at}/platform").text


def test_a_value_at_fault_comes_back_with_what_is_wrong(portal: Portal) -> None:
    at = portal.draft()
    page = portal.post(f"{at}/platform", 422, **portal.campus_values() | {"issuer": "campus", "client_id": ""})
    assert "This must be an address that begins with https://." in page.text
    assert "This is missing." in page.text
    assert 'value="campus"' in page.text
    assert portal.get(f"{at}/review", 422)


def test_a_keyset_is_fetched_and_its_keys_are_counted(portal: Portal) -> None:
    at, base = portal.draft(), portal.running.platform.base_url
    assert check(portal, at, "keyset_url", keyset_url=f"{base}/jwks") == "well: Fetched: it holds 2 RSA keys."
    said = check(portal, at, "keyset_url", keyset_url=f"{base}/.well-known/openid-configuration")
    assert said.startswith("fault: ") and "not with a keyset" in said
    assert "status 404" in check(portal, at, "keyset_url", keyset_url=f"{base}/nowhere")
    assert check(portal, at, "keyset_url", keyset_url="") == ""


def test_addresses_are_called_under_the_rules_for_every_outbound_call(portal: Portal) -> None:
    at = portal.draft()
    assert "begins with https://" in check(portal, at, "token_url", token_url="http://127.0.0.1:1/token")
    assert "private network" in check(portal, at, "token_url", token_url="https://127.0.0.1:1/token")
    assert "private network" in check(portal, at, "auth_url", auth_url="https://169.254.169.254/latest/meta-data")
    assert "There is no site called" in check(portal, at, "auth_url", auth_url="https://nowhere.invalid/auth")


def test_an_address_that_answers_is_told_from_one_that_leads_nowhere(portal: Portal) -> None:
    at, base = portal.draft(), portal.running.platform.base_url
    assert check(portal, at, "auth_url", auth_url=f"{base}/authorize") == "well: The address answers."
    assert "(404)" in check(portal, at, "auth_url", auth_url=f"{base}/authorise")


def test_identifiers_are_looked_at_for_what_copying_does_to_them(portal: Portal) -> None:
    at, base = portal.draft("moodle"), portal.running.platform.base_url
    assert "a space or an odd character" in check(portal, at, "client_id", client_id="ab cd")
    assert "a space or an odd character" in check(portal, at, "deployment_id", deployment_id="1\u200b")
    assert "at most 255" in check(portal, at, "client_id", client_id="x" * 256)
    assert check(portal, at, "client_id", client_id="  abc  ").startswith("Looks right.")
    taken = check(portal, at, "client_id", client_id="reflect-on-campus", issuer=base)
    assert "There is a registration with this issuer and client id already." in taken
    assert "without a slash at the end" in check(portal, at, "issuer", issuer="https://moodle.example/")


def test_a_second_registration_of_the_same_client_is_refused(portal: Portal) -> None:
    at = portal.draft()
    portal.post(f"{at}/platform", **portal.campus_values() | {"client_id": "reflect-on-campus"})
    assert_says(portal.walker.post(f"{at}/review", {}), "registered_already", 409)
    portal.get(f"{at}/platform")


def test_a_name_with_markup_is_shown_as_text(portal: Portal) -> None:
    at = portal.draft(name='"><script>alert(1)</script>')
    for step in ("name", "review"):
        portal.post(f"{at}/platform", **portal.campus_values())
        assert "<script>alert" not in portal.get(f"{at}/{step}").text


@pytest.mark.parametrize("step", ["nowhere", "checks"])
def test_there_are_no_other_steps(portal: Portal, step: str) -> None:
    at = portal.draft()
    assert_says(portal.walker.get(f"{at}/{step}"), "missing", 404)
