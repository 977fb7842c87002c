import asyncio

import pytest

from reflect.lti import roster
from reflect.lti.roles import Role
from reflect.lti.roster import MEDIA_TYPE, MOST_MEMBERS, Member, Roster, Status
from reflect.lti.service_refusals import ServiceRefused

from .campus import Reply
from .service_platform import MISBEHAVIOUR, RECORDED, ServicePlatform, recorded, refusal_code, reply, slow

MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership"


def page(*members: object, following: str | None = None) -> Reply:
    headers = {"Content-Type": MEDIA_TYPE + "; charset=utf-8"}
    if following is not None:
        headers["Link"] = f'<{following}>; rel="next"'
    return reply({"id": "x", "context": {"id": "2"}, "members": list(members)}, headers=headers)


def person(number: int, *roles: str, **more: object) -> dict[str, object]:
    return {"user_id": str(number), "roles": list(roles or ("Learner",)), **more}


def fetch(services: ServicePlatform, *answers: Reply, query: str = "", seconds: float = 20.0) -> Roster:
    services.answers["/members"] = list(answers)
    connection = services.connection(seconds=30.0)  # for each page, so that it is the whole that takes too long
    return asyncio.run(roster.fetch(connection, f"{services.base}/members{query}", seconds=seconds))


def one(services: ServicePlatform, entry: object) -> Member:
    (member,) = fetch(services, page(entry)).members
    return member


def refused(services: ServicePlatform, *answers: Reply, seconds: float = 20.0) -> str:
    with pytest.raises(ServiceRefused) as raised:
        fetch(services, *answers, seconds=seconds)
    return refusal_code(raised)


def test_the_roster_of_a_real_moodle_is_read(services: ServicePlatform) -> None:
    members = {member.user_id: member for member in fetch(services, recorded("roster")).members}
    assert len(members) == len(RECORDED["roster"]["body"]["members"]) == 10
    assert members["3"].roles.role is Role.TEACHER and members["4"].roles.role is Role.LEARNER
    assert members["6"].name == "سارة الأحمد"
    assert (members["10"].name, members["10"].family_name) == ('Åsa  Öberg & "Co"', 'Öberg & "Co"')
    assert all(member.status is Status.ACTIVE for member in members.values())


def test_a_roster_is_asked_for_by_its_very_media_type_and_scope(services: ServicePlatform) -> None:
    fetch(services, page(), query="?rlid=5")
    (_, path, headers, _) = services.calls("/members")[0]
    assert path == "/members?rlid=5&limit=500"
    assert headers["Accept"] == "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
    assert b"lti-nrps%2Fscope%2Fcontextmembership.readonly" in services.calls("/token")[0][3]


@pytest.mark.parametrize(
    ("query", "asked"),
    [("", "?limit=500"), ("?limit=20", "?limit=20"), ("?limit=", "?limit="), ("?a=%2F", "?a=%2F&limit=500")],
)
def test_pages_of_a_fair_size_are_asked_for(services: ServicePlatform, query: str, asked: str) -> None:
    fetch(services, page(), query=query)
    assert services.calls("/members")[0][1] == "/members" + asked


def test_groups_are_asked_for_where_they_are_wanted(services: ServicePlatform) -> None:
    services.answers["/members"] = [page()]
    for url in ("/members", "/members?groups=false&limit=3"):
        asyncio.run(roster.fetch(services.connection(), services.base + url, with_groups=True))
    assert [call[1] for call in services.calls("/members")] == [
        *("/members?limit=500&groups=true", "/members?groups=false&limit=3"),
    ]


@pytest.mark.parametrize(
    ("given", "ids"),
    [(None, None), ([], frozenset()), ([{"group_id": "1"}, {"group_id": "2", "x": 1}], frozenset({"1", "2"}))],
)
def test_a_members_groups_are_none_where_they_are_not_said(
    services: ServicePlatform, given: object, ids: frozenset[str] | None
) -> None:
    assert one(services, person(1, group_enrollments=given)).group_ids == ids
    assert one(services, person(1)).group_ids is None


@pytest.mark.parametrize(
    "given", [{}, "1", 5, ["1"], [None], [{}], [{"group_id": 5}], [{"group_id": "1"}, {"group_id": ""}]]
)
def test_groups_that_cannot_be_told_apart_are_no_roster(services: ServicePlatform, given: object) -> None:
    assert refused(services, page(person(1, group_enrollments=given))) == "answer_malformed"


def test_three_pages_with_relative_links_are_one_roster(services: ServicePlatform) -> None:
    found = fetch(
        services,
        page(person(1), person(2, status="Inactive"), following="?from=2&limit=2"),
        page(person(3, "Instructor"), following=services.base + "/members?from=3"),
        page(person(4)),
    )
    assert [member.user_id for member in found.members] == ["1", "2", "3", "4"]
    assert [call[1] for call in services.calls("/members")] == [
        *("/members?limit=500", "/members?from=2&limit=2", "/members?from=3"),
    ]


@pytest.mark.parametrize("name", sorted(MISBEHAVIOUR))
def test_a_second_page_that_fails_is_no_roster(services: ServicePlatform, name: str) -> None:
    answer, code = MISBEHAVIOUR[name]
    assert refused(services, page(person(1), following="?from=1"), answer) == code


@pytest.mark.parametrize("name", ["403", "500", "html", "truncated", "50_megabytes", "redirect"])
def test_a_first_page_that_fails_is_no_roster(services: ServicePlatform, name: str) -> None:
    answer, code = MISBEHAVIOUR[name]
    assert refused(services, answer) == code


