"""Groups over HTTP: from launch, roster and groups service to a check-in that only some are asked."""

import asyncio
import re
from dataclasses import replace

import pytest
from sqlmodel import Session, select

from reflect.demo.forging import Forge, alter_claims
from reflect.demo.people import Group
from reflect.demo.tokens import Claims
from reflect.storage import groups
from reflect.storage.groups import CourseGroup
from reflect.storage.people import Person
from reflect.storage.services import CourseService
from reflect.web.arrivals import MOST_GROUPS
from reflect.web.rosters import refresh
from tests.installation import Installation
from tests.web.dialogs import (
    TEACHER,
    Visit,
    arrives,
    changed_person,
    delivered,
    house_of,
    newest_activity,
    opens_dialog,
    picks,
    stored,
    until,
)
from tests.web.launching import assert_refused

FOXES, OTTERS = ("6", "7", "8", "9", "10"), ("11", "12", "13")
SERVICE = "https://purl.imsglobal.org/spec/lti-gs/claim/groupsservice"
PAGE = r"/courses/\d+/groups"
CUSTOM = "https://purl.imsglobal.org/spec/lti/claim/custom"


def by_name(running: Installation) -> dict[str, tuple[int, int]]:
    """Id and number of students of each group of the course, by name or else the platform's number."""
    rows = stored(running, lambda db: groups.of_course(db, 1))
    return {row.name or row.lti_id: (row.id, row.learners) for row in rows}


def fetched(running: Installation) -> bool:
    services = stored(running, lambda db: db.exec(select(CourseService)).all())
    return any(service.roster_fetched_at for service in services)


def teacher_with_groups(running: Installation) -> Visit:
    """A teacher in the course, after roster and groups came by themselves."""
    arrives(running, TEACHER)
    until(lambda: fetched(running))
    return arrives(running, TEACHER)


def told(value: object, service: object = None) -> Forge:
    """A launch whose custom parameter is this, from a platform without a groups service (or with this claim)."""

    def change(claims: Claims) -> Claims:
        custom = {name: kept for name, kept in claims[CUSTOM].items() if name != "groups"}
        added = {} if service is None else {SERVICE: service}
        kept = {name: claim for name, claim in claims.items() if name != SERVICE}
        return kept | {CUSTOM: custom if value is None else custom | {"groups": value}} | added

    return alter_claims(change)


def groups_of(running: Installation, sub: str) -> set[str]:
    def look(db: Session) -> set[str]:
        person = db.exec(select(Person).where(Person.sub == sub)).one()
        assert person.id is not None
        return set(groups.lti_ids_of(db, 1, person.id))

    return stored(running, look)


def test_roster_and_groups_service_bring_names_and_members(installation: Installation) -> None:
    page = teacher_with_groups(installation).page.text
    assert {name: count for name, (_, count) in by_name(installation).items()} == {"Foxes": 5, "Otters": 3, "Choir": 3}
    assert "3 groups" in page
    assert installation.platform.requests["groups"] == 1
    changed_person(installation, "13", groups={})
    course = installation.platform.school.courses[0]
    changed = replace(
        course, groups=(*course.groups[:1], Group("22", "Beavers"), Group("24", "New"), *course.groups[2:])
    )
    installation.platform.school = replace(
        installation.platform.school, courses=(changed, *installation.platform.school.courses[1:])
    )
    asyncio.run(refresh(house_of(installation, minutes=16), 1))
    assert {name: count for name, (_, count) in by_name(installation).items()} == {
        **{"Foxes": 5, "Beavers": 2, "Choir": 3, "New": 0},
    }


@pytest.mark.parametrize("fault", ["403", "404", "500", "html", "half", "malformed link", "redirecting", "50 MB"])
def test_a_groups_service_that_fails_costs_no_roster_and_no_name(installation: Installation, fault: str) -> None:
    teacher_with_groups(installation)
    installation.platform.faults["groups"] = fault
    changed_person(installation, "13", groups={"2": ("21",)})
    asyncio.run(refresh(house_of(installation, minutes=16), 1))
    assert {name: count for name, (_, count) in by_name(installation).items()} == {"Foxes": 6, "Otters": 2, "Choir": 3}


