"""The language that somebody chose for themselves: it goes before what the platform says, at every launch."""

from sqlmodel import Session

from reflect.domain.sessions import Viewer
from reflect.storage import people


def choose(db: Session, viewer: Viewer, tag: str) -> None:
    """Remember a language (a tag that there are texts for) for all of the viewer's courses of this platform."""
    people.set_language(db, viewer.person_id, tag)