def test_moodles_answer_to_the_wrong_media_type_is_no_roster(services: ServicePlatform) -> None:
    assert refused(services, recorded("roster_plain_json")) == "rejected"


def test_a_first_page_whose_link_cannot_be_read_is_no_roster(services: ServicePlatform) -> None:
    listed = {"members": [person(1)]}
    assert refused(services, reply(listed, headers={"Link": "<x>"})) == "link_malformed"
    assert refused(services, page(person(1), following="https://evil.example/")) == "link_elsewhere"


def test_a_token_that_expires_between_pages_is_changed(services: ServicePlatform) -> None:
    def last(handler: object) -> None:
        reply("", 401)(handler)  # type: ignore[arg-type]

    found = fetch(services, page(person(1), following="?from=1"), last, page(person(2)))
    assert len(found.members) == 2
    assert services.calls("/members")[-1][2]["Authorization"] == "Bearer token-2"


def test_a_roster_that_takes_too_long_is_given_up(services: ServicePlatform) -> None:
    assert refused(services, slow, seconds=0.3) == "timeout"


def test_a_roster_of_too_many_is_given_up(services: ServicePlatform, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_MEMBERS == 20_000
    monkeypatch.setattr("reflect.lti.roster.MOST_MEMBERS", 3)
    three = [person(number) for number in range(3)]
    assert len(fetch(services, page(*three)).members) == 3
    assert refused(services, page(*three, following="?from=3"), page(person(3), following="?from=4")) == "too_long"
    assert len(services.calls("/members")) == 3


def test_a_roster_of_a_thousand_on_one_page_is_read(services: ServicePlatform) -> None:
    assert len(fetch(services, page(*(person(number, name="x" * 100) for number in range(1000)))).members) == 1000


@pytest.mark.parametrize(
    ("given", "status"),
    [
        *((None, Status.ACTIVE), ("Active", Status.ACTIVE), ("active", Status.ACTIVE)),
        *(("Inactive", Status.INACTIVE), ("Deleted", Status.DELETED)),
        *(("Suspended", Status.INACTIVE), ("", Status.INACTIVE), (5, Status.INACTIVE)),
    ],
)
def test_a_status_is_active_unless_said_otherwise(services: ServicePlatform, given: object, status: Status) -> None:
    assert one(services, person(1, status=given)).status is status


def test_a_member_without_status_or_names_is_fine(services: ServicePlatform) -> None:
    member = one(services, {"user_id": "abc", "roles": ["Learner"], "email": "x@example.org"})
    assert (member.status, member.name, member.given_name, member.family_name) == (Status.ACTIVE, None, None, None)
    assert "example.org" not in repr(member)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        *(("&lt;b&gt; &amp; Co", "<b> & Co"), ("Zoë &#39;Z&#39;", "Zoë 'Z'"), ("AT&T", "AT&T"), ("&#0;&#8238;x", "�x")),
        *((" ", None), (None, None), (["x"], None), ("x" * 10_000, "x" * 200), ("a\r\nb", "a  b")),
    ],
)
def test_a_name_is_unescaped_and_cleaned(services: ServicePlatform, given: object, name: str | None) -> None:
    assert one(services, person(1, name=given)).name == name


@pytest.mark.parametrize(
    ("roles", "role"),
    [
        *((["Instructor"], Role.TEACHER), ([MEMBERSHIP + "#Instructor"], Role.TEACHER), ("Learner", Role.LEARNER)),
        *(([MEMBERSHIP + "/Instructor#TeachingAssistant", "Instructor"], Role.ASSISTANT), (["Mentor"], Role.OBSERVER)),
        *(([], Role.NONE), (None, Role.NONE), ([5, "Learner"], Role.LEARNER), (["NotInstructor"], Role.NONE)),
    ],
)
def test_roles_are_read_as_in_a_launch(services: ServicePlatform, roles: object, role: Role) -> None:
    assert one(services, {"user_id": "1", "roles": roles}).roles.role is role


@pytest.mark.parametrize(
    "entry", [{}, None, "1", {"user_id": None}, {"user_id": 5}, {"user_id": ""}, {"user_id": "x" * 256}]
)
def test_a_member_who_cannot_be_told_apart_is_no_roster(services: ServicePlatform, entry: object) -> None:
    assert refused(services, page(person(1), entry)) == "answer_malformed"


@pytest.mark.parametrize("body", [{}, {"members": None}, {"members": {}}, [], "", "null"])
def test_an_answer_without_members_is_no_roster(services: ServicePlatform, body: object) -> None:
    assert refused(services, reply(body)) == "answer_malformed"


def test_an_empty_roster_is_a_roster(services: ServicePlatform) -> None:
    assert fetch(services, page()) == Roster(())


def test_somebody_listed_twice_is_one_member_with_all_roles(services: ServicePlatform) -> None:
    found = fetch(
        services,
        page(
            person(1, "Learner", status="Inactive", given_name="Ada", group_enrollments=[{"group_id": "1"}]),
            person(2),
            following="?from=2",
        ),
        page(person(1, "Instructor", name="Ada Example", group_enrollments=[{"group_id": "2"}])),
    )
    assert [member.user_id for member in found.members] == ["1", "2"]
    first = found.members[0]
    assert (first.roles.role, first.status) == (Role.TEACHER, Status.ACTIVE)
    assert (first.name, first.given_name) == ("Ada Example", "Ada")
    assert first.group_ids == {"1", "2"}
