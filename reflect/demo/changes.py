"""How the school changes while it is open: activities are added, courses copied. Schools are values, each new."""

from dataclasses import replace

from reflect.demo.people import Activity, Course, Person, School


def fresh_id(school: School) -> int:
    """Return a number that no course and no activity has."""
    taken = [course.id for course in school.courses]
    taken += [activity.id for course in school.courses for activity in course.activities]
    return max(map(int, taken)) + 1


def with_activity(school: School, course_id: str, activity: Activity) -> School:
    """Return the school with one more activity at the end of a course; raises NobodyMissing."""
    course = school.course(course_id)
    grown = replace(course, activities=(*course.activities, activity))
    return replace(school, courses=tuple(grown if one is course else one for one in school.courses))


def copied(school: School, course_id: str) -> tuple[School, Course]:
    """Return the school with a copy of a course, and the copy: new ids, the same custom values and people, no groups.

    Raises NobodyMissing. A platform remembers where a copy came from (LTI's Context.id.history).
    """
    original, new = school.course(course_id), fresh_id(school)
    activities = tuple(replace(one, id=str(new + place)) for place, one in enumerate(original.activities, 1))
    copy = replace(
        original,
        id=str(new),
        title=f"{original.title} (copy)",
        activities=activities,
        groups=(),
        history=(original.id, *original.history),
    )
    people = tuple(_enrolled(person, original, copy) for person in school.people)
    return replace(school, courses=(*school.courses, copy), people=people), copy


def _enrolled(person: Person, original: Course, copy: Course) -> Person:
    if original.id not in person.roles:
        return person
    return replace(person, roles={**person.roles, copy.id: person.roles[original.id]})


def with_column(school: School, course_id: str, activity_id: str, column: str) -> School:
    """Return the school with an activity bound to another column of the gradebook."""
    course = school.course(course_id)
    bound = tuple(replace(one, line_item=column) if one.id == activity_id else one for one in course.activities)
    changed = replace(course, activities=bound)
    return replace(school, courses=tuple(changed if one is course else one for one in school.courses))
