"""What the tests of launches share: somebody new in a course nobody knows, and what a refusal must look like."""

import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

import httpx2
from sqlmodel import Session, col, select

from reflect.demo.authorization import FormPost
from reflect.demo.claims import Occasion
from reflect.demo.forging import Forge, alter_claims
from reflect.demo.people import Activity, Course, Person, Where, role_uri
from reflect.demo.platform import CampusPlatform
from reflect.demo.tools import Tool
from reflect.storage import courses, people
from reflect.storage.answers import Answer, Participation, SealedAnswer, Tally
from reflect.storage.class_totals import ClassTotal
from reflect.storage.registrations import Deployment, Registration
from reflect.storage.sessions import LaunchSession, UsedState
from tests.installation import Installation, tool_at
from tests.walker import Walker

SESSION_COOKIE = "__Host-reflect-tab-"
WRITTEN_BY_A_LAUNCH = (
    people.Person,
    people.Enrolment,
    courses.Course,
    courses.ResourceLink,
    LaunchSession,
    UsedState,
    Deployment,
)
ANSWERS = (Answer, SealedAnswer, Participation, Tally, ClassTotal)

# The statuses of the launch table, on purpose not read from the code that is tested.
STATUS: Mapping[str, int] = {
    **dict.fromkeys(
        (
            "login_param",
            "platform_unknown",
            "client_ambiguous",
            "state_missing",
            "state_unknown",
            "state_expired",
            "platform_refused",
            "token_malformed",
            "claim_missing",
            "claim_type",
            "version",
            "message_type",
            "deployment_missing",
            "user_missing",
            "roles",
            "target",
            "target_mismatch",
            "resource_link",
            "context",
            "deep_link",
            "submission_review",
            "form",
        ),
        400,
    ),
    **dict.fromkeys(
        (
            "state_used",
            "browser_unproven",
            "alg",
            "kid_missing",
            "kid_unknown",
            "signature",
            "issuer",
            "audience",
            "azp",
            "mixup",
            "expired",
            "iat",
            "nonce",
            "session_missing",
        ),
        401,
    ),
    **dict.fromkeys(
        ("registration_off", "deployment_unknown", "submission_review_role", "not_allowed", "cross_site"), 403
    ),
    **dict.fromkeys(
        (
            "groups_named",
            "groups_overlap",
            "talks_too_many",
            "talk_seen",
            "talk_closed",
            "checkin_answered",
            "checkin_archived",
            "checkin_closed",
            "checkin_open",
            "archive_open",
            "groups_too_small",
            "checkin_released",
            "prompt_gone",
            "question_changed",
            "group_too_few",
        ),
        409,
    ),
    "missing": 404,
    "method": 405,
    "too_large": 413,
    "content_type": 415,
    "broken": 500,
    "keys_unavailable": 503,
    "unavailable": 503,
}


@dataclass(frozen=True)
class Scene:
    """One person about to open one activity of one course in one browser, by one tool of one platform."""

    running: Installation
    walker: Walker
    person: Person
    course: Course
    activity: Activity
    tool: Tool

    @property
    def occasion(self) -> Occasion:
        """What the platform calls this launch."""
        return Occasion(self.person, self.course, self.activity, self.tool, self.activity.opens_in)

    def login(self, method: str = "POST", **extra: Any) -> httpx2.Response:
        """Begin at the tool's login."""
        return self.walker.login(self.person, self.course, self.activity, method, **extra)

    def form(self, forge: Forge | str | None = None) -> FormPost:
        """The platform's answer to the last login, forged or not, as often as wanted."""
        again = self.walker.platform.begin(self.occasion)
        return self.walker.authorize(forge, lti_message_hint=again["lti_message_hint"])

    def launch(self, forge: Forge | str | None = None, **changes: str | None) -> httpx2.Response:
        """Post that answer to the tool; in `changes` None leaves a field out."""
        form = self.form(forge)
        fields = {name: value for name, value in {**form.fields, **changes}.items() if value is not None}
        return self.walker.post_form(FormPost(form.action, fields))

    def walk(self, forge: Forge | str | None = None) -> httpx2.Response:
        """Log in and launch."""
        self.login()
        return self.launch(forge)

    def arrive(self, forge: Forge | str | None = None) -> httpx2.Response:
        """The page a whole launch leads to."""
        answer = self.walk(forge)
        assert answer.status_code == 303, (answer.status_code, answer.headers.get("reflect-error"))
        return self.walker.follow(answer)

    def played_by(self, walker: Walker) -> "Scene":
        """The same in another browser."""
        return replace(self, walker=walker)

    def session(self) -> LaunchSession:
        """The person's newest session."""

        def work(db: Session) -> LaunchSession:
            of_person = select(LaunchSession).join(people.Person, col(people.Person.id) == LaunchSession.person_id)
            mine = of_person.where(people.Person.sub == self.person.sub).order_by(col(LaunchSession.created_at).desc())
            return db.exec(mine).first()  # type: ignore[return-value]

        return self.running.database.read_now(work)


