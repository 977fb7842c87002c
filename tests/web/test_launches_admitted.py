"""Every good launch of the launch table against the running app: who the person is then, where, and what they see."""

import re
from collections.abc import Mapping
from dataclasses import replace
from html import unescape
from typing import Any

import pytest
from sqlmodel import Session, col, select

from reflect.demo.claims import LTI
from reflect.demo.forging import Forge, alter_claims, changed, claim, shifted
from reflect.demo.people import MEMBERSHIP
from reflect.storage.courses import Course, ResourceLink
from reflect.storage.people import Enrolment, Person
from reflect.storage.registrations import Deployment
from tests.installation import Installation
from tests.web.launching import (
    ANSWERS,
    Scene,
    assert_admitted,
    assert_refused,
    assert_still_works,
    new_id,
    nothing_written,
    rows,
    said,
    scene,
    second_site,
)

INSTITUTION = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#"
SYSTEM = "http://purl.imsglobal.org/vocab/lis/v2/system/person#"
TEST_USER = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"
TEACHER, LEARNER = f"{MEMBERSHIP}#Instructor", f"{MEMBERSHIP}#Learner"
HELPER = f"{MEMBERSHIP.replace('membership', 'unknown')}/unknown#Helper"
NAMES = ("name", "given_name", "family_name")


def roles(*uris: str) -> Forge:
    return claim("roles", list(uris))


def without_context(right: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in right.items() if name not in {LTI + "context", *NAMES}}


def nine(principal: str, *others: str) -> dict[str, Forge]:
    """The certification suite's nine ways to be somebody."""
    uri = f"{MEMBERSHIP}#{principal}"
    return {
        "plain": roles(uri),
        "several roles": roles(uri, *others),
        "a short role": roles(principal),
        "a role nobody knows": roles(HELPER) if principal == "Instructor" else roles(uri, HELPER),
        "no role": roles(),
        "an empty role": roles(""),
        "e-mail only": said(name=None, given_name=None, family_name=None),
        "names only": said(email=None),
        "nothing personal": said(name=None, given_name=None, family_name=None, email=None),
        "e-mail and no context": alter_claims(without_context),
    }


NOBODY = {"no role", "an empty role"}
TEACHERS = nine("Instructor", f"{INSTITUTION}Staff", f"{INSTITUTION}Other")
LEARNERS = nine("Learner", f"{INSTITUTION}Student", f"{MEMBERSHIP}#Mentor")


@pytest.mark.parametrize("how", TEACHERS)
def test_a_teacher_is_admitted_as_one(shared: Installation, how: str) -> None:
    teacher = scene(shared, "Instructor")
    page = teacher.arrive(TEACHERS[how])
    is_teacher = how not in NOBODY | {"a role nobody knows"}
    assert teacher.session().role == ("teacher" if is_teacher else "none")
    assert ("/checkins/new" in page.text) == is_teacher
    assert page.status_code == 200
    new = teacher.walker.get(f"/courses/{teacher.session().course_id}/checkins/new")
    assert new.status_code == 200 if is_teacher else new.headers["reflect-error"] == "not_allowed"


@pytest.mark.parametrize("how", LEARNERS)
def test_a_student_is_admitted_as_one(shared: Installation, how: str) -> None:
    student = scene(shared, "Learner")
    page = student.arrive(LEARNERS[how])
    assert page.status_code == 200
    assert student.session().role == ("none" if how in NOBODY else "learner")
    assert "/checkins/new" not in page.text
    assert_refused(student.walker.get(f"/courses/{student.session().course_id}/checkins/new"), "not_allowed")


