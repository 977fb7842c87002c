"""What a student's pages are going to ask, so that a database over a network is asked for all of it in one go.

Whoever changes what such a page asks changes it here, too; else the page is right, and slower.
"""

from collections.abc import Sequence

from reflect.storage import answers, changes, checkins, introductions, people, responses, turnouts
from reflect.storage.prepared import Question


def home(course_id: int, person_id: int, introduction: str, responses_shown: int) -> Sequence[Question]:
    """A course's home, with the receipt of what there is to answer: mostly that is one thing."""
    return (
        checkins.OF_COURSE.asked(course_id=course_id),
        turnouts.OWN_NAMED.asked(course_id=course_id, person_id=person_id),
        turnouts.OWN_ANONYMOUS.asked(course_id=course_id, person_id=person_id),
        changes.OF_COURSE.asked(course_id=course_id),
        responses.TO_PERSON.asked(course_id=course_id, person_id=person_id, most=responses_shown),
        people.STAFF.asked(course_id=course_id),
        introductions.READ.asked(person_id=person_id, kind=introduction),
    )


def checkin(course_id: int, checkin_id: int, person_id: int) -> Sequence[Question]:
    """A check-in: the question, or thanks for the answer."""
    return (
        checkins.FIND.asked(checkin_id=checkin_id),
        answers.OWN.asked(checkin_id=checkin_id, person_id=person_id),
        answers.TOOK_PART.asked(checkin_id=checkin_id, person_id=person_id),
        people.STAFF.asked(course_id=course_id),
        responses.TO_ANSWER.asked(checkin_id=checkin_id, person_id=person_id),
        changes.OF_COURSE.asked(course_id=course_id),
    )
