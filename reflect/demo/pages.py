"""The pages of the campus: pick a person, a course, an activity, open it. Who you are is in the address."""

from itertools import groupby

from starlette.requests import Request
from starlette.responses import Response

from reflect.demo.authorization import FormPost
from reflect.demo.claims import Occasion
from reflect.demo.forgeries import FORGERIES
from reflect.demo.forging import Forgery
from reflect.demo.people import Activity, Course, NobodyMissing, Person, School, Where
from reflect.demo.platform import CampusPlatform
from reflect.demo.rendering import Templates
from reflect.demo.tools import Tool


class Pages:
    """Every page that anybody of the school sees; `tool` is what the activities open that name no other."""

    def __init__(self, platform: CampusPlatform, tool: Tool, templates: Templates) -> None:
        self.platform = platform
        self.tool = tool
        self.page = templates.page

    @property
    def school(self) -> School:
        """Return the school as it is now."""
        return self.platform.school

    async def people(self, request: Request) -> Response:
        """Show everyone of the school, so that one may be picked."""
        first = self.school.courses[0]
        return self.page("people", course=first, activity=first.activities[0])

    async def courses(self, request: Request) -> Response:
        """Show the courses of the person."""
        return self.page("courses", person=self._person(request))

    async def course(self, request: Request) -> Response:
        """Show a course and its activities, and what the tool said if it sent the person back here."""
        course = self._course(request)
        person = _enrolled(self._person(request), course)
        said = [request.query_params.get(name, "") for name in ("lti_errormsg", "lti_msg")]
        tools = [tool for tool in self.platform.tools.values() if tool.is_active and self._is_ours(tool)]
        return self.page("course", person=person, course=course, tools=tools, notices=list(filter(None, said)))

    async def activity(self, request: Request) -> Response:
        """Show an activity embedded in the page of its course."""
        return self.page("activity", here=self._occasion(request))

    async def side_by_side(self, request: Request) -> Response:
        """Show an activity as two people see it, next to each other: at first a teacher and a student."""
        course, activity = self._course_and_activity(request)
        left = self._someone(request, "left", course, "teacher")
        right = self._someone(request, "right", course, "student")
        return self.page("side_by_side", course=course, activity=activity, sides={"left": left, "right": right})

    async def broken_launches(self, request: Request) -> Response:
        """List every forgery, each of which opens in a frame of the page."""
        rows = {row: list(ids) for row, ids in groupby(FORGERIES, key=lambda name: name.partition("-")[0])}
        return self.page("broken_launches", here=self._occasion(request), rows=rows, forgeries=FORGERIES)

    async def launch(self, request: Request) -> Response:
        """Begin a launch: a form that goes to the tool's login by itself (1EdTech Security 5.1.1.1)."""
        occasion = self._occasion(request)
        fields = self.platform.begin(occasion, self._forgery(request))
        return self.page("form_post", form=FormPost(occasion.tool.login_url, fields))

    def _is_ours(self, tool: Tool) -> bool:
        return tool.origin == self.tool.origin or tool.origin in self.platform.framed

    def _person(self, request: Request) -> Person:
        return self.school.person(request.query_params.get("as", ""))

    def _course(self, request: Request) -> Course:
        return self.school.course(request.path_params["course"])

    def _course_and_activity(self, request: Request) -> tuple[Course, Activity]:
        course = self._course(request)
        return course, course.activity(request.path_params["activity"])

    def _occasion(self, request: Request) -> Occasion:
        course, activity = self._course_and_activity(request)
        where: Where = "window" if request.query_params.get("in") == "window" else "iframe"
        tool = self.platform.tools.get(activity.tool, self.tool)
        return Occasion(_enrolled(self._person(request), course), course, activity, tool, where)

    def _someone(self, request: Request, side: str, course: Course, part: str) -> Person:
        if side in request.query_params:
            return _enrolled(self.school.person(request.query_params[side]), course)
        return next(person for person in self.school.people_in(course) if person.part_in(course) == part)

    def _forgery(self, request: Request) -> Forgery | None:
        wanted = request.query_params.get("forgery")
        if wanted is None:
            return None
        if wanted not in FORGERIES:
            raise NobodyMissing(f"There is no forgery {wanted!r}.")
        return FORGERIES[wanted]


def _enrolled(person: Person, course: Course) -> Person:
    if not person.part_in(course):
        raise NobodyMissing(f"{person.name} is not in the course {course.title}.")
    return person