@pytest.mark.parametrize(
    ("forge", "shown"),
    [
        (TEACHERS["plain"], "Moth Paperlantern"),
        (said(name=None), "Moth Paperlantern"),
        (said(name=None, given_name=None), "Paperlantern"),
        (TEACHERS["e-mail only"], r"Teacher [0-9a-f]{4}"),
        (TEACHERS["nothing personal"], r"Teacher [0-9a-f]{4}"),
        (said(name="", given_name="", family_name=""), r"Teacher [0-9a-f]{4}"),
        (said(name=7, given_name=["Moth"], family_name={}), r"Teacher [0-9a-f]{4}"),
    ],
)
def test_a_person_is_called_what_the_platform_shares(shared: Installation, forge: Forge, shown: str) -> None:
    page = scene(shared, "Instructor").arrive(forge)
    assert re.search(rf"<bdi>{shown}</bdi>", page.text)
    assert "moth@fablehill" not in page.text


def test_no_email_is_kept(shared: Installation) -> None:
    somebody = scene(shared, email="kept-nowhere@fablehill.example")
    somebody.arrive()
    kept = shared.database.read_now(lambda db: db.scalars(select(Person)).all())
    assert "kept-nowhere" not in str([row.model_dump() for row in kept])


@pytest.mark.parametrize("role", ["Instructor", "Learner"])
def test_without_a_context_the_link_is_a_space_of_its_own(shared: Installation, role: str) -> None:
    first = scene(shared, role)
    second = scene(shared, role)
    for launching in (first, first, second):
        launching.arrive(alter_claims(without_context))
    assert first.session().course_id != second.session().course_id
    assert course_of(first).kind == "link"
    assert course_of(first).lti_id == first.activity.id


def course_of(launching: Scene) -> Course:
    """The course of somebody's newest session."""
    return launching.running.database.read_now(lambda db: db.get_one(Course, launching.session().course_id))


def test_a_new_link_in_a_known_course_brings_the_same_course_and_people(installation: Installation) -> None:
    person = scene(installation)
    person.arrive()
    before = installation.count(Person, Course, ResourceLink, Enrolment)
    course = person.session().course_id
    person.arrive(changed("resource_link", lambda link: link | {"id": new_id()}))
    assert person.session().course_id == course
    after = installation.count(Person, Course, ResourceLink, Enrolment)
    assert [now - was for now, was in zip(after, before, strict=True)] == [0, 0, 1, 0]


@pytest.mark.parametrize(
    "forge",
    [
        changed("aud", lambda aud: [aud]),
        changed("aud", lambda aud: [aud, aud]),
        alter_claims(lambda right: right | {"azp": right["aud"]}),
        alter_claims(lambda right: right | {"aud": [right["aud"]], "azp": right["aud"]}),
        shifted(-90, -90),
        shifted(30, 30),
        shifted(-3500, 0),
        shifted(0, 86_000),
        alter_claims(lambda right: right | {"exp": right["exp"] + 0.5, "nbf": right["iat"]}),
    ],
    ids=["audience list", "audience twice", "azp", "both", "past", "ahead", "an hour old", "a day long", "fractions"],
)
def test_what_the_specification_allows_is_admitted(shared: Installation, forge: Forge) -> None:
    assert_admitted(scene(shared).walk(forge))


def test_two_platforms_with_equal_ids_are_two_schools(installation: Installation) -> None:
    """Two Moodles both have a course 2, a person 3 and an activity 1, and gave us the same client and deployment."""
    site = second_site(installation)
    for platform in (installation.platform, site):
        teacher = installation.walker()
        teacher.platform, teacher.tool = platform, installation.tool
        assert teacher.follow(teacher.walk("3", "2", "1")).status_code == 200
    assert installation.count(Course, ResourceLink) == [2, 2]
    # Whom the platform lists besides comes with its roster, sooner or later.
    taught = select(Enrolment.person_id, Enrolment.course_id).join(Person).where(Person.sub == "3")
    pairs = installation.database.read_now(lambda db: db.exec(taught).all())
    assert len(pairs) == len({person for person, _ in pairs}) == len({course for _, course in pairs}) == 2


def test_an_issuer_may_have_a_path(installation: Installation) -> None:
    site = second_site(installation, "/moodle/sub", client_id="2nd")
    assert_admitted(scene(installation, tool=site.tools["2nd"], platform=site).walk())


