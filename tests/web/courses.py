"""A teacher and a student of one course, both signed in, for tests of what they do there over HTTP."""

import re
from dataclasses import dataclass, field

import httpx2

from tests.installation import Installation
from tests.walker import Walker


@dataclass
class Lesson:
    """One course with a teacher and students in browsers of their own; `homes` are where their launches led."""

    installation: Installation
    teacher: Walker
    student: Walker
    homes: dict[int, str] = field(default_factory=dict)

    def arrive(self, walker: Walker, person: str) -> str:
        """Launch as somebody of the demo school; the page it leads to."""
        page = walker.follow(walker.walk(person, "2", "1"))
        assert page.status_code == 200
        self.homes[id(walker)] = str(page.url)
        return page.text

    def at(self, walker: Walker, rest: str = "") -> str:
        """An address of the course, for this browser's tab."""
        path, _, tab = re.sub(r"^https?://[^/]+", "", self.homes[id(walker)]).partition("?")
        return f"{path}{rest}?{tab}"

    def tab(self, walker: Walker) -> str:
        """The tab of a browser, as it stands in addresses."""
        return self.at(walker).partition("?")[2]

    @property
    def course_id(self) -> int:
        """Reflect's id of the course."""
        return int(self.at(self.teacher).split("/")[2].partition("?")[0])

    def ask(self, question: str, anonymity: str = "named", **more: str) -> int:
        """Open a check-in; its id."""
        fields = {"question": question, "question_key": "", "answer_form": "words_full", "anonymity": anonymity, **more}
        made = self.teacher.post(self.at(self.teacher, "/checkins"), fields)
        assert made.status_code == 303, made.text
        return int(made.headers["location"].split("/")[2].partition("?")[0])

    def answer(self, checkin_id: int, emotion: str, walker: Walker | None = None) -> httpx2.Response:
        """Answer; the page after it."""
        walker = walker or self.student
        address = f"/checkins/{checkin_id}/answers?{self.tab(walker)}"
        return walker.follow(walker.post(address, {"choice": emotion}))

    def close(self, checkin_id: int) -> None:
        """Close a check-in."""
        address = f"/checkins/{checkin_id}/closures?{self.tab(self.teacher)}"
        assert self.teacher.post(address, {}).status_code == 303


def lesson(installation: Installation) -> Lesson:
    """The demo school's first course with its teacher and one of its students."""
    held = Lesson(installation, installation.walker(), installation.walker())
    held.arrive(held.teacher, "3")
    held.arrive(held.student, "6")
    return held
