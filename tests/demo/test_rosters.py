import re
from dataclasses import replace
from typing import Any

import httpx2
import pytest

from reflect.demo.addresses import GRADE_SCOPES, ROSTER_SCOPE
from reflect.demo.faults import FAULTS
from reflect.demo.rosters import GROUPS, MEDIA_TYPE

from .services import Client

ROSTER = "/services/2/memberships"
GROUPS_OF = "/services/2/groups"


def pages(client: Client) -> list[Any]:
    found, address = [], ROSTER
    while address:
        answer = client.calls("GET", address, MEDIA_TYPE)
        found.append(answer.json()["members"])
        link = re.fullmatch(r'<([^>]+)>; rel="next"', answer.headers.get("link", ""))
        address = link[1] if link else ""
    return found


def test_a_roster_comes_in_pages_of_five(client: Client) -> None:
    found = pages(client)
    assert [len(page) for page in found] == [5, 5, 2]
    subs = [member["user_id"] for page in found for member in page]
    assert subs == [person.sub for person in client.platform.school.people]


def test_a_member_is_listed_as_moodle_lists_them(client: Client) -> None:
    people = client.platform.school.people
    changed = replace(people[3], name="Zoë & Co", suspended_in=("2",))
    client.platform.school = replace(client.platform.school, people=(*people[:3], changed, *people[4:]))
    members = {member["user_id"]: member for page in pages(client) for member in page}
    assert members["3"]["roles"] == ["Instructor"]
    assert members["5"]["roles"] == ["Learner"], "there is no word for an assistant"
    assert (members["6"]["name"], members["6"]["status"]) == ("Zoë &amp; Co", "Inactive")
    assert members["7"]["status"] == "Active"


def test_groups_of_members_come_only_where_they_are_asked_for(client: Client) -> None:
    plain = client.calls("GET", ROSTER, MEDIA_TYPE).json()["members"]
    asked = client.calls("GET", f"{ROSTER}?groups=true&from=5", MEDIA_TYPE)
    assert all("group_enrollments" not in member for member in plain)
    groups = {member["user_id"]: member["group_enrollments"] for member in asked.json()["members"]}
    assert (groups["9"], groups["8"]) == ([{"group_id": "21"}, {"group_id": "23"}], [{"group_id": "21"}])
    assert "groups=true" in asked.headers["link"]


def test_the_groups_of_a_course_come_by_their_names(client: Client) -> None:
    answer = client.calls("GET", GROUPS_OF, GROUPS)
    assert [group["name"] for group in answer.json()["groups"]] == ["Foxes", "Otters", "Choir"]
    smaller = client.calls("GET", f"{GROUPS_OF}?limit=2", GROUPS)
    assert len(smaller.json()["groups"]) == 2 and "from=2" in smaller.headers["link"]
    assert client.calls("GET", GROUPS_OF, MEDIA_TYPE).status_code == 400
    assert client.calls("GET", GROUPS_OF, GROUPS, scope=ROSTER_SCOPE).status_code == 403
    assert client.calls("GET", "/services/99/groups", GROUPS).status_code == 404


def test_a_limit_may_make_pages_smaller_and_never_larger(client: Client) -> None:
    for limit, size in ((2, 2), (500, 5)):
        answer = client.calls("GET", f"{ROSTER}?limit={limit}", MEDIA_TYPE)
        assert len(answer.json()["members"]) == size


@pytest.mark.parametrize(
    ("call", "status"),
    [
        (lambda client: client.calls("GET", ROSTER, "application/json"), 400),
        (lambda client: client.calls("GET", f"{ROSTER}?limit=many", MEDIA_TYPE), 400),
        (lambda client: client.calls("GET", "/services/99/memberships", MEDIA_TYPE), 404),
        (lambda client: client.calls("GET", ROSTER, MEDIA_TYPE, scope=GRADE_SCOPES[0]), 403),
        (lambda client: client.http.get(client.platform.base_url + ROSTER, headers={"Accept": MEDIA_TYPE}), 401),
    ],
)
def test_what_is_not_asked_rightly_is_refused(client: Client, call: Any, status: int) -> None:
    assert call(client).status_code == status


def test_a_token_of_nobody_is_refused(client: Client) -> None:
    headers = {"Accept": MEDIA_TYPE, "Authorization": "Bearer stolen"}
    assert client.http.get(client.platform.base_url + ROSTER, headers=headers).status_code == 401


@pytest.mark.parametrize("fault", sorted(FAULTS.keys() - {"slow"}))
def test_every_fault_spoils_something(client: Client, fault: str) -> None:
    url, scope = f"{ROSTER}?limit=5&from=5", ROSTER_SCOPE
    right = client.calls("GET", url, MEDIA_TYPE, scope=scope)
    client.platform.faults["memberships"] = fault
    try:
        wrong = client.calls("GET", url, MEDIA_TYPE, scope=scope)
    except httpx2.RemoteProtocolError:
        assert fault == "truncated"
        return
    told = [(answer.status_code, answer.text[:2000], answer.headers.get("link")) for answer in (right, wrong)]
    assert told[0] != told[1]
    assert client.platform.requests["memberships"] == 2


def test_a_slow_service_lets_its_words_drop_one_by_one(client: Client) -> None:
    client.platform.faults["memberships"] = "slow"
    with pytest.raises(httpx2.ReadTimeout):
        client.http.get(client.platform.base_url + ROSTER, timeout=0.5)