def test_an_administrator_of_the_platform_is_a_teacher_and_no_more(shared: Installation) -> None:
    admin = scene(shared, "Instructor")
    page = admin.arrive(roles(TEACHER, f"{SYSTEM}Administrator", f"{INSTITUTION}Administrator"))
    assert admin.session().role == "teacher"
    assert "/admin" not in page.text


@pytest.mark.parametrize(
    "forge",
    [
        alter_claims(
            lambda right: right | {"https://canvas.example/claim": {"x": [1]}, "unheard": None, "locale": None}
        ),
        alter_claims(lambda right: right | dict.fromkeys((LTI + "custom", LTI + "tool_platform"))),
        alter_claims(lambda right: right | dict.fromkeys((LTI + "context", LTI + "launch_presentation", "azp"))),
        claim("custom", {"history": "$Context.id.history", "empty": "", "none": None, "number": 7}),
        claim("custom", "not an object"),
        claim("launch_presentation", {"return_url": "javascript:alert(1)", "locale": 7, "document_target": "moon"}),
        claim("launch_presentation", {"return_url": "https://例え.example/courses?x=1"}),
        claim("launch_presentation", {"return_url": "https://a,b/"}),
        claim("launch_presentation", {"return_url": "https://a;script-src/"}),
        claim("launch_presentation", {"return_url": "https://.\u2024.\u3002/"}),
        claim("tool_platform", {"guid": "x" * 300, "name": ["x"]}),
    ],
    ids=[
        "vendor",
        "null",
        "null context",
        "custom",
        "odd custom",
        "odd presentation",
        "idn",
        "comma",
        "semicolon",
        "dots",
        "platform",
    ],
)
def test_what_is_optional_or_unknown_does_no_harm(shared: Installation, forge: Forge) -> None:
    launching = scene(shared, "Instructor")
    page = launching.arrive(forge)
    assert page.status_code == 200
    assert page.headers["content-security-policy"].count("frame-ancestors") == 1
    assert shared.platform.base_url in page.headers["content-security-policy"]


