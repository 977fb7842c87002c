"""What the tests of the platform's services share: people of the campus who launch, click and fill in forms."""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any, TypeVar

import httpx2
import jwt
from sqlmodel import Session

from reflect.demo.claims import NO_ACTIVITY, Occasion
from reflect.demo.dialogs import CLAIM, Dialog
from reflect.demo.forging import Forge
from reflect.web.house import House, build
from tests.installation import Installation
from tests.walker import Walker

T = TypeVar("T")
TEACHER, STUDENT = "3", "6"
STUDENTS = ("6", "7", "8", "9", "10", "11", "12", "13")


@dataclass
class Visit:
    """Somebody of the campus in Reflect; `page` is what they see."""

    running: Installation
    walker: Walker
    page: httpx2.Response

    def goes_to(self, path: str) -> httpx2.Response:
        """Follow the link of the page whose address begins so (a regular expression)."""
        link = re.search(rf'href="({path}[^"]*)"', self.page.text)
        assert link, self.page.text
        self.page = self.walker.follow(self.walker.get(unescape(link[1])))
        return self.page

    def sends(self, path: str, fields: Mapping[str, Any]) -> httpx2.Response:
        """Send the form of the page whose action, or that of one of its buttons, begins so (a regular expression)."""
        action = re.search(rf'<(?:form|button)[^>]*action="({path}[^"]*)"', self.page.text)
        assert action, self.page.text
        self.page = self.walker.follow(self.walker.post(unescape(action[1]), fields))
        return self.page

    def asks(self, question: str, **fields: str) -> int:
        """Make a check-in; its number."""
        self.goes_to(r"/courses/\d+/checkins/new")
        form = {"question": question, "question_key": "", "answer_form": "words_core", "anonymity": "named"}
        self.sends(r"/courses/\d+/checkins", form | {"release": "at_close"} | fields)
        assert self.page.status_code == 200, self.page.text
        numbers = re.findall(r"/checkins/(\d+)|chosen=(\d+)", str(self.page.url))
        return int("".join(numbers[0]))


def arrives(
    running: Installation, person: str, course: str = "2", activity: str = "1", forge: Forge | None = None
) -> Visit:
    """Let a person of the campus open an activity, in a browser of their own."""
    walker = running.walker()
    walker.tool = running.tool
    page = walker.follow(walker.walk(person, course, activity, forge))
    return Visit(running, walker, page)


def opens_dialog(
    running: Installation,
    dialog: Dialog | None = None,
    person: str = TEACHER,
    course: str = "2",
    forge: Forge | None = None,
) -> Visit:
    """Let a person open the content dialog of the campus."""
    walker, school = running.walker(), running.platform.school
    walker.tool = running.tool
    who, where = school.person(person), school.course(course)
    occasion = Occasion(who, where, NO_ACTIVITY, running.tool, "iframe", dialog or Dialog())
    walker.login(who, where, NO_ACTIVITY, **running.platform.begin(occasion))
    return Visit(running, walker, walker.follow(walker.launch(forge)))


@dataclass(frozen=True)
class Reply:
    """The answer to a content dialog, on its way to the platform."""

    action: str
    token: str
    claims: dict[str, Any]
    policy: str

    @property
    def items(self) -> list[dict[str, Any]]:
        """The content items."""
        items = self.claims[CLAIM + "content_items"]
        assert isinstance(items, list)
        return items


def replied(visit: Visit) -> Reply:
    """Read the page that posts the answer, and believe it as the platform would: by our keyset."""
    page, tool = visit.page, visit.running.tool
    assert page.status_code == 200, page.text
    form = re.search(r'<form id="reply" method="post" action="([^"]+)"', page.text)
    token = re.search(r'name="JWT" value="([^"]+)"', page.text)
    assert form and token, page.text
    keys = jwt.PyJWKSet.from_dict(visit.walker.client.get(tool.keyset_url).json())
    key = keys[jwt.get_unverified_header(token[1])["kid"]]
    issuer = visit.running.platform.base_url
    claims = jwt.decode(token[1], key, ["RS256"], audience=issuer, issuer=tool.client_id)
    return Reply(unescape(form[1]), token[1], claims, page.headers["content-security-policy"])


def delivered(visit: Visit) -> httpx2.Response:
    """Post the answer to the campus, which takes only a right one; its page."""
    reply = replied(visit)
    answer = visit.walker.client.post(reply.action, data={"JWT": reply.token})
    assert answer.status_code == 200, answer.text
    return answer


def picks(visit: Visit, *chosen: object, **fields: str) -> Visit:
    """Choose in the picker and send."""
    visit.sends("/deep-links", {"chosen": [str(one) for one in chosen], **fields})
    return visit


def newest_activity(running: Installation, course: str = "2") -> Any:
    """The activity that was added last."""
    return running.platform.school.course(course).activities[-1]


def house_of(running: Installation, **later: float) -> House:
    """Another worker of the same installation, whose clock may be ahead by a timedelta's arguments."""
    house = build(running.settings, running.database)
    return replace(house, now=lambda: datetime.now(UTC) + timedelta(**later))


def stored(running: Installation, look: Callable[[Session], T]) -> T:
    """Look into the database."""
    return running.database.read_now(look)


def until(found: Callable[[], T], seconds: float = 60) -> T:
    """Wait for something that happens by itself; its value once it is true."""
    deadline = time.monotonic() + seconds
    while not (value := found()):
        assert time.monotonic() < deadline, "It did not happen."
        time.sleep(0.05)
    return value


def changed_person(running: Installation, sub: str, **values: Any) -> None:
    """Change somebody of the campus."""
    platform = running.platform
    people = tuple(replace(one, **values) if one.sub == sub else one for one in platform.school.people)
    platform.school = replace(platform.school, people=people)