def test_a_roster_that_fails_moves_nobody(installation: Installation) -> None:
    teacher_with_groups(installation)
    before = by_name(installation)
    changed_person(installation, "13", groups={})
    installation.platform.faults["memberships"] = "500 on page 2"
    asyncio.run(refresh(house_of(installation, minutes=16), 1))
    assert by_name(installation) == before


@pytest.mark.parametrize("service", [None, {"context_groups_url": "https://127.0.0.1/x", "scope": ["another"]}, "x"])
def test_without_a_groups_service_the_roster_is_fetched_as_ever(installation: Installation, service: object) -> None:
    arrives(installation, TEACHER, forge=told(None, service))
    until(lambda: fetched(installation))
    assert installation.platform.requests["groups"] == 0
    assert by_name(installation) == {}


def test_moodles_list_of_groups_is_taken_from_each_launch(installation: Installation) -> None:
    arrives(installation, "6", forge=told("1,12"))
    assert groups_of(installation, "6") == {"1", "12"}
    arrives(installation, "6", forge=told("12"))
    assert groups_of(installation, "6") == {"12"}
    for unknown in ("$Moodle.Person.userGroupIds", None, 12, ["12"], "12,", ",", "1, 2", "ü", " ",
                    ",".join(map(str, range(MOST_GROUPS + 1)))):  # fmt: skip
        arrives(installation, "6", forge=told(unknown))
        assert groups_of(installation, "6") == {"12"}, unknown
    arrives(installation, "6", forge=told(""))
    assert groups_of(installation, "6") == set()


def test_a_teacher_gives_names_to_groups_of_which_only_numbers_come(installation: Installation) -> None:
    for sub in FOXES:
        arrives(installation, sub, forge=told("12"))
    teacher = arrives(installation, TEACHER, forge=told(""))
    teacher.goes_to(PAGE)
    assert "Group 12" in teacher.page.text and "5 students" in teacher.page.text
    long = teacher.walker.post(_action(teacher), {"name": "x" * 101})
    assert long.status_code == 422 and "at most 100 characters" in long.text and "x" * 101 in long.text
    teacher.sends(r"/courses/\d+/groups/\d+", {"name": "<Foxes>"})
    assert 'value="&lt;Foxes&gt;"' in teacher.page.text
    assert by_name(installation)["<Foxes>"][1] == 5


def _action(teacher: Visit) -> str:
    found = re.search(r'action="(/courses/\d+/groups/\d+[^"]*)"', teacher.page.text)
    assert found
    return found[1]


def test_names_that_the_platform_gives_are_not_for_teachers_to_change(installation: Installation) -> None:
    teacher = teacher_with_groups(installation)
    teacher.goes_to(PAGE)
    assert "Foxes" in teacher.page.text and "<input" not in teacher.page.text.partition("<main")[2]
    query = teacher.page.url.query.decode()
    group_id = by_name(installation)["Foxes"][0]
    assert_refused(teacher.walker.post(f"/courses/1/groups/{group_id}?{query}", {"name": "Mine"}), "groups_named")


def test_a_student_has_no_page_of_groups(installation: Installation) -> None:
    teacher_with_groups(installation)
    student = arrives(installation, "6")
    query = student.page.url.query.decode()
    group_id = by_name(installation)["Foxes"][0]
    assert not re.search(PAGE, student.page.text) and "Foxes" not in student.page.text
    assert_refused(student.walker.get(f"/courses/1/groups?{query}"), "not_allowed")
    assert_refused(student.walker.post(f"/courses/1/groups/{group_id}?{query}", {"name": "Mine"}), "not_allowed")


def test_a_course_without_groups_is_not_asked_about_them(installation: Installation) -> None:
    teacher = arrives(installation, "4", "3", "3", forge=told(""))
    assert not re.search(PAGE, teacher.page.text)
    teacher.goes_to(r"/courses/\d+/checkins/new")
    assert "Whom do you ask?" not in teacher.page.text