HOSTILE: Mapping[str, tuple[str, str]] = {
    "script": ("<script>alert('x')</script>", "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"),
    "attribute": ('" onmouseover="alert(1)', "&#34; onmouseover=&#34;alert(1)"),
    "template": ("{{ 7 * 7 }} {% raw %}", "{{ 7 * 7 }} {% raw %}"),
    "formula": ("=HYPERLINK(1)", "=HYPERLINK(1)"),
    "emoji": ("Moth 🦋", "Moth 🦋"),
    "right to left": ("قمر الحكاية", "قمر الحكاية"),
    "overridden": ("Moth\u202e\u2066nretnal", "Mothnretnal"),
    "control": ("Mo\x00th\r\nSet-Cookie: x=1\x1b[31m", "Moth  Set-Cookie: x=1[31m"),
    "only blanks": (" \t\n ", ""),
    "10 kB": ("Lantern " * 1_250, ("Lantern " * 25).strip()),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_name_is_shown_as_text_and_cut(shared: Installation, what: str) -> None:
    name, shown = HOSTILE[what]
    teacher = scene(shared, "Instructor", name=name, given_name="", family_name="")
    page = teacher.arrive()
    assert f"<bdi>{shown}</bdi>" in page.text if shown else re.search(r"<bdi>Teacher \w{4}</bdi>", page.text)
    assert "<script>alert" not in page.text


def test_hostile_titles_are_shown_as_text_and_cut(shared: Installation) -> None:
    evil = {"title": "<img src=x onerror=alert(1)>" + "y" * 10_000, "label": "<b>7B</b>", "type": ["<i>"]}
    page = scene(shared, "Instructor").arrive(changed("context", lambda context: context | evil))
    assert "<bdi>&lt;img src=x onerror=alert(1)&gt;yyy" in page.text
    assert "<img src=x" not in page.text
    assert "y" * 201 not in page.text


def test_a_new_key_of_the_platform_costs_one_fetch(installation: Installation) -> None:
    assert_admitted(scene(installation).walk())
    installation.platform.rotate()
    for _ in range(3):
        assert_admitted(scene(installation).walk())
    assert installation.platform.requests == {"/jwks": 2}


def test_two_deployments_of_one_client_are_kept_apart(installation: Installation) -> None:
    installation.database.write_now(approve_second)
    person = scene(installation)
    person.arrive()
    first = person.session().course_id
    person.arrive(claim("deployment_id", "2"))
    assert installation.count(Person, Course, ResourceLink, Enrolment) == [2, 2, 2, 2]
    assert {row.deployment_id for row in all_of(installation, Person)} == {1, 2}
    assert first != person.session().course_id


def approve_second(db: Session) -> None:
    first = db.get_one(Deployment, 1)
    db.add(Deployment(registration_id=1, deployment_id="2", first_seen_at=first.first_seen_at))


def all_of(running: Installation, table: type[Any]) -> list[Any]:
    """Every row of a table."""
    return list(running.database.read_now(lambda db: db.exec(select(table)).all()))


def test_where_it_is_allowed_somebody_without_a_sub_is_a_guest_of_one_session(installation: Installation) -> None:
    installation.database.write_now(allow_guests)
    guest = scene(installation)
    for _ in range(2):
        assert guest.arrive(said(sub=None)).status_code == 200
    people = all_of(installation, Person)
    assert [person.is_guest for person in people] == [True, True]
    assert len({person.sub for person in people}) == 2
    assert installation.count(Enrolment) == [0]
    guest.login()
    with nothing_written(installation):
        assert_refused(guest.launch(said(sub="")), "user_missing")
        assert_refused(guest.launch(said(sub=5)), "user_missing")
    assert_still_works(guest)


def test_who_comes_without_a_sub_answers_once_and_among_the_guests(installation: Installation) -> None:
    installation.database.write_now(allow_guests)
    teacher = scene(installation, "Instructor")
    results = ask(teacher, anonymity="anonymous")
    someone = replace(scene(installation), course=teacher.course, activity=teacher.activity)
    home = someone.arrive(said(**{"sub": None, LTI + "roles": [LEARNER]}))
    action = re.search(r'<form[^>]*action="(/checkins/\d+/answers[^"]*)"', home.text)
    assert action
    for _ in range(2):
        thanks = someone.walker.follow(someone.walker.post(action[1], {"choice": "curious"}))
        assert thanks.status_code == 200
    assert 'name="choice"' not in someone.walker.get(str(home.url)).text + someone.walker.get(str(thanks.url)).text
    page = teacher.walker.get(results).text
    assert "and 1 guest" in page
    assert teacher.walker.get(results.replace("/results", "/shares")).status_code == 200
    assert installation.count(*ANSWERS) == [0] * len(ANSWERS)


def test_who_comes_without_a_sub_reads_no_promise_about_totals_that_leave_them_out(installation: Installation) -> None:
    installation.database.write_now(allow_guests)
    teacher = scene(installation, "Instructor")
    ask(teacher, anonymity="anonymous")
    pages = []
    for claims in ({"sub": None, LTI + "roles": [LEARNER]}, {LTI + "roles": [LEARNER]}):
        someone = replace(scene(installation), course=teacher.course, activity=teacher.activity)
        home = someone.arrive(said(**claims))
        link = re.search(r'class="only-link" href="([^"]+)"', home.text)
        assert link
        pages += [home.text, someone.walker.get(unescape(link[1])).text]
    assert ["Leaders of your institution" in page for page in pages] == [False, False, True, True]


def test_the_share_page_tells_of_no_address_where_only_launches_without_a_sub_came(installation: Installation) -> None:
    installation.database.write_now(allow_guests)
    teacher = scene(installation, "Instructor")
    shares = re.sub(r"(/checkins/\d+)", r"\1/shares", ask(teacher, anonymity="anonymous"))

    def come() -> None:
        someone = replace(scene(installation), course=teacher.course, activity=teacher.activity)
        home = someone.arrive(said(**{"sub": None, LTI + "roles": [LEARNER]}))
        action = re.search(r'<form[^>]*action="(/checkins/\d+/answers[^"]*)"', home.text)
        assert (
            action and someone.walker.follow(someone.walker.post(action[1], {"choice": "curious"})).status_code == 200
        )

    come()
    page = teacher.walker.get(shares)
    assert "Open it to guests" in page.text
    assert "have answered before" not in page.text and "has answered before" not in page.text
    way = re.search(r'action="(/checkins/\d+/guest-openings[^"]*)"', page.text)
    assert way
    come()
    page = teacher.walker.follow(teacher.walker.post(way[1], {"places": "9"}))
    assert "0 guests of 9 have answered" in page.text
    code = re.search(r"/c/[0-9a-z]{8}\b", page.text)
    assert code
    visitor = installation.walker()
    assert visitor.follow(visitor.post(code[0], {"choice": "curious"})).status_code == 200
    assert "1 guest of 9 has answered" in teacher.walker.get(shares).text


@pytest.mark.parametrize(
    "claims", [{"sub": None, LTI + "roles": [TEACHER]}, {LTI + "roles": [TEACHER, TEST_USER]}], ids=["no sub", "test"]
)
def test_staff_whom_no_receipt_names_see_no_results(installation: Installation, claims: dict[str, Any]) -> None:
    installation.database.write_now(allow_guests)
    teacher = scene(installation, "Instructor")
    results = ask(teacher)
    path = results.partition("?")[0]
    other = replace(scene(installation, "Instructor"), course=teacher.course, activity=teacher.activity)
    home = other.arrive(said(**claims))
    tab = re.search(r"tab=\w+", str(home.url))
    assert tab
    for page in ("results", "shares", "exports/results.csv", "presentations"):
        assert_refused(other.walker.get(f"{path}/{page}?{tab[0]}"), "not_allowed")
    led = other.walker.get(f"{path}?{tab[0]}")
    assert (led.status_code, other.walker.follow(led).url.path) == (303, home.url.path)


@pytest.mark.parametrize(
    "claims", [{"sub": None, LTI + "roles": [TEACHER]}, {LTI + "roles": [TEACHER, TEST_USER]}], ids=["no sub", "test"]
)
def test_staff_whom_no_receipt_names_make_and_close_checkins_and_read_why_they_see_no_answers(
    installation: Installation, claims: dict[str, Any]
) -> None:
    installation.database.write_now(allow_guests)
    teacher = scene(installation, "Instructor")
    asked = ask(teacher)

    def answers() -> None:
        student = replace(scene(installation), course=teacher.course, activity=teacher.activity)
        action = re.search(
            r'<form[^>]*action="(/checkins/\d+/answers[^"]*)"', student.arrive(said(**{LTI + "roles": [LEARNER]})).text
        )
        assert action
        assert student.walker.follow(student.walker.post(action[1], {"choice": "curious"})).status_code == 200

    answers()
    other = replace(scene(installation, "Instructor"), course=teacher.course, activity=teacher.activity)
    walker, home = other.walker, other.arrive(said(**claims))
    before = main_of(home.text)
    assert "Why you see no answers here" in before and "How was it?" in before
    assert not [words for words in ("have answered", "has answered", "curious", "Moth") if words in before]
    answers()  # one more changes nothing of it
    assert main_of(walker.get(str(home.url)).text) == before
    new = re.search(r'href="(/courses/\d+/checkins/new[^"]*)"', home.text)
    assert new
    form = {"question": "And now?", "question_key": "", "answer_form": "words_core"}
    made = walker.follow(walker.post(new[1].replace("/new", ""), form | {"anonymity": "named", "release": "in_steps"}))
    assert (made.status_code, made.url.path) == (200, home.url.path)
    assert "And now?" in made.text
    closing = re.findall(r'action="(/checkins/\d+/closures[^"]*)"', made.text)
    assert len(closing) == 2
    for address in closing:
        made = walker.follow(walker.post(address, {}))
        assert (made.status_code, made.url.path) == (200, home.url.path)
    assert "/closures" not in made.text and "And now?" in made.text
    assert "Closed" in main_of(teacher.walker.get(asked).text)


def main_of(page: str) -> str:
    """What stands on a page between its header and its footer."""
    return page.partition("<main")[2].partition("</main>")[0]


def allow_guests(db: Session) -> None:
    db.get_one(Deployment, 1).allow_anonymous = True


def test_a_guest_of_one_deployment_is_none_of_another(installation: Installation) -> None:
    installation.database.write_now(approve_second)
    installation.database.write_now(allow_guests)
    guest = scene(installation)
    guest.login()
    assert_refused(
        guest.launch(alter_claims(lambda right: right | {"sub": None, LTI + "deployment_id": "2"})), "user_missing"
    )


def ask(teacher: Scene, question: str = "How was it?", anonymity: str = "named") -> str:
    """Open a check-in; the address of its results."""
    page = teacher.arrive()
    new = re.search(r'href="(/courses/\d+/checkins/new[^"]*)"', page.text)
    assert new
    form = {
        "question": question,
        "question_key": "",
        "answer_form": "words_core",
        "anonymity": anonymity,
        "release": "in_steps",
    }
    made = teacher.walker.post(new[1].replace("/new", ""), form)
    assert made.status_code == 303, made.text
    return str(teacher.walker.follow(made).url)


@pytest.mark.parametrize("uris", [(LEARNER, TEST_USER), (TEST_USER, LEARNER)])
def test_a_test_user_may_answer_and_is_counted_nowhere(installation: Installation, uris: tuple[str, ...]) -> None:
    teacher, pupil = scene(installation, "Instructor"), scene(installation, name="Fern Inkwell")
    results = ask(teacher)
    home = replace(pupil, course=teacher.course, activity=teacher.activity).arrive(roles(*uris))
    link = re.search(r'href="(/checkins/\d+[^"]*)"', home.text)
    assert link
    action = re.search(r'<form[^>]*action="(/checkins/\d+/answers[^"]*)"', pupil.walker.get(link[1]).text)
    assert action
    thanks = pupil.walker.follow(pupil.walker.post(action[1], {"choice": "curious"}))
    assert thanks.status_code == 200
    assert "Fern Inkwell" not in teacher.walker.get(results).text
    assert sorted(row.is_test_user for row in all_of(installation, Enrolment)) == [False, True]
    assert installation.count(*ANSWERS) == [0] * len(ANSWERS)


def test_two_tabs_of_one_browser_are_two_people_at_once(installation: Installation) -> None:
    """Pip assists in one course and learns in the other."""
    pip = installation.walker()
    assisting = pip.follow(pip.walk("5", "2", "1"))
    learning = pip.follow(pip.walk("5", "3", "3"))
    for _ in range(2):
        assert "Class 7B" in pip.get(str(assisting.url)).text
        assert "/checkins/new" in pip.get(str(assisting.url)).text
        assert "Maps of places" in pip.get(str(learning.url)).text
        assert "/checkins/new" not in pip.get(str(learning.url)).text
    one, two = (re.search(r"/courses/(\d+)\?tab=(\w+)", str(page.url)) for page in (assisting, learning))
    assert one and two
    assert pip.get(f"/courses/{two[1]}?tab={one[2]}").headers["reflect-error"] == "missing"
    assert_refused(pip.get(f"/courses/{two[1]}/checkins/new?tab={two[2]}"), "not_allowed")


def test_two_roles_in_one_course_live_side_by_side(shared: Installation) -> None:
    teacher = scene(shared, "Instructor")
    as_teacher = teacher.arrive()
    as_student = teacher.arrive(roles(LEARNER))
    assert "/checkins/new" in teacher.walker.get(str(as_teacher.url)).text
    assert "/checkins/new" not in teacher.walker.get(str(as_student.url)).text


def test_reload_and_back_go_on_after_a_launch(shared: Installation) -> None:
    person = scene(shared)
    page = person.arrive()
    for _ in range(3):
        assert person.walker.get(str(page.url)).status_code == 200


@pytest.mark.parametrize(
    ("uris", "role"),
    [
        ([f"{MEMBERSHIP}/Instructor#TeachingAssistant"], "assistant"),
        ([TEACHER, f"{MEMBERSHIP}/Instructor#TeachingAssistant"], "assistant"),
        ([f"{MEMBERSHIP}#Mentor"], "observer"),
        ([f"{MEMBERSHIP}#ContentDeveloper"], "assistant"),
        ([f"{MEMBERSHIP}#Administrator"], "teacher"),
        ([f"{MEMBERSHIP}#Manager"], "observer"),
        ([f"{SYSTEM}Administrator"], "none"),
        ([f"{INSTITUTION}Faculty", f"{INSTITUTION}Instructor"], "none"),
        ([LEARNER, TEACHER], "teacher"),
    ],
)
def test_roles_are_mapped_as_the_table_says(shared: Installation, uris: list[str], role: str) -> None:
    somebody = scene(shared)
    mentor = {LTI + "role_scope_mentor": ["6", "7"], LTI + "roles": uris}
    page = somebody.arrive(alter_claims(lambda right: right | mentor))
    assert somebody.session().role == role
    assert page.status_code == 200
    assert ("/checkins/new" in page.text) == (role in {"teacher", "assistant"})


def test_a_copied_course_starts_empty(installation: Installation) -> None:
    teacher = scene(installation, "Instructor")
    ask(teacher, "Only in the first year")
    copy = new_id()
    page = teacher.arrive(
        alter_claims(
            lambda right: (
                right
                | {
                    LTI + "context": right[LTI + "context"] | {"id": copy},
                    LTI + "resource_link": right[LTI + "resource_link"] | {"id": copy},
                    LTI + "custom": {"context_history": teacher.course.id},
                }
            )
        )
    )
    assert page.status_code == 200
    assert "Only in the first year" not in page.text
    assert installation.count(Course) == [2]


@pytest.mark.parametrize("locale", ["en", "en-GB", "en_us", "xx-YY", "tlh", "zh_cn", "", "x" * 60, "../../etc"])
@pytest.mark.parametrize("target", ["window", "iframe", "frame", "moon"])
def test_any_locale_and_any_target_gives_a_page_in_a_language_we_have(
    shared: Installation, locale: str, target: str
) -> None:
    person = scene(shared)
    page = person.arrive(
        changed("launch_presentation", lambda said: said | {"locale": locale, "document_target": target})
    )
    assert page.status_code == 200
    language = page.headers["content-language"]
    assert f'<html lang="{language}" dir="' in page.text
    assert language == "en" or locale.replace("_", "-").lower().startswith(language.lower()[:2])


def test_admission_writes_no_more_than_it_must(installation: Installation) -> None:
    """A person, an enrolment, a course, a link, a session and a used state; the second time a session and a state."""
    person = scene(installation)
    person.arrive()
    assert rows(installation) == [1, 1, 1, 1, 1, 1, 1]
    person.arrive()
    assert rows(installation) == [1, 1, 1, 1, 2, 2, 1]


def test_people_are_who_their_sub_says_and_never_their_email(installation: Installation) -> None:
    first, namesake = scene(installation, sub="Ab"), scene(installation, sub="aB")
    first.arrive()
    namesake.arrive()
    subs = installation.database.read_now(lambda db: db.exec(select(col(Person.sub))).all())
    assert set(subs) == {"Ab", "aB"}