def scene(
    running: Installation,
    *roles: str,
    walker: Walker | None = None,
    tool: Tool | None = None,
    platform: CampusPlatform | None = None,
    where: Where = "iframe",
    **facts: str,
) -> Scene:
    """Somebody new (by default a learner) in a course and before an activity that the tool has never seen."""
    tool = tool or running.tool
    walker = walker or running.walker()
    walker.tool, walker.platform = tool, platform or walker.platform
    activity = Activity(new_id(), "Before we start", "A quick look around the room.", where)
    course = Course(new_id(), "MAPS", "Maps of places that never were", "Europe/London", (activity,))
    told = {"username": "moth", "name": "Moth Paperlantern", "given_name": "Moth", "family_name": "Paperlantern"}
    told |= {"sub": new_id(), "email": "moth@fablehill.example", "locale": "en-GB"} | facts
    uris = tuple(map(role_uri, roles or ("Learner",)))
    return Scene(running, walker, Person(**told, roles={course.id: uris}), course, activity, tool)


def new_id() -> str:
    """A number as text, as Moodle's ids are."""
    return str(secrets.randbelow(10**15))


def rows(running: Installation) -> list[int]:
    """How much a launch has written so far."""
    return running.count(*WRITTEN_BY_A_LAUNCH)


@contextmanager
def nothing_written(running: Installation) -> Iterator[None]:
    """Whatever happens inside must leave no row behind."""
    before = rows(running)
    yield
    assert dict(zip(WRITTEN_BY_A_LAUNCH, rows(running), strict=True)) == dict(
        zip(WRITTEN_BY_A_LAUNCH, before, strict=True)
    )


def assert_refused(response: httpx2.Response, code: str) -> None:
    """A whole page with this code, its status, a number to quote, and no way in."""
    assert (response.headers.get("reflect-error"), response.status_code) == (code, STATUS[code]), response.text[:200]
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    assert f"<code>{code}</code>" in response.text
    assert re.search(r"<code>[0-9a-f]{8}</code>", response.text)
    assert "location" not in response.headers
    assert not session_cookies(response)


def session_cookies(response: httpx2.Response) -> list[str]:
    """The session cookies that an answer sets."""
    lines = response.headers.get_list("set-cookie")
    return [line for line in lines if line.startswith(SESSION_COOKIE) and "Max-Age=0;" not in line]


def assert_admitted(response: httpx2.Response) -> None:
    """A redirect into the app, with a session."""
    assert response.status_code == 303, (response.status_code, response.headers.get("reflect-error"))
    assert urlsplit(response.headers["location"]).netloc == ""
    assert len(session_cookies(response)) == 1


def assert_still_works(scene: Scene) -> None:
    """The state of the last login is unspent: the right launch with it is admitted."""
    assert_admitted(scene.launch())


def second_tool(running: Installation, client_id: str = "second-client", deployment_id: str = "second") -> Tool:
    """The same tool registered once more on the same campus, under another client id."""
    tool = tool_at(running.base_url, client_id, deployment_id)
    running.platform.register(tool)
    running.register(tool)
    return tool


def second_site(running: Installation, path: str = "/moodle", **changes: str) -> CampusPlatform:
    """Another platform with an issuer of its own, equal ids, and keys that the first one publishes for it."""
    tool = replace(running.tool, **changes)
    issuer = running.platform.base_url + path
    running.register(tool, issuer)
    return CampusPlatform(issuer, tool, keys=running.platform.keys)


def amend(running: Installation, registration_id: int, **values: object) -> None:
    """Change a registration as its administrator would."""

    def work(db: Session) -> None:
        registration = db.get_one(Registration, registration_id)
        for name, value in values.items():
            setattr(registration, name, value)

    running.database.write_now(work)


def said(**claims: object) -> Forge:
    """A launch that says something else in top-level claims; None leaves one out."""

    def change(right: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in (right | claims).items() if value is not None}

    return alter_claims(change)
