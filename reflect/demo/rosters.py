"""Names and Role Provisioning Services 2.0, with Moodle's ways: short roles, assistants as learners, names for HTML.

And the Course Groups Service 1.0, which Moodle has by an extension only.
"""

from dataclasses import asdict
from html import escape

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from reflect.demo import addresses
from reflect.demo.people import Course, Person
from reflect.demo.platform import CampusPlatform
from reflect.demo.services import Grants, must_accept, paged
from reflect.demo.tokens import Claims

MEDIA_TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
# Moodle has no word for a non-editing teacher here.
GROUPS = "application/vnd.ims.lti-gs.v1.contextgroupcontainer+json"
LISTED_AS = {"teacher": "Instructor", "assistant": "Learner", "student": "Learner", "mentor": "Mentor"}


class RosterEndpoint:
    """Who is in a course, and which groups it has, in the order of the file."""

    def __init__(self, platform: CampusPlatform, grants: Grants) -> None:
        self.platform, self.grants = platform, grants

    async def index(self, request: Request) -> Response:
        """Answer with one page of the members."""
        self.grants.must_allow(request, addresses.ROSTER_SCOPE)
        must_accept(request, MEDIA_TYPE)
        course = self.platform.school.course(request.path_params["course"])

        def asked(person: Person) -> Claims:
            if request.query_params.get("groups") != "true":
                return {}
            return {"group_enrollments": [{"group_id": group} for group in person.groups.get(course.id, ())]}

        people, headers = paged(request, self.platform.school.people_in(course))
        body = {
            "id": addresses.memberships(self.platform.base_url, course.id),
            "context": {"id": course.id, "label": course.label, "title": course.title},
            "members": [_member(person, course) | asked(person) for person in people],
        }
        return JSONResponse(body, headers=headers, media_type=MEDIA_TYPE)

    async def groups(self, request: Request) -> Response:
        """Answer with one page of the course's groups."""
        self.grants.must_allow(request, addresses.GROUPS_SCOPE)
        must_accept(request, GROUPS)
        course = self.platform.school.course(request.path_params["course"])
        page, headers = paged(request, course.groups)
        body = {"id": addresses.groups(self.platform.base_url, course.id), "groups": [asdict(group) for group in page]}
        return JSONResponse(body, headers=headers, media_type=GROUPS)


def _member(person: Person, course: Course) -> Claims:
    names = {name: escape(getattr(person, name), quote=False) for name in ("name", "given_name", "family_name")}
    return {
        "status": "Inactive" if course.id in person.suspended_in else "Active",
        "user_id": person.sub,
        "roles": [LISTED_AS[person.part_in(course)]],
        "lis_person_sourcedid": "",
        "email": person.email,
        **names,
    }
