import re
from dataclasses import replace
from datetime import UTC, datetime

from reflect.demo.claims import LTI, Occasion, launch_claims
from reflect.demo.platform import CampusPlatform
from reflect.demo.tokens import Claims

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def made(occasion: Occasion) -> Claims:
    return launch_claims(occasion, "http://127.0.0.1:8001", "Fable Hill School", "n-1", NOW)


def test_a_launch_carries_the_claims_that_moodle_sends(occasion: Occasion) -> None:
    claims = made(occasion)
    assert claims.keys() >= {
        "iss",
        "aud",
        "sub",
        "iat",
        "exp",
        "nonce",
        "name",
        "given_name",
        "family_name",
        "email",
    }
    assert {name.removeprefix(LTI) for name in claims if name.startswith(LTI)} == {
        "message_type", "version", "deployment_id", "target_link_uri", "roles", "context", "resource_link",
        "launch_presentation", "tool_platform", "custom", "lis", "ext",
    }  # fmt: skip


def test_a_token_lives_for_a_minute(occasion: Occasion) -> None:
    claims = made(occasion)
    assert (claims["iat"], claims["exp"]) == (NOW.timestamp(), NOW.timestamp() + 60)


def test_the_audience_is_one_string_without_azp(occasion: Occasion) -> None:
    claims = made(occasion)
    assert claims["aud"] == "reflect-demo"
    assert "azp" not in claims


def test_the_return_address_holds_a_secret_of_the_session(occasion: Occasion) -> None:
    addresses = [made(occasion)[LTI + "launch_presentation"]["return_url"] for _ in range(2)]
    assert all(re.search(r"/courses/2\?as=6&sesskey=\w{10}$", address) for address in addresses)
    assert addresses[0] != addresses[1]


def test_where_it_opens_is_said(occasion: Occasion) -> None:
    window = replace(occasion, opens_in="window")
    assert made(window)[LTI + "launch_presentation"]["document_target"] == "window"


def test_custom_variables_are_filled_in_and_unknown_ones_come_as_they_are(occasion: Occasion) -> None:
    custom = {
        "zone": "$Person.address.timezone",
        "groups": "$Moodle.Person.userGroupIds",
        "old": "$Context.id.history",
        "odd": "$Not.AVariable",
        "a": "b",
    }
    asked = replace(occasion, activity=replace(occasion.activity, custom=custom))
    assert made(asked)[LTI + "custom"] == {
        "zone": "Europe/London",
        "groups": "21",
        "old": "",
        "odd": "$Not.AVariable",
        "a": "b",
    }


def test_who_is_in_no_group_comes_with_an_empty_list(occasion: Occasion, platform: CampusPlatform) -> None:
    asked = replace(occasion.activity, custom={"groups": "$Moodle.Person.userGroupIds"})
    teacher = replace(occasion, activity=asked, person=platform.school.person("3"))
    assert made(teacher)[LTI + "custom"] == {"groups": ""}


def test_a_launch_says_where_the_groups_are(occasion: Occasion) -> None:
    assert made(occasion)["https://purl.imsglobal.org/spec/lti-gs/claim/groupsservice"] == {
        "context_groups_url": "http://127.0.0.1:8001/services/2/groups",
        "scope": ["https://purl.imsglobal.org/spec/lti-gs/scope/contextgroup.readonly"],
        "service_versions": ["1.0"],
    }


def test_a_parent_comes_with_the_subs_of_their_children(occasion: Occasion, platform: CampusPlatform) -> None:
    parent = replace(occasion, person=platform.school.person("14"))
    assert made(parent)[LTI + "role_scope_mentor"] == ["6"]


def test_an_assistant_comes_with_the_core_role_and_the_sub_role(occasion: Occasion, platform: CampusPlatform) -> None:
    roles = made(replace(occasion, person=platform.school.person("5")))[LTI + "roles"]
    assert [role.rpartition("/")[2] for role in roles] == [
        "membership#Instructor",
        "Instructor#TeachingAssistant",
    ]
