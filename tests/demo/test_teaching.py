import re
import secrets
import time
from typing import Any

import pytest

from reflect.demo.claims import LTI
from reflect.demo.dialogs import CLAIM, Dialog
from reflect.demo.people import Activity

from .services import Client
from .test_campus import form_of

ITEM: dict[str, Any] = {"type": "ltiResourceLink", "title": "How was it?", "custom": {"checkin": "7"}}
COLUMN = {"label": "How was it?", "scoreMaximum": 1, "resourceId": "checkin-7"}


def opened(client: Client) -> tuple[Dialog, str]:
    """A content dialog of the teacher's that waits for its answer, and its return address."""
    page = client.http.get(f"{client.platform.base_url}/courses/2/content/launch?as=3").text
    action, initiation = form_of(page)
    assert action == client.tool.login_url
    hint = initiation["lti_message_hint"]
    occasion = client.platform.redeem(hint).occasion
    assert occasion.dialog
    claims = client.platform.claims(occasion.person, occasion.course, occasion.activity, "n", client.tool)
    assert LTI + "resource_link" in claims, "a launch has one, the dialog none"
    address = f"{client.platform.base_url}/courses/2/content?as=3&ticket={occasion.dialog.ticket}"
    return occasion.dialog, address


def answer(client: Client, dialog: Dialog, *items: dict[str, Any], **changes: Any) -> dict[str, Any]:
    now = int(time.time())
    right = {
        "iss": client.tool.client_id,
        "aud": client.platform.base_url,
        "iat": now - 1,
        "exp": now + 60,
        "nonce": secrets.token_hex(8),
        LTI + "deployment_id": client.tool.deployment_id,
        LTI + "message_type": "LtiDeepLinkingResponse",
        LTI + "version": "1.3.0",
        CLAIM + "data": dialog.data,
        CLAIM + "content_items": [{"url": client.tool.target_link_uri, **item} for item in items],
    }
    return {name: value for name, value in (right | changes).items() if value is not None}


def sent(client: Client, address: str, claims: dict[str, Any], **fields: str) -> Any:
    return client.http.post(address, data={"JWT": client.signed(claims), **fields})


def activities(client: Client) -> tuple[Activity, ...]:
    return client.platform.school.course("2").activities


def test_the_page_opens_the_tool_in_a_frame(client: Client) -> None:
    page = client.http.get(f"{client.platform.base_url}/courses/2/content/new?as=3").text
    assert re.search(r'<iframe[^>]* src="/courses/2/content/launch\?as=3&amp;tool=stranger"', page)


def test_a_right_answer_adds_an_activity_with_its_custom_values_and_its_column(client: Client) -> None:
    dialog, address = opened(client)
    page = sent(client, address, answer(client, dialog, ITEM | {"lineItem": COLUMN}))
    assert page.status_code == 200 and "data-go-at-once" in page.text
    added = activities(client)[-1]
    assert (added.title, added.custom, added.tool) == ("How was it?", {"checkin": "7"}, "stranger")
    column = client.platform.gradebook.columns[added.line_item]
    assert (column.activity, column.resource_id, column.score_maximum) == (added.id, "checkin-7", 1)
    assert f"/activities/{added.id}?as=6" in client.http.get(f"{client.platform.base_url}/courses/2?as=6").text


def test_an_empty_answer_adds_nothing(client: Client) -> None:
    dialog, address = opened(client)
    before = activities(client)
    assert "Nothing was chosen" in sent(client, address, answer(client, dialog)).text
    assert activities(client) == before


def test_an_answer_is_taken_once(client: Client) -> None:
    dialog, address = opened(client)
    claims = answer(client, dialog, ITEM)
    assert [sent(client, address, claims).status_code for _ in range(2)] == [200, 404]


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "somebody"},
        {"aud": "somebody"},
        {"exp": 22222},
        {"iat": 4_000_000_000},
        {"nonce": None},
        {LTI + "deployment_id": "8"},
        {LTI + "message_type": "LtiDeepLinkingRequest"},
        {LTI + "version": "1.3"},
        {CLAIM + "data": None},
        {CLAIM + "data": "other"},
        {CLAIM + "content_items": "many"},
    ],
)
def test_an_answer_that_is_wrong_in_one_thing_adds_nothing(client: Client, changes: dict[str, Any]) -> None:
    dialog, address = opened(client)
    before = activities(client)
    assert sent(client, address, answer(client, dialog, ITEM, **changes)).status_code in {400, 403}
    assert activities(client) == before


@pytest.mark.parametrize(
    "item",
    [
        {"type": "html"},
        {"url": "https://evil.example/"},
        {"title": ""},
        {"title": None},
        {"custom": {"Check-In": "7"}},
        {"custom": {"checkin": "7\n8"}},
        {"custom": {"checkin": 7}},
        {"lineItem": {"label": "x"}},
        {"lineItem": {"label": "x", "scoreMaximum": 0}},
        {"surprise": 1},
    ],
)
def test_an_item_that_does_not_fit_adds_nothing(client: Client, item: dict[str, Any]) -> None:
    dialog, address = opened(client)
    before = activities(client)
    page = sent(client, address, answer(client, dialog, ITEM, ITEM | item))
    assert (page.status_code, "selection_refused" in page.text) == (400, True)
    assert activities(client) == before


def test_other_fields_beside_the_token_are_refused(client: Client) -> None:
    dialog, address = opened(client)
    assert sent(client, address, answer(client, dialog), id_token="x").status_code == 400


def test_only_teachers_have_these_pages(client: Client) -> None:
    for person in ("5", "6", "14"):
        for path in ("content/new", "content/launch", "gradebook"):
            page = client.http.get(f"{client.platform.base_url}/courses/2/{path}?as={person}")
            assert (page.status_code, "teachers_only" in page.text) == (403, True)
        assert client.http.post(f"{client.platform.base_url}/courses/2/copies?as={person}").status_code == 403
        assert "gradebook" not in client.http.get(f"{client.platform.base_url}/courses/2?as={person}").text


def test_a_copy_has_new_numbers_the_same_people_and_a_history(client: Client) -> None:
    dialog, address = opened(client)
    sent(client, address, answer(client, dialog, ITEM | {"lineItem": COLUMN}))
    gone = client.http.post(f"{client.platform.base_url}/courses/2/copies?as=3")
    copy = client.platform.school.courses[-1]
    assert gone.headers["location"] == f"/courses/{copy.id}?as=3"
    original = client.platform.school.course("2")
    assert copy.history == ("2",) and copy.title == "Class 7B: homeroom (copy)"
    assert {one.id for one in copy.activities}.isdisjoint(one.id for one in original.activities)
    assert copy.activities[-1].custom == {"checkin": "7"}
    columns = client.platform.gradebook.columns
    assert columns[copy.activities[-1].line_item].course == copy.id
    assert len(columns) == 2
    people = client.platform.school
    assert [one.sub for one in people.people_in(copy)] == [one.sub for one in people.people_in(original)]


def test_a_launch_from_a_copy_tells_where_it_came_from(client: Client) -> None:
    for course in ("2", "5"):
        client.http.post(f"{client.platform.base_url}/courses/{course}/copies?as=3")
    school = client.platform.school
    copy = school.courses[-1]
    claims = client.platform.claims(school.person("3"), copy, copy.activities[0], "n", client.tool)
    assert claims[LTI + "custom"]["context_history"] == "5,2"


def test_the_gradebook_is_empty_before_anything_is_graded(client: Client) -> None:
    assert "graded yet" in client.http.get(f"{client.platform.base_url}/courses/2/gradebook?as=3").text
