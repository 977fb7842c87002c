import asyncio

import pytest

from reflect.lti import course_groups
from reflect.lti.course_groups import MEDIA_TYPE, MOST_GROUPS, Group
from reflect.lti.service_refusals import ServiceRefused

from .campus import Reply
from .service_platform import MISBEHAVIOUR, ServicePlatform, refusal_code, reply, slow


def page(*groups: object, following: str | None = None) -> Reply:
    headers = {"Content-Type": MEDIA_TYPE + "; charset=utf-8"}
    if following is not None:
        headers["Link"] = f'<{following}>; rel="next"'
    return reply({"id": "https://campus.example/groups", "groups": list(groups)}, headers=headers)


def group(number: int, **more: object) -> dict[str, object]:
    return {"id": str(number), "name": f"Team {number}", **more}


def fetch(services: ServicePlatform, *answers: Reply, seconds: float = 20.0) -> tuple[Group, ...]:
    services.answers["/groups"] = list(answers)
    connection = services.connection(seconds=30.0)  # for each page, so that it is the whole that takes too long
    return asyncio.run(course_groups.fetch(connection, f"{services.base}/groups", seconds=seconds))


def refused(services: ServicePlatform, *answers: Reply, seconds: float = 20.0) -> str:
    with pytest.raises(ServiceRefused) as raised:
        fetch(services, *answers, seconds=seconds)
    return refusal_code(raised)


def test_groups_are_asked_for_by_their_very_media_type_and_scope(services: ServicePlatform) -> None:
    assert fetch(services, page(group(1, tag="lab", set_id="9", hidden="no"))) == (Group("1", "Team 1"),)
    (_, path, headers, _) = services.calls("/groups")[0]
    assert path == "/groups"
    assert headers["Accept"] == "application/vnd.ims.lti-gs.v1.contextgroupcontainer+json"
    assert b"lti-gs%2Fscope%2Fcontextgroup.readonly" in services.calls("/token")[0][3]


def test_groups_of_several_pages_are_one_list_each_once(services: ServicePlatform) -> None:
    last = page(group(1, name="Renamed"), group(3))
    found = fetch(services, page(group(1), group(2), following="?from=2"), last)
    assert found == (Group("1", "Renamed"), Group("2", "Team 2"), Group("3", "Team 3"))


@pytest.mark.parametrize("name", sorted(MISBEHAVIOUR))
def test_a_second_page_that_fails_is_no_list(services: ServicePlatform, name: str) -> None:
    answer, code = MISBEHAVIOUR[name]
    assert refused(services, page(group(1), following="?from=1"), answer) == code


@pytest.mark.parametrize("body", [{}, {"groups": None}, {"groups": {}}, [], "", "null"])
def test_an_answer_without_groups_is_no_list(services: ServicePlatform, body: object) -> None:
    assert refused(services, reply(body)) == "answer_malformed"


@pytest.mark.parametrize("entry", [{}, None, "1", {"id": None}, {"id": 5}, {"id": ""}, {"id": "x" * 256}])
def test_a_group_that_cannot_be_told_apart_is_no_list(services: ServicePlatform, entry: object) -> None:
    assert refused(services, page(group(1), entry)) == "answer_malformed"


@pytest.mark.parametrize(("given", "name"), [(None, None), (" ", None), (5, None), ("a\nb\u202e", "a b"), ("Ω" * 300, "Ω" * 200)])  # fmt: skip
def test_a_groups_name_is_cleaned_and_may_be_missing(
    services: ServicePlatform, given: object, name: str | None
) -> None:
    assert fetch(services, page(group(1, name=given))) == (Group("1", name),)


def test_an_empty_list_is_a_list(services: ServicePlatform) -> None:
    assert fetch(services, page()) == ()


def test_too_many_groups_and_too_slow_ones_are_given_up(
    services: ServicePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert refused(services, slow, seconds=0.3) == "timeout"
    assert MOST_GROUPS == 5_000
    monkeypatch.setattr("reflect.lti.course_groups.MOST_GROUPS", 2)
    assert refused(services, page(*(group(number) for number in range(3)))) == "too_long"