def test_only_the_chosen_group_is_asked_on_every_path(installation: Installation) -> None:
    teacher = teacher_with_groups(installation)
    field = f"group-{by_name(installation)['Foxes'][0]}"
    form = teacher.walker.get(_link(teacher, r"/courses/\d+/checkins/new")).text
    assert "Whom do you ask?" in form and f'name="{field}"' in form and "5 students" in form
    number = teacher.asks("How was the den?", **{field: "yes"})
    assert "only Foxes" in teacher.page.text
    assert "5 students have not answered" in teacher.page.text and "Đặng" not in teacher.page.text

    fox, otter = arrives(installation, "6"), arrives(installation, "13")
    assert "How was the den?" in fox.page.text and "How was the den?" not in otter.page.text
    query = otter.page.url.query.decode()
    for address in (f"/checkins/{number}", f"/checkins/{number}/answers/edit"):
        assert_refused(otter.walker.get(f"{address}?{query}"), "missing")
    for emotion in ("calm", ""):
        assert_refused(otter.walker.post(f"/checkins/{number}/answers?{query}", {"choice": emotion}), "missing")
    assert_refused(otter.walker.get(f"/checkins/{number}/results?{query}"), "missing")

    question = fox.goes_to(r"/checkins/\d+").text
    assert "Only the group Foxes is asked." in question
    fox.sends(r"/checkins/\d+/answers", {"choice": "calm"})
    assert "1 of 5 have answered" in arrives(installation, TEACHER).page.text


def _link(visit: Visit, path: str) -> str:
    found = re.search(rf'href="({path}[^"]*)"', visit.page.text)
    assert found
    return found[1]


def test_a_deep_link_to_it_brings_others_to_the_course(installation: Installation) -> None:
    teacher_with_groups(installation)
    dialog = opens_dialog(installation)
    field = f"group-{by_name(installation)['Foxes'][0]}"
    number = dialog.asks("How was the den?", **{field: "yes"})
    delivered(picks(dialog, number))
    activity = newest_activity(installation).id
    assert arrives(installation, "6", activity=activity).page.url.path == f"/checkins/{number}"
    assert arrives(installation, "13", activity=activity).page.url.path == "/courses/1"
    assert arrives(installation, TEACHER, activity=activity).page.url.path == f"/checkins/{number}"


def test_a_group_too_small_to_hide_in_is_refused_at_its_field(installation: Installation) -> None:
    teacher = teacher_with_groups(installation)
    ids = {name: group_id for name, (group_id, _) in by_name(installation).items()}
    form = {"question": "How was the river?", "question_key": "", "anonymity": "anonymous", "release": "at_close"}
    address = _link(teacher, r"/courses/\d+/checkins/new").replace("/new", "")
    small = teacher.walker.post(address, form | {f"group-{ids['Otters']}": "yes", f"group-{ids['Choir']}": "yes"})
    assert small.status_code == 422
    assert 'id="groups-problem"' in small.text and "at least 5 students together" in small.text
    assert len(re.findall(rf'name="group-({ids["Otters"]}|{ids["Choir"]})" value="yes" checked', small.text)) == 2
    assert teacher.walker.post(address, form | {f"group-{ids['Foxes']}": "yes"}).status_code == 303
    again = teacher.walker.post(address, form)
    assert again.status_code == 422 and "nearly the same students" in again.text
    strange = teacher.walker.post(address, form | {"group-x": "yes"})
    assert strange.status_code == 422 and "Choose one of the options." in strange.text


def test_groups_of_one_course_are_not_those_of_another(installation: Installation) -> None:
    arrives(installation, "6", forge=told("12"))
    arrives(installation, "6", "3", "3", forge=told("12"))
    rows = stored(installation, lambda db: db.exec(select(CourseGroup)).all())
    assert sorted((row.course_id, row.lti_id) for row in rows) == [(1, "12"), (2, "12")]
