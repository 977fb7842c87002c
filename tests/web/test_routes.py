"""Every address of the app for every role, in its own course and from another one: by one table of rules.

A new address without a rule fails here. What a rule says is not read from the code that is tested.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlmodel import Session, select
from starlette.routing import Route

from reflect.demo.forging import Forge, alter_claims
from reflect.domain import answers, checkins, closures, follow_ups, guests, own_questions, series, talks
from reflect.domain.checkins import Draft
from reflect.domain.follow_ups import Words
from reflect.domain.privacy.sealing import Content
from reflect.domain.schedules import Schedule
from reflect.domain.sessions import Viewer
from reflect.domain.talks import Wish
from reflect.storage.groups import CourseGroup
from reflect.storage.people import Person
from reflect.web.admin.routes import ROUTES as PORTAL
from reflect.web.routes import ROUTES
from tests.classroom import viewer_of
from tests.installation import Installation
from tests.web.dialogs import Visit, arrives, house_of, opens_dialog
from tests.web.launching import scene
from tests.web.test_lives import REPEAT

TEACHERS = frozenset({"teacher", "assistant"})
MAKERS = TEACHERS | {"author"}
STUDENTS = frozenset({"learner"})
EVERYBODY = MAKERS | STUDENTS | {"observer", "none"}
STRANGERS = frozenset({"observer", "none"})
"""Who has nothing to do with check-ins: of none they hear that it is there."""
AUTHORS = frozenset({"teacher"})
"""Whose private notes the course has; to the assistant they are not there."""
LED_ON = frozenset({"GET /courses/{course_id}", "GET /checkins/{checkin_id}"})
"""Where authors are led on: in a content dialog to its picker, and from a check-in, whose page is of its answers, home."""
SUBS = {"teacher": "3", "assistant": "5", "learner": "6", "observer": "14"}
URIS = {"teacher": "Instructor", "learner": "Learner", "observer": "Mentor", "none": "Member"}
ASSISTANT = "http://purl.imsglobal.org/vocab/lis/v2/membership/Instructor#TeachingAssistant"
ROLES_CLAIM = "https://purl.imsglobal.org/spec/lti/claim/roles"
QUESTION = {"question": "Whose is it?"}


@dataclass(frozen=True)
class Rule:
    """Who gets through, with which status; everybody else is refused."""

    roles: frozenset[str]
    status: int = 200
    fields: dict[str, str] = field(default_factory=dict)
    of: str = "open"
    """What has become of the check-in that is asked for."""


def public(status: int, **fields: str) -> Rule:
    """An address where nobody is anybody."""
    return Rule(EVERYBODY, status, fields)


def sent(roles: frozenset[str], of: str = "open", status: int = 303, **fields: str) -> Rule:
    """A change, which leads to another page."""
    return Rule(roles, status, fields, of)


RULES = {
    "GET /": public(200),
    "GET /questions": public(200),
    "GET /privacy": public(200),
    "GET /toolkit": public(200),
    "GET /toolkit/{guide}": public(200),
    "GET /toolkit/posters/{poster}": public(200),
    "GET /languages": public(200),
    "POST /languages": public(303, language="en"),
    "GET /app": public(303),
    "GET /diagnostics": public(200),
    "POST /diagnostics": public(400),
    "GET /diagnostics/probes": public(200),
    "GET /health/live": public(200),
    "GET /health/ready": public(200),
    "GET /metrics": public(200),
    "GET /lti/login": public(400),
    "POST /lti/login": public(400),
    "GET /lti/launch": public(405),
    "POST /lti/launch": public(400),
    "POST /lti/proofs": public(400),
    "GET /lti/register": public(404),
    "POST /lti/register": public(404),
    "GET /lti/keys": public(200),
    "GET /c/{code}": public(200),
    "POST /c/{code}": public(303, choice="calm"),
    "GET /c/{code}/thanks": public(303),
    "POST /sessions/end": public(303),
    "GET /api/v1/openapi.json": public(200),
    "GET /api/v1/education/reports/reflectCheckInResponses": public(401),
    "GET /windows/new": public(404),
    "POST /windows": public(400),
    "POST /downloads": public(404),
    "GET /sign-in": public(200),
    "POST /sign-ins": public(404),
    "GET /sign-ins/new": public(404),
    "GET /sign-ins/callback": public(404),
    "POST /sign-ins/courses/{course_id}": public(404),
    "GET /deep-links/new": Rule(frozenset({"author"})),
    "POST /deep-links": Rule(frozenset({"author"}), fields={"chosen": "home"}),
    "GET /courses/{course_id}": Rule(EVERYBODY),
    "GET /courses/{course_id}/checkins/new": Rule(MAKERS),
    "POST /courses/{course_id}/checkins": sent(MAKERS, **QUESTION),
    "POST /courses/{course_id}/autosaves": sent(MAKERS, status=200, **QUESTION),
    "GET /courses/{course_id}/archivals": Rule(MAKERS),
    "GET /courses/{course_id}/series": Rule(MAKERS),
    "GET /courses/{course_id}/series/{series_id}/edit": Rule(MAKERS),
    "POST /courses/{course_id}/series/{series_id}": sent(MAKERS, **REPEAT),
    "POST /courses/{course_id}/series/{series_id}/pauses": sent(MAKERS),
    "POST /courses/{course_id}/series/{series_id}/pauses/end": sent(MAKERS),
    "POST /courses/{course_id}/series/{series_id}/endings": sent(MAKERS),
    "POST /courses/{course_id}/copies": sent(MAKERS, answer="no"),
    "GET /courses/{course_id}/groups": Rule(MAKERS),
    "POST /courses/{course_id}/groups/{group_id}": sent(MAKERS, status=409, name="Owls"),
    "POST /courses/{course_id}/rosters": sent(TEACHERS),
    "GET /courses/{course_id}/breaks": Rule(EVERYBODY),
    "GET /courses/{course_id}/breaks/{key}": Rule(EVERYBODY),
    "GET /courses/{course_id}/insights": Rule(TEACHERS),
    "GET /courses/{course_id}/introductions": Rule(TEACHERS | STUDENTS),
    "POST /courses/{course_id}/introductions": sent(TEACHERS | STUDENTS),
    "GET /courses/{course_id}/reflections": Rule(STUDENTS),
    "GET /courses/{course_id}/exports/my-reflections.{kind}": Rule(STUDENTS),
    "GET /courses/{course_id}/exports/answers.{kind}": Rule(TEACHERS),
    "GET /courses/{course_id}/exports/totals.{kind}": Rule(TEACHERS),
    "GET /checkins/{checkin_id}/exports/results.{kind}": Rule(TEACHERS),
    "GET /courses/{course_id}/erasures/new": Rule(STUDENTS),
    "POST /courses/{course_id}/erasures": sent(STUDENTS),
    "GET /courses/{course_id}/questions": Rule(MAKERS),
    "POST /courses/{course_id}/questions": sent(MAKERS, question="Mine?"),
    "POST /courses/{course_id}/questions/{question_id}/deletions": sent(MAKERS, status=404),
    "GET /courses/{course_id}/talks": Rule(TEACHERS | STUDENTS),
    "POST /courses/{course_id}/talks": sent(STUDENTS, message="Please."),
    "GET /talks/{talk_id}": Rule(TEACHERS | STUDENTS),
    "POST /talks/{talk_id}/sightings": sent(TEACHERS),
    "POST /talks/{talk_id}/closures": sent(TEACHERS),
    "POST /talks/{talk_id}/handovers": sent(TEACHERS, status=422),
    "POST /talks/{talk_id}/withdrawals": sent(STUDENTS),
    "GET /courses/{course_id}/students": Rule(TEACHERS),
    "GET /courses/{course_id}/students/{person_id}": Rule(TEACHERS),
    "GET /courses/{course_id}/students/{person_id}/talks": Rule(TEACHERS),
    "POST /courses/{course_id}/students/{person_id}/follow-ups": sent(TEACHERS, words="Ask again."),
    "GET /follow-ups/{follow_up_id}/edit": Rule(AUTHORS),
    "POST /follow-ups/{follow_up_id}": sent(AUTHORS, words="Asked."),
    "POST /follow-ups/{follow_up_id}/deletions": sent(AUTHORS),
    "GET /courses/{course_id}/prompts": Rule(TEACHERS),
    "POST /courses/{course_id}/prompts/{person_id}/sightings": sent(TEACHERS),
    "POST /courses/{course_id}/prompts/{person_id}/closures": sent(TEACHERS),
    "POST /courses/{course_id}/prompts/{person_id}/handovers": sent(TEACHERS, status=409),
    "POST /courses/{course_id}/prompts/{person_id}/returns": sent(TEACHERS),
    "GET /courses/{course_id}/reminders": Rule(TEACHERS),
    "POST /courses/{course_id}/reminders": sent(TEACHERS),
    "GET /checkins/{checkin_id}": Rule(TEACHERS | STUDENTS),
    "POST /checkins/{checkin_id}": sent(MAKERS, **QUESTION),
    "POST /checkins/{checkin_id}/answers": sent(STUDENTS, choice="calm"),
    "GET /checkins/{checkin_id}/answers/edit": Rule(STUDENTS, of="answered"),
    "GET /checkins/{checkin_id}/results": Rule(TEACHERS),
    "GET /checkins/{checkin_id}/edit": Rule(MAKERS),
    "POST /checkins/{checkin_id}/autosaves": sent(MAKERS, status=200, **QUESTION),
    "POST /checkins/{checkin_id}/duplicates": sent(MAKERS),
    "POST /checkins/{checkin_id}/reopenings": sent(TEACHERS, of="closed"),
    "POST /checkins/{checkin_id}/archivals": sent(MAKERS, of="closed"),
    "POST /checkins/{checkin_id}/archivals/end": sent(MAKERS, of="closed"),
    "POST /checkins/{checkin_id}/deletions": sent(TEACHERS),
    "POST /checkins/{checkin_id}/deletions/end": sent(MAKERS),
    "POST /checkins/{checkin_id}/openings": sent(MAKERS),
    "POST /checkins/{checkin_id}/closures": sent(MAKERS),
    "GET /checkins/{checkin_id}/shares": Rule(TEACHERS),
    "POST /checkins/{checkin_id}/guest-openings": sent(TEACHERS, of="anonymous"),
    "POST /checkins/{checkin_id}/guest-closures": sent(TEACHERS, of="anonymous"),
    "GET /checkins/{checkin_id}/presentations": Rule(TEACHERS),
    "GET /checkins/{checkin_id}/responses": Rule(TEACHERS, of="answered"),
    "POST /checkins/{checkin_id}/responses/{person_id}": sent(TEACHERS, of="answered", mark="heart"),
    "GET /checkins/{checkin_id}/changes": Rule(TEACHERS, of="closed"),
    "POST /checkins/{checkin_id}/changes": sent(TEACHERS, of="closed", change="More time."),
}


def addresses() -> list[str]:
    """Every address outside the portal, with its method; the one that ends the session last."""
    routes = [route for route in ROUTES if isinstance(route, Route) and route not in PORTAL]
    found = [
        f"{method} {re.sub(r':[a-z]+', '', route.path)}"
        for route in routes
        for method in sorted((route.methods or {"GET"}) - {"HEAD"})
    ]
    return sorted(found, key="POST /sessions/end".__eq__)


def test_every_address_has_a_rule_and_every_rule_an_address() -> None:
    assert set(addresses()) == set(RULES)
    assert len(addresses()) == len(RULES)


@dataclass
class School:
    """A running installation, one course in it, and the numbers of what is in that."""

    running: Installation
    course_id: int
    teacher: Viewer
    student: Viewer
    group_id: int = 0

    def write(self, job: Any) -> Any:
        """Do something as one transaction."""
        return self.running.database.write_now(job)

    def checkin(self, state: str) -> int:
        """A new check-in of the course, of which this has become."""
        house, draft = house_of(self.running), Draft.read(QUESTION | {"anonymity": "anonymous"} if state == "anonymous" else QUESTION)  # fmt: skip
        k, now = house.settings.min_group_size, house.now()

        def work(db: Session) -> int:
            number = checkins.open(db, self.teacher, draft, k, now)
            if state == "answered":
                answers.give(db, self.student, number, Content("calm"), house.sealer, now)
            if state == "closed":
                closures.close(db, self.teacher, number, house.sealer, now)
            if state == "prepared":
                return checkins.prepare(db, self.teacher, draft, k, now)
            return number

        number = self.write(work)
        assert isinstance(number, int)
        return number

    def numbers(self, address: str, rule: Rule) -> dict[str, Any]:
        """What the address asks for, made for this one request."""
        house = house_of(self.running)
        now, found = house.now(), {"course_id": self.course_id, "group_id": self.group_id, "question_id": 999}
        found |= {"person_id": self.student.person_id, "key": "pond", "kind": "csv"}
        found |= {"guide": "routine", "poster": "feelings"}
        if "{checkin_id}" in address:
            found["checkin_id"] = self.checkin(rule.of)
        if "{series_id}" in address:
            found["series_id"] = self.write(
                lambda db: series.begin(db, self.teacher, REPEAT, Schedule.read(REPEAT), 5, now)
            )
        if "{talk_id}" in address:
            wish = Wish(None, f"Please, {now}.", False)
            self.write(lambda db: [db.delete(told.talk) for told in talks.own(db, self.student)])
            found["talk_id"] = self.write(lambda db: talks.ask(db, self.student, wish, now))
        if "{follow_up_id}" in address:
            words, student_id = Words(f"Ask, {now}.", None), self.student.person_id
            found["follow_up_id"] = self.write(lambda db: follow_ups.write(db, self.teacher, student_id, words, now))
        if "{code}" in address:
            number = self.checkin("anonymous")
            found["code"] = self.write(lambda db: guests.open_to_guests(db, self.teacher, number, 9, now))
        return found


@pytest.fixture
def school(installation: Installation) -> Iterator[School]:
    """The course with its people; only the roles matter, so they launch once."""
    for sub in SUBS.values():
        arrives(installation, sub)

    def look(db: Session) -> School:
        ids = {sub: db.exec(select(Person.id).where(Person.sub == sub)).one() or 0 for sub in SUBS.values()}
        group = CourseGroup(course_id=1, lti_id="owls")
        db.add(group)
        db.flush()
        return School(
            installation, 1, viewer_of(ids["3"], 1, "teacher"), viewer_of(ids["6"], 1, "learner"), group.id or 0
        )

    yield installation.database.write_now(look)


def visitor(running: Installation, role: str, *, is_own: bool) -> Visit:
    """Somebody with this role in the course, or in another one."""
    if role == "author":
        person, course = ("3", "2") if is_own else ("4", "3")
        return opens_dialog(running, person=person, course=course, forge=without_roles())
    if is_own and role in SUBS:
        return arrives(running, SUBS[role])
    elsewhere = scene(running, *([ASSISTANT, "Instructor"] if role == "assistant" else [URIS[role]]))
    if is_own:
        course = running.platform.school.course("2")
        forge = alter_claims(lambda claims: claims | {CONTEXT: {**claims[CONTEXT], "id": course.id}})
        return Visit(running, elsewhere.walker, elsewhere.arrive(forge))
    return Visit(running, elsewhere.walker, elsewhere.arrive())


CONTEXT = "https://purl.imsglobal.org/spec/lti/claim/context"


def without_roles() -> Forge:
    """A content dialog that does not say what somebody is."""
    return alter_claims(lambda claims: {**claims, ROLES_CLAIM: []})


def expected(address: str, rule: Rule, role: str, *, is_own: bool) -> tuple[int, str | None]:
    """Status and code, by the rules of the house."""
    if address in {"GET /deep-links/new", "POST /deep-links"}:
        return (
            (rule.status, None) if role == "author" else (403, "deep_link_missing" if role in MAKERS else "not_allowed")
        )
    is_in_course = "/courses/" in address or "/checkins/" in address
    if is_in_course and not is_own:
        return 404, "missing"
    if role == "author" and address in LED_ON:
        return 303, None
    if "/talks/{talk_id}" in address and not is_own:
        return (404, "missing") if role in rule.roles else (403, "not_allowed")
    if "/follow-ups/{" in address and role in TEACHERS and (not is_own or role not in AUTHORS):
        return 404, "missing"
    if role in rule.roles:
        return rule.status, None
    is_hidden = "{checkin_id}" in address and (role in STRANGERS or (rule.of == "prepared" and role not in MAKERS))
    return (404, "missing") if is_hidden else (403, "not_allowed")


@pytest.mark.parametrize("is_own", [True, False], ids=["own course", "another course"])
@pytest.mark.parametrize("role", sorted(EVERYBODY))
def test_each_address_is_open_to_exactly_those_the_rules_name(school: School, role: str, is_own: bool) -> None:
    visit, wrong = visitor(school.running, role, is_own=is_own), []
    tab = re.search(r"[?&](tab=\w+)", str(visit.page.url) + visit.page.text)
    assert visit.page.status_code == 200 and tab, visit.page.text
    for address in addresses():
        for of in {RULES[address].of, "prepared"} if "{checkin_id}" in address else {""}:
            rule = RULES[address] if of != "prepared" else Rule(MAKERS, -1, RULES[address].fields, of)
            method, _, path = address.partition(" ")
            url = f"{path.format(**school.numbers(address, rule))}?{tab[1]}"
            answer = (
                visit.walker.get(url) if method == "GET" else visit.walker.post(url, rule.fields or {"nothing": ""})
            )
            status, code = expected(address, rule, role, is_own=is_own)
            found = answer.status_code, answer.headers.get("reflect-error")
            # What makers may do with one that is only prepared is for other tests; to all others it is not there.
            is_right = found[0] == status and code in (None, found[1]) if status != -1 else found[0] < 500
            if not is_right:
                wrong.append((address, of, found, (status, code)))
    assert not wrong, "\n".join(map(str, wrong))


PUBLIC = frozenset(address for address, rule in RULES.items() if rule.roles == EVERYBODY) - {
    address for address in RULES if "{course_id}" in address and "/sign-ins/" not in address
}


def test_without_a_session_only_what_is_for_everybody_is_open(school: School) -> None:
    walker, wrong = school.running.walker(), []
    for address in addresses():
        rule = RULES[address]
        method, _, path = address.partition(" ")
        url = path.format(**school.numbers(address, rule))
        for path in (url, f"{url}?tab=nobody"):
            answer = walker.get(path) if method == "GET" else walker.post(path, rule.fields or {"nothing": ""})
            found = answer.status_code, answer.headers.get("reflect-error")
            is_open = found[0] == (200 if address == "GET /app" else rule.status)  # /app says that it must be opened
            if not (is_open if address in PUBLIC else found == (401, "session_missing")):
                wrong.append((address, found))
    assert not wrong, "\n".join(map(str, wrong))


def test_what_is_of_another_course_is_missing_at_an_address_of_ones_own(school: School) -> None:
    """The course is the teacher's own, and the number behind it is not of that course."""
    other = scene(school.running)
    other.arrive()
    elsewhere = other.session()

    def look(db: Session) -> dict[str, int]:
        group = CourseGroup(course_id=elsewhere.course_id, lti_id="theirs")
        db.add(group)
        db.flush()
        teacher = viewer_of(elsewhere.person_id, elsewhere.course_id, "teacher")
        now = house_of(school.running).now()
        begun = series.begin(db, teacher, REPEAT, Schedule.read(REPEAT), 5, now)
        return {"group_id": group.id or 0, "series_id": begun, "person_id": elsewhere.person_id}

    numbers = {"course_id": 1, "question_id": 1} | school.write(look)
    school.write(lambda db: own_questions.keep(db, viewer_of(elsewhere.person_id, elsewhere.course_id, "teacher"), "?"))
    visit, tried = visitor(school.running, "teacher", is_own=True), 0
    tab = re.search(r"[?&](tab=\w+)", str(visit.page.url) + visit.page.text)
    assert tab
    for address in addresses():
        if address.count("{") < 2 or "{kind}" in address or "{key}" in address:
            continue
        method, _, path = address.partition(" ")
        own = school.numbers(address, RULES[address]) if "{checkin_id}" in address else {}
        url = f"{path.format(**own | numbers)}?{tab[1]}"
        answer = (
            visit.walker.get(url) if method == "GET" else visit.walker.post(url, RULES[address].fields or {"a": ""})
        )
        assert (answer.status_code, answer.headers.get("reflect-error")) == (404, "missing"), address
        tried += 1
    assert tried >= 15
