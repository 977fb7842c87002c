"""What teachers do in a course: add activities by the content dialog, look at the gradebook, copy the course."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from reflect.demo import changes
from reflect.demo.authorization import FormPost
from reflect.demo.claims import NO_ACTIVITY, Occasion
from reflect.demo.dialogs import Dialog, Item, SelectionRefused, chosen
from reflect.demo.people import Activity, Course, Person
from reflect.demo.platform import CampusPlatform
from reflect.demo.rendering import Templates
from reflect.demo.tools import Tool


class TeachersOnly(PermissionError):
    """This is for the teachers of the course."""

    code = "teachers_only"


@dataclass(frozen=True)
class Teaching:
    """The pages for teachers; `tool` is the one that the campus came with."""

    platform: CampusPlatform
    tool: Tool
    templates: Templates

    async def new_content(self, request: Request) -> Response:
        """Show the content dialog of a tool in a frame."""
        teacher, course = self._teacher(request)
        tool = self._tool(request)
        return self.templates.page("new_content", person=teacher, course=course, tool=tool)

    async def launch_content(self, request: Request) -> Response:
        """Begin the content dialog: a form that goes to the tool's login by itself."""
        teacher, course = self._teacher(request)
        occasion = Occasion(teacher, course, NO_ACTIVITY, self._tool(request), "iframe", Dialog())
        return self.templates.page("form_post", form=FormPost(occasion.tool.login_url, self.platform.begin(occasion)))

    async def create_content(self, request: Request) -> Response:
        """Take the tool's answer: check it strictly, and add what was chosen to the course."""
        occasion, dialog = self.platform.answered(request.query_params.get("ticket", ""))
        form = await request.form()
        if set(form) != {"JWT"}:
            raise SelectionRefused("The form has other fields than JWT.")
        audience = self.platform.base_url
        claims = await self.platform.trust.read(occasion.tool, str(form["JWT"]), audience, once="nonce")
        items = chosen(claims, dialog, occasion.tool)
        for item in items:
            self._add(occasion, item)
        return self.templates.page("content_added", person=occasion.person, course=occasion.course, items=items)

    async def gradebook(self, request: Request) -> Response:
        """Show who has which mark."""
        teacher, course = self._teacher(request)
        students = [one for one in self.platform.school.people_in(course) if one.part_in(course) == "student"]
        book = self.platform.gradebook
        return self.templates.page(
            "gradebook",
            person=teacher,
            course=course,
            students=students,
            columns=book.of_course(course.id),
            scores=book.scores,
        )

    async def copy(self, request: Request) -> Response:
        """Copy the course, its columns included, and go to the copy."""
        teacher, original = self._teacher(request)
        self.platform.school, copy = changes.copied(self.platform.school, original.id)
        for before, activity in zip(original.activities, copy.activities, strict=True):
            if before.line_item in self.platform.gradebook.columns:
                column = self.platform.gradebook.copy(before.line_item, copy.id, activity.id)
                self._bind(copy.id, activity.id, column.id)
        return RedirectResponse(f"/courses/{copy.id}?as={teacher.sub}", 303)

    def _add(self, occasion: Occasion, item: Item) -> None:
        platform, course, tool = self.platform, occasion.course.id, occasion.tool
        number = str(changes.fresh_id(platform.school))
        column = item.column and platform.gradebook.add(course, tool.client_id, item.column, number)
        activity = Activity(
            id=number,
            title=item.title,
            description=item.text,
            opens_in="iframe",
            custom=item.custom,
            tool=tool.client_id,
            url=item.url,
            line_item=column.id if column else "",
        )
        platform.school = changes.with_activity(platform.school, course, activity)

    def _bind(self, course: str, activity: str, column: str) -> None:
        self.platform.school = changes.with_column(self.platform.school, course, activity, column)

    def _teacher(self, request: Request) -> tuple[Person, Course]:
        school = self.platform.school
        person = school.person(request.query_params.get("as", ""))
        course = school.course(request.path_params["course"])
        if person.part_in(course) != "teacher":
            raise TeachersOnly("Only the teachers of this course may do this.")
        return person, course

    def _tool(self, request: Request) -> Tool:
        return self.platform.tools.get(request.query_params.get("tool", ""), self.tool)
