"""The made-up school: its people, its courses, and the activities in them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, Self, TypeVar

from reflect.files import SEEDS

MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership"

T = TypeVar("T")
Where = Literal["iframe", "window"]


class NobodyMissing(LookupError):
    """There is no such person, course or activity on this campus."""

    code = "not_on_campus"


@dataclass(frozen=True)
class Activity:
    """A link to the tool in a course (LTI's resource link); `id` is a small integer as text, as in Moodle."""

    id: str
    title: str
    description: str
    opens_in: Where
    custom: Mapping[str, str] = field(default_factory=dict)
    tool: str = ""
    """Client id of the tool it opens; "" for the one that the campus came with."""
    url: str = ""
    """What it opens of the tool, if not the tool's own address."""
    line_item: str = ""
    """Number of its column in the gradebook, if it is graded."""


@dataclass(frozen=True)
class Group:
    """Some of the students of a course."""

    id: str
    name: str


@dataclass(frozen=True)
class Course:
    """A course (LTI's context); `timezone` is an IANA name."""

    id: str
    label: str
    title: str
    timezone: str
    activities: tuple[Activity, ...]
    groups: tuple[Group, ...] = ()
    history: tuple[str, ...] = ()
    """Ids of the courses that this one was copied from, the newest first."""

    def activity(self, activity_id: str) -> Activity:
        """Return the activity with this id; raises NobodyMissing."""
        return _one(self.activities, "id", activity_id)


@dataclass(frozen=True)
class Person:
    """Someone of the campus; `roles`: role URIs by course id; `mentors`: the subs of those in their care.

    `groups`: ids of groups by course id; `suspended_in` names courses that still list the person, but as inactive.
    """

    sub: str
    username: str
    name: str
    given_name: str
    family_name: str
    email: str
    locale: str
    roles: Mapping[str, tuple[str, ...]]
    mentors: tuple[str, ...] = ()
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    suspended_in: tuple[str, ...] = ()

    def part_in(self, course: Course) -> str:
        """Return the part played in the course: teacher, assistant, student, mentor, or "" for none."""
        parts = [PARTS[role] for role in self.roles.get(course.id, ()) if role in PARTS]
        return parts[-1] if parts else ""


@dataclass(frozen=True)
class School:
    """Everyone and everything of the campus, in the order of the file."""

    name: str
    people: tuple[Person, ...]
    courses: tuple[Course, ...]

    def person(self, sub: str) -> Person:
        """Return the person with this sub; raises NobodyMissing."""
        return _one(self.people, "sub", sub)

    def course(self, course_id: str) -> Course:
        """Return the course with this id; raises NobodyMissing."""
        return _one(self.courses, "id", course_id)

    def people_in(self, course: Course) -> tuple[Person, ...]:
        """Return who is in the course, in the order of the file."""
        return tuple(person for person in self.people if course.id in person.roles)

    def speaking(self, locale: str) -> Self:
        """Return the same school with everybody's language set to this one."""
        return replace(self, people=tuple(replace(person, locale=locale) for person in self.people))

    def courses_of(self, person: Person) -> tuple[Course, ...]:
        """Return the courses that this person is in."""
        return tuple(course for course in self.courses if course.id in person.roles)


def role_uri(role: str) -> str:
    """Return the URI of a context role: "Learner", or "Instructor#Grader" for a sub-role (LTI Core A.2.2)."""
    return f"{MEMBERSHIP}/{role}" if "#" in role else f"{MEMBERSHIP}#{role}"


PARTS: Mapping[str, str] = {
    role_uri("Instructor"): "teacher",
    role_uri("Instructor#TeachingAssistant"): "assistant",
    role_uri("Learner"): "student",
    role_uri("Mentor"): "mentor",
}


def read_school(path: Path = SEEDS / "campus.json") -> School:
    """Read a school from its JSON file."""
    raw = json.loads(path.read_text(encoding="utf-8"))
    people, courses = map(_person, raw["people"]), map(_course, raw["courses"])
    return School(raw["name"], tuple(people), tuple(courses))


def _person(raw: dict[str, Any]) -> Person:
    roles = {course: tuple(map(role_uri, names)) for course, names in raw["roles"].items()}
    groups = {course: tuple(ids) for course, ids in raw.get("groups", {}).items()}
    return Person(**(raw | {"roles": roles, "groups": groups, "mentors": tuple(raw.get("mentors", ()))}))


def _course(raw: dict[str, Any]) -> Course:
    activities = tuple(Activity(**activity) for activity in raw["activities"])
    groups = tuple(Group(**group) for group in raw.get("groups", ()))
    return Course(**(raw | {"activities": activities, "groups": groups}))


def _one(things: tuple[T, ...], attribute: str, wanted: str) -> T:
    for thing in things:
        if getattr(thing, attribute) == wanted:
            return thing
    raise NobodyMissing(f"There is nobody and nothing with the number {wanted!r} here.")
