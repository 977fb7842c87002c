"""What Reflect is, told to students and to staff at their first visit, until they put it away."""

from sqlmodel import Session

from reflect.domain.capabilities import Capability
from reflect.domain.refusals import Refused
from reflect.domain.sessions import Viewer
from reflect.storage import introductions

STUDENT, STAFF = "student", "staff"


def kind_for(viewer: Viewer) -> str:
    """Which introduction is the viewer's; Refused `not_allowed` for who neither answers nor reads answers."""
    if viewer.may(Capability.SEE_RESULTS):
        return STAFF
    if viewer.may(Capability.ANSWER):
        return STUDENT
    raise Refused("not_allowed")


def is_due(db: Session, viewer: Viewer) -> bool:
    """Whether a course's home should show it: the viewer has not put it away, in this course or another."""
    return not introductions.is_read(db, viewer.person_id, kind_for(viewer))


def put_away(db: Session, viewer: Viewer) -> None:
    """The viewer has read it. Raises Refused as `kind_for`."""
    introductions.keep(db, viewer.person_id, kind_for(viewer))
