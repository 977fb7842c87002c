"""A course that was copied from another: its check-ins may be brought over, never their answers."""

from dataclasses import dataclass
from urllib.parse import quote, unquote

from sqlalchemy import func, select
from sqlmodel import Session, col

from reflect.domain.capabilities import Capability
from reflect.domain.refusals import Missing
from reflect.domain.sessions import Stay, Viewer
from reflect.storage import copies
from reflect.storage.checkins import IS_LISTED, Checkin
from reflect.storage.courses import Course
from reflect.storage.tables import key_of

PROMISES = (
    "question", "question_key", "form", "labels", "asks_note", "simple_words", "manner", "is_anonymous", "release",
    "shared_with_class", "gives_mark",
)  # fmt: skip
"""What makes a check-in what it is, and comes along."""

_COMES_ALONG = IS_LISTED & col(Checkin.import_key).is_(None)
"""What was imported belongs to its own course and year."""


@dataclass(frozen=True, slots=True)
class Original:
    """The course that this one was copied from, with the number of its check-ins."""

    course_id: int
    title: str
    checkins: int


def recognise(db: Session, stay: Stay, checkin_id: int) -> None:
    """Take the course of the check-in that an activity names for this one's original, where the platform names none.

    Moodle's *Import*, and its *Restore* into a course that is there already, bring activities along without a word of
    where from. A custom value can be typed by hand, so it is believed only of staff who are staff in that course, too.
    """
    here = db.get_one(Course, stay.course_id)
    if here.history or here.copies_answered or not stay.may(Capability.CREATE_CHECKINS):
        return
    there = copies.taught_context(db, checkin_id, here.deployment_id, stay.person_id)
    if there is not None:
        here.history = quote(there, safe="")
        db.flush()


def offered(db: Session, viewer: Viewer) -> Original | None:
    """The nearest original that has check-ins, until a teacher has said yes or no to it."""
    course = db.get_one(Course, viewer.course_id)
    if course.copies_answered or not course.history or not viewer.may(Capability.CREATE_CHECKINS):
        return None
    return next((found for lti_id in course.history.split(",") if (found := _original(db, course, lti_id))), None)


def _original(db: Session, course: Course, lti_id: str) -> Original | None:
    """A context of this deployment by its id; the list holds URL-encoded ids, or `$…` where nothing was filled in."""
    row = db.scalar(
        select(Course).where(
            col(Course.deployment_id) == course.deployment_id,
            col(Course.kind) == "context",
            col(Course.lti_id) == unquote(lti_id.strip()),
            col(Course.id) != course.id,
        )
    )
    if row is None:
        return None
    listed = select(func.count()).select_from(Checkin).where(col(Checkin.course_id) == row.id, _COMES_ALONG)
    count = db.scalar(listed) or 0
    return Original(key_of(row), row.title, count) if count else None


def bring_over(db: Session, viewer: Viewer, min_group_size: int) -> int:
    """Prepare a copy of each of the original's check-ins, not yet open; how many. Raises Missing if none is offered."""
    viewer.must(Capability.CREATE_CHECKINS)
    # Two teachers may say yes at once.
    db.get_one(Course, viewer.course_id, with_for_update=True)
    original = offered(db, viewer)
    if original is None:
        raise Missing()
    listed = select(Checkin).where(col(Checkin.course_id) == original.course_id, _COMES_ALONG)
    rows = db.scalars(listed.order_by(col(Checkin.id)))
    brought = [
        Checkin(
            course_id=viewer.course_id,
            author_id=viewer.person_id,
            copied_from_id=row.id,
            min_group_size=min_group_size,
            **{name: getattr(row, name) for name in PROMISES},
        )
        for row in rows
    ]
    db.add_all(brought)
    decline(db, viewer)
    return len(brought)


def decline(db: Session, viewer: Viewer) -> None:
    """Ask no more about the original."""
    viewer.must(Capability.CREATE_CHECKINS)
    db.get_one(Course, viewer.course_id).copies_answered = True
    db.flush()
